#include "engine/webhook_removal.hpp"

#include "core/log.hpp"

namespace syncline::engine {

Result<void> remove_webhooks(
    Stores& stores,
    ConnectionPool& pool,
    const storage::Connection& connection,
    const std::string& url,
    const std::atomic<bool>* stop
) {
    SYNCLINE_ASSIGN_OR_RETURN(
        auto endpoint, stores.webhook_endpoints.of(connection.tenant, connection.id)
    );
    if (url.empty() || endpoint.webhooks == storage::WebhookEndpoint().webhooks) {
        return {};
    }
    WebhookRegistration registration;
    registration.url = url;
    // The session goes back before the connection is changed.
    const auto removed = [&]() -> Result<void> {
        SYNCLINE_ASSIGN_OR_RETURN(const auto session, pool.open_for_removal(connection.id, stop));
        return session->webhook_unregister(registration);
    }();
    SYNCLINE_RETURN_IF_ERROR(removed);
    endpoint.webhooks = storage::WebhookEndpoint().webhooks;
    endpoint.check_at_ms = 0;
    endpoint.error.clear();
    SYNCLINE_RETURN_IF_ERROR(stores.webhook_endpoints.note_check(endpoint));
    log::info(
        "webhooks removed from the platform",
        {{"tenant", connection.tenant_name}, {"connection", connection.name}}
    );
    return {};
}

void note_left_behind(
    Stores& stores,
    const storage::Connection& connection,
    const std::string& url,
    const Error& error,
    std::int64_t now_ms
) {
    storage::LogEntry entry;
    entry.tenant = connection.tenant;
    entry.at_ms = now_ms;
    entry.level = "warning";
    entry.event = "webhook.left_behind";
    entry.connection = connection.id;
    entry.message = "the webhooks that deliver to " + url +
                    " could not be removed from the platform: " + error.message +
                    "; it goes on delivering, to an address that refuses it, until they are "
                    "removed there";
    static_cast<void>(stores.log.append(entry));
    log::warn(
        "webhooks: " + entry.message,
        {{"tenant", connection.tenant_name},
         {"connection", connection.name},
         {"event", entry.event}}
    );
}

}  // namespace syncline::engine
