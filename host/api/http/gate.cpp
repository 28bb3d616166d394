#include "api/http/gate.hpp"

#include <array>
#include <chrono>
#include <map>
#include <thread>
#include <vector>

#include <Poco/Exception.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "api/http/request_scan.hpp"
#include "core/guarded.hpp"
#include "core/log.hpp"

namespace syncline::api {
namespace {

namespace net = Poco::Net;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kTick{100};
constexpr std::size_t kEventsMax = 64;
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kDrainBytesMax = 16 * 1024 * 1024;
constexpr milliseconds kDrainTimeMax{5000};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kTimedOut =
    "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 2\r\n"
    "Content-Length: 0\r\n\r\n";

// In the order in which they are given up when there is no place.
enum class Phase { kIdle, kDraining, kArriving };

struct Waiting {
    Waiting(net::StreamSocket s, const RequestBounds& bounds)
        : socket(std::move(s)), scan(bounds) {}
    net::StreamSocket socket;
    RequestScan scan;
    std::string bytes;
    std::size_t drained = 0;
    bool told_to_go_on = false;
    Phase phase = Phase::kIdle;
    Clock::time_point since;
    Clock::time_point deadline;
};

// What other threads ask of the loop.
struct Asked {
    struct Returned {
        net::StreamSocket socket;
        std::string rest;
        bool last = false;
    };
    std::vector<Returned> returned;
    bool close = false;
    bool stop = false;
};

// As much as fits without waiting: these texts are shorter than any socket's buffer.
void send_now(net::StreamSocket& socket, std::string_view text) {
    try {
        socket.sendBytes(text.data(), static_cast<int>(text.size()));
    } catch (const Poco::Exception&) {  // it is gone; so is who would have read it
    }
}

// The bytes there are; 0: none now; nothing: the connection is over.
std::optional<std::size_t> receive(net::StreamSocket& socket, char* into, std::size_t room) {
    try {
        const int count = socket.receiveBytes(into, static_cast<int>(room));
        if (count == 0) {
            return std::nullopt;
        }
        return count < 0 ? 0 : static_cast<std::size_t>(count);
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
}

}  // namespace

class Gate::Loop {
public:
    Loop(
        const ApiConfig& config,
        const net::ServerSocket& listener,
        std::function<void(Arrival)> take
    )
        : config_(config),
          bounds_{
              static_cast<std::size_t>(config.head_bytes_max),
              static_cast<std::size_t>(config.headers_max),
              static_cast<std::size_t>(config.body_bytes_max)},
          listener_(listener),
          take_(std::move(take)),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)),
          wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        listener_.setBlocking(false);
        watch(listener_fd(), EPOLLIN);
        watch(wake_, EPOLLIN);
        thread_ = std::thread([this] { run(); });
    }
    ~Loop() {
        ask([](Asked& asked) { asked.stop = true; });
        if (thread_.joinable()) {
            thread_.join();
        }
        ::close(wake_);
        ::close(epoll_);
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void ask(const std::function<void(Asked&)>& what) {
        asked_.with(what);
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
    }
    void join() {
        if (thread_.joinable()) {
            thread_.join();
        }
    }

private:
    using Places = std::map<int, Waiting>;

    int listener_fd() const { return listener_.impl()->sockfd(); }
    void watch(int fd, std::uint32_t events) const {
        epoll_event event{};
        event.events = events;
        event.data.fd = fd;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }
    void unwatch(int fd) const { ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr); }

    void run() {
        std::array<epoll_event, kEventsMax> events{};
        auto tick = Clock::now();
        while (!stopped_) {
            const int count =
                ::epoll_wait(epoll_, events.data(), kEventsMax, static_cast<int>(kTick.count()));
            now_ = Clock::now();
            for (int i = 0; i < count; ++i) {
                handle(events.at(static_cast<std::size_t>(i)).data.fd);
            }
            if (now_ - tick >= kTick) {
                tick = now_;
                expire();
                resume_listening();
            }
        }
        places_.clear();
        stop_listening();
    }

    void handle(int fd) {
        if (fd == wake_) {
            take_what_was_asked();
        } else if (listening_ && fd == listener_fd()) {
            accept();
        } else if (const auto place = places_.find(fd); place != places_.end()) {
            read(place);
        }
    }

    void take_what_was_asked() {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = ::read(wake_, &count, sizeof count);
        Asked asked;
        asked_.with([&](Asked& a) {
            asked.returned.swap(a.returned);
            asked.close = a.close;
            asked.stop = a.stop;
        });
        if (asked.close || asked.stop) {
            closing_ = true;
            stop_listening();
            end_idle();
        }
        for (auto& returned : asked.returned) {
            --given_;
            returned.socket.setBlocking(false);
            if (returned.last || (closing_ && returned.rest.empty())) {
                drain(enter(std::move(returned.socket)));
            } else {
                const auto place = enter(std::move(returned.socket));
                place->second.bytes = std::move(returned.rest);
                waiting_bytes_ += place->second.bytes.size();
                advance(place);
            }
        }
        stopped_ = asked.stop;
    }

    // ---- new connections ----

    void accept() {
        for (std::size_t i = 0; i < kEventsMax; ++i) {
            try {
                net::SocketAddress client;
                net::StreamSocket socket = listener_.acceptConnection(client);
                socket.setBlocking(false);
                socket.setNoDelay(true);
                if (!make_room()) {
                    send_now(socket, kFull);
                    continue;
                }
                const auto place = enter(std::move(socket));
                read(place);
            } catch (const Poco::TimeoutException&) {
                return;  // nobody waits any more
            } catch (const Poco::Exception& e) {
                if (e.code() == EAGAIN || e.code() == ECONNABORTED) {
                    return;
                }
                // Out of file descriptors, as a rule: again with the next tick.
                log::warn("a connection cannot be accepted", {{"problem", e.displayText()}});
                unwatch(listener_fd());
                pausing_ = true;
                return;
            }
        }
    }

    void resume_listening() {
        if (pausing_ && listening_) {
            pausing_ = false;
            watch(listener_fd(), EPOLLIN);
        }
    }

    void stop_listening() {
        if (listening_) {
            unwatch(listener_fd());
            listener_.close();
            listening_ = false;
        }
    }

    bool make_room() {
        if (places_.size() + given_ < static_cast<std::size_t>(config_.connections_max)) {
            return true;
        }
        auto worst = places_.begin();
        for (auto place = places_.begin(); place != places_.end(); ++place) {
            const auto& [a, b] = std::tie(place->second, worst->second);
            if (std::tie(a.phase, a.since) < std::tie(b.phase, b.since)) {
                worst = place;
            }
        }
        if (worst == places_.end()) {
            return false;
        }
        leave(worst);
        return true;
    }

    Places::iterator enter(net::StreamSocket socket) {
        const int fd = socket.impl()->sockfd();
        const auto place = places_.emplace(fd, Waiting(std::move(socket), bounds_)).first;
        place->second.since = now_;
        place->second.deadline = now_ + milliseconds(config_.idle_timeout_ms);
        watch(fd, EPOLLIN | EPOLLRDHUP);
        return place;
    }

    net::StreamSocket leave(Places::iterator place) {
        unwatch(place->first);
        waiting_bytes_ -= place->second.bytes.size();
        net::StreamSocket socket = place->second.socket;
        places_.erase(place);
        return socket;
    }

    // ---- arriving requests ----

    void read(Places::iterator place) {
        Waiting& waiting = place->second;
        if (waiting.phase == Phase::kDraining) {
            read_and_drop(place);
            return;
        }
        std::array<char, kReadBytes> chunk{};
        while (true) {
            const auto count = receive(waiting.socket, chunk.data(), chunk.size());
            if (!count) {
                cut_short(place);
                return;
            }
            if (*count == 0) {
                return;
            }
            waiting.bytes.append(chunk.data(), *count);
            waiting_bytes_ += *count;
            if (!advance(place)) {
                return;
            }
        }
    }

    // Whether the connection is still here.
    bool advance(Places::iterator place) {
        Waiting& waiting = place->second;
        const auto before = waiting.scan.state();
        const auto state = waiting.scan.advance(waiting.bytes);
        switch (state) {
            case RequestScan::State::kNothing:
                return true;
            case RequestScan::State::kHead:
            case RequestScan::State::kBody:
                wait_on(waiting, before, state);
                return keep_within_memory(place);
            default:
                give(place);
                return false;
        }
    }

    void wait_on(Waiting& waiting, RequestScan::State before, RequestScan::State state) {
        if (waiting.phase == Phase::kIdle) {
            waiting.phase = Phase::kArriving;
            waiting.since = now_;
        }
        if (before == state) {
            return;
        }
        const bool in_head = state == RequestScan::State::kHead;
        waiting.deadline =
            now_ + milliseconds(in_head ? config_.head_timeout_ms : config_.body_timeout_ms);
        if (!in_head && waiting.scan.expects_continue() && !waiting.told_to_go_on) {
            waiting.told_to_go_on = true;
            send_now(waiting.socket, kContinue);
        }
    }

    // The largest unfinished request goes when all together are too much.
    bool keep_within_memory(Places::iterator place) {
        if (waiting_bytes_ <= static_cast<std::size_t>(config_.waiting_bytes_max)) {
            return true;
        }
        auto largest = places_.begin();
        for (auto other = places_.begin(); other != places_.end(); ++other) {
            if (other->second.bytes.size() > largest->second.bytes.size()) {
                largest = other;
            }
        }
        const bool is_this_one = largest == place;
        send_now(largest->second.socket, kFull);
        leave(largest);
        return !is_this_one;
    }

    void give(Places::iterator place) {
        const RequestScan scan = place->second.scan;
        Arrival arrival;
        std::string bytes = place->second.bytes;
        arrival.socket = leave(place);
        const bool refused = scan.state() == RequestScan::State::kRefused;
        arrival.too_large = scan.state() == RequestScan::State::kTooLarge;
        if (refused) {
            arrival.refused = scan.status();
            arrival.reason = scan.reason();
        } else {
            arrival.rest = bytes.substr(scan.request_bytes());
            bytes.resize(scan.request_bytes());
        }
        arrival.bytes = std::move(bytes);
        hand_over(std::move(arrival));
    }

    // The client sends no more; it may still read that this was no request.
    void cut_short(Places::iterator place) {
        const bool in_body = place->second.scan.state() == RequestScan::State::kBody;
        Arrival arrival;
        arrival.socket = leave(place);
        if (in_body) {
            arrival.refused = 400;
            arrival.reason = "the body is shorter than its Content-Length";
            hand_over(std::move(arrival));
        }
    }

    void hand_over(Arrival arrival) {
        arrival.socket.setBlocking(true);
        ++given_;
        take_(std::move(arrival));
    }

    // ---- the end of a connection ----

    void drain(Places::iterator place) {
        place->second.phase = Phase::kDraining;
        place->second.deadline = now_ + kDrainTimeMax;
        try {
            place->second.socket.shutdownSend();
        } catch (const Poco::Exception&) {
            leave(place);
            return;
        }
        read_and_drop(place);
    }

    void read_and_drop(Places::iterator place) {
        std::array<char, kReadBytes> chunk{};
        std::size_t& drained = place->second.drained;
        while (drained < kDrainBytesMax) {
            const auto count = receive(place->second.socket, chunk.data(), chunk.size());
            if (count && *count == 0) {
                return;
            }
            if (!count) {
                break;
            }
            drained += *count;
        }
        leave(place);
    }

    void end_idle() {
        for (auto place = places_.begin(); place != places_.end();) {
            const auto here = place++;
            if (here->second.phase == Phase::kIdle) {
                leave(here);
            }
        }
    }

    void expire() {
        for (auto place = places_.begin(); place != places_.end();) {
            const auto here = place++;
            if (here->second.deadline > now_) {
                continue;
            }
            if (here->second.phase == Phase::kArriving) {
                send_now(here->second.socket, kTimedOut);
                drain(here);
            } else {
                leave(here);
            }
        }
    }

    const ApiConfig config_;
    const RequestBounds bounds_;
    net::ServerSocket listener_;
    const std::function<void(Arrival)> take_;
    const int epoll_;
    const int wake_;
    Guarded<Asked> asked_;

    // Of the loop's thread alone.
    Places places_;
    Clock::time_point now_ = Clock::now();
    std::size_t waiting_bytes_ = 0;
    std::size_t given_ = 0;  // connections that `take_` has
    bool listening_ = true;
    bool pausing_ = false;
    bool closing_ = false;
    bool stopped_ = false;

    std::thread thread_;
};

Gate::Gate(
    const ApiConfig& config, const net::ServerSocket& listener, std::function<void(Arrival)> take
)
    : loop_(std::make_unique<Loop>(config, listener, std::move(take))) {}

Gate::~Gate() {
    stop();
}

void Gate::serve_next(net::StreamSocket socket, std::string rest) {
    loop_->ask([&](Asked& asked) {
        asked.returned.push_back({std::move(socket), std::move(rest), false});
    });
}

void Gate::end(net::StreamSocket socket) {
    loop_->ask([&](Asked& asked) { asked.returned.push_back({std::move(socket), {}, true}); });
}

void Gate::close() {
    loop_->ask([](Asked& asked) { asked.close = true; });
}

void Gate::stop() {
    loop_->ask([](Asked& asked) { asked.stop = true; });
    loop_->join();
}

}  // namespace syncline::api
