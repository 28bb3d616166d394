#include "api/http/gate_places.hpp"

#include <algorithm>
#include <tuple>

namespace syncline::api {

void Places::remove(Iterator at) {
    count(at->second, 0);
    if (at->second.stream) {
        at->second.stream->open = false;
    }
    all_.erase(at);
}

bool Places::any_in(Phase phase) const {
    return std::any_of(all_.begin(), all_.end(), [&](const auto& entry) {
        return entry.second.phase == phase;
    });
}

void Places::count(Place& place, std::size_t bytes) {
    bytes_ = bytes_ - place.counted + bytes;
    place.counted = bytes;
}

Places::Iterator Places::to_give_up() {
    const auto worst = std::min_element(all_.begin(), all_.end(), [](const auto& a, const auto& b) {
        return std::tie(a.second.phase, a.second.since) < std::tie(b.second.phase, b.second.since);
    });
    const bool is_served = worst == all_.end() || worst->second.phase >= Phase::kServing;
    return is_served ? all_.end() : worst;
}

std::optional<Places::Iterator> Places::too_large(Iterator at) {
    if (bytes_ <= bytes_max_) {
        return std::nullopt;
    }
    auto largest = at;
    for (auto other = all_.begin(); other != all_.end(); ++other) {
        if (other->second.phase != Phase::kServing &&
            other->second.counted > largest->second.counted) {
            largest = other;
        }
    }
    return largest;
}

}  // namespace syncline::api
