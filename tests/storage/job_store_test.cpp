#include <algorithm>
#include <chrono>

#include "storage/intent_store.hpp"
#include "storage/support/job_store_fixture.hpp"

namespace syncline::testing {
namespace {

TEST_F(JobStoreTest, TenVersionsOfOneRecordAreOneJobWithTheNewest) {
    for (int i = 0; i < 10; ++i) {
        raise("1", "v" + std::to_string(i));
    }
    const auto jobs = claim(1);
    ASSERT_EQ(jobs.size(), 1u);
    EXPECT_EQ(jobs[0].version, 10);
    EXPECT_EQ(jobs[0].record, "sealed v9");
}

TEST_F(JobStoreTest, UnchangedContentRaisesNothing) {
    EXPECT_EQ(raise("1", "a"), Raised::kPending);
    ASSERT_TRUE(finish(claim(1).at(0), 1, Kind::kSettled));
    EXPECT_EQ(raise("1", "a"), Raised::kUnchanged);
    EXPECT_TRUE(claim(2).empty());
    EXPECT_EQ(raise("1", "b"), Raised::kPending);
    EXPECT_EQ(claim(3).size(), 1u);
}

TEST_F(JobStoreTest, AVersionThatComesWhileItsJobIsLeasedIsDeliveredNext) {
    raise("1", "a");
    const Job first = claim(1).at(0);
    raise("1", "b");
    EXPECT_TRUE(claim(2).empty()) << "the lane is taken";
    ASSERT_TRUE(finish(first, 1, Kind::kSettled));
    const auto second = claim(3);
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(second[0].version, 2);
    EXPECT_EQ(second[0].record, "sealed b");
}

TEST_F(JobStoreTest, JobsThatShareALaneAreClaimedOneAfterTheOther) {
    raise("1", "a", {}, "customer:ann@x.example");
    raise("2", "a", {}, "customer:ann@x.example");
    const auto first = claim(1);
    ASSERT_EQ(first.size(), 1u);
    EXPECT_TRUE(claim(2).empty());
    ASSERT_TRUE(finish(first[0], 1, Kind::kSettled));
    EXPECT_EQ(claim(3).size(), 1u);
}

TEST_F(JobStoreTest, AStaleLeaseChangesNothing) {
    raise("1", "a");
    const Job job = claim(1).at(0);
    ASSERT_TRUE(jobs_->release_all_leases(now_));
    ASSERT_EQ(claim(2).size(), 1u);
    const auto late = finish(job, 1, Kind::kSettled);
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().name, "job.lease_lost");
    EXPECT_TRUE(finish(job, 2, Kind::kSettled));
}

TEST_F(JobStoreTest, ARetryWaitsAndCountsAnAttempt) {
    raise("1", "a");
    ASSERT_TRUE(finish(claim(1).at(0), 1, Kind::kRetry, 5'000));
    now_ += 4'999;
    EXPECT_TRUE(claim(2).empty());
    EXPECT_TRUE(jobs_->due_flows(now_)->empty());
    now_ += 1;
    EXPECT_EQ(jobs_->due_flows(now_)->size(), 1u);
    const auto again = claim(3);
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(again[0].attempts, 1);
    ASSERT_TRUE(finish(again[0], 3, Kind::kWait));
    EXPECT_EQ(claim(4).at(0).attempts, 1);
}

TEST_F(JobStoreTest, AJobThatWasDeliveredTakesThePriorityOfWhatRaisedItLast) {
    const auto raise_with = [&](const std::string& hash, int priority) {
        EXPECT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
            jobs_->raise(
                sql, flow_, {"1", "order:#1", hash, std::nullopt, priority, false}, {}, now_
            );
            return {};
        }));
    };
    raise_with("a", 0);
    const Job job = claim(1).at(0);
    ASSERT_TRUE(finish(job, 1, Kind::kSettled));
    raise_with("b", 3);
    EXPECT_TRUE(jobs_->due_flows(now_)->at(0).backfill);
    EXPECT_FALSE(jobs_->due_flows(now_)->at(0).priority.has_value());
    raise_with("c", 1);  // it waits already: now it is urgent
    EXPECT_EQ(jobs_->due_flows(now_)->at(0).priority, 1);
    raise_with("d", 2);
    EXPECT_EQ(claim(2).at(0).priority, 1);
}

