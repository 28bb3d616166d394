// W3C Trace Context (Recommendation of 23 November 2021, version 00): which work belongs together,
// across processes. The trace of a thread is what it works for at the moment; log lines and
// outgoing requests carry it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace syncline {

struct TraceContext {
    std::string trace_id;  // 32 lower-case hex digits, not all 0
    std::string span_id;   // 16, of whoever does the work now
    bool sampled = false;  // as its beginner decided; passed on

    // As a traceparent header.
    std::string header() const;
};

// Nothing for what is not exactly a traceparent; one of a later version is read as far as version
// 00 goes, as the standard says.
std::optional<TraceContext> parse_traceparent(std::string_view text);

// A trace that begins here.
TraceContext new_trace();
// The same trace in the hands of another.
TraceContext child_of(const TraceContext& parent);

// What the calling thread works for; null: nothing that is traced.
const TraceContext* current_trace();

// The calling thread works for `trace` while this lives, then again for what it did before.
class TraceScope {
public:
    explicit TraceScope(std::optional<TraceContext> trace);
    ~TraceScope();
    TraceScope(const TraceScope&) = delete;
    TraceScope& operator=(const TraceScope&) = delete;

private:
    const std::optional<TraceContext> trace_;
    const TraceContext* const before_;
};

}  // namespace syncline
