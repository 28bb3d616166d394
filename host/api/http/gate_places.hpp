// The connections a gate has, and who goes when there are too many of them or they hold too much.
// Used by the gate's thread alone.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <Poco/Net/StreamSocket.h>

#include "api/http/request_scan.hpp"

namespace syncline::api {

// In the order in which they are given up when there is no place; from kServing on they never are.
enum class Phase { kIdle, kDraining, kArriving, kSending, kServing, kStreaming };

// What whoever sends on a stream sees of it. [any thread]
struct StreamState {
    std::atomic<bool> open{true};
    std::atomic<std::size_t> unread{0};
};

struct Place {
    Place(Poco::Net::StreamSocket s, const RequestBounds& bounds)
        : socket(std::move(s)), scan(bounds) {}
    Poco::Net::StreamSocket socket;
    RequestScan scan;
    std::string address;
    std::string in;           // what came and was not handed on
    std::string out;          // what is to be sent
    std::size_t sent = 0;     // of it
    std::size_t counted = 0;  // what of `waiting_bytes_` is this place's
    std::size_t drained = 0;
    bool last = false;
    bool told_to_go_on = false;
    std::shared_ptr<StreamState> stream;  // of one that streams
    Phase phase = Phase::kArriving;
    std::chrono::steady_clock::time_point since;
    std::chrono::steady_clock::time_point deadline;
};

class Places {
public:
    using Map = std::map<std::uint64_t, Place>;  // by connection
    using Iterator = Map::iterator;

    Places(std::size_t connections_max, std::size_t bytes_max)
        : connections_max_(connections_max), bytes_max_(bytes_max) {}

    Iterator add(std::uint64_t connection, Place place) {
        return all_.emplace(connection, std::move(place)).first;
    }
    // Whose stream it was is told that it is over.
    void remove(Iterator at);
    void clear() { all_.clear(); }
    Iterator find(std::uint64_t connection) { return all_.find(connection); }
    Iterator begin() { return all_.begin(); }
    Iterator end() { return all_.end(); }
    bool any_in(Phase phase) const;

    // What it holds of the memory for all.
    void count(Place& place, std::size_t bytes);

    bool is_full() const { return all_.size() >= connections_max_; }
    // Of a full house the longest idle one, else the longest unfinished one; end() when each is
    // being served.
    Iterator to_give_up();
    // `at` is within what all may hold together, or else the largest of those that are not being
    // served.
    std::optional<Iterator> too_large(Iterator at);

private:
    const std::size_t connections_max_;
    const std::size_t bytes_max_;
    Map all_;
    std::size_t bytes_ = 0;
};

}  // namespace syncline::api
