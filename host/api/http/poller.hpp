// Tells which sockets are ready (epoll), and lets other threads wake whoever waits for that. Own
// code: Poco's PollSet cannot be woken.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>

namespace syncline::api {

// One thread's but for wake(). Sockets are known by numbers of the caller's, so that an event of a
// socket that was closed is never taken for one of the next with its descriptor.
class Poller {
public:
    enum class For { kReading, kSending };

    // Throws Poco::IOException: no file descriptors are left.
    Poller();
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    // Not 0. Whether that was possible.
    [[nodiscard]] bool watch(int socket, std::uint64_t number, For what);
    void watch_for(int socket, std::uint64_t number, For what);  // one that is watched already
    void unwatch(int socket);

    // Calls `ready` with the number of each socket that is; returns after `time`, or when woken.
    void wait(
        std::chrono::milliseconds time, const std::function<void(std::uint64_t number)>& ready
    );
    // The next wait(), or the one under way, returns. [any thread]
    void wake();

private:
    int epoll_;
    int wake_;
};

}  // namespace syncline::api
