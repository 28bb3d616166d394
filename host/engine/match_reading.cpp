#include "engine/match_reading.hpp"

#include <algorithm>
#include <thread>

#include "core/retry.hpp"

namespace syncline::engine {
namespace {

constexpr int kPagesPerTurn = 20;
constexpr int kFailuresMax = 5;     // in a row
constexpr int kRateLimitsMax = 60;  // in a row
constexpr std::int64_t kWaitMaxMs = 60'000;
constexpr std::int64_t kSliceMs = 20;

// A match takes its turns like a run that a schedule started.
storage::Run reader_of(const storage::Match& match) {
    storage::Run run;
    run.id = "match:" + std::to_string(match.id);
    run.tenant = match.tenant;
    run.mode = SyncMode::kFull;
    run.requested_by = "schedule:match";
    return run;
}

bool passes(const Error& error) {
    return error.code == ErrorCode::kTransient || error.code == ErrorCode::kRateLimited ||
           error.code == ErrorCode::kStorage;
}

}  // namespace

Result<void> MatchReading::read(
    const storage::Match& match,
    ConnectionId connection,
    const std::string& entity,
    const std::function<Result<void>(Page&)>& take
) {
    ReadRequest request;
    request.entity = entity;
    if (match.from_ms > 0) {
        request.window.from = Timestamp{match.from_ms};
    }
    const storage::Run reader = reader_of(match);
    int failures = 0;
    for (bool more = true; more;) {
        SYNCLINE_ASSIGN_OR_RETURN(const ReadingTurn held, wait_for_turn(reader));
        const auto done = [&]() -> Result<bool> {
            SYNCLINE_ASSIGN_OR_RETURN(const auto session, pool_.open(connection, stop_));
            request.limit = session->spec().limits.read_page_max;
            const std::string before = request.after_id;
            auto read = turn(*session, request, take);
            failures = request.after_id == before ? failures : 0;
            return read;
        }();
        slots_.give_back(held, !done || !*done, clock_.now().ms);
        if (done) {
            more = *done;
            failures = 0;
            continue;
        }
        const Error& error = done.error();
        const int most = error.code == ErrorCode::kRateLimited ? kRateLimitsMax : kFailuresMax;
        if (!passes(error) || ++failures >= most) {
            return error;
        }
        SYNCLINE_RETURN_IF_ERROR(wait_after(error, failures));
    }
    return {};
}

Result<bool> MatchReading::turn(
    ConnectionSession& session, ReadRequest& request, const std::function<Result<void>(Page&)>& take
) {
    for (int pages = 0; pages < kPagesPerTurn; ++pages) {
        SYNCLINE_RETURN_IF_ERROR(pause(0));
        SYNCLINE_RETURN_IF_ERROR(pool_.budgets().allow_polling(session.connection()));
        SYNCLINE_ASSIGN_OR_RETURN(Page page, session.read(request));
        const bool stuck =
            page.last_id.empty() || (page.last_id == request.after_id && page.next == request.next);
        if (page.more && stuck) {
            return Error{
                ErrorCode::kBug,
                "the connector says there is more but not after which id",
                "connector.no_progress"};
        }
        SYNCLINE_RETURN_IF_ERROR(take(page));
        request.after_id = page.last_id.empty() ? request.after_id : page.last_id;
        request.next = page.next;
        if (!page.more) {
            return false;
        }
    }
    return true;
}

Result<ReadingTurn> MatchReading::wait_for_turn(const storage::Run& reader) {
    while (true) {
        if (auto turn = slots_.take({reader}, clock_.now().ms)) {
            return *std::move(turn);
        }
        SYNCLINE_RETURN_IF_ERROR(pause(kSliceMs));
    }
}

Result<void> MatchReading::pause(std::int64_t ms) {
    for (std::int64_t waited = 0;; waited += kSliceMs) {
        if (stop_ != nullptr && stop_->load()) {
            return Error{ErrorCode::kCancelled, "the host stops"};
        }
        if (waited >= ms) {
            return {};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(std::min(kSliceMs, ms - waited)));
    }
}

Result<void> MatchReading::wait_after(const Error& error, int failures) {
    const std::int64_t wait =
        error.retry_after
            ? std::chrono::duration_cast<std::chrono::milliseconds>(*error.retry_after).count()
            : std::int64_t{250} << std::min(failures, 6);
    return pause(std::clamp<std::int64_t>(wait, 10, kWaitMaxMs));
}

}  // namespace syncline::engine
