// How somebody who reads much besides the runs (a reconciliation) keeps to their order: a few pages
// for each turn at the reading slots, and as long a wait as the platform asks for. Used by one
// thread.
#pragma once

#include <atomic>
#include <functional>
#include <optional>

#include "core/clock.hpp"
#include "engine/reading_slots.hpp"

namespace syncline::engine {

class ReadingPace {
public:
    // `as` names the reader at the slots: its id, tenant and rank (reading_slots.hpp). `stop` ends
    // every wait.
    ReadingPace(
        ReadingSlots& slots, const Clock& clock, storage::Run as, const std::atomic<bool>& stop
    )
        : slots_(slots), clock_(clock), as_(std::move(as)), stop_(stop) {}
    ~ReadingPace();
    ReadingPace(const ReadingPace&) = delete;
    ReadingPace& operator=(const ReadingPace&) = delete;

    // To be called before each page. Errors: kCancelled once stopped.
    Result<void> next_page();

    // `read()`, which answers a Result, as often as the platform's limits or a failure that passes
    // ask for it.
    template <class Read>
    auto patiently(Read&& read) -> decltype(read()) {
        for (int tries = 1;; ++tries) {
            SYNCLINE_RETURN_IF_ERROR(next_page());
            auto result = read();
            if (result) {
                return result;
            }
            const auto wait = wait_after(result.error(), tries);
            if (!wait) {
                return result;
            }
            SYNCLINE_RETURN_IF_ERROR(rest(*wait));
        }
    }

private:
    // How long until it may be tried again; nothing: it may not.
    static std::optional<std::int64_t> wait_after(const Error& error, int tries);
    // Without the turn, which others may have meanwhile.
    Result<void> rest(std::int64_t ms);
    void give_back(bool ended);

    ReadingSlots& slots_;
    const Clock& clock_;
    const storage::Run as_;
    const std::atomic<bool>& stop_;
    std::optional<ReadingTurn> turn_;
    int pages_ = 0;  // of this turn
};

}  // namespace syncline::engine
