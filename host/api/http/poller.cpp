#include "api/http/poller.hpp"

#include <Poco/Exception.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace syncline::api {
namespace {

constexpr std::size_t kEventsMax = 64;
constexpr std::uint64_t kWoken = 0;

epoll_event event_of(std::uint64_t number, Poller::For what) {
    epoll_event event{};
    event.events = what == Poller::For::kReading ? EPOLLIN : EPOLLOUT;
    event.data.u64 = number;
    return event;
}

}  // namespace

Poller::Poller()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (epoll_ < 0 || wake_ < 0 || !watch(wake_, kWoken, For::kReading)) {
        ::close(wake_);
        ::close(epoll_);
        throw Poco::IOException("the operating system has no file descriptors left");
    }
}

Poller::~Poller() {
    ::close(wake_);
    ::close(epoll_);
}

bool Poller::watch(int socket, std::uint64_t number, For what) {
    epoll_event event = event_of(number, what);
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) == 0;
}

void Poller::watch_for(int socket, std::uint64_t number, For what) {
    epoll_event event = event_of(number, what);
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event);
}

void Poller::unwatch(int socket) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
}

void Poller::wait(
    std::chrono::milliseconds time, const std::function<void(std::uint64_t number)>& ready
) {
    std::array<epoll_event, kEventsMax> events{};
    const int count =
        ::epoll_wait(epoll_, events.data(), kEventsMax, static_cast<int>(time.count()));
    for (int i = 0; i < count; ++i) {
        const std::uint64_t number = events.at(static_cast<std::size_t>(i)).data.u64;
        if (number == kWoken) {
            std::uint64_t times = 0;
            [[maybe_unused]] const auto got = ::read(wake_, &times, sizeof times);
        } else {
            ready(number);
        }
    }
}

void Poller::wake() {
    const std::uint64_t once = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &once, sizeof once);
}

}  // namespace syncline::api
