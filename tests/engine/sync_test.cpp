// A run from its start to its end, on a real database, with fake platforms.
#include <limits>

#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

using storage::RunStatus;

class Sync : public EngineTest {};

TEST_F(Sync, CreatesEveryOrderAndItsCustomerOnce) {
    for (int i = 1; i <= 23; ++i) {
        shop_.put(i, "10.00", "c" + std::to_string(i % 4) + "@x.example", {{"paid", i % 2 == 0}});
    }
    const storage::Run done = run();
    EXPECT_EQ(done.status, RunStatus::kCompleted);
    EXPECT_EQ(done.counts.read, 23);
    EXPECT_EQ(done.counts.created, 23);
    expect_adds_up(done);
    EXPECT_EQ(books_.count("invoice"), 23u);
    EXPECT_EQ(books_.count("customer"), 4u);
    EXPECT_EQ(books_.count("payment"), 11u);
    const FakeDocument* payment = books_.by_key("shop:shop:2:payment");
    ASSERT_NE(payment, nullptr);
    EXPECT_EQ(payment->body.at("invoice"), books_.by_key("shop:shop:2")->id);
}

TEST_F(Sync, WritesNothingWhenNothingChanged) {
    for (int i = 1; i <= 12; ++i) {
        shop_.put(i, "10.00", "ann@x.example");
    }
    run();
    const auto writes = books_.writes;
    for (const SyncMode mode : {SyncMode::kIncremental, SyncMode::kFull}) {
        clock_.advance(std::chrono::milliseconds(60'000));
        const storage::Run again = run(mode);
        EXPECT_EQ(again.status, RunStatus::kCompleted);
        EXPECT_EQ(again.counts.skipped, again.counts.read);
        expect_adds_up(again);
    }
    EXPECT_EQ(books_.writes, writes);
}

TEST_F(Sync, UpdatesTheSameDocumentWhenAnOrderChanges) {
    shop_.put(1, "10.00", "ann@x.example");
    run();
    shop_.put(1, "12.50", "ann@x.example");
    const storage::Run again = run();
    EXPECT_EQ(again.counts.updated, 1);
    EXPECT_EQ(books_.count("invoice"), 1u);
    EXPECT_EQ(books_.by_key("shop:shop:1")->body.at("total"), "12.50");
}

TEST_F(Sync, SkipsAndHoldsByTheConnectorsRules) {
    shop_.put(1, "10.00", "ann@x.example", {{"status", "cancelled"}});
    shop_.put(2, "0.00", "ann@x.example");
    shop_.put(3, "5.00", "ann@x.example");
    const storage::Run done = run();
    EXPECT_EQ(done.status, RunStatus::kCompleted);
    EXPECT_EQ(done.counts.skipped, 1);
    EXPECT_EQ(done.counts.held, 1);
    EXPECT_EQ(done.counts.created, 1);
    const auto letters = engine().stores.jobs.dead_letters(tenant_, {}).value();
    ASSERT_EQ(letters.size(), 1u);
    EXPECT_EQ(letters.front().source_id, "2");
    EXPECT_EQ(letters.front().outcome, "held");
    EXPECT_EQ(letters.front().error_code, "NO_TOTAL");
}

TEST_F(Sync, HoldsAnOrderThatIsCancelledAfterItWasPosted) {
    shop_.put(1, "10.00", "ann@x.example");
    run();
    shop_.put(1, "10.00", "ann@x.example", {{"status", "cancelled"}});
    const storage::Run again = run();
    EXPECT_EQ(again.counts.held, 1);
    const auto letters = engine().stores.jobs.dead_letters(tenant_, {}).value();
    ASSERT_EQ(letters.size(), 1u);
    EXPECT_EQ(letters.front().error_code, "SKIPPED_AFTER_WRITE");
}

TEST_F(Sync, OneRefusedRecordStopsNothingAndCanBeSentAgain) {
    for (int i = 1; i <= 7; ++i) {
        shop_.put(i, "10.00", "ann@x.example");
    }
    books_.refused_keys.insert("shop:shop:4");
    const storage::Run done = run();
    EXPECT_EQ(done.status, RunStatus::kPartial);
    EXPECT_EQ(done.counts.created, 6);
    EXPECT_EQ(done.counts.failed, 1);
    expect_adds_up(done);
    const auto letters = engine().stores.jobs.dead_letters(tenant_, {}).value();
    ASSERT_EQ(letters.size(), 1u);
    const auto failure = engine().failures.open(tenant_, letters.front().id).value();
    EXPECT_EQ(failure.record.at("id"), "4");
    EXPECT_EQ(failure.detail.at("document").at("total"), "10.00");

    books_.refused_keys.clear();
    ASSERT_TRUE(
        engine().failures.retry(tenant_, letters.front().id, storage::LoopGuard::kOn, "tester")
    );
    work();
    EXPECT_EQ(books_.count("invoice"), 7u);
    EXPECT_TRUE(engine().stores.jobs.dead_letters(tenant_, {}).value().empty());
}

TEST_F(Sync, APoisonedRecordIsDeadAndItsBatchIsNot) {
    for (int i = 1; i <= 6; ++i) {
        shop_.put(i, "10.00", "ann@x.example", {{"poison", i == 3}});
    }
    const storage::Run done = run();
    EXPECT_EQ(done.counts.created, 5);
    EXPECT_EQ(done.counts.failed, 1);
    EXPECT_EQ(
        engine().stores.connections.find(tenant_, "books")->state, storage::ConnectionState::kActive
    );
}

TEST_F(Sync, AFilteredOrderIsLeftOutUnlessItWasDeliveredBefore) {
    Filters filters;
    filters.status = {"processing"};
    add_flow("filtered", filters);
    ASSERT_TRUE(
        engine().stores.flows.remove(engine().stores.flows.find(tenant_, "shop-books-orders")->id)
    );
    shop_.put(1, "10.00", "ann@x.example", {{"status", "processing"}});
    shop_.put(2, "10.00", "ann@x.example", {{"status", "pending"}});
    EXPECT_EQ(run().counts.created, 1);
    shop_.put(1, "10.00", "ann@x.example", {{"status", "cancelled"}});
    const storage::Run again = run();
    EXPECT_EQ(again.counts.held, 1);
}

TEST_F(Sync, ReadsOnlyTheGivenIds) {
    for (int i = 1; i <= 30; ++i) {
        shop_.put(i, "10.00", "ann@x.example");
    }
    storage::RunOptions options;
    options.ids = {"3", "17", "99"};
    const storage::Run done = run(SyncMode::kIds, options);
    EXPECT_EQ(done.counts.read, 2);
    EXPECT_EQ(done.counts.created, 2);
    const auto flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
    EXPECT_EQ(engine().stores.flows.cursor(flow.id, "order")->cursor_ms, 0);
}

TEST_F(Sync, AFailingSourceIsTriedAgainAndThenFailsTheRun) {
    shop_.put(1, "10.00", "ann@x.example");
    shop_.next_read_errors.assign(2, Error{ErrorCode::kTransient, "502"});
    const std::string id = start();
    work();
    EXPECT_EQ(status(id).status, RunStatus::kRunning);
    later(60'000);
    later(60'000);
    EXPECT_EQ(status(id).status, RunStatus::kCompleted);

    shop_.next_read_errors.assign(100, Error{ErrorCode::kTransient, "502", "shop.down"});
    const std::string second = start();
    for (int i = 0; i < 10; ++i) {
        later(3'600'000);
    }
    EXPECT_EQ(status(second).status, RunStatus::kFailed);
    EXPECT_EQ(status(second).error_code, "shop.down");
}

TEST_F(Sync, ASourceClockFarAheadDoesNotTakeTheCursorAlong) {
    shop_.put(1, "10.00", "ann@x.example");
    shop_.now_ms += 7 * 86'400'000LL;
    const std::string id = start();
    for (int i = 0; i < 10; ++i) {
        later(3'600'000);
    }
    EXPECT_EQ(status(id).status, RunStatus::kFailed);
    EXPECT_EQ(status(id).error_code, "source.clock_ahead");
    shop_.now_ms = clock_.now().ms;
    shop_.put(2, "10.00", "bob@x.example");
    later(3'600'000);
    EXPECT_EQ(run().counts.created, 2);
}

TEST_F(Sync, ARateLimitedTargetWaitsAsLongAsItAsksFor) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.faults = {WriteFault::kNone, WriteFault::kRateLimit};
    const std::string id = start();
    work();
    EXPECT_EQ(status(id).counts.waiting, 1);
    later(36'000);
    EXPECT_EQ(books_.count("invoice"), 0u);
    later(2'000);
    EXPECT_EQ(books_.count("invoice"), 1u);
}

TEST_F(Sync, AStoppedRunLeavesItsJobsForTheNext) {
    for (int i = 1; i <= 25; ++i) {
        shop_.put(i, "10.00", "ann@x.example");
    }
    const std::string id = start();
    ASSERT_TRUE(engine().control.stop(tenant_, id));
    work();
    EXPECT_EQ(status(id).status, RunStatus::kStopped);
    EXPECT_EQ(books_.count("invoice"), 0u);
    EXPECT_EQ(run().counts.created, 25);
}

TEST_F(Sync, ADryRunWritesNothingAndSaysWhatItWouldDo) {
    shop_.put(1, "10.00", "ann@x.example");
    shop_.put(2, "0.00", "ann@x.example");
    engine::StartRequest request;
    request.entity = "order";
    const auto plans = engine().control.dry_run(tenant_, request, 100).value();
    ASSERT_EQ(plans.size(), 1u);
    EXPECT_EQ(plans[0].actions.at("create"), 1);
    EXPECT_EQ(plans[0].actions.at("hold"), 1);
    EXPECT_EQ(plans[0].money.at("USD").to_string(), "10.00");
    EXPECT_EQ(plans[0].entries[0].to_make, std::vector<std::string>{"customer:ann@x.example"});
    EXPECT_EQ(books_.writes, 0);
    const std::string hash = plans[0].hash;
    EXPECT_EQ(engine().control.dry_run(tenant_, request, 100).value()[0].hash, hash);
    shop_.put(1, "10.01", "ann@x.example");
    EXPECT_NE(engine().control.dry_run(tenant_, request, 100).value()[0].hash, hash);
}

TEST_F(Sync, ASecondRunOfABusyFlowIsRefused) {
    start();
    engine::StartRequest request;
    request.entity = "order";
    const auto second = engine().control.start(tenant_, request);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().name, "flow.busy");
}

TEST_F(Sync, AHumansEditInTheTargetIsAConflictAndNotOverwritten) {
    shop_.put(1, "10.00", "ann@x.example");
    run();
    FakeDocument& document = *books_.by_key("shop:shop:1");
    document.body["total"] = "99.00";
    ++document.version;
    shop_.put(1, "12.00", "ann@x.example");
    const storage::Run again = run();
    EXPECT_EQ(again.counts.conflict, 1);
    EXPECT_EQ(books_.by_key("shop:shop:1")->body.at("total"), "99.00");
    const auto letters = engine().stores.jobs.dead_letters(tenant_, {}).value();
    const auto failure = engine().failures.open(tenant_, letters.at(0).id).value();
    EXPECT_EQ(failure.detail.at("base").at("total"), "10.00");
    EXPECT_EQ(failure.detail.at("theirs").at("total"), "99.00");
    EXPECT_EQ(failure.detail.at("ours").at("total"), "12.00");
}

TEST_F(Sync, AVersionThatMovedWithoutTouchingOurFieldsIsNoConflict) {
    shop_.put(1, "10.00", "ann@x.example");
    run();
    ++books_.by_key("shop:shop:1")->version;  // as when the books link a payment
    shop_.put(1, "12.00", "ann@x.example");
    EXPECT_EQ(run().counts.updated, 1);
    EXPECT_EQ(books_.by_key("shop:shop:1")->body.at("total"), "12.00");
}

TEST_F(Sync, ARunWithFiltersOfItsOwnDoesNotMoveTheCursorPastWhatItLeftOut) {
    shop_.put(1, "10.00", "ann@x.example");
    shop_.put(2, "20.00", "bob@x.example", {{"status", "completed"}});
    later(3'600'000);
    storage::RunOptions options;
    options.filters.status = {"completed"};
    EXPECT_EQ(run(SyncMode::kIncremental, options).counts.created, 1);
    later(3'600'000);
    EXPECT_EQ(run().counts.created, 1);
    EXPECT_EQ(books_.count("invoice"), 2u);
}

TEST_F(Sync, RecordsWithoutACopyAreFetchedInPagesTheSourceTakes) {
    for (int i = 1; i <= 25; ++i) {
        shop_.put(i, "10.00", "ann@x.example");
    }
    const std::string id = start();
    ASSERT_TRUE(engine().stores.runs.start(id, clock_.now().ms));
    ASSERT_TRUE(engine().collector.collect(status(id), nullptr));
    ASSERT_TRUE(engine().stores.runs.end_collect(id, std::nullopt, clock_.now().ms));
    ASSERT_TRUE(engine().database->write([](storage::Sql& sql) -> Result<void> {
        sql.run("UPDATE sync_queue SET record = NULL, record_version = 0");
        return {};
    }));
    work();
    EXPECT_EQ(status(id).counts.created, 25);
    EXPECT_EQ(books_.count("invoice"), 25u);
}

TEST_F(Sync, ASourceThatGivesTheSamePageForeverEndsTheRun) {
    for (int i = 1; i <= 25; ++i) {
        shop_.put(i, "10.00", "ann@x.example");
    }
    shop_.stuck = true;
    const storage::Run run = this->run();
    EXPECT_EQ(run.status, storage::RunStatus::kFailed);
    EXPECT_EQ(run.error_code, "connector.no_progress");
    EXPECT_LT(shop_.reads, 10);
}

TEST_F(Sync, APoisonedNeedIsNotTheFaultOfOtherRecords) {
    shop_.put(1, "10.00", "ann@x.example", {{"poisoned_customer", true}});
    shop_.put(2, "20.00", "bob@x.example");
    const storage::Run run = this->run();
    EXPECT_EQ(run.counts.created, 1);
    EXPECT_EQ(books_.copies("shop:shop:2"), 1u);
    expect_adds_up(run);
}

TEST_F(Sync, ASearchThatFailsAsAWholeLetsRecordsWait) {
    shop_.put(1, "10.00", "ann@x.example");
    shop_.put(2, "20.00", "bob@x.example");
    books_.find_error = Error{ErrorCode::kBug, "gave nonsense", "plugin.contract"};
    const storage::Run run = this->run();
    EXPECT_EQ(run.counts.waiting, 2);
    EXPECT_EQ(engine().stores.jobs.counts(tenant_, clock_.now().ms)->dead, 0);
}

TEST_F(Sync, AWaitThatAPlatformAsksForHasBounds) {
    const auto books = [&] { return engine().stores.connections.find(tenant_, "books").value(); };
    const auto wait_after = [&](std::int64_t asked_ms) {
        Error error{ErrorCode::kRateLimited, "slow down", {}, 429};
        error.retry_after = std::chrono::milliseconds(asked_ms);
        engine().pool.note(books(), error);
        return books().not_before_ms - clock_.now().ms;
    };
    EXPECT_GE(wait_after(0), 1'000);
    EXPECT_GE(wait_after(-5), 1'000);
    EXPECT_EQ(wait_after(37'000), 37'000);
    EXPECT_LE(wait_after(std::numeric_limits<std::int64_t>::max()), 86'400'000);
}

}  // namespace
}  // namespace syncline::testing
