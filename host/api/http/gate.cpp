#include "api/http/gate.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include <Poco/Net/StreamSocket.h>

#include "api/http/doorway.hpp"
#include "api/http/gate_places.hpp"
#include "api/http/nonblocking.hpp"
#include "api/http/poller.hpp"
#include "api/http/request_scan.hpp"
#include "core/guarded.hpp"

namespace syncline::api {
namespace {

namespace net = Poco::Net;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kTick{100};
constexpr std::uint64_t kListener = 1;
constexpr std::size_t kSendBytes = 64 * 1024;
constexpr std::size_t kStreamBytesMax = 256 * 1024;
constexpr std::size_t kDrainBytesMax = 16 * 1024 * 1024;
constexpr milliseconds kDrainTimeMax{5000};
constexpr milliseconds kStopTimeMax{5000};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kTimedOut =
    "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 2\r\n"
    "Content-Length: 0\r\n\r\n";

// What other threads ask of the loop.
struct Asked {
    struct Answer {
        std::uint64_t connection = 0;
        std::string bytes;
        bool last = false;
        std::shared_ptr<StreamState> stream = nullptr;  // it is one of a stream
    };
    std::vector<Answer> answers;
    std::vector<std::promise<void>> end_arrivals;
    bool close = false;
    bool stop = false;
};

}  // namespace

class Gate::Loop {
public:
    Loop(
        const ApiConfig& config,
        const net::ServerSocket& listener,
        const net::Context::Ptr& tls,
        std::function<void(Arrival)> take
    )
        : config_(config),
          bounds_{
              static_cast<std::size_t>(config.head_bytes_max),
              static_cast<std::size_t>(config.headers_max),
              static_cast<std::size_t>(config.body_bytes_max)},
          places_(
              static_cast<std::size_t>(config.connections_max),
              static_cast<std::size_t>(config.waiting_bytes_max)
          ),
          doorway_(listener, tls, poller_, kListener),
          take_(std::move(take)) {
        thread_ = std::thread([this] { run(); });
    }
    ~Loop() { join(); }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    template <typename What>
    void ask(What&& what) {
        asked_.with(std::forward<What>(what));
        poller_.wake();
    }
    void join() {
        ask([](Asked& asked) { asked.stop = true; });
        if (thread_.joinable()) {
            thread_.join();
        }
    }

private:
    static int descriptor(Places::Iterator at) { return at->second.socket.impl()->sockfd(); }

    void run() {
        auto tick = Clock::now();
        while (!stopping_ || is_sending()) {
            poller_.wait(kTick, [this](std::uint64_t number) {
                now_ = Clock::now();
                handle(number);
            });
            now_ = Clock::now();
            take_what_was_asked();
            if (now_ - tick >= kTick) {
                tick = now_;
                expire();
                doorway_.resume();
            }
        }
        places_.clear();
        doorway_.close();
    }

    // Whether somebody still gets an answer, once all threads that make them have ended.
    bool is_sending() const {
        return now_ - stopping_since_ <= kStopTimeMax && places_.any_in(Phase::kSending);
    }

    void handle(std::uint64_t number) {
        if (number == kListener) {
            accept();
        } else if (const auto place = places_.find(number); place != places_.end()) {
            const Place& here = place->second;
            const bool streams = here.phase == Phase::kStreaming && !here.out.empty();
            if (here.phase == Phase::kSending || streams) {
                send(place);
            } else {
                read(place);
            }
        }
    }

    void take_what_was_asked() {
        Asked asked;
        asked_.with([&](Asked& a) {
            asked.answers.swap(a.answers);
            asked.end_arrivals.swap(a.end_arrivals);
            asked.close = a.close;
            asked.stop = a.stop;
        });
        if (asked.close || asked.stop || !asked.end_arrivals.empty()) {
            closing_ = true;
            doorway_.close();
            end_all(Phase::kIdle);
            end_all(Phase::kStreaming);
        }
        if (asked.stop || !asked.end_arrivals.empty()) {
            arrivals_ended_ = true;
            end_all(Phase::kArriving);
        }
        for (auto& promise : asked.end_arrivals) {
            promise.set_value();
        }
        for (auto& answer : asked.answers) {
            if (answer.stream) {
                add_to_stream(std::move(answer));
            } else {
                begin_to_send(std::move(answer));
            }
        }
        if (asked.stop && !stopping_) {
            stopping_ = true;
            stopping_since_ = now_;
        }
    }

