#include "api/http/gate_loop.hpp"

#include <utility>

#include "api/http/nonblocking.hpp"

namespace syncline::api {
namespace {

namespace net = Poco::Net;
using std::chrono::milliseconds;

constexpr milliseconds kTick{100};
constexpr milliseconds kStopTimeMax{5000};
constexpr std::string_view kTimedOut =
    "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

}  // namespace

GateLoop::GateLoop(
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

GateLoop::~GateLoop() {
    join();
}

void GateLoop::join() {
    ask([](GateAsked& asked) { asked.stop = true; });
    if (thread_.joinable()) {
        thread_.join();
    }
}

void GateLoop::run() {
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

bool GateLoop::is_sending() const {
    return now_ - stopping_since_ <= kStopTimeMax && places_.any_in(Phase::kSending);
}

void GateLoop::handle(std::uint64_t number) {
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

void GateLoop::take_what_was_asked() {
    GateAsked asked;
    asked_.with([&](GateAsked& a) {
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

void GateLoop::end_all(Phase phase) {
    for (auto place = places_.begin(); place != places_.end();) {
        const auto here = place++;
        if (here->second.phase == phase) {
            leave(here);
        }
    }
}

void GateLoop::accept() {
    doorway_.accept(
        [this](bool shortage) { return make_room(shortage); },
        [this](net::StreamSocket socket, std::string address) {
            enter(std::move(socket), std::move(address));
        },
        kFull
    );
}

bool GateLoop::make_room(bool shortage) {
    if (shortage || places_.is_full()) {
        const auto worst = places_.to_give_up();
        if (worst == places_.end()) {
            return false;
        }
        leave(worst);
    }
    return true;
}

void GateLoop::enter(net::StreamSocket socket, std::string address) {
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

void GateLoop::leave(At place) {
    poller_.unwatch(descriptor(place));
    places_.remove(place);
}

void GateLoop::expire() {
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

}  // namespace syncline::api
