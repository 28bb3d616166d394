#include "engine/app_control.hpp"

#include <algorithm>

#include <syncline/spec_checks.hpp>

#include "core/json_problems.hpp"
#include "engine/oauth_endpoints.hpp"

namespace syncline::engine {
namespace {

constexpr std::size_t kTextBytesMax = 1000;

storage::AuditEntry entry_of(
    const storage::OAuthApp& app,
    const char* event,
    const storage::AuditActor& actor,
    std::int64_t now_ms
) {
    storage::AuditEntry entry;
    entry.tenant = app.tenant;
    entry.at_ms = now_ms;
    entry.event = event;
    entry.object = "app " + app.platform + "/" + app.name;
    entry.detail = {
        {"platform", app.platform}, {"environment", app.environment}, {"client_id", app.client_id}};
    entry.actor = actor;
    return entry;
}

bool is_plain(const std::string& text) {
    return text.size() <= kTextBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) > 0x20 && c != 0x7F;
           });
}

std::vector<std::string> problems_of(const NewApp& wanted) {
    std::vector<std::string> problems;
    if (const auto named = storage::check_connection_name(wanted.name); !named) {
        problems.emplace_back("/name: expected 1 to 63 characters of a-z, 0-9, '-' and '_'");
    }
    if (wanted.environment != "production" && wanted.environment != "sandbox") {
        problems.emplace_back("/environment: expected production or sandbox");
    }
    if (wanted.client_id.empty() || !is_plain(wanted.client_id)) {
        problems.emplace_back("/client_id: expected the app's client id, as the platform shows it");
    }
    if (!is_plain(wanted.client_secret)) {
        problems.emplace_back(
            "/client_secret: expected the app's client secret, as the platform shows it"
        );
    }
    const std::string& uri = wanted.redirect_uri;
    if (!uri.empty() && (!is_plain(uri) || !detail::is_http_url(uri))) {
        problems.emplace_back(
            "/redirect_uri: expected a URL (as "
            "https://sync.example/api/integrations/quickbooks/callback)"
        );
    }
    return problems;
}

Error in_use(const AppView& view, const std::string& what) {
    std::string names;
    for (const auto& name : view.connections) {
        names += (names.empty() ? "" : ", ") + name;
    }
    return Error{
        ErrorCode::kExists,
        "the app '" + view.app.name + "' is in use by " + names + ": " + what,
        "app.in_use"};
}

}  // namespace

Result<const Spec*> browser_spec(const ConnectorSource& source, const std::string& platform) {
    const Spec* spec = source.spec(platform);
    if (spec == nullptr) {
        return Error{
            ErrorCode::kNotFound,
            "no loaded plugin speaks to the platform '" + platform.substr(0, 60) +
                "'; GET /api/connectors lists what there is",
            "connector.unknown"};
    }
    if (!is_authorized_in_browser(*spec)) {
        return Error{
            ErrorCode::kUnsupported,
            "accounts of " + platform + " are not connected in a browser; POST /api/integrations/" +
                platform + "/credentials stores what its connector asks for",
            "oauth.unsupported"};
    }
    return spec;
}

Result<AppView> AppControl::view(storage::OAuthApp app) const {
    AppView view;
    SYNCLINE_ASSIGN_OR_RETURN(const auto ids, stores_.apps.connections(app.tenant, app.id));
    for (const ConnectionId id : ids) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto connection, stores_.connections.by_id(id));
        view.connections.push_back(connection.name);
    }
    view.app = std::move(app);
    return view;
}

Result<std::string> AppControl::secret_of(const storage::OAuthApp& app, const NewApp& wanted)
    const {
    if (!wanted.client_secret.empty()) {
        return wanted.client_secret;
    }
    if (!app.id) {
        return joined({"/client_secret: missing (the app's client secret)"}, "app.invalid");
    }
    return stores_.apps.client_secret(app);
}

