#include "engine/webhook_watchdog.hpp"

#include <algorithm>
#include <set>
#include <system_error>
#include <vector>

#include "core/log.hpp"
#include "core/sha256.hpp"
#include "engine/webhook_control.hpp"
#include "engine/webhook_removal.hpp"

namespace syncline::engine {
namespace {

constexpr std::chrono::milliseconds kTick{15'000};
constexpr std::int64_t kRetryMs = 60'000;

std::string known_state(const Json& known, const std::string& topic) {
    for (const auto& one : known) {
        if (one.value("topic", "") == topic) {
            return one.value("state", "");
        }
    }
    return "";
}

void warn_of(const storage::Connection& connection, const Error& error) {
    log::warn(
        "webhooks of a connection were not looked at",
        {{"tenant", connection.tenant_name},
         {"connection", connection.name},
         {"reason", error.message}}
    );
}

// Deliveries that fail begin before a check finds it; but the last good one may have been another
// webhook's.
std::int64_t last_good_ms(const storage::WebhookEndpoint& endpoint) {
    return endpoint.last_event_ms > 0 && endpoint.checked_at_ms > 0
               ? std::min(endpoint.last_event_ms, endpoint.checked_at_ms)
               : std::max(endpoint.last_event_ms, endpoint.checked_at_ms);
}

}  // namespace

WebhookWatchdog::~WebhookWatchdog() {
    stop();
}

void WebhookWatchdog::start() {
    looking_
        .start(std::chrono::milliseconds(0), kTick, [this]() -> Result<std::chrono::milliseconds> {
            SYNCLINE_RETURN_IF_ERROR(step());
            return kTick;
        });
}

void WebhookWatchdog::stop() {
    looking_.stop();
}

Result<void> WebhookWatchdog::step() {
    SYNCLINE_ASSIGN_OR_RETURN(const auto connections, stores_.connections.list_all());
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenants, stores_.tenants.list());
    std::map<TenantId, std::int64_t> active;  // since when
    for (const auto& tenant : tenants) {
        if (tenant.active) {
            active[tenant.id] = tenant.state_at_ms;
        }
    }
    std::list<Watched> all;
    std::list<Watched> failing;  // they take the longest
    for (const auto& connection : connections) {
        const Spec* spec = source_.spec(connection.platform);
        if (looking_.stopping() || spec == nullptr || active.count(connection.tenant) == 0 ||
            spec->webhooks.proof == WebhookProof::kNone) {
            continue;
        }
        auto watched = due(connection, *spec);
        if (!watched) {
            warn_of(connection, watched.error());
        } else if (watched->has_value()) {
            (*watched)->tenant_since_ms = active[connection.tenant];
            auto& list = (*watched)->endpoint.error.empty() ? all : failing;
            list.push_back(std::move(**watched));
        }
    }
    all.splice(all.end(), failing);
    look_at_all(all);
    return {};
}

Result<std::optional<WebhookWatchdog::Watched>> WebhookWatchdog::due(
    const storage::Connection& connection, const Spec& spec
) {
    Watched watched{connection, spec, {}, {}, false, 0, clock_.now().ms};
    if (!watched.is_gone() && connection.state != storage::ConnectionState::kActive) {
        return std::optional<Watched>();
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        watched.endpoint, stores_.webhook_endpoints.of(connection.tenant, connection.id)
    );
    if (watched.is_gone()) {
        const bool left = watched.endpoint.webhooks != storage::WebhookEndpoint().webhooks;
        return left && is_check_due(watched) ? std::optional<Watched>(std::move(watched))
                                             : std::optional<Watched>();
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto flows, stores_.flows.list(connection.tenant));
    for (const auto& flow : flows) {
        if (flow.source == connection.id && flow.definition.enabled) {
            watched.flows.push_back(flow);
        }
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto owed, stores_.webhook_endpoints.backfills(connection.tenant, connection.id)
    );
    watched.owes = !owed.empty();
    const bool any = !watched.flows.empty() &&
                     (is_check_due(watched) || is_catch_up_due(watched) || watched.owes);
    return any ? std::optional<Watched>(std::move(watched)) : std::optional<Watched>();
}

void WebhookWatchdog::look_at_all(std::list<Watched>& all) {
    Guarded<std::list<Watched>::iterator> next(all.begin());
    const auto work = [&] {
        while (!looking_.stopping()) {
            const auto mine =
                next.with([&](auto& at) { return at == all.end() ? all.end() : at++; });
            if (mine == all.end()) {
                return;
            }
            if (const auto looked = look_at(*mine); !looked) {
                warn_of(mine->connection, looked.error());
            }
        }
    };
    std::vector<std::thread> others;
    try {
        while (others.size() + 1 < std::min(all.size(), kAtOnce)) {
            others.emplace_back(work);
        }
    } catch (const std::system_error& e) {  // then fewer at once
        log::warn("a thread cannot be started", {{"reason", e.what()}});
    }
    work();
    for (auto& thread : others) {
        thread.join();
    }
}

Result<void> WebhookWatchdog::look_at(Watched& watched) {
    if (watched.is_gone()) {
        return take_back(watched);
    }
    if (is_check_due(watched)) {
        SYNCLINE_RETURN_IF_ERROR(check(watched));
    }
    SYNCLINE_RETURN_IF_ERROR(pay_backfills(watched));
    return is_catch_up_due(watched) ? catch_up(watched) : Result<void>();
}

bool WebhookWatchdog::is_check_due(const Watched& watched) const {
    if (public_url_.empty() || watched.now_ms < watched.endpoint.check_at_ms) {
        return false;
    }
    const auto connectors = source_.list();
    return std::any_of(connectors.begin(), connectors.end(), [&](const auto& connector) {
        const auto& operations = connector.operations;
        return connector.platform == watched.connection.platform &&
               std::find(operations.begin(), operations.end(), "webhook_register") !=
                   operations.end();
    });
}

Result<void> WebhookWatchdog::take_back(Watched& watched) {
    const std::string url =
        webhook_url(public_url_, watched.connection.platform, watched.connection.name);
    const auto removed =
        remove_webhooks(stores_, pool_, watched.connection, url, &looking_.stopping());
    if (removed || removed.error().code == ErrorCode::kCancelled) {
        return {};
    }
    if (removed.error().message != watched.endpoint.error) {
        note_left_behind(stores_, watched.connection, url, removed.error(), watched.now_ms);
    }
    watched.endpoint.check_at_ms = watched.now_ms + kCheckEveryMs;
    watched.endpoint.error = removed.error().message;
    return stores_.webhook_endpoints.note_check(watched.endpoint);
}

Result<void> WebhookWatchdog::check(Watched& watched) {
    SYNCLINE_ASSIGN_OR_RETURN(const bool made, make_secret(watched));
    WebhookRegistration registration;
    registration.url =
        webhook_url(public_url_, watched.connection.platform, watched.connection.name);
    registration.new_secret = made || watched.endpoint.new_secret;
    std::set<std::string> entities;
    for (const auto& flow : watched.flows) {
        entities.insert(flow.definition.entity);
    }
    registration.entities.assign(entities.begin(), entities.end());
    auto report = [&]() -> Result<WebhookReport> {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto session, pool_.open(watched.connection.id, &looking_.stopping())
        );
        return session->webhook_register(registration);
    }();
    if (report) {
        return take_in(watched, *report);
    }
    const Error& error = report.error();
    if (error.code == ErrorCode::kCancelled) {
        return {};
    }
    const bool may_pass =
        error.code == ErrorCode::kTransient || error.code == ErrorCode::kRateLimited;
    if (error.message != watched.endpoint.error) {
        note(watched, "warning", "webhook.check_failed", error.message);
    }
    watched.endpoint.check_at_ms = watched.now_ms + (may_pass ? kRetryMs : kCheckEveryMs);
    watched.endpoint.new_secret = registration.new_secret;
    watched.endpoint.error = error.message;
    return stores_.webhook_endpoints.note_check(watched.endpoint);
}