    void end_all(Phase phase) {
        for (auto place = places_.begin(); place != places_.end();) {
            const auto here = place++;
            if (here->second.phase == phase) {
                leave(here);
            }
        }
    }

    // ---- new connections ----

    void accept() {
        doorway_.accept(
            [this] { return make_room(); },
            [this](net::StreamSocket socket, std::string address) {
                enter(std::move(socket), std::move(address));
            },
            kFull
        );
    }

    bool make_room() {
        if (places_.is_full()) {
            const auto worst = places_.to_give_up();
            if (worst == places_.end()) {
                return false;
            }
            leave(worst);
        }
        return true;
    }

    void enter(net::StreamSocket socket, std::string address) {
        const auto place = places_.add(++last_number_, Place(std::move(socket), bounds_));
        place->second.address = std::move(address);
        place->second.since = now_;
        // It has asked for nothing yet, and is no idle one either: it came to ask.
        place->second.deadline = now_ + milliseconds(config_.head_timeout_ms);
        if (!poller_.watch(descriptor(place), place->first, Poller::For::kReading)) {
            leave(place);
            return;
        }
        read(place);
    }

    void leave(Places::Iterator place) {
        poller_.unwatch(descriptor(place));
        places_.remove(place);
    }

    // ---- arriving requests ----

    void read(Places::Iterator place) {
        if (place->second.phase == Phase::kDraining || place->second.phase == Phase::kStreaming) {
            read_and_drop(place);
            return;
        }
        std::array<char, kReceiveBytes> chunk{};
        while (true) {
            const auto count_now = receive_some(place->second.socket, chunk.data(), chunk.size());
            if (!count_now) {
                cut_short(place);
                return;
            }
            if (*count_now == 0) {
                return;
            }
            place->second.in.append(chunk.data(), *count_now);
            if (!advance(place)) {
                return;
            }
        }
    }

    // Whether more of the same request is to be read.
    bool advance(Places::Iterator at) {
        Place& place = at->second;
        const auto before = place.scan.state();
        const auto state = place.scan.advance(place.in);
        places_.count(place, place.in.size());
        switch (state) {
            case RequestScan::State::kNothing:
                return true;
            case RequestScan::State::kHead:
            case RequestScan::State::kBody:
                wait_on(place, before, state);
                return keep_within_memory(at);
            default:
                hand_on(at);
                return false;
        }
    }

    void wait_on(Place& place, RequestScan::State before, RequestScan::State state) {
        if (place.phase == Phase::kIdle) {
            place.phase = Phase::kArriving;
            place.since = now_;
            place.deadline = now_ + milliseconds(config_.head_timeout_ms);
        }
        if (before == state || state != RequestScan::State::kBody) {
            return;
        }
        place.deadline = now_ + milliseconds(config_.body_timeout_ms);
        if (place.scan.expects_continue() && !place.told_to_go_on) {
            place.told_to_go_on = true;
            send_some(place.socket, kContinue);
        }
    }

    // The largest goes when all together are too much. Whether `at` is still arriving.
    bool keep_within_memory(Places::Iterator at) {
        const auto largest = places_.too_large(at);
        if (!largest) {
            return true;
        }
        const bool is_this_one = *largest == at;
        if ((*largest)->second.phase == Phase::kArriving) {
            send_some((*largest)->second.socket, kFull);
            drain(*largest);
        } else {
            leave(*largest);
        }
        return !is_this_one;
    }

