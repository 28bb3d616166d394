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
// Before the last delivery, since they come late.
constexpr std::int64_t kBackfillMarginMs = 10 * 60'000;
// Without a good check for so long, deliveries may have met nobody.
constexpr std::int64_t kLapsedMs = 2 * WebhookWatchdog::kCheckEveryMs;
constexpr auto kRequester = "webhooks";

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

}  // namespace

struct WebhookWatchdog::Watched {
    const storage::Connection& connection;
    const Spec& spec;
    std::vector<Flow> flows;  // enabled ones that read it
    storage::WebhookEndpoint endpoint;
    bool owes = false;                 // a backfill
    std::int64_t tenant_since_ms = 0;  // it was suspended or resumed then
    std::int64_t now_ms = 0;

    bool is_gone() const { return connection.state == storage::ConnectionState::kDisabled; }
};

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

Result<bool> WebhookWatchdog::has_lapsed(const Watched& watched) const {
    const auto& endpoint = watched.endpoint;
    const std::int64_t good_ms = endpoint.checked_at_ms;
    if (good_ms == 0) {
        return false;
    }
    const bool taken_back = endpoint.webhooks == storage::WebhookEndpoint().webhooks;
    if (taken_back || watched.now_ms - good_ms > kLapsedMs || watched.tenant_since_ms >= good_ms) {
        return true;
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t refused,
        stores_.webhook_events.refused_since(
            endpoint.tenant, watched.connection.platform, watched.connection.name, good_ms
        )
    );
    return refused > 0;
}

Result<void> WebhookWatchdog::take_in(Watched& watched, const WebhookReport& report) {
    auto& endpoint = watched.endpoint;
    const auto parsed = parse_json(endpoint.webhooks);
    const Json known = parsed ? *parsed : Json::array();
    // The last delivery may have been one of another webhook, or have come after a gap.
    const std::int64_t good_ms = endpoint.last_event_ms > 0 && endpoint.checked_at_ms > 0
                                     ? std::min(endpoint.last_event_ms, endpoint.checked_at_ms)
                                     : std::max(endpoint.last_event_ms, endpoint.checked_at_ms);
    SYNCLINE_ASSIGN_OR_RETURN(const bool lapsed, has_lapsed(watched));
    bool missed = lapsed && !report.webhooks.empty();
    if (missed) {
        note(
            watched,
            "info",
            "webhook.lapsed",
            "deliveries may have been missed since the last good check; changes since are read"
        );
    }
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
    endpoint.checked_at_ms = watched.now_ms;
    endpoint.check_at_ms = watched.now_ms + kCheckEveryMs;
    endpoint.webhooks = dump_json(webhooks);
    endpoint.new_secret = false;
    endpoint.error.clear();
    return stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        if (missed && good_ms > 0) {
            const std::int64_t from = std::max<std::int64_t>(1, good_ms - kBackfillMarginMs);
            for (const auto& flow : watched.flows) {
                stores_.webhook_endpoints.owe_backfill(
                    sql, endpoint.tenant, endpoint.connection, flow.id, from
                );
            }
        }
        return stores_.webhook_endpoints.note_check(endpoint);
    });
}

Result<void> WebhookWatchdog::pay_backfills(Watched& watched) {
    const auto& connection = watched.connection;
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto owed, stores_.webhook_endpoints.backfills(connection.tenant, connection.id)
    );
    for (const auto& flow : watched.flows) {
        const auto from = owed.find(flow.id);
        const bool waits = not_before_.with([&](auto& times) {
            const auto time = times.find(flow.id);
            // A clock that was set back must not make it wait for longer.
            return time != times.end() && watched.now_ms < time->second &&
                   time->second - watched.now_ms <= kCheckEveryMs;
        });
        if (from == owed.end() || waits) {
            continue;
        }
        StartRequest request;
        request.mode = SyncMode::kBackfill;
        request.options.from = Timestamp{from->second};
        SYNCLINE_ASSIGN_OR_RETURN(const bool settled, start_flow(watched, flow, request));
        // A crash before this makes the backfill again rather than never.
        if (settled) {
            SYNCLINE_RETURN_IF_ERROR(
                stores_.webhook_endpoints.forget_backfill(connection.tenant, flow.id)
            );
        }
    }
    return {};
}

