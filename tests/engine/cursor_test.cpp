// Where reading stands: how far windows reach back, what a person may change, and scans that see
// too little.
#include "engine/cursor_control.hpp"
#include "engine/overlap.hpp"
#include "engine/shrink.hpp"
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

std::int64_t overlap_minutes(const char* zone, const char* cursor, const char* now) {
    Limits limits;
    limits.read_overlap_clock_change_s = 75 * 60;
    return engine::overlap_ms(
               limits,
               TimeZone::find(zone).value(),
               Timestamp::parse(cursor).value(),
               Timestamp::parse(now).value()
           ) /
           kMinuteMs;
}

TEST(Overlap, IsTenMinutesWhenTheClocksAreLeftAlone) {
    EXPECT_EQ(
        overlap_minutes("America/New_York", "2026-10-31T12:00:00Z", "2026-10-31T12:05:00Z"), 10
    );
    EXPECT_EQ(overlap_minutes("Asia/Tokyo", "2026-11-01T06:00:00Z", "2026-11-01T06:05:00Z"), 10);
}

// New York's clocks go back on 1 November 2026 at 06:00 UTC, Berlin's on 25 October at 01:00 UTC.
TEST(Overlap, Is75MinutesAroundAChangeOfTheClocks) {
    for (const char* cursor :
         {"2026-11-01T04:00:00Z",
          "2026-11-01T05:59:00Z",
          "2026-11-01T06:30:00Z",
          "2026-11-01T08:59:00Z"}) {
        EXPECT_EQ(overlap_minutes("America/New_York", cursor, cursor), 75) << cursor;
    }
    EXPECT_EQ(
        overlap_minutes("America/New_York", "2026-11-01T09:01:00Z", "2026-11-01T09:06:00Z"), 10
    );
    EXPECT_EQ(overlap_minutes("Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25T01:35:00Z"), 75);
}

TEST(Overlap, IsLongAlsoWhenTheChangeLiesBetweenTheCursorAndNow) {
    EXPECT_EQ(
        overlap_minutes("America/New_York", "2026-10-25T00:00:00Z", "2026-11-05T00:00:00Z"), 75
    );
}

TEST(Overlap, IsLongAlsoWhenOurClockIsFarBehindTheSources) {
    EXPECT_EQ(
        overlap_minutes("America/New_York", "2026-11-01T06:30:00Z", "2026-10-31T20:00:00Z"), 75
    );
}

