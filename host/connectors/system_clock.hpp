// The machine's own wall clock. [any thread]
#pragma once

#include <chrono>

#include "core/clock.hpp"

namespace syncline::connectors {

class SystemClock : public Clock {
public:
    Timestamp now() const override {
        const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
        return Timestamp{
            std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count()};
    }
};

}  // namespace syncline::connectors
