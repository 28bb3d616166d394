#include "engine/upkeep.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "storage/idempotency_store.hpp"
#include "storage/reconciliation_store.hpp"

namespace syncline::engine {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr milliseconds kTick{1'000};
// Between two passes over everything.
constexpr std::chrono::minutes kPassEvery{30};
// A unit of purging takes about this long, and then leaves the writer to others for longer.
constexpr milliseconds kUnit{5};
constexpr milliseconds kPauseMin{10};
constexpr int kPauseUnits = 4;
constexpr std::int64_t kRowsMin = 10;
constexpr std::int64_t kRowsMax = 1'000;

// Clocks are corrected by less than this all the time.
constexpr std::int64_t kSetBackMs = 60'000;
constexpr std::int64_t kJumpMs = kDayMs;
constexpr std::int64_t kSilenceMs = 30 * kDayMs;
constexpr std::chrono::hours kDoubt{24};

}  // namespace

Upkeep::Upkeep(
    storage::Database& database,
    const Clock& clock,
    RetentionConfig config,
    storage::LongestWaits longest,
    std::function<Steady::time_point()> steady
)
    : database_(database),
      retention_(database),
      clock_(clock),
      config_(config),
      longest_(longest),
      steady_(std::move(steady)) {}

Upkeep::~Upkeep() {
    stop();
}

void Upkeep::start() {
    looking_.start(milliseconds(0), kTick, [this] { return step(); });
}

void Upkeep::stop() {
    looking_.stop();
}

Result<milliseconds> Upkeep::step() {
    SYNCLINE_RETURN_IF_ERROR(look_at_clock());
    if (steady_() < purge_from_) {
        return kTick;
    }
    return purge_some(wall_ms_);
}

Result<void> Upkeep::look_at_clock() {
    const std::int64_t now = clock_.now().ms;
    const auto steady = steady_();
    if (!looked_) {
        SYNCLINE_RETURN_IF_ERROR(doubt_clock_at_start(now));
    }
    const std::int64_t passed =
        std::chrono::duration_cast<milliseconds>(steady - looked_at_).count();
    const std::int64_t ahead = now - wall_ms_ - passed;
    if (!looked_ || ahead < -kSetBackMs) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto rows, storage::bring_back_future_times(database_, longest_, now)
        );
        if (rows > 0) {
            log::warn(
                "the clock was set back; what had to wait for its former time goes on",
                {{"rows", rows}}
            );
        }
    } else if (ahead > kJumpMs) {
        doubt("the clock jumped ahead", ahead / kDayMs);
    }
    looked_ = true;
    wall_ms_ = now;
    looked_at_ = steady;
    return {};
}

Result<void> Upkeep::doubt_clock_at_start(std::int64_t now_ms) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto newest, retention_.newest_log_ms());
    if (newest > 0 && now_ms - newest > kSilenceMs) {
        doubt("nothing was done for long before this start", (now_ms - newest) / kDayMs);
    }
    return {};
}

void Upkeep::doubt(const char* why, std::int64_t days) {
    purge_from_ = steady_() + kDoubt;
    log::warn(
        "no old work is purged for a day, in case the clock is wrong; correct it if it is",
        {{"reason", why}, {"days", days}}
    );
}

std::int64_t Upkeep::days_of(storage::Finished what) const {
    switch (what) {
        case storage::Finished::kJobs:
            return config_.jobs_days;
        case storage::Finished::kRuns:
            return config_.runs_days;
        case storage::Finished::kLogs:
            return config_.logs_days;
        case storage::Finished::kWebhooks:
            return config_.webhooks_days;
        case storage::Finished::kIdempotencyKeys:
            return storage::kIdempotencyKeptMs / kDayMs;
        case storage::Finished::kReconciliations:
            return storage::kReconciliationsKeptDays;
        case storage::Finished::kRequests:
            break;
    }
    return config_.requests_days;
}

Result<milliseconds> Upkeep::purge_some(std::int64_t now_ms) {
    const auto what = storage::kAllFinished.at(purging_);
    const std::int64_t days = days_of(what);
    std::int64_t rows = 0;
    const auto start = Steady::now();
    if (days > 0) {
        SYNCLINE_ASSIGN_OR_RETURN(rows, retention_.purge(what, now_ms - days * kDayMs, rows_));
    }
    const auto took = std::chrono::duration_cast<milliseconds>(Steady::now() - start);
    purged_ += rows;
    if (rows == rows_) {
        rows_ = std::clamp(took > kUnit ? rows_ / 2 : rows_ * 2, kRowsMin, kRowsMax);
        return std::max<milliseconds>(kPauseMin, took * kPauseUnits);
    }
    if (++purging_ < storage::kAllFinished.size()) {
        return kPauseMin;
    }
    if (purged_ > 0) {
        log::info("old work was purged", {{"rows", purged_}});
    }
    purging_ = 0;
    purged_ = 0;
    purge_from_ = steady_() + kPassEvery;
    return kTick;
}

}  // namespace syncline::engine
