// Places with a name where a test may end, stall or fail the host. They exist only in builds with
// SYNCLINE_FAILPOINTS (the presets for tests); elsewhere the macros leave nothing behind.
//
// The environment says what happens, and is read once:
//   SYNCLINE_FAILPOINTS="storage.before_commit=kill@3;http.after_send=delay:300@1;http.before_send=error@*"
// `kill` is SIGKILL to the host itself, `delay:MS` sleeps, `error` makes the place fail where it
// can (SYNCLINE_FAILPOINT_OR_ERROR). `@N`: the N-th time this place is reached, 1 when left out;
// `@*`: each time. A name that is not in the list (failpoint.cpp) ends the host with a sentence.
//   SYNCLINE_CLOCK_FILE=/tmp/x/clock: eight bytes, a signed count of milliseconds in this machine's
// order that the host's clock is ahead; whoever writes the file moves the clock of the running
// host.
#pragma once

#ifdef SYNCLINE_FAILPOINTS

#include <cstdint>
#include <optional>
#include <string_view>

#include <syncline/result.hpp>

#include "core/clock.hpp"

namespace syncline::failpoint {

// Does what the environment asks of this place. The error, where it asks for one. [any thread]
std::optional<Error> hit(std::string_view name);

// What SYNCLINE_CLOCK_FILE says now; 0 without one. [any thread]
std::int64_t clock_offset_ms();

template <class Real>
class ShiftedClock : public Clock {
public:
    Timestamp now() const override { return Timestamp{real_.now().ms + clock_offset_ms()}; }

private:
    Real real_;
};

}  // namespace syncline::failpoint

#define SYNCLINE_FAILPOINT(name) static_cast<void>(::syncline::failpoint::hit(name))
#define SYNCLINE_FAILPOINT_OR_ERROR(name)                 \
    if (auto failed = ::syncline::failpoint::hit(name)) { \
        return *std::move(failed);                        \
    }
#define SYNCLINE_CLOCK(Real) ::syncline::failpoint::ShiftedClock<Real>

#else

#define SYNCLINE_FAILPOINT(name) static_cast<void>(0)
#define SYNCLINE_FAILPOINT_OR_ERROR(name) static_cast<void>(0);
#define SYNCLINE_CLOCK(Real) Real

#endif
