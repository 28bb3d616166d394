#include "engine/connection_control.hpp"

#include <set>

#include <syncline/spec_checks.hpp>

#include "core/json_problems.hpp"
#include "core/log.hpp"
#include "engine/oauth_endpoints.hpp"
#include "engine/webhook_control.hpp"
#include "engine/webhook_removal.hpp"

namespace syncline::engine {
namespace {

using storage::Connection;
using storage::ConnectionState;

Error no_connector(const std::string& platform) {
    return Error{
        ErrorCode::kNotFound,
        "no loaded plugin speaks to the platform '" + platform.substr(0, 60) +
            "'; GET /api/connectors lists what there is",
        "connector.unknown"};
}

Result<void> check_all(const Spec& spec, const Json& settings) {
    std::vector<std::string> problems;
    for (const auto& error : check_settings(spec, settings)) {
        problems.push_back(error.message);
    }
    return problems.empty() ? Result<void>() : joined(problems, "connection.settings");
}

storage::AuditEntry entry_of(
    const Connection& connection,
    const char* event,
    const storage::AuditActor& actor,
    std::int64_t now_ms
) {
    storage::AuditEntry entry;
    entry.tenant = connection.tenant;
    entry.at_ms = now_ms;
    entry.event = event;
    entry.object = "connection " + connection.name;
    entry.detail = {{"platform", connection.platform}};
    entry.actor = actor;
    return entry;
}

std::vector<std::string> names_of(const std::map<std::string, std::string>& secrets) {
    std::vector<std::string> names;
    for (const auto& [name, secret] : secrets) {
        names.push_back(name);
    }
    return names;
}

Json visible_settings(const Spec* spec, const Json& settings) {
    Json visible = Json::object();
    if (spec == nullptr) {
        return visible;
    }
    for (const auto& setting : spec->settings) {
        if (setting.type != SettingType::kSecret && settings.contains(setting.name)) {
            visible[setting.name] = settings[setting.name];
        }
    }
    return visible;
}

}  // namespace

SplitSettings split_settings(const Spec& spec, const Json& settings) {
    SplitSettings split;
    for (const auto& entry : settings.items()) {
        bool secret = false;
        for (const auto& setting : spec.settings) {
            secret =
                secret || (setting.name == entry.key() && setting.type == SettingType::kSecret);
        }
        if (secret) {
            split.secrets[entry.key()] = entry.value().get<std::string>();
        } else {
            split.plain[entry.key()] = entry.value();
        }
    }
    return split;
}

Error managed_by_config(const std::string& what) {
    return Error{
        ErrorCode::kExists,
        what +
            " is declared by the host's configuration file and can only be changed there; change "
            "the file and reload it (SIGHUP)",
        "managed_by_config"};
}

Result<void> resume(Stores& stores, const Connection& connection, std::int64_t now_ms) {
    SYNCLINE_RETURN_IF_ERROR(
        stores.connections.set_state(connection.id, ConnectionState::kActive, "", now_ms)
    );
    SYNCLINE_RETURN_IF_ERROR(stores.webhook_events.hasten(connection.id, now_ms));
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t jobs,
        stores.jobs.credentials_renewed(connection.tenant, connection.id, now_ms)
    );
    if (jobs > 0) {
        log::info(
            "records that the connection held up are due",
            {{"tenant", connection.tenant_name}, {"connection", connection.name}, {"jobs", jobs}}
        );
    }
    return {};
}

Result<Connection> ConnectionControl::find(
    TenantId tenant, const std::string& platform, const std::string& name
) const {
    SYNCLINE_ASSIGN_OR_RETURN(Connection connection, stores_.connections.find(tenant, name));
    if (connection.platform != platform) {
        return Error{
            ErrorCode::kNotFound,
            "the connection '" + name + "' is one of " + connection.platform + ", not of " +
                platform.substr(0, 60),
            "connection.unknown"};
    }
    return connection;
}

Result<ConnectionView> ConnectionControl::view(Connection connection) const {
    ConnectionView view;
    const Spec* spec = source_.spec(connection.platform);
    view.has_connector = spec != nullptr;
    view.in_browser = spec != nullptr && is_authorized_in_browser(*spec);
    SYNCLINE_ASSIGN_OR_RETURN(view.grant, stores_.oauth.grant(connection.tenant, connection.id));
    SYNCLINE_ASSIGN_OR_RETURN(
        view.credentials, stores_.vault.credential_names(connection.tenant, connection.id)
    );
    connection.settings = visible_settings(spec, connection.settings);
    view.connection = std::move(connection);
    return view;
}