bool WebhookWatchdog::is_silent(const Watched& watched) {
    const std::int64_t max_s = watched.spec.webhooks.silence_max_s;
    const auto& endpoint = watched.endpoint;
    const std::int64_t heard = std::max(endpoint.last_event_ms, endpoint.caught_up_at_ms);
    return max_s > 0 && watched.now_ms - heard >= max_s * 1000;
}

bool WebhookWatchdog::is_catch_up_due(const Watched& watched) {
    const std::int64_t every_s = watched.spec.webhooks.catch_up_s;
    const std::int64_t since_ms = watched.now_ms - watched.endpoint.caught_up_at_ms;
    return is_silent(watched) || (every_s > 0 && since_ms >= every_s * 1000);
}

Result<void> WebhookWatchdog::catch_up(Watched& watched) {
    const WebhookSpec& spec = watched.spec.webhooks;
    const auto& endpoint = watched.endpoint;
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto names,
        stores_.vault.credential_names(watched.connection.tenant, watched.connection.id)
    );
    const bool listens = std::any_of(spec.secrets.begin(), spec.secrets.end(), [&](const auto& s) {
        return std::find(names.begin(), names.end(), s) != names.end();
    });
    if (!listens || !pool_.budgets().allow_polling(watched.connection)) {
        return {};
    }
    if (is_silent(watched) && endpoint.last_event_ms > 0 &&
        endpoint.caught_up_at_ms <= endpoint.last_event_ms) {
        note(
            watched,
            "warning",
            "webhook.silent",
            "nothing was delivered for " + std::to_string(spec.silence_max_s / 3600) +
                " hours; changes are asked for"
        );
    }
    StartRequest request;
    request.mode = SyncMode::kIncremental;
    for (const auto& flow : watched.flows) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto cursor, stores_.flows.cursor(flow.id, flow.definition.entity)
        );
        // One that was never read is for a person to begin with; one that was read since is not
        // read again.
        const bool read_since = watched.now_ms - cursor.updated_at_ms < spec.silence_max_s * 1000;
        if (cursor.cursor_ms > 0 && !(read_since && !cursor.scanning)) {
            SYNCLINE_ASSIGN_OR_RETURN(const bool settled, start_flow(watched, flow, request));
            (void)settled;  // a cursor forgets nothing
        }
    }
    return stores_.webhook_endpoints.note_caught_up(
        watched.connection.tenant, watched.connection.id, watched.now_ms
    );
}

Result<bool> WebhookWatchdog::start_flow(
    Watched& watched, const Flow& flow, const StartRequest& how
) {
    if (flow.state != FlowState::kRunning) {
        return false;
    }
    StartRequest request = how;
    request.flow = flow.definition.name;
    request.requested_by = kRequester;
    request.starter = Starter::kWebhook;
    request.stop = &looking_.stopping();
    const auto started = syncs_.start(watched.connection.tenant, request);
    if (started || started.error().name == "flow.busy") {
        return started.has_value();
    }
    const Error& error = started.error();
    if (error.code == ErrorCode::kStorage || error.code == ErrorCode::kCancelled) {
        return error;
    }
    const bool may_pass = error.code == ErrorCode::kTransient ||
                          error.code == ErrorCode::kRateLimited || error.code == ErrorCode::kAuth;
    not_before_.with([&](auto& times) { times[flow.id] = watched.now_ms + kCheckEveryMs; });
    note(
        watched,
        "warning",
        "webhook.catch_up_refused",
        "what may have been missed is not read by '" + flow.definition.name +
            "': " + error.message + (may_pass ? "; it is tried again" : "")
    );
    return !may_pass;
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