Result<bool> WebhookWatchdog::make_secret(const Watched& watched) {
    const auto& connection = watched.connection;
    const std::string& name = watched.spec.webhooks.secrets.front();
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto names, stores_.vault.credential_names(connection.tenant, connection.id)
    );
    if (std::find(names.begin(), names.end(), name) != names.end()) {
        return false;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const std::string bytes, storage::random_bytes(32));
    SYNCLINE_RETURN_IF_ERROR(stores_.vault.put_credentials(
        connection.tenant, connection.id, {{name, sha256_hex(bytes)}}, watched.now_ms
    ));
    receivers_.forget();
    return true;
}

bool WebhookWatchdog::note_states(Watched& watched, const WebhookReport& report) {
    const auto parsed = parse_json(watched.endpoint.webhooks);
    const Json known = parsed ? *parsed : Json::array();
    bool missed = false;
    Json webhooks = Json::array();
    for (const auto& webhook : report.webhooks) {
        const std::string before = known_state(known, webhook.topic);
        const std::string which = "the webhook " + webhook.id + " (" + webhook.topic + ")";
        if (webhook.state == WebhookState::kEnabled) {
            missed = true;
            note(
                watched,
                "warning",
                "webhook.disabled",
                which +
                    " was disabled by the platform, which does that when deliveries fail; it "
                    "is enabled again"
            );
        } else if (webhook.state == WebhookState::kCreated && !before.empty()) {
            missed = true;
            note(watched, "warning", "webhook.missing", which + " was gone and is made again");
        } else if (webhook.state == WebhookState::kCreated) {
            note(watched, "info", "webhook.registered", which + " is registered");
        } else if (webhook.state == WebhookState::kPaused && before != "paused") {
            note(watched, "warning", "webhook.paused", which + " is paused there and left so");
        }
        Json one = to_json(webhook);
        const bool works = webhook.state != WebhookState::kPaused;
        one["state"] = works ? "active" : "paused";
        webhooks.push_back(std::move(one));
    }
    watched.endpoint.webhooks = dump_json(webhooks);
    return missed;
}