TEST_F(JobStoreTest, AClaimTakesOnlyTheKindItIsFor) {
    const auto queue = [&](const std::string& id, int priority) {
        EXPECT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
            jobs_->raise(
                sql, flow_, {id, "order:#" + id, "a", std::nullopt, priority, false}, {}, now_
            );
            return {};
        }));
    };
    queue("1", 3);
    queue("2", 2);
    queue("3", 0);
    const auto backfill = jobs_->claim(flow_, {10, JobKinds::kBackfill}, 1, now_, 60'000).value();
    ASSERT_EQ(backfill.size(), 1u);
    EXPECT_EQ(backfill[0].source_id, "1");
    queue("4", 3);
    const auto urgent = jobs_->claim(flow_, {10, JobKinds::kNoBackfill}, 2, now_, 60'000).value();
    ASSERT_EQ(urgent.size(), 2u);
    EXPECT_EQ(urgent[0].source_id, "3");
    EXPECT_EQ(urgent[1].source_id, "2");
}

// Time tells: a claim that looked at every due job would take many times as long.
TEST_F(JobStoreTest, AClaimCostsTheSameWithAHundredThousandDueJobs) {
    const auto fill = [&](int from, int to) {
        EXPECT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
            sql.run(
                R"sql(
                    WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                    INSERT INTO sync_queue (tenant_id, flow_id, target_connection_id, entity,
                        source_id, lane, state, wanted_version, content_hash, run_at_ms,
                        created_at_ms, updated_at_ms)
                    SELECT ?, ?, ?, 'order', 'x' || i, 'order:#x' || i, 'queued', 1, '', ?, 1, 1
                      FROM n
                )sql",
                from,
                to,
                flow_.tenant.value,
                flow_.id.value,
                flow_.target.value,
                now_
            );
            return {};
        }));
    };
    std::int64_t token = 0;
    const auto fastest = [&] {
        auto least = std::chrono::steady_clock::duration::max();
        for (int i = 0; i < 9; ++i) {
            const auto start = std::chrono::steady_clock::now();
            EXPECT_EQ(claim(++token, 10).size(), 10u);
            least = std::min(least, std::chrono::steady_clock::now() - start);
        }
        return least;
    };
    fill(1, 200);
    const auto with_few = fastest();
    fill(1'000, 100'999);
    EXPECT_LT(fastest(), 8 * with_few);
}

TEST_F(JobStoreTest, TheTimeOfFailuresCountsFromTheFirstThatUsedUpAnAttempt) {
    raise("1", "a");
    const auto failing_for = [&](std::int64_t token, Kind next) {
        const Job job = claim(token).at(0);
        EXPECT_TRUE(finish(job, token, next));
        now_ += 100;
        return job.failing_for_ms;
    };
    EXPECT_EQ(failing_for(1, Kind::kWait), 0);
    EXPECT_EQ(failing_for(2, Kind::kRetry), 0) << "a wait is no failure";
    EXPECT_EQ(failing_for(3, Kind::kWait), 100);
    EXPECT_EQ(failing_for(4, Kind::kRequeue), 200);
    EXPECT_EQ(failing_for(5, Kind::kRetry), 300);
    raise("1", "b");
    EXPECT_EQ(failing_for(6, Kind::kSettled), 0) << "another version is another try";
}

TEST_F(JobStoreTest, AnOpenIntentKeepsItsLaneBeyondTheLeaseAndARestart) {
    raise("1", "a");
    const Job job = claim(1).at(0);
    IntentStore intents(*database_, *vault_);
    const auto id = intents.open(
        {flow_.tenant, flow_.target, flow_.id, "request", {job.id}, {job.lane}, 1}, now_
    );
    ASSERT_TRUE(id.has_value());
    ASSERT_TRUE(finish(job, 1, Kind::kRetry));
    EXPECT_TRUE(claim(2).empty());
    ASSERT_TRUE(jobs_->release_all_leases(now_));
    EXPECT_TRUE(claim(3).empty());
    EXPECT_TRUE(intents.due(flow_.target, now_, 10)->empty()) << "its delivery still runs";
    ASSERT_TRUE(intents.release_all(now_));
    const auto due = intents.due(flow_.target, now_, 10).value();
    ASSERT_EQ(due.size(), 1u);
    EXPECT_EQ(due[0].request, "request");
    ASSERT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
        intents.settle_item(sql, *id, 0);
        EXPECT_TRUE(intents.settle_if_complete(sql, *id, now_));
        return {};
    }));
    EXPECT_EQ(claim(4).size(), 1u);
}