Result<ConnectionView> ConnectionControl::show(
    TenantId tenant, const std::string& platform, const std::string& name
) const {
    SYNCLINE_ASSIGN_OR_RETURN(Connection connection, find(tenant, platform, name));
    return view(std::move(connection));
}

Result<std::vector<ConnectionView>> ConnectionControl::list(
    TenantId tenant, const std::string& platform
) const {
    SYNCLINE_ASSIGN_OR_RETURN(auto connections, stores_.connections.list(tenant));
    std::vector<ConnectionView> views;
    for (auto& connection : connections) {
        if (platform.empty() || connection.platform == platform) {
            SYNCLINE_ASSIGN_OR_RETURN(ConnectionView one, view(std::move(connection)));
            views.push_back(std::move(one));
        }
    }
    if (views.empty() && !platform.empty() && source_.spec(platform) == nullptr) {
        return no_connector(platform);
    }
    return views;
}

// Secrets of webhooks stay where none is given: the platform goes on signing with them, and one
// that the host made is known to nobody who could give it again.
Result<void> ConnectionControl::replace_secrets(
    const Connection& connection,
    const std::map<std::string, std::string>& secrets,
    std::int64_t now_ms
) {
    const Spec* spec = source_.spec(connection.platform);
    std::set<std::string> kept;
    if (spec != nullptr) {
        kept.insert(spec->webhooks.secrets.begin(), spec->webhooks.secrets.end());
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto names, stores_.vault.credential_names(connection.tenant, connection.id)
    );
    for (const auto& name : names) {
        if (secrets.count(name) == 0 && kept.count(name) == 0) {
            SYNCLINE_RETURN_IF_ERROR(
                stores_.vault.remove_credential({connection.tenant, connection.id, name})
            );
        }
    }
    return stores_.vault.put_credentials(connection.tenant, connection.id, secrets, now_ms);
}

Result<void> ConnectionControl::replace(
    const Connection& connection, const SplitSettings& split, bool known_account
) {
    const std::int64_t now = clock_.now().ms;
    if (known_account) {
        SYNCLINE_RETURN_IF_ERROR(stores_.connections.set_state(
            connection.id,
            ConnectionState::kPaused,
            "its new credentials have not been tested yet; POST /api/integrations/" +
                connection.platform + "/test does it",
            now
        ));
    }
    SYNCLINE_RETURN_IF_ERROR(replace_secrets(connection, split.secrets, now));
    SYNCLINE_RETURN_IF_ERROR(stores_.connections.set_token_expiry(connection.id, 0));
    SYNCLINE_RETURN_IF_ERROR(stores_.oauth.end_grant(connection.tenant, connection.id));
    SYNCLINE_RETURN_IF_ERROR(stores_.connections.raise_generation(connection.id));
    return known_account ? Result<void>() : resume(stores_, connection, now);
}

Result<Connection> ConnectionControl::store(
    const storage::NewConnection& wanted,
    const SplitSettings& split,
    const storage::AuditActor& actor
) {
    const std::int64_t now = clock_.now().ms;
    return stores_.database.write([&](storage::Sql& sql) -> Result<Connection> {
        SYNCLINE_ASSIGN_OR_RETURN(const Connection stored, stores_.connections.put(wanted, now));
        SYNCLINE_RETURN_IF_ERROR(replace(stored, split, !stored.remote_identity.empty()));
        auto entry = entry_of(stored, "credential.stored", actor, now);
        entry.detail["secrets"] = names_of(split.secrets);
        entry.detail["settings"] = split.plain;
        storage::append_audit(sql, entry);
        return stored;
    });
}

Result<ConnectionView> ConnectionControl::put(
    TenantId tenant,
    const std::string& platform,
    const std::string& name,
    const Json& settings,
    const storage::AuditActor& actor
) {
    const Spec* spec = source_.spec(platform);
    if (spec == nullptr) {
        return no_connector(platform);
    }
    SYNCLINE_RETURN_IF_ERROR(check_all(*spec, settings));
    const auto before = stores_.connections.find(tenant, name);
    if (before && before->declared) {
        return managed_by_config("the connection '" + name + "'");
    }
    const SplitSettings split = split_settings(*spec, settings);
    storage::NewConnection connection;
    connection.tenant = tenant;
    connection.name = name;
    connection.platform = platform;
    connection.settings = split.plain;
    SYNCLINE_ASSIGN_OR_RETURN(const Connection stored, store(connection, split, actor));
    log::info(
        "credentials stored",
        {{"tenant", stored.tenant_name}, {"connection", stored.name}, {"platform", platform}}
    );
    if (!stored.remote_identity.empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(TestOutcome outcome, test(tenant, platform, name, actor));
        return std::move(outcome.view);
    }
    wake_();
    SYNCLINE_ASSIGN_OR_RETURN(Connection now_stored, stores_.connections.by_id(stored.id));
    return view(std::move(now_stored));
}

