// Server-sent events: the tenant's sync log as it grows, to those who watch GET /api/events. An
// event's id is its entry's, so that who comes again with Last-Event-ID misses nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/api_config.hpp"
#include "api/http/message.hpp"
#include "api/http/slots.hpp"
#include "core/clock.hpp"
#include "core/repeating.hpp"
#include "storage/flow_store.hpp"
#include "storage/log_store.hpp"

namespace syncline::api {

// What one watcher wants. Empty members take all.
struct EventFilter {
    std::string level;   // that one or a graver one: "info", "warning", "error"
    std::string flow;    // name
    std::string entity;  // singular

    bool takes(const storage::LogEntry& entry, const std::string& flow_name) const;
};

class EventFeed {
public:
    EventFeed(
        const storage::LogStore& log,
        const storage::FlowStore& flows,
        const Clock& clock,
        const ApiConfig& config
    );
    // As stop().
    ~EventFeed();
    EventFeed(const EventFeed&) = delete;
    EventFeed& operator=(const EventFeed&) = delete;

    // A stream of what comes after the entry `after`; without it, of what is yet to come. Of what
    // was, at most the 10,000 newest entries of all tenants are looked at; who asks for older ones
    // is told by an event `gap`. Errors: request.busy when all places are taken. [any thread]
    Result<Response> open(TenantId tenant, EventFilter filter, std::optional<std::int64_t> after);

    void start();
    // Ends all streams. Idempotent.
    void stop();

private:
    struct Watcher {
        Watcher(Slots::Taken p, TenantId t, EventFilter f)
            : place(std::move(p)), tenant(t), filter(std::move(f)) {}
        Slots::Taken place;
        TenantId tenant;
        EventFilter filter;
        std::int64_t after = 0;  // of the log; what was sent or passed over
        bool missed = false;     // entries before that could not be looked at
        std::int64_t since_ms = 0;
        std::int64_t spoken_ms = 0;
        std::shared_ptr<Stream> stream;
    };
    using Watchers = std::vector<std::shared_ptr<Watcher>>;

    Result<std::chrono::milliseconds> step();
    // Whether that was all there is for now.
    Result<bool> tell(Watcher& watcher, std::int64_t newest, std::int64_t now_ms) const;

    const storage::LogStore& log_;
    const storage::FlowStore& flows_;
    const Clock& clock_;
    const std::int64_t stream_ms_max_;
    Slots slots_;
    Guarded<Watchers> watchers_;
    Repeating watching_{"events were not sent to those who watch"};
};

}  // namespace syncline::api