TEST_F(JobStoreTest, SettlingWhatAJobNeedsLeavesTheJobToItsDelivery) {
    raise("1", "a");
    IntentStore intents(*database_, *vault_);
    ASSERT_TRUE(jobs_->acquire_lanes(flow_.target, {"customer:ann"}, 1));
    const auto id = intents.open(
        {flow_.tenant, flow_.target, flow_.id, "request", {JobId{1}}, {"customer:ann"}, 1}, now_
    );
    ASSERT_TRUE(id.has_value()) << id.error().message;
    ASSERT_TRUE(jobs_->release_all_leases(now_));  // a restart
    const Job job = claim(2).at(0);
    ASSERT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
        intents.settle_item(sql, *id, 0);
        intents.settle_if_complete(sql, *id, now_);
        jobs_->requeue_after_intent(sql, job.id, now_);
        return {};
    }));
    EXPECT_TRUE(claim(3).empty()) << "two deliveries of one job";
    EXPECT_EQ(jobs_->acquire_lanes(flow_.target, {"customer:ann"}, 4)->size(), 1u);
    ASSERT_TRUE(finish(job, 2, Kind::kSettled));
}

TEST_F(JobStoreTest, TheLaneOfASettledIntentStaysWithTheDeliveryThatIsAtIt) {
    raise("1", "a");
    const Job job = claim(1).at(0);
    IntentStore intents(*database_, *vault_);
    const auto id = intents.open(
        {flow_.tenant, flow_.target, flow_.id, "request", {job.id}, {job.lane}, 1}, now_
    );
    ASSERT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
        intents.settle_item(sql, *id, 0);
        intents.settle_if_complete(sql, *id, now_);
        return {};
    }));
    EXPECT_TRUE(jobs_->acquire_lanes(flow_.target, {job.lane}, 2)->empty());
    ASSERT_TRUE(finish(job, 1, Kind::kSettled));
    EXPECT_EQ(jobs_->acquire_lanes(flow_.target, {job.lane}, 3)->size(), 1u);
}

TEST_F(JobStoreTest, ALeaseThatWasNotExtendedIsTakenBack) {
    raise("1", "a");
    const Job job = claim(1).at(0);
    EXPECT_EQ(jobs_->release_lost_leases(now_).value(), 0);
    const std::int64_t long_after = now_ + 3'600'000;
    EXPECT_EQ(jobs_->release_lost_leases(long_after).value(), 1);
    now_ = long_after;
    ASSERT_EQ(claim(2).size(), 1u);
    EXPECT_EQ(finish(job, 1, Kind::kSettled).error().name, "job.lease_lost");
}

TEST_F(JobStoreTest, ADeadJobIsListedAndComesBackWhenItIsRedrivenOrChanges) {
    raise("1", "a");
    ASSERT_TRUE(finish(claim(1).at(0), 1, Kind::kDead));
    const auto dead = jobs_->dead_letters(flow_.tenant, {}).value();
    ASSERT_EQ(dead.size(), 1u);
    EXPECT_EQ(dead[0].error_code, "x.why");
    const auto redrive = [&](TenantId tenant) {
        return database_->write([&](Sql& sql) {
            return jobs_->redrive(sql, tenant, dead[0].id, LoopGuard::kOn, now_);
        });
    };
    EXPECT_EQ(redrive(TenantId{99}).error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(redrive(flow_.tenant));
    const auto again = claim(2);
    ASSERT_EQ(again.size(), 1u);
    ASSERT_TRUE(finish(again[0], 2, Kind::kDead));
    EXPECT_EQ(raise("1", "a"), Raised::kUnchanged);
    EXPECT_EQ(raise("1", "b"), Raised::kPending);
    EXPECT_EQ(claim(3).size(), 1u);
}

TEST_F(JobStoreTest, ARunEndsWithTheFirstOutcomeOfItsLastJob) {
    storage::Run run;
    run.id = run.sync_id = "r1";
    run.tenant = flow_.tenant;
    run.flow = flow_.id;
    run.flow_name = "flow";
    run.created_at_ms = now_;
    ASSERT_TRUE(runs_->create({run}));
    ASSERT_TRUE(runs_->start("r1", now_));
    raise("1", "a", "r1");
    raise("2", "a", "r1");
    ASSERT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
        runs_->count(sql, "r1", RunCounts{.read = 2}, 2);
        return {};
    }));
    ASSERT_TRUE(runs_->end_collect("r1", std::nullopt, now_));
    const auto jobs = claim(1);
    ASSERT_TRUE(finish(jobs.at(0), 1, Kind::kSettled));
    EXPECT_EQ(runs_->by_id("r1")->status, RunStatus::kRunning);
    ASSERT_TRUE(finish(jobs.at(1), 1, Kind::kRetry));
    const storage::Run ended = runs_->by_id("r1").value();
    EXPECT_EQ(ended.status, RunStatus::kPartial);
    EXPECT_EQ(ended.counts.created, 1);
    EXPECT_EQ(ended.counts.waiting, 1);
}

