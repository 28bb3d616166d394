// A value that can only be reached with its lock held.
//
//   Guarded<std::map<std::string, int>> counts_;
//   const int seen = counts_.with([&](auto& counts) { return ++counts[name]; });
//
// Inside with(): no I/O, no log, no plugin call, and no second Guarded.
#pragma once

#include <mutex>
#include <utility>

namespace syncline {

template <class T>
class Guarded {
public:
    Guarded() = default;
    explicit Guarded(T value) : value_(std::move(value)) {}
    Guarded(const Guarded&) = delete;
    Guarded& operator=(const Guarded&) = delete;

    template <class Fn>
    auto with(Fn&& fn) {
        const std::lock_guard lock(mutex_);
        return fn(value_);
    }
    template <class Fn>
    auto with(Fn&& fn) const {
        const std::lock_guard lock(mutex_);
        return fn(value_);
    }

private:
    mutable std::mutex mutex_;
    T value_{};
};

}  // namespace syncline