TEST(Overlap, IsLongWhenNobodyKnowsTheZone) {
    Limits limits;
    limits.read_overlap_clock_change_s = 75 * 60;
    EXPECT_EQ(engine::overlap_ms(limits, std::nullopt, Timestamp{1}, Timestamp{2}), 4'500'000);
    limits.read_overlap_clock_change_s = 0;
    limits.read_overlap_s = 300;
    EXPECT_EQ(engine::overlap_ms(limits, std::nullopt, Timestamp{1}, Timestamp{2}), 300'000);
}

TEST(Shrink, IsAFifthAndMoreThanTen) {
    EXPECT_FALSE(engine::shrunk(50, 40));
    EXPECT_TRUE(engine::shrunk(50, 39));
    EXPECT_FALSE(engine::shrunk(1000, 800));
    EXPECT_TRUE(engine::shrunk(1000, 799));
    EXPECT_FALSE(engine::shrunk(10, 20));
    for (const auto& [seen, same] :
         {std::pair{89, false}, {90, true}, {100, true}, {110, true}, {111, false}}) {
        EXPECT_EQ(engine::sees_the_same(100, seen), same) << seen;
    }
    EXPECT_TRUE(engine::sees_the_same(0, 0));
    EXPECT_FALSE(engine::sees_the_same(0, 5));
}

class CursorTest : public EngineTest {
protected:
    engine::CursorControl cursors() {
        return engine::CursorControl(engine().stores, engine().preview, clock_);
    }
    Flow flow(const std::string& name = "shop-books-orders") {
        return engine().stores.flows.find(tenant_, name).value();
    }
    std::int64_t cursor_ms(const std::string& name = "shop-books-orders") {
        return cursors().show(tenant_, name, "").value().cursor.cursor_ms;
    }
    void set_state(FlowState state) {
        ASSERT_TRUE(engine().stores.flow_changes.set_state(
            flow().id, state, {"ann", "test"}, clock_.now().ms
        ));
    }
    std::string error_of_set(std::optional<Timestamp> cursor, const std::string& entity = "") {
        const auto set =
            cursors().set(tenant_, "shop-books-orders", entity, cursor, {"ann", "again"});
        return set ? "" : set.error().name.empty() ? set.error().message : set.error().name;
    }
};

TEST_F(CursorTest, ChangesOnlyWhileTheFlowIsStoppedOrPaused) {
    shop_.put(1, "10.00", "a@x.example");
    run();
    const std::int64_t before = cursor_ms();
    ASSERT_GT(before, 0);
    EXPECT_EQ(error_of_set(std::nullopt), "flow.running");
    start();
    set_state(FlowState::kPaused);
    EXPECT_EQ(error_of_set(std::nullopt), "flow.busy");
    EXPECT_EQ(cursor_ms(), before);
    work();
    EXPECT_EQ(error_of_set(std::nullopt), "flow.busy") << "its run waits to go on";
    set_state(FlowState::kStopped);
    work();
    set_state(FlowState::kPaused);
    EXPECT_EQ(error_of_set(Timestamp{before - 1000}), "");
    EXPECT_EQ(cursor_ms(), before - 1000);
    set_state(FlowState::kStopped);
    EXPECT_EQ(error_of_set(std::nullopt), "");
    EXPECT_EQ(cursor_ms(), 0);
}

TEST_F(CursorTest, GarbageIsRefused) {
    set_state(FlowState::kStopped);
    EXPECT_NE(error_of_set(Timestamp{clock_.now().ms + 1}).find("/cursor"), std::string::npos);
    EXPECT_NE(error_of_set(Timestamp{-5}).find("/cursor"), std::string::npos);
    EXPECT_EQ(error_of_set(std::nullopt, "customer"), "cursor.unknown");
    EXPECT_EQ(error_of_set(Timestamp{clock_.now().ms}), "");
}

TEST_F(CursorTest, ResettingOneFlowTouchesNoOtherAndGivesUpItsScan) {
    add_flow("second-orders");
    shop_.put(1, "10.00", "a@x.example");
    run();
    const std::int64_t other = cursor_ms("second-orders");
    ASSERT_GT(other, 0);
    set_state(FlowState::kStopped);
    EXPECT_EQ(error_of_set(std::nullopt), "");
    EXPECT_EQ(cursor_ms(), 0);
    EXPECT_EQ(cursor_ms("second-orders"), other);
    EXPECT_FALSE(cursors().show(tenant_, "shop-books-orders", "order").value().cursor.scanning);
    const auto changes = engine().stores.flow_changes.changes(flow().id, 10).value();
    ASSERT_EQ(changes.size(), 2u);
    EXPECT_EQ(changes[0].change, "cursor");
    EXPECT_EQ(changes[0].before, Timestamp{other}.to_string());
    EXPECT_EQ(changes[0].after, "");
    EXPECT_EQ(changes[0].cause.actor, "ann");
    EXPECT_EQ(changes[0].cause.reason, "again");
}

TEST_F(CursorTest, WhatIsReadAgainIsNotWrittenAgain) {
    shop_.put(1, "10.00", "a@x.example");
    run();
    set_state(FlowState::kStopped);
    ASSERT_EQ(error_of_set(std::nullopt), "");
    set_state(FlowState::kRunning);
    const auto again = run();
    EXPECT_EQ(again.counts.read, 1);
    EXPECT_EQ(again.counts.skipped, 1);
    EXPECT_EQ(books_.count("invoice"), 1u);
}

TEST_F(CursorTest, ADryRunSaysWhatWouldBeReadAndChangesNothing) {
    shop_.put(1, "10.00", "a@x.example");
    shop_.put(2, "10.00", "b@x.example");
    run();
    const std::int64_t before = cursor_ms();
    shop_.now_ms += 86'400'000;
    clock_.advance(std::chrono::hours(24));
    shop_.put(3, "10.00", "c@x.example");
    const auto from_now =
        cursors()
            .try_out(tenant_, "shop-books-orders", "", Timestamp{clock_.now().ms - kMinuteMs})
            .value();
    EXPECT_EQ(from_now.reread->records, 1);
    EXPECT_EQ(from_now.reread->known, 0);
    EXPECT_EQ(from_now.reread->from_ms, clock_.now().ms - 11 * kMinuteMs);
    const auto from_start =
        cursors().try_out(tenant_, "shop-books-orders", "", std::nullopt).value();
    EXPECT_EQ(from_start.reread->records, 3);
    EXPECT_EQ(from_start.reread->known, 2);
    EXPECT_FALSE(from_start.reread->truncated);
    EXPECT_EQ(cursor_ms(), before);
}

TEST_F(CursorTest, AFullScanThatSeesFarFewerRecordsIsReportedBeforeItIsBelieved) {
    for (std::int64_t id = 1; id <= 40; ++id) {
        shop_.put(id, "10.00", "a@x.example");
    }
    run(SyncMode::kFull);
    const std::int64_t before = cursor_ms();
    later(3'600'000);
    for (std::int64_t id = 20; id <= 40; ++id) {
        shop_.orders.erase(id);
    }
    const auto shrunk = run(SyncMode::kFull);
    EXPECT_EQ(shrunk.counts.read, 19);
    const auto view = cursors().show(tenant_, "shop-books-orders", "").value();
    EXPECT_EQ(view.cursor.cursor_ms, before);
    EXPECT_EQ(view.cursor.shrunk_seen, 19);
    EXPECT_EQ(view.cursor.shrunk_known, 40);
    EXPECT_EQ(books_.count("invoice"), 40u);
    EXPECT_EQ(engine().stores.jobs.dead_letters(tenant_, {}).value().size(), 0u);
    const auto log = engine().stores.log.of_run(tenant_, shrunk.id, 10).value();
    ASSERT_GT(log.size(), 1u);
    EXPECT_EQ(log[1].event, "source.shrunk") << "after its start";
    run(SyncMode::kFull);
    EXPECT_GT(cursor_ms(), before);
}

TEST_F(CursorTest, ResettingOneEntityTouchesNoOther) {
    FlowDefinition definition;
    definition.name = "shop-books-customers";
    definition.entity = "customer";
    definition.source.connection = "shop";
    definition.target.connection = "books";
    definition.approval.exempt = {Starter::kApi};
    const Flow customers = engine().stores.flows.put(tenant_, definition, false, 1).value();
    shop_.put(1, "10.00", "a@x.example");
    run();
    engine::StartRequest request;
    request.entity = "customer";
    ASSERT_TRUE(engine().control.start(tenant_, request).has_value());
    work();
    const std::int64_t of_orders = cursor_ms();
    ASSERT_GT(cursor_ms("shop-books-customers"), 0);
    ASSERT_TRUE(engine().stores.flow_changes.set_state(
        customers.id, FlowState::kStopped, {"ann", "test"}, clock_.now().ms
    ));
    const auto reset =
        cursors().set(tenant_, "shop-books-customers", "customer", std::nullopt, {"ann", "again"});
    ASSERT_TRUE(reset.has_value()) << reset.error().message;
    EXPECT_EQ(cursor_ms("shop-books-customers"), 0);
    EXPECT_EQ(cursor_ms(), of_orders);
    EXPECT_EQ(engine().stores.jobs.known_ids(flow().id, {"1"}).value().size(), 1u);
}

TEST_F(CursorTest, ABackfillReadsItsRangeAndLeavesTheCursorWhereItIs) {
    const std::int64_t begun = shop_.now_ms;
    for (std::int64_t id = 1; id <= 3; ++id) {
        shop_.put(id, "10.00", "a@x.example");
        later(86'400'000);
    }
    run();
    const std::int64_t before = cursor_ms();
    later(3'600'000);
    storage::RunOptions range;
    range.from = Timestamp{begun + 86'400'000};
    range.to = Timestamp{begun + 2 * 86'400'000};
    const auto backfill = run(SyncMode::kBackfill, range);
    EXPECT_EQ(backfill.counts.read, 1);
    EXPECT_EQ(backfill.counts.skipped, 1) << "it is in the books as it is";
    EXPECT_EQ(cursor_ms(), before);
    EXPECT_EQ(books_.count("invoice"), 3u);
    range.to = std::nullopt;
    EXPECT_EQ(run(SyncMode::kBackfill, range).counts.read, 2);
    EXPECT_EQ(cursor_ms(), before);
}

TEST_F(CursorTest, GivenIdsAreReadWhateverTheCursorAndLeaveItWhereItIs) {
    shop_.put(1, "10.00", "a@x.example");
    shop_.put(2, "10.00", "a@x.example");
    run();
    const std::int64_t before = cursor_ms();
    later(86'400'000);
    storage::RunOptions options;
    options.ids = {"2"};
    EXPECT_EQ(run(SyncMode::kIds, options).counts.read, 1);
    EXPECT_EQ(cursor_ms(), before);
}

TEST_F(CursorTest, WhatWasReportedOnceIsForgottenWhenAFullScanIsWellAgain) {
    const auto scan_of = [&](std::int64_t records) {
        later(3'600'000);
        shop_.orders.clear();
        for (std::int64_t id = 1; id <= records; ++id) {
            shop_.put(id, "10.00", "a@x.example");
        }
        run(SyncMode::kFull);
        return cursors().show(tenant_, "shop-books-orders", "").value().cursor;
    };
    scan_of(40);
    EXPECT_EQ(scan_of(19).shrunk_seen, 19);
    const auto well = scan_of(40);
    EXPECT_EQ(well.shrunk_at_ms, 0);
    const auto broken = scan_of(25);
    EXPECT_EQ(broken.cursor_ms, well.cursor_ms);
    EXPECT_EQ(broken.shrunk_seen, 25);
    EXPECT_EQ(scan_of(35).shrunk_at_ms, 0);
}

TEST_F(CursorTest, AShopThatHasNothingAnyMoreIsBelievedTheSecondTime) {
    for (std::int64_t id = 1; id <= 40; ++id) {
        shop_.put(id, "10.00", "a@x.example");
    }
    run(SyncMode::kFull);
    const std::int64_t before = cursor_ms();
    shop_.orders.clear();
    later(3'600'000);
    run(SyncMode::kFull);
    EXPECT_EQ(cursor_ms(), before);
    run(SyncMode::kFull);
    EXPECT_GT(cursor_ms(), before);
}

TEST_F(CursorTest, TimesAreTakenByABackfillOnly) {
    engine::StartRequest request;
    request.entity = "order";
    request.options.from = Timestamp{1000};
    const auto refused = engine().control.start(tenant_, request);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message.find("/from"), std::string::npos);
    request.mode = SyncMode::kBackfill;
    EXPECT_TRUE(engine().control.start(tenant_, request).has_value());
}

}  // namespace
}  // namespace syncline::testing