TEST_F(JobStoreTest, HigherPrioritiesComeFirst) {
    raise("1", "a");
    ASSERT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
        jobs_->raise(sql, flow_, {"2", "order:#2", "a", std::nullopt, 0, false}, {}, now_);
        return {};
    }));
    const auto first = claim(1, 1);
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].source_id, "2");
    EXPECT_FALSE(first[0].record.has_value());
}

TEST_F(JobStoreTest, ARunThatRaisedANewerVersionWaitsForThatVersion) {
    const auto new_run = [&](const RunId& id) {
        storage::Run run;
        run.id = id;
        run.sync_id = id;
        run.tenant = flow_.tenant;
        run.flow = flow_.id;
        run.flow_name = "flow";
        ASSERT_TRUE(runs_->create({run}));
        ASSERT_TRUE(runs_->start(id, now_));
    };
    const auto raise_in = [&](const std::string& hash, const RunId& run) {
        EXPECT_EQ(raise("1", hash, run), Raised::kPending);
        ASSERT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
            runs_->count(sql, run, RunCounts{.read = 1}, 1);
            return {};
        }));
        ASSERT_TRUE(runs_->end_collect(run, std::nullopt, now_));
    };
    new_run("first");
    raise_in("a", "first");
    ASSERT_TRUE(finish(claim(1).at(0), 1, Kind::kRetry));  // an outcome for the first run
    const Job old = claim(2).at(0);
    new_run("second");
    raise_in("b", "second");
    ASSERT_TRUE(finish(old, 2, Kind::kSettled));
    EXPECT_FALSE(runs_->by_id("second")->ended()) << "its version is not delivered yet";
    ASSERT_TRUE(finish(claim(3).at(0), 3, Kind::kDead));
    EXPECT_EQ(runs_->by_id("second")->status, RunStatus::kPartial);
    EXPECT_EQ(runs_->by_id("second")->counts.failed, 1);
}

TEST_F(JobStoreTest, ARecordThatMovesToAnotherLaneWaitsForTheOpenIntentOfItsFormerOne) {
    raise("1", "a", {}, "customer:ann@x.example");
    const Job job = claim(1).at(0);
    IntentStore intents(*database_, *vault_);
    const NewIntent intent{
        flow_.tenant, flow_.target, flow_.id, "{}", {job.id}, {"customer:ann@x.example"}, 1};
    const IntentId id = intents.open(intent, now_).value();
    ASSERT_TRUE(finish(job, 1, Kind::kRetry));
    raise("1", "b", {}, "customer:bob@x.example");
    EXPECT_TRUE(claim(2).empty()) << "what became of the first request is not known yet";
    ASSERT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
        intents.settle_item(sql, id, 0);
        intents.settle_if_complete(sql, id, now_);
        return {};
    }));
    EXPECT_EQ(claim(3).size(), 1u);
}

TEST_F(JobStoreTest, WhatAFreeRunAdoptsWhileItIsDeliveredIsNotParked) {
    const auto park = [&](const Job& job, std::int64_t token) {
        JobOutcome outcome;
        outcome.job = job.id;
        outcome.version = job.version;
        outcome.kind = Kind::kPark;
        outcome.approved = job.approved;
        outcome.error = Error{ErrorCode::kHold, "nobody confirmed it", "approval.changed"};
        return database_->write([&](Sql& sql) { return jobs_->finish(sql, outcome, token, now_); });
    };
    const auto raise_as = [&](const std::string& approved, const std::optional<RunId>& run) {
        RaisedJob raised{"1", "order:#1", "h", "sealed", 2, false};
        raised.approved = approved;
        return database_->write([&](Sql& sql) -> Result<Raised> {
            return jobs_->raise(sql, flow_, raised, run, now_);
        });
    };
    storage::Run run;
    run.id = "free";
    run.sync_id = "free";
    run.tenant = flow_.tenant;
    run.flow = flow_.id;
    ASSERT_TRUE(runs_->create({run}));
    ASSERT_TRUE(raise_as("!", std::nullopt));
    const auto first = claim(7);
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(raise_as("", RunId("free")).value(), Raised::kPending);
    ASSERT_TRUE(park(first[0], 7));
    EXPECT_EQ(jobs_->counts(flow_.tenant, now_)->queued, 1);
    const auto second = claim(8);
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(second[0].approved, "");
    EXPECT_EQ(second[0].run, RunId("free"));
    ASSERT_TRUE(park(second[0], 8));
    EXPECT_EQ(jobs_->counts(flow_.tenant, now_)->parked, 1);
}

}  // namespace
}  // namespace syncline::testing
