#include "quickbooks/realm.hpp"

namespace sandbox::quickbooks {
namespace {

constexpr std::size_t kReplayBytesMax = 64 * 1024 * 1024;

// Drops what is older than `window`; true when one more fits under `limit`.
bool has_room(std::deque<Millis>& times, Millis now, Millis window, int limit) {
    while (!times.empty() && times.front() <= now - window) times.pop_front();
    return times.size() < static_cast<std::size_t>(limit);
}

int since(const std::deque<Millis>& times, Millis start) {
    int count = 0;
    for (auto it = times.rbegin(); it != times.rend() && *it > start; ++it) ++count;
    return count;
}

}  // namespace

const Response* ReplayStore::find(const std::string& request_id) const {
    const auto it = answers_.find(request_id);
    return it == answers_.end() ? nullptr : &it->second;
}

void ReplayStore::keep(const std::string& request_id, const Response& response) {
    answers_[request_id] = response;
    order_.push_back(request_id);
    bytes_ += response.body.size();
    while (bytes_ > kReplayBytesMax && order_.size() > 1) {
        const auto oldest = answers_.find(order_.front());
        bytes_ -= oldest->second.body.size();
        answers_.erase(oldest);
        order_.pop_front();
    }
}

void ReplayStore::forget() {
    answers_.clear();
    order_.clear();
    bytes_ = 0;
}

bool Throttle::admit(const WireOptions& options, bool batch, Millis now) {
    if (!has_room(requests_, now, kMinute, options.requests_per_minute) ||
        since(requests_, now - kSecond) >= options.requests_per_second)
        return false;
    if (batch && !has_room(batches_, now, kMinute, options.batches_per_minute))
        return false;
    requests_.push_back(now);
    if (batch)
        batches_.push_back(now);
    return true;
}

}  // namespace sandbox::quickbooks
