// Whether a full scan saw the source as it is: one that sees far fewer records than are known has
// more likely met a source that answers wrongly (a broken page count, a changed filter of a
// security plugin) than a shop that lost its orders. Pure.
#pragma once

#include <cstdint>

namespace syncline::engine {

// A fifth of what is known, and more than ten, is missing.
inline bool shrunk(std::int64_t known, std::int64_t seen) {
    const std::int64_t missing = known - seen;
    return missing > 10 && missing * 5 > known;
}

// A scan sees what the one that was reported saw: it is believed now. Within a tenth, since a
// source goes on changing.
inline bool sees_the_same(std::int64_t reported, std::int64_t seen) {
    const std::int64_t apart = seen > reported ? seen - reported : reported - seen;
    return apart * 10 <= reported;
}

}  // namespace syncline::engine