    void hand_on(Places::Iterator at) {
        Place& place = at->second;
        if (arrivals_ended_) {
            leave(at);
            return;
        }
        const RequestScan& scan = place.scan;
        Arrival arrival;
        arrival.connection = at->first;
        arrival.address = place.address;
        if (scan.state() == RequestScan::State::kRefused) {
            arrival.refused = scan.status();
            arrival.reason = scan.reason();
            place.in.clear();
        } else {
            arrival.too_large = scan.state() == RequestScan::State::kTooLarge;
            const std::string_view all = place.in;
            const std::string_view body =
                all.substr(scan.head_bytes(), scan.request_bytes() - scan.head_bytes());
            arrival.head = all.substr(0, scan.head_bytes());
            arrival.body =
                scan.is_chunked() && !arrival.too_large ? unchunked(body) : std::string(body);
            place.in.erase(0, scan.request_bytes());
        }
        serve(at, std::move(arrival));
    }

    // The client sends no more; it may still read that its body was too short.
    void cut_short(Places::Iterator at) {
        Place& place = at->second;
        if (place.scan.state() != RequestScan::State::kBody || arrivals_ended_) {
            leave(at);
            return;
        }
        Arrival arrival;
        arrival.connection = at->first;
        arrival.address = place.address;
        arrival.refused = 400;
        arrival.reason =
            "the body is shorter than its Content-Length, or its last chunk is missing";
        place.in.clear();
        serve(at, std::move(arrival));
    }

    void serve(Places::Iterator at, Arrival arrival) {
        Place& place = at->second;
        poller_.unwatch(descriptor(at));  // a client that goes away is noticed when it is answered
        place.phase = Phase::kServing;
        place.scan = RequestScan(bounds_);
        place.told_to_go_on = false;
        places_.count(place, place.in.size() + arrival.head.size() + arrival.body.size());
        take_(std::move(arrival));
    }

    // ---- answers ----

    void begin_to_send(Asked::Answer answer) {
        const auto at = places_.find(answer.connection);
        if (at == places_.end()) {
            return;
        }
        Place& place = at->second;
        place.out = std::move(answer.bytes);
        place.sent = 0;
        place.last = answer.last || closing_;
        place.phase = Phase::kSending;
        place.since = now_;
        place.deadline = now_ + milliseconds(config_.send_timeout_ms);
        places_.count(place, place.in.size() + place.out.size());
        if (!poller_.watch(descriptor(at), at->first, Poller::For::kSending)) {
            leave(at);
            return;
        }
        send(at);
    }

    void send(Places::Iterator at) {
        Place& place = at->second;
        while (place.sent < place.out.size()) {
            const auto taken =
                send_some(place.socket, std::string_view(place.out).substr(place.sent, kSendBytes));
            if (!taken) {
                leave(at);
                return;
            }
            if (*taken == 0) {
                return;
            }
            place.sent += *taken;
            if (place.phase == Phase::kStreaming) {
                place.deadline = now_ + milliseconds(config_.send_timeout_ms);
                place.stream->unread -= *taken;
            }
        }
        std::string().swap(place.out);
        poller_.watch_for(descriptor(at), at->first, Poller::For::kReading);
        if (place.last) {
            drain(at);
        } else if (place.phase == Phase::kStreaming) {
            place.sent = 0;
            place.deadline = Clock::time_point::max();
            places_.count(place, 0);
        } else {
            wait_for_next(at);
        }
    }

    // The first bytes are the answer's head.
    void add_to_stream(Asked::Answer answer) {
        const auto at = places_.find(answer.connection);
        if (at == places_.end() || at->second.phase < Phase::kServing) {
            answer.stream->open = false;
            return;
        }
        Place& place = at->second;
        const bool begins = place.phase == Phase::kServing;
        place.phase = Phase::kStreaming;
        place.stream = std::move(answer.stream);
        place.last = place.last || answer.last;
        if (closing_ || place.out.size() - place.sent + answer.bytes.size() > kStreamBytesMax) {
            leave(at);
            return;
        }
        if (place.out.empty()) {
            place.deadline = now_ + milliseconds(config_.send_timeout_ms);
        }
        place.out.erase(0, place.sent);
        place.sent = 0;
        place.out += answer.bytes;
        places_.count(place, place.out.size());
        if (begins) {
            std::string().swap(place.in);  // it can ask for nothing more
        }
        if (begins && !poller_.watch(descriptor(at), at->first, Poller::For::kSending)) {
            leave(at);
            return;
        }
        poller_.watch_for(descriptor(at), at->first, Poller::For::kSending);
        send(at);
    }