Result<storage::OAuthApp> AppControl::store(
    const storage::OAuthApp& app, const NewApp& wanted, const storage::AuditActor& actor
) {
    const std::int64_t now = clock_.now().ms;
    SYNCLINE_ASSIGN_OR_RETURN(const std::string secret, secret_of(app, wanted));
    return stores_.database.write([&](storage::Sql& sql) -> Result<storage::OAuthApp> {
        SYNCLINE_ASSIGN_OR_RETURN(storage::OAuthApp stored, stores_.apps.put(app, secret, now));
        SYNCLINE_ASSIGN_OR_RETURN(const auto ids, stores_.apps.connections(app.tenant, stored.id));
        for (const ConnectionId id : ids) {
            SYNCLINE_RETURN_IF_ERROR(
                stores_.vault.put_credentials(app.tenant, id, {{"client_secret", secret}}, now)
            );
            SYNCLINE_RETURN_IF_ERROR(stores_.connections.raise_generation(id));
        }
        storage::append_audit(
            sql, entry_of(stored, app.id ? "app.changed" : "app.created", actor, now)
        );
        return stored;
    });
}

Result<AppView> AppControl::put(
    TenantId tenant,
    const std::string& platform,
    const NewApp& wanted,
    const storage::AuditActor& actor
) {
    SYNCLINE_RETURN_IF_ERROR(browser_spec(source_, platform));
    if (const auto problems = problems_of(wanted); !problems.empty()) {
        return joined(problems, "app.invalid");
    }
    storage::OAuthApp app;
    if (const auto before = stores_.apps.find(tenant, platform, wanted.name)) {
        SYNCLINE_ASSIGN_OR_RETURN(const AppView used, view(*before));
        const bool other =
            before->client_id != wanted.client_id || before->environment != wanted.environment;
        if (other && !used.connections.empty()) {
            return in_use(
                used,
                "their tokens belong to its client id and environment; store the other one under "
                "another name"
            );
        }
        app = *before;
    } else if (before.error().code != ErrorCode::kNotFound) {
        return before.error();
    }
    app.tenant = tenant;
    app.platform = platform;
    app.name = wanted.name;
    app.environment = wanted.environment;
    app.client_id = wanted.client_id;
    app.redirect_uri = wanted.redirect_uri;
    SYNCLINE_ASSIGN_OR_RETURN(storage::OAuthApp stored, store(app, wanted, actor));
    SYNCLINE_ASSIGN_OR_RETURN(AppView shown, view(std::move(stored)));
    shown.created = !app.id;
    return shown;
}

Result<std::vector<AppView>> AppControl::list(TenantId tenant, const std::string& platform) const {
    SYNCLINE_RETURN_IF_ERROR(browser_spec(source_, platform));
    SYNCLINE_ASSIGN_OR_RETURN(auto apps, stores_.apps.list(tenant, platform));
    std::vector<AppView> views;
    for (auto& app : apps) {
        SYNCLINE_ASSIGN_OR_RETURN(AppView one, view(std::move(app)));
        views.push_back(std::move(one));
    }
    return views;
}

Result<AppView> AppControl::find(
    TenantId tenant, const std::string& platform, const std::string& name
) const {
    SYNCLINE_ASSIGN_OR_RETURN(storage::OAuthApp app, stores_.apps.find(tenant, platform, name));
    return view(std::move(app));
}

Result<void> AppControl::remove(
    TenantId tenant,
    const std::string& platform,
    const std::string& name,
    const storage::AuditActor& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(const AppView found, find(tenant, platform, name));
    if (!found.connections.empty()) {
        return in_use(found, "disconnect them first");
    }
    return stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_RETURN_IF_ERROR(stores_.apps.remove(tenant, found.app.id));
        storage::append_audit(sql, entry_of(found.app, "app.removed", actor, clock_.now().ms));
        return {};
    });
}

}  // namespace syncline::engine