Result<void> ConnectionControl::remove_credentials(
    TenantId tenant,
    const std::string& platform,
    const std::string& name,
    const storage::AuditActor& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(const Connection connection, find(tenant, platform, name));
    if (connection.declared) {
        return managed_by_config("the connection '" + name + "'");
    }
    const std::int64_t now = clock_.now().ms;
    // What the request is conditional on is looked at with its first effect: before the shop is
    // told anything.
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t generation,
        stores_.database.write([&](storage::Sql&) -> Result<std::int64_t> {
            SYNCLINE_RETURN_IF_ERROR(stores_.connections.set_state(
                connection.id, ConnectionState::kNeedsReauth, "its credentials were removed", now
            ));
            SYNCLINE_RETURN_IF_ERROR(stores_.connections.raise_generation(connection.id));
            SYNCLINE_ASSIGN_OR_RETURN(
                const Connection marked, stores_.connections.by_id(connection.id)
            );
            return marked.generation;
        })
    );
    const std::string url = webhook_url(webhook_public_url_, platform, name);
    if (const auto removed = remove_webhooks(stores_, pool_, connection, url); !removed) {
        note_left_behind(stores_, connection, url, removed.error(), now);
    }
    return stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_ASSIGN_OR_RETURN(
            const Connection marked, stores_.connections.by_id(connection.id)
        );
        if (marked.generation != generation) {
            return Error{
                ErrorCode::kExists,
                "other credentials were stored while those before were removed; the new ones stay",
                "connection.replaced"};
        }
        SYNCLINE_RETURN_IF_ERROR(stores_.vault.remove_credentials(tenant, connection.id));
        SYNCLINE_RETURN_IF_ERROR(stores_.connections.set_token_expiry(connection.id, 0));
        SYNCLINE_RETURN_IF_ERROR(stores_.oauth.end_grant(tenant, connection.id));
        storage::append_audit(sql, entry_of(connection, "credential.removed", actor, now));
        return stores_.connections.raise_generation(connection.id);
    });
}

Result<void> ConnectionControl::accept(
    const Connection& connection, const CheckReport& report, const storage::AuditActor& actor
) {
    const std::int64_t now = clock_.now().ms;
    return stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_RETURN_IF_ERROR(
            stores_.connections.set_remote_identity(connection.id, report.remote_identity)
        );
        auto entry = entry_of(connection, "connection.tested", actor, now);
        entry.detail["account"] = report.remote_identity;
        storage::append_audit(sql, entry);
        return resume(stores_, connection, now);
    });
}

Result<TestOutcome> ConnectionControl::test(
    TenantId tenant,
    const std::string& platform,
    const std::string& name,
    const storage::AuditActor& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(const Connection connection, find(tenant, platform, name));
    TestOutcome outcome;
    // The session goes back before the connection's state is read again.
    const auto checked = [&]() -> Result<CheckReport> {
        // What is known of the account is known anew from here on.
        SYNCLINE_RETURN_IF_ERROR(stores_.connections.doubt_discovered(connection.id));
        SYNCLINE_ASSIGN_OR_RETURN(const auto session, pool_.open_for_check(connection.id));
        SYNCLINE_ASSIGN_OR_RETURN(CheckReport report, session->check());
        if (connection.remote_identity.empty() ||
            connection.remote_identity == report.remote_identity) {
            if (const auto facts = session->facts(); !facts) {
                return facts.error();
            }
        }
        return report;
    }();
    const std::int64_t now = clock_.now().ms;
    if (!checked) {
        outcome.error = checked.error();
    } else if (!connection.remote_identity.empty() && connection.remote_identity != checked->remote_identity) {
        const std::string reason = "its credentials are for another account ('" +
                                   checked->remote_identity + "') than before ('" +
                                   connection.remote_identity + "')";
        SYNCLINE_RETURN_IF_ERROR(
            stores_.connections.set_state(connection.id, ConnectionState::kPaused, reason, now)
        );
        return Error{
            ErrorCode::kExists,
            "the connection '" + name + "' is paused: " + reason +
                "; store credentials of the former account, or make a connection of another name "
                "for this one",
            "connection.other_account"};
    } else {
        outcome.report = *checked;
        SYNCLINE_RETURN_IF_ERROR(accept(connection, *checked, actor));
        wake_();
    }
    SYNCLINE_ASSIGN_OR_RETURN(Connection current, stores_.connections.by_id(connection.id));
    SYNCLINE_ASSIGN_OR_RETURN(outcome.view, view(std::move(current)));
    return outcome;
}

}  // namespace syncline::engine
