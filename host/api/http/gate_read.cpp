#include <array>
#include <utility>

#include "api/http/gate_loop.hpp"
#include "api/http/nonblocking.hpp"
#include "api/http/request_scan.hpp"

namespace syncline::api {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

void GateLoop::read(At place) {
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

bool GateLoop::advance(At at) {
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

void GateLoop::wait_on(Place& place, RequestScan::State before, RequestScan::State state) {
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

bool GateLoop::keep_within_memory(At at) {
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

void GateLoop::hand_on(At at) {
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

void GateLoop::cut_short(At at) {
    Place& place = at->second;
    if (place.scan.state() != RequestScan::State::kBody || arrivals_ended_) {
        leave(at);
        return;
    }
    Arrival arrival;
    arrival.connection = at->first;
    arrival.address = place.address;
    arrival.refused = 400;
    arrival.reason = "the body is shorter than its Content-Length, or its last chunk is missing";
    place.in.clear();
    serve(at, std::move(arrival));
}

void GateLoop::serve(At at, Arrival arrival) {
    Place& place = at->second;
    poller_.unwatch(descriptor(at));  // a client that goes away is noticed when it is answered
    place.phase = Phase::kServing;
    place.scan = RequestScan(bounds_);
    place.told_to_go_on = false;
    places_.count(place, place.in.size() + arrival.head.size() + arrival.body.size());
    take_(std::move(arrival));
}

}  // namespace syncline::api
