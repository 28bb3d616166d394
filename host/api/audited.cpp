#include "api/audited.hpp"

namespace syncline::api {

storage::AuditActor audit_actor(const Request& request) {
    return {
        request.actor.subject,
        request.actor.credential,
        std::string(enum_name(request.actor.role)),
        request.address,
        request.id};
}

storage::AuditEntry audit_entry(
    const Backend& backend, const Request& request, std::string event, std::string object
) {
    storage::AuditEntry entry;
    entry.tenant = request.actor.tenant;
    entry.at_ms = backend.clock.now().ms;
    entry.event = std::move(event);
    entry.object = std::move(object);
    entry.actor = audit_actor(request);
    return entry;
}

}  // namespace syncline::api
