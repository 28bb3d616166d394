// A clock that stands still until it is moved. [any thread]
#pragma once

#include <atomic>
#include <chrono>

#include "core/clock.hpp"

namespace syncline::testing {

class FakeClock : public Clock {
public:
    explicit FakeClock(Timestamp start = Timestamp{1'795'161'600'000}) : ms_(start.ms) {}

    Timestamp now() const override { return Timestamp{ms_.load()}; }
    void set(Timestamp at) { ms_.store(at.ms); }
    void advance(std::chrono::milliseconds by) { ms_.fetch_add(by.count()); }

private:
    std::atomic<std::int64_t> ms_;
};

}  // namespace syncline::testing
