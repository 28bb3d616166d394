// Changes that people make, noted in the audit log in the unit of work that makes them.
#pragma once

#include <string>
#include <type_traits>

#include "api/backend.hpp"
#include "api/http/message.hpp"

namespace syncline::api {

storage::AuditActor audit_actor(const Request& request);

// An entry of the request's tenant, now.
storage::AuditEntry audit_entry(
    const Backend& backend, const Request& request, std::string event, std::string object
);

// Runs `change(entry)`, which answers a Result and may complete the entry, in a unit of work with
// the entry. It must be as short as a unit of work is: nothing in it may wait for a connector.
template <class Change>
auto audited(Backend& backend, storage::AuditEntry entry, Change&& change)
    -> std::invoke_result_t<Change, storage::AuditEntry&> {
    using Answer = std::invoke_result_t<Change, storage::AuditEntry&>;
    auto answer = backend.stores.database.write([&](storage::Sql& sql) -> Answer {
        Answer changed = change(entry);
        if (changed) {
            storage::append_audit(sql, entry);
        }
        return changed;
    });
    // What the change announced could not be seen before it was durable.
    backend.wake();
    return answer;
}

}  // namespace syncline::api
