// Where the time comes from. Everything that asks for "now" takes a Clock, so that tests can set
// it.
#pragma once

#include <syncline/timestamp.hpp>

namespace syncline {

class Clock {
public:
    virtual ~Clock() = default;
    // Wall clock, UTC. [any thread]
    virtual Timestamp now() const = 0;
};

}  // namespace syncline
