#include "engine/webhook_control.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "core/sha256.hpp"
#include "engine/connection_control.hpp"

namespace syncline::engine {
namespace {

constexpr std::size_t kSecretBytesMin = 16;

Error no_webhooks(const std::string& platform) {
    return Error{
        ErrorCode::kUnsupported,
        "no plugin takes webhooks of the platform '" + platform.substr(0, 60) + "'",
        "webhook.platform"};
}

// Letters and digits only, which no platform rewrites.
Result<std::string> new_secret() {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string bytes, storage::random_bytes(32));
    return sha256_hex(bytes);
}

}  // namespace

std::string webhook_url(
    const std::string& public_url, const std::string& platform, const std::string& connection
) {
    if (public_url.empty()) {
        return "";
    }
    const bool slash = public_url.back() == '/';
    return public_url + (slash ? "" : "/") + "api/webhooks/" + platform + "/" + connection;
}

Result<OpenedWebhook> WebhookControl::open(TenantId tenant, WebhookEventId id) const {
    OpenedWebhook opened;
    SYNCLINE_ASSIGN_OR_RETURN(opened.event, stores_.webhook_events.by_id(tenant, id));
    const auto text = stores_.vault.open(
        webhook_place(tenant, opened.event.connection, opened.event.identity), opened.event.sealed
    );
    auto parsed = text ? parse_webhook_text(*text) : Result<WebhookText>(text.error());
    opened.readable = parsed.has_value();
    if (parsed) {
        opened.headers = std::move(parsed->delivery.headers);
        opened.body = std::move(parsed->body);
    }
    return opened;
}

Result<storage::ReceivedWebhook> WebhookControl::replay(TenantId tenant, WebhookEventId id) {
    SYNCLINE_RETURN_IF_ERROR(stores_.webhook_events.replay(tenant, id, clock_.now().ms));
    wake_();
    return stores_.webhook_events.by_id(tenant, id);
}

Result<std::vector<OpenedStray>> WebhookControl::strays(TenantId tenant, std::int64_t limit) const {
    SYNCLINE_ASSIGN_OR_RETURN(auto strays, stores_.webhook_events.strays(tenant, limit));
    std::vector<OpenedStray> opened;
    for (auto& stray : strays) {
        OpenedStray one;
        const auto text = stores_.vault.open(stray_place(tenant, stray.body_sha256), stray.sealed);
        auto parsed = text ? parse_webhook_text(*text) : Result<WebhookText>(text.error());
        if (parsed) {
            one.headers = std::move(parsed->delivery.headers);
            one.body = std::move(parsed->body);
        }
        one.stray = std::move(stray);
        opened.push_back(std::move(one));
    }
    return opened;
}

Result<WebhookEndpointView> WebhookControl::view(const storage::Connection& connection) const {
    WebhookEndpointView view;
    SYNCLINE_ASSIGN_OR_RETURN(
        view.endpoint, stores_.webhook_endpoints.of(connection.tenant, connection.id)
    );
    view.connection = connection.name;
    view.platform = connection.platform;
    view.url = webhook_url(public_url_, connection.platform, connection.name);
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto names, stores_.vault.credential_names(connection.tenant, connection.id)
    );
    for (const auto& secret : source_.spec(connection.platform)->webhooks.secrets) {
        view.has_secret =
            view.has_secret || std::find(names.begin(), names.end(), secret) != names.end();
    }
    return view;
}

Result<std::vector<WebhookEndpointView>> WebhookControl::endpoints(TenantId tenant) const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto connections, stores_.connections.list(tenant));
    std::vector<WebhookEndpointView> views;
    for (const auto& connection : connections) {
        const Spec* spec = source_.spec(connection.platform);
        if (spec != nullptr && spec->webhooks.proof != WebhookProof::kNone) {
            SYNCLINE_ASSIGN_OR_RETURN(auto one, view(connection));
            views.push_back(std::move(one));
        }
    }
    return views;
}

bool WebhookControl::can_register(const std::string& platform) const {
    const auto connectors = source_.list();
    return std::any_of(connectors.begin(), connectors.end(), [&](const auto& connector) {
        const auto& operations = connector.operations;
        return connector.platform == platform &&
               std::find(operations.begin(), operations.end(), "webhook_register") !=
                   operations.end();
    });
}

Result<WebhookEndpointView> WebhookControl::rotate(
    TenantId tenant,
    const std::string& platform,
    const std::string& name,
    const std::string& secret,
    std::int64_t overlap_ms
) {
    const Spec* spec = source_.spec(platform);
    if (spec == nullptr || spec->webhooks.secrets.empty()) {
        return no_webhooks(platform);
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const storage::Connection connection, stores_.connections.find(tenant, name)
    );
    if (connection.platform != platform) {
        return Error{
            ErrorCode::kNotFound,
            "the connection '" + name + "' is one of " + connection.platform,
            "connection.unknown"};
    }
    if (connection.declared) {
        return managed_by_config("the connection '" + name + "'");
    }
    if (secret.empty() && (!can_register(platform) || public_url_.empty())) {
        return Error{
            ErrorCode::kUnsupported,
            "nobody would tell " + platform +
                " a secret made here: give the one it uses as \"secret\"" +
                (public_url_.empty() ? " (or set webhooks.public_url)" : ""),
            "webhook.secret_needed"};
    }
    if (!secret.empty() && secret.size() < kSecretBytesMin) {
        return invalid("/secret: expected at least 16 characters");
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::string fresh, secret.empty() ? new_secret() : Result<std::string>(secret)
    );
    const auto& names = spec->webhooks.secrets;
    std::map<std::string, std::string> secrets{{names.front(), fresh}};
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto former,
        openings_.open_in_unit(connection, names.front(), "webhook secret rotation")
    );
    if (former && names.size() > 1) {
        secrets[names[1]] = *former;
    }
    const std::int64_t now = clock_.now().ms;
    SYNCLINE_RETURN_IF_ERROR(stores_.vault.put_credentials(tenant, connection.id, secrets, now));
    SYNCLINE_RETURN_IF_ERROR(
        stores_.webhook_endpoints.note_new_secret(tenant, connection.id, now + overlap_ms)
    );
    receivers_.forget();
    log::info(
        "webhook secret replaced",
        {{"tenant", connection.tenant_name}, {"connection", name}, {"overlap_ms", overlap_ms}}
    );
    return view(connection);
}

}  // namespace syncline::engine
