// The watchdog's other half: reading what was perhaps not delivered.
#include <algorithm>

#include "engine/webhook_watchdog.hpp"

namespace syncline::engine {
namespace {

// Before the last delivery, since they come late.
constexpr std::int64_t kBackfillMarginMs = 10 * 60'000;
// Without a good check for so long, deliveries may have met nobody.
constexpr std::int64_t kLapsedMs = 2 * WebhookWatchdog::kCheckEveryMs;
constexpr auto kRequester = "webhooks";

}  // namespace

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

void WebhookWatchdog::owe_backfills(
    storage::Sql& sql, const Watched& watched, std::int64_t good_ms
) {
    const std::int64_t from = std::max<std::int64_t>(1, good_ms - kBackfillMarginMs);
    for (const auto& flow : watched.flows) {
        stores_.webhook_endpoints.owe_backfill(
            sql, watched.connection.tenant, watched.connection.id, flow.id, from
        );
    }
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

}  // namespace syncline::engine