Result<void> WebhookWatchdog::take_in(Watched& watched, const WebhookReport& report) {
    auto& endpoint = watched.endpoint;
    SYNCLINE_ASSIGN_OR_RETURN(const bool any_lapse, has_lapsed(watched));
    const bool lapsed = any_lapse && !report.webhooks.empty();
    if (lapsed) {
        note(
            watched,
            "info",
            "webhook.lapsed",
            "deliveries may have been missed since the last good check; changes since are read"
        );
    }
    const std::int64_t checked_ms = endpoint.checked_at_ms;
    const std::int64_t heard_ms = last_good_ms(endpoint);
    const bool failed = note_states(watched, report);
    // What strangers send makes a lapse, too, so that it must not reach back far.
    const std::int64_t good_ms = failed ? heard_ms : checked_ms;
    endpoint.checked_at_ms = watched.now_ms;
    endpoint.check_at_ms = watched.now_ms + kCheckEveryMs;
    endpoint.new_secret = false;
    endpoint.error.clear();
    return stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        if ((failed || lapsed) && good_ms > 0) {
            owe_backfills(sql, watched, good_ms);
        }
        return stores_.webhook_endpoints.note_check(endpoint);
    });
}

void WebhookWatchdog::note(
    const Watched& watched,
    const std::string& level,
    const std::string& event,
    const std::string& message
) {
    storage::LogEntry entry;
    entry.tenant = watched.connection.tenant;
    entry.at_ms = watched.now_ms;
    entry.level = level;
    entry.event = event;
    entry.connection = watched.connection.id;
    entry.message = message;
    static_cast<void>(stores_.log.append(entry));
    log::write(
        level == "info" ? log::Level::kInfo : log::Level::kWarn,
        "webhooks: " + message,
        {{"tenant", watched.connection.tenant_name},
         {"connection", watched.connection.name},
         {"event", event}}
    );
}

}  // namespace syncline::engine
