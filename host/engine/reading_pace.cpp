#include "engine/reading_pace.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace syncline::engine {
namespace {

constexpr int kPagesPerTurn = 10;
constexpr std::chrono::milliseconds kLookAgain{20};
// A platform that is down for longer has the reader fail; the next night tries again.
constexpr int kTriesMax = 6;
constexpr std::int64_t kWaitMaxMs = 120'000;
constexpr std::int64_t kFirstWaitMs = 500;

Error stopped() {
    return Error{ErrorCode::kCancelled, "it was stopped", "reconciliation.stopped"};
}

}  // namespace

ReadingPace::~ReadingPace() {
    give_back(true);
}

Result<void> ReadingPace::next_page() {
    if (turn_ && ++pages_ > kPagesPerTurn) {
        give_back(false);
    }
    while (!turn_) {
        if (stop_) {
            return stopped();
        }
        turn_ = slots_.take({as_}, clock_.now().ms);
        if (turn_) {
            slots_.note_begun(as_.id);
            pages_ = 1;
        } else {
            std::this_thread::sleep_for(kLookAgain);
        }
    }
    return stop_ ? Result<void>(stopped()) : Result<void>();
}

std::optional<std::int64_t> ReadingPace::wait_after(const Error& error, int tries) {
    const bool passes =
        error.code == ErrorCode::kRateLimited || error.code == ErrorCode::kTransient;
    if (!passes || tries >= kTriesMax) {
        return std::nullopt;
    }
    const std::int64_t asked = error.retry_after ? error.retry_after->count() : 0;
    return std::min(kWaitMaxMs, std::max(asked, kFirstWaitMs << (tries - 1)));
}

Result<void> ReadingPace::rest(std::int64_t ms) {
    give_back(false);
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    while (!stop_ && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(kLookAgain);
    }
    return stop_ ? Result<void>(stopped()) : Result<void>();
}

void ReadingPace::give_back(bool ended) {
    if (turn_) {
        slots_.give_back(*turn_, ended, clock_.now().ms);
        turn_.reset();
    }
}

}  // namespace syncline::engine
