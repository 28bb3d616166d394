#include <utility>

#include "api/http/gate_loop.hpp"
#include "api/http/nonblocking.hpp"

namespace syncline::api {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kSendBytes = 64 * 1024;
constexpr std::size_t kStreamBytesMax = 256 * 1024;
constexpr std::size_t kDrainBytesMax = 16 * 1024 * 1024;
constexpr milliseconds kDrainTimeMax{5000};

}  // namespace

void GateLoop::begin_to_send(GateAsked::Answer answer) {
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

void GateLoop::send(At at) {
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

void GateLoop::add_to_stream(GateAsked::Answer answer) {
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

void GateLoop::wait_for_next(At at) {
    Place& place = at->second;
    place.phase = Phase::kIdle;
    place.since = now_;
    place.deadline = now_ + milliseconds(config_.idle_timeout_ms);
    if (advance(at)) {
        read(at);
    }
}

void GateLoop::drain(At at) {
    Place& place = at->second;
    place.phase = Phase::kDraining;
    place.since = now_;
    place.deadline = now_ + kDrainTimeMax;
    std::string().swap(place.in);
    places_.count(place, 0);
    end_sending(place.socket);
    read_and_drop(at);
}

void GateLoop::read_and_drop(At at) {
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

}  // namespace syncline::api
