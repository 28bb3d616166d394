#include "api/event_feed.hpp"

#include <algorithm>
#include <array>

#include "api/http/problem.hpp"
#include "api/log_views.hpp"

namespace syncline::api {
namespace {

constexpr std::chrono::milliseconds kTick{250};
// While somebody is behind.
constexpr std::chrono::milliseconds kSoon{5};
constexpr std::size_t kUnreadMax = 64 * 1024;
constexpr std::chrono::milliseconds kAfterError{2'000};
constexpr std::int64_t kLookBackMax = 10'000;
constexpr std::int64_t kAtOnce = 200;
// Proxies end connections on which nothing comes for a minute.
constexpr std::int64_t kHeartbeatMs = 15'000;
constexpr const char* kHeartbeat = ": still here\n\n";
constexpr const char* kHello = "retry: 3000\n\n";

std::size_t gravity(const std::string& level) {
    constexpr std::array<std::string_view, 3> kLevels{"info", "warning", "error"};
    return static_cast<std::size_t>(
        std::find(kLevels.begin(), kLevels.end(), level) - kLevels.begin()
    );
}

std::string event_text(const storage::LogEntry& entry, const FlowNames& flows) {
    return "id: " + std::to_string(entry.id) + "\nevent: " + entry.event +
           "\ndata: " + dump_json(event_json(entry, flows)) + "\n\n";
}

std::string gap_text(std::int64_t after) {
    return "id: " + std::to_string(after) +
           "\nevent: gap\ndata: {\"message\":\"what was logged before this could not be looked at "
           "any more; GET /api/sync/history and /api/records have it\"}\n\n";
}

}  // namespace

bool EventFilter::takes(const storage::LogEntry& entry, const std::string& flow_name) const {
    return (level.empty() || gravity(entry.level) >= gravity(level)) &&
           (flow.empty() || flow == flow_name) && (entity.empty() || entity == entry.entity);
}

EventFeed::EventFeed(
    const storage::LogStore& log,
    const storage::FlowStore& flows,
    const Clock& clock,
    const ApiConfig& config
)
    : log_(log),
      flows_(flows),
      clock_(clock),
      stream_ms_max_(config.event_stream_ms_max),
      slots_(config.event_streams_max, config.event_streams_per_tenant_max) {}

EventFeed::~EventFeed() {
    stop();
}

Result<Response> EventFeed::open(
    TenantId tenant, EventFilter filter, std::optional<std::int64_t> after
) {
    auto place = slots_.take(tenant);
    if (!place) {
        return Error{
            ErrorCode::kStorage,
            "as many watch as may (api.event_streams_max, api.event_streams_per_tenant_max)",
            kBusy,
            0,
            std::chrono::seconds(5)};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t newest, log_.newest_id());
    auto watcher = std::make_shared<Watcher>(std::move(*place), tenant, std::move(filter));
    // An id that is not there yet is of another file: from a backup that was put back, say.
    const std::int64_t wanted = std::min(after.value_or(newest), newest);
    watcher->after = std::max(wanted, newest - kLookBackMax);
    watcher->missed = watcher->after > wanted || wanted < after.value_or(newest);
    watcher->since_ms = watcher->spoken_ms = clock_.now().ms;
    Response response;
    response.content_type = "text/event-stream";
    response.headers.emplace_back("X-Accel-Buffering", "no");  // proxies are to pass it on at once
    response.stream = [this, watcher](std::shared_ptr<Stream> stream) {
        watcher->stream = std::move(stream);
        watcher->stream->send(kHello);
        watchers_.with([&](Watchers& all) { all.push_back(watcher); });
    };
    return response;
}

void EventFeed::start() {
    watching_.start(kTick, kAfterError, [this] { return step(); });
}

void EventFeed::stop() {
    watching_.stop();
    watchers_.with([](Watchers& all) {
        for (const auto& watcher : all) {
            watcher->stream->end();
        }
        all.clear();
    });
}

Result<std::chrono::milliseconds> EventFeed::step() {
    const std::int64_t now_ms = clock_.now().ms;
    const Watchers here = watchers_.with([](Watchers& all) {
        all.erase(
            std::remove_if(
                all.begin(),
                all.end(),
                [](const auto& watcher) { return !watcher->stream->is_open(); }
            ),
            all.end()
        );
        return all;
    });
    if (here.empty()) {
        return kTick;
    }
    bool is_all = true;
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t newest, log_.newest_id());
    for (const auto& watcher : here) {
        SYNCLINE_ASSIGN_OR_RETURN(const bool was_all, tell(*watcher, newest, now_ms));
        is_all = is_all && was_all;
        if (now_ms - watcher->since_ms >= stream_ms_max_) {
            watcher->stream->end();
        }
    }
    return is_all ? kTick : kSoon;
}

// A look at the log at most; who is far behind, or reads slowly, gets the rest with the next steps.
Result<bool> EventFeed::tell(Watcher& watcher, std::int64_t newest, std::int64_t now_ms) const {
    if (watcher.stream->unread() > kUnreadMax) {
        return true;
    }
    std::string text;
    bool is_all = true;
    if (watcher.missed) {
        text = gap_text(watcher.after);
    }
    if (newest > watcher.after) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto entries, log_.after(watcher.tenant, watcher.after, kAtOnce)
        );
        FlowNames flows;
        if (!entries.empty()) {
            SYNCLINE_ASSIGN_OR_RETURN(flows, flow_names(flows_, watcher.tenant));
        }
        is_all = static_cast<std::int64_t>(entries.size()) < kAtOnce;
        watcher.after = is_all ? newest : watcher.after;
        for (const auto& entry : entries) {
            watcher.after = is_all ? std::max(newest, entry.id) : entry.id;
            const auto flow = flows.find(entry.flow.value);
            if (watcher.filter.takes(entry, flow == flows.end() ? std::string() : flow->second)) {
                text += event_text(entry, flows);
            }
            if (text.size() > kUnreadMax) {
                watcher.after = entry.id;
                is_all = false;
                break;
            }
        }
    }
    watcher.missed = false;
    if (text.empty() && now_ms - watcher.spoken_ms < kHeartbeatMs) {
        return is_all;
    }
    watcher.spoken_ms = now_ms;
    watcher.stream->send(text.empty() ? kHeartbeat : std::move(text));
    return is_all;
}

}  // namespace syncline::api
