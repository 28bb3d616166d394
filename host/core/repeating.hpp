// A thread that does the same again and again: how the host looks at something by itself.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <thread>

#include <syncline/result.hpp>

namespace syncline {

class Repeating {
public:
    // Answers how long to wait until it is done again.
    using Step = std::function<Result<std::chrono::milliseconds>()>;

    // `complaint` is what the log says of a step that failed ("webhooks were not looked at"): once,
    // until one succeeds or fails with another reason.
    explicit Repeating(const char* complaint) : complaint_(complaint) {}
    ~Repeating() { stop(); }
    Repeating(const Repeating&) = delete;
    Repeating& operator=(const Repeating&) = delete;

    // Does `step` after `first`, and then as it says; `after_failure` after one that failed.
    void start(std::chrono::milliseconds first, std::chrono::milliseconds after_failure, Step step);
    // Returns when the step under way has ended; none begins afterwards. Idempotent; not for
    // several threads at once.
    void stop();
    // For steps that can be asked to end soon.
    const std::atomic<bool>& stopping() const { return stopping_; }

private:
    const char* complaint_;
    std::atomic<bool> stopping_{false};
    std::promise<void> stop_asked_;
    std::thread thread_;
};

}  // namespace syncline