    void wait_for_next(Places::Iterator at) {
        Place& place = at->second;
        place.phase = Phase::kIdle;
        place.since = now_;
        place.deadline = now_ + milliseconds(config_.idle_timeout_ms);
        if (advance(at)) {
            read(at);
        }
    }

    // ---- the end of a connection ----

    void drain(Places::Iterator at) {
        Place& place = at->second;
        place.phase = Phase::kDraining;
        place.since = now_;
        place.deadline = now_ + kDrainTimeMax;
        std::string().swap(place.in);
        places_.count(place, 0);
        end_sending(place.socket);
        read_and_drop(at);
    }

    void read_and_drop(Places::Iterator at) {
        std::size_t& drained = at->second.drained;
        while (drained < kDrainBytesMax) {
            const auto dropped = drop_some(at->second.socket);
            if (dropped && *dropped == 0) {
                return;
            }
            if (!dropped) {
                break;
            }
            drained += *dropped;
        }
        leave(at);
    }

    void expire() {
        for (auto place = places_.begin(); place != places_.end();) {
            const auto here = place++;
            const Phase phase = here->second.phase;
            if (phase == Phase::kServing || here->second.deadline > now_) {
                continue;
            }
            if (phase == Phase::kArriving &&
                here->second.scan.state() != RequestScan::State::kNothing) {
                send_some(here->second.socket, kTimedOut);
                drain(here);
            } else {
                leave(here);
            }
        }
    }

    const ApiConfig config_;
    const RequestBounds bounds_;
    Places places_;
    Poller poller_;
    Doorway doorway_;
    const std::function<void(Arrival)> take_;
    Guarded<Asked> asked_;

    // Of the loop's thread alone.
    std::uint64_t last_number_ = kListener;  // none comes twice
    Clock::time_point now_ = Clock::now();
    Clock::time_point stopping_since_;
    bool closing_ = false;
    bool arrivals_ended_ = false;
    bool stopping_ = false;

    std::thread thread_;
};

Gate::Gate(
    const ApiConfig& config,
    const net::ServerSocket& listener,
    const net::Context::Ptr& tls,
    std::function<void(Arrival)> take
)
    : loop_(std::make_shared<Loop>(config, listener, tls, std::move(take))) {}

Gate::~Gate() {
    stop();
}

// Keeps the loop, which takes nothing any more once the gate is stopped.
class Gate::ConnectionStream : public Stream {
public:
    ConnectionStream(std::shared_ptr<Loop> loop, std::uint64_t connection)
        : loop_(std::move(loop)), connection_(connection) {}

    void send(std::string bytes) override { ask(std::move(bytes), false); }
    void end() override { ask({}, true); }
    std::size_t unread() const override { return state_->unread; }
    bool is_open() const override { return state_->open; }

private:
    void ask(std::string bytes, bool last) {
        state_->unread += bytes.size();
        loop_->ask([&](Asked& asked) {
            asked.answers.push_back({connection_, std::move(bytes), last, state_});
        });
    }

    const std::shared_ptr<Loop> loop_;
    const std::uint64_t connection_;
    const std::shared_ptr<StreamState> state_ = std::make_shared<StreamState>();
};

std::shared_ptr<Stream> Gate::stream(std::uint64_t connection, std::string bytes) {
    auto stream = std::make_shared<ConnectionStream>(loop_, connection);
    stream->send(std::move(bytes));
    return stream;
}

void Gate::answer(std::uint64_t connection, std::string bytes, bool last) {
    loop_->ask([&](Asked& asked) {
        asked.answers.push_back({connection, std::move(bytes), last});
    });
}

void Gate::close() {
    loop_->ask([](Asked& asked) { asked.close = true; });
}

void Gate::end_arrivals() {
    std::promise<void> promise;
    const std::future<void> done = promise.get_future();
    loop_->ask([&](Asked& asked) {
        if (!asked.stop) {
            asked.end_arrivals.push_back(std::move(promise));
        } else {
            promise.set_value();
        }
    });
    done.wait();
}

void Gate::stop() {
    loop_->join();
}

}  // namespace syncline::api
