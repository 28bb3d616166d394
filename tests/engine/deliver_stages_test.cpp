#include "engine/deliver_stages.hpp"

#include <gtest/gtest.h>

namespace syncline::engine {
namespace {

using Kind = storage::JobOutcome::Kind;

// What met the whole batch says nothing about one record: nothing becomes a dead letter by it.
TEST(DeliverStages, WhatMeetsTheWholeBatchEndsNoRecord) {
    struct Case {
        ErrorCode code;
        std::string error_class;  // as the job shows it while it waits
    };
    const std::vector<Case> table{
        {ErrorCode::kTransient, "transient"},
        {ErrorCode::kRateLimited, "rate_limited"},
        {ErrorCode::kStorage, "transient"},
        {ErrorCode::kCancelled, "transient"},
        {ErrorCode::kConfig, "auth"},
        {ErrorCode::kBug, "auth"},
    };
    storage::Job job;
    job.id = JobId{1};
    for (const auto& row : table) {
        const auto outcome = outcome_of_whole(job, Error{row.code, "why"}, RetryPolicy{});
        EXPECT_TRUE(outcome.kind == Kind::kRetry || outcome.kind == Kind::kWait) << row.error_class;
        ASSERT_TRUE(outcome.error.has_value());
        EXPECT_EQ(error_class(outcome.error->code), row.error_class);
    }
}

// Nobody would see jobs that wait for credentials with which nothing is wrong.
TEST(DeliverStages, WhatIsRefusedForGoodEndsEachRecordWhereItIsSeen) {
    storage::Job job;
    job.id = JobId{1};
    for (const ErrorCode code : {ErrorCode::kUnsupported, ErrorCode::kData}) {
        const auto outcome = outcome_of_whole(job, Error{code, "never", "x.never"}, RetryPolicy{});
        EXPECT_EQ(outcome.kind, Kind::kDead);
        EXPECT_EQ(outcome.result, "failed");
        EXPECT_EQ(outcome.error->name, "x.never");
    }
}

// An own full disk is over as soon as there is room; nobody has to be asked.
TEST(DeliverStages, AFullDiskIsLookedAtAgainSoonerThanWrongCredentials) {
    storage::Job job;
    job.id = JobId{1};
    const auto full = outcome_of_whole(job, Error{ErrorCode::kStorage, "full"}, RetryPolicy{});
    const auto person = outcome_of_whole(job, Error{ErrorCode::kConfig, "wrong"}, RetryPolicy{});
    EXPECT_LT(full.delay_ms, person.delay_ms);
}

TEST(DeliverStages, TheConnectorIsToldWhatTheTargetShowedOfADocument) {
    const Json owned{{"TxnDate", "2026-12-01"}};
    const auto known = known_documents(
        {{"invoice", "invoice", "9120", "3", "hash", owned},
         {"payment", "payment", "77", "0", "", {}}}
    );
    ASSERT_EQ(known.size(), 2U);
    EXPECT_EQ(known[0].role, "invoice");
    EXPECT_EQ(known[0].remote_id, "9120");
    EXPECT_EQ(known[0].owned, owned);
    EXPECT_TRUE(known[1].owned.is_null());
}

}  // namespace
}  // namespace syncline::engine
