// Reads one side of a match from its beginning to its end: in turns with other matches
// (reading_slots.hpp), within the connection's limits and its app's budget, and again after what
// passes by itself.
#pragma once

#include <atomic>
#include <functional>

#include "engine/connection_pool.hpp"
#include "engine/reading_slots.hpp"
#include "storage/match_store.hpp"

namespace syncline::engine {

class MatchReading {
public:
    // `stop` may be null.
    MatchReading(
        ConnectionPool& pool, ReadingSlots& slots, const Clock& clock, const std::atomic<bool>* stop
    )
        : pool_(pool), slots_(slots), clock_(clock), stop_(stop) {}

    // Gives every page to `take`. Errors: of the source, and kUnsupported if it has no such entity;
    // of `take`; kCancelled when `stop` is set; kConfig "budget.polling_stopped".
    Result<void> read(
        const storage::Match& match,
        ConnectionId connection,
        const std::string& entity,
        const std::function<Result<void>(Page&)>& take
    );

private:
    // Some pages in one turn; answers whether there are more.
    Result<bool> turn(
        ConnectionSession& session,
        ReadRequest& request,
        const std::function<Result<void>(Page&)>& take
    );
    Result<ReadingTurn> wait_for_turn(const storage::Run& reader);
    // Errors: kCancelled.
    Result<void> pause(std::int64_t ms);
    Result<void> wait_after(const Error& error, int failures);

    ConnectionPool& pool_;
    ReadingSlots& slots_;
    const Clock& clock_;
    const std::atomic<bool>* stop_;
};

}  // namespace syncline::engine
