// Who reads next, and that nobody's reading keeps all others from theirs.
#include "engine/reading_slots.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

using engine::reading_priority;
using engine::ReadingSlots;
using engine::ReadingTurn;

storage::Run a_run(std::int64_t tenant, const std::string& id, const std::string& by = "ann") {
    storage::Run run;
    run.id = id;
    run.tenant = TenantId{tenant};
    run.requested_by = by;
    return run;
}

TEST(ReadingPriority, PeopleComeBeforeWebhooksSchedulesAndBackfills) {
    EXPECT_EQ(reading_priority(a_run(1, "a", "ann"), false), 0);
    EXPECT_EQ(reading_priority(a_run(1, "a", "webhook:orders"), false), 1);
    EXPECT_EQ(reading_priority(a_run(1, "a", "schedule:often"), false), 2);
    EXPECT_EQ(reading_priority(a_run(1, "a", "restart"), false), 2);
    storage::Run backfill = a_run(1, "a");
    backfill.mode = SyncMode::kBackfill;
    EXPECT_EQ(reading_priority(backfill, false), 3);
}

TEST(ReadingPriority, WhatIsLongIsNoBetterThanASchedule) {
    EXPECT_EQ(reading_priority(a_run(1, "a", "ann"), true), 2);
    storage::Run backfill = a_run(1, "a");
    backfill.mode = SyncMode::kBackfill;
    EXPECT_EQ(reading_priority(backfill, true), 3);
    backfill.stop_requested = true;
    EXPECT_EQ(reading_priority(backfill, true), 0) << "to stop it takes no time";
}

TEST(ReadingSlotsTest, OneTenantHasHalfOfThemWhileAnotherWaits) {
    ReadingSlots slots(4);
    const std::vector<storage::Run> waiting{
        a_run(1, "a1", "schedule:x"),
        a_run(1, "a2", "schedule:x"),
        a_run(1, "a3", "schedule:x"),
        a_run(1, "a4", "schedule:x"),
        a_run(2, "b1", "schedule:x"),
        a_run(2, "b2", "schedule:x"),
        a_run(2, "b3", "schedule:x")};
    std::map<TenantId, int> reading;
    while (const auto turn = slots.take(waiting, 1000)) {
        ++reading[turn->run.tenant];
    }
    EXPECT_EQ(reading[TenantId{1}], 2);
    EXPECT_EQ(reading[TenantId{2}], 2);
}

TEST(ReadingSlotsTest, ATenantAloneHasAllOfThem) {
    ReadingSlots slots(4);
    std::vector<storage::Run> waiting;
    for (int i = 0; i < 5; ++i) {
        waiting.push_back(a_run(1, "a" + std::to_string(i), "schedule:x"));
    }
    int reading = 0;
    while (slots.take(waiting, 1000)) {
        ++reading;
    }
    EXPECT_EQ(reading, 4);
}

TEST(ReadingSlotsTest, ARunThatWasPutBackGoesBeforeNewerOnesOfItsTenant) {
    ReadingSlots slots(1);
    const storage::Run scan = a_run(1, "scan", "schedule:x");
    std::optional<ReadingTurn> turn = slots.take({scan}, 1000);
    slots.give_back(*turn, false, 1010);
    int turns = 0;
    do {  // a new run with every look
        ASSERT_LT(++turns, 4);
        turn = slots.take({a_run(1, "new" + std::to_string(turns), "schedule:x"), scan}, 1000);
        ASSERT_TRUE(turn.has_value());
        slots.give_back(*turn, turn->run.id != "scan", 1010);
    } while (turn->run.id != "scan");
}

// Turns that the others have before the run of a schedule has one.
int turns_before_the_schedule(const std::string& by, std::int64_t tenant) {
    ReadingSlots slots(1);
    const storage::Run schedule = a_run(2, "schedule", "schedule:x");
    for (int turns = 0; turns < 1000; ++turns) {
        const storage::Run other = a_run(tenant, "other" + std::to_string(turns), by);
        const auto turn = slots.take({other, schedule}, 1000);
        if (turn->run.id == "schedule") {
            return turns;
        }
        slots.give_back(*turn, true, 3000);
    }
    return 1000;
}

TEST(ReadingSlotsTest, AStreamOfUrgentRunsDoesNotKeepASchedulesWaitingForEver) {
    const int per_rank = static_cast<int>(engine::kTurnsPerRank);
    for (const std::int64_t tenant : {1, 2}) {
        EXPECT_LE(turns_before_the_schedule("webhook:orders", tenant), per_rank + 1);
        EXPECT_GE(turns_before_the_schedule("webhook:orders", tenant), per_rank);
        EXPECT_LE(turns_before_the_schedule("ann", tenant), 2 * per_rank + 1);
        EXPECT_GE(turns_before_the_schedule("ann", tenant), 2 * per_rank);
    }
}

TEST(ReadingSlotsTest, WhatHasBegunContinuesUntilItEnds) {
    ReadingSlots slots(1);
    const std::vector<storage::Run> waiting{a_run(1, "a1")};
    const auto take = [&] { return *slots.take(waiting, 1000); };
    auto turn = take();
    slots.give_back(turn, false, 1000);
    turn = take();
    EXPECT_FALSE(turn.continues) << "it failed before it began";
    slots.note_begun("a1");
    slots.give_back(turn, false, 1000);
    turn = take();
    EXPECT_TRUE(turn.continues);
    EXPECT_EQ(turn.priority, 2);
    slots.give_back(turn, true, 1000);
    EXPECT_FALSE(take().continues) << "nothing is kept of a run that ended";
}

TEST(ReadingSlotsTest, RunsOfOneTenantTakeTurns) {
    ReadingSlots slots(1);
    const std::vector<storage::Run> waiting{
        a_run(1, "a1", "schedule:x"), a_run(1, "a2", "schedule:x"), a_run(1, "a3", "schedule:x")};
    std::vector<std::string> order;
    for (int i = 0; i < 6; ++i) {
        const auto turn = slots.take(waiting, 1000);
        ASSERT_TRUE(turn.has_value());
        EXPECT_FALSE(slots.take(waiting, 1000).has_value());
        order.push_back(turn->run.id);
        slots.give_back(*turn, false, 1010);
    }
    EXPECT_EQ(order, (std::vector<std::string>{"a1", "a2", "a3", "a1", "a2", "a3"}));
    EXPECT_TRUE(slots.all_free());
}

// A shop per tenant; that of the first never comes to an end.
class EndlessSource : public FakeConnectorSource {
public:
    EndlessSource(FakeShop& shop, FakeBooks& books) : FakeConnectorSource(shop, books) {}

    class Endless : public FakeShopConnector {
    public:
        Endless(FakeShop& shop, std::atomic<std::int64_t>& pages)
            : FakeShopConnector(shop), pages_(pages) {}
        Result<Page> read(const ReadRequest& request, const connectors::CallContext& call)
            override {
            static_cast<void>(call);
            ++pages_;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            Page page;
            page.source_time = Timestamp{1'795'161'600'000};
            page.more = true;
            page.last_id =
                std::to_string(request.after_id.empty() ? 1 : std::stoll(request.after_id) + 1);
            return page;
        }

    private:
        std::atomic<std::int64_t>& pages_;
    };

    Result<std::unique_ptr<connectors::Connector>> create(
        const std::string& platform,
        const connectors::ConnectionIdentity& who,
        const Json& settings,
        connectors::ConnectionServices& services
    ) override {
        if (platform == "shop" && who.tenant == "endless") {
            return std::unique_ptr<connectors::Connector>(new Endless(empty_, pages));
        }
        return FakeConnectorSource::create(platform, who, settings, services);
    }
    std::atomic<std::int64_t> pages{0};

private:
    FakeShop empty_;
};

class SharedReadingTest : public EngineTest {
protected:
    engine::ConnectorSource& source() override { return endless_source_; }

    void SetUp() override {
        EngineTest::SetUp();
        const TenantId mine = tenant_;
        tenant_ = engine().stores.tenants.ensure("endless", 1).value();
        ASSERT_TRUE(engine().stores.vault.prepare_tenant(tenant_, 1));
        add_connection("shop", "shop");
        add_connection("books", "books");
        for (const char* name : {"one", "two", "three", "four"}) {
            add_flow(name);
            endless_.push_back(name);
        }
        other_ = std::exchange(tenant_, mine);
    }
    void start_endless(const std::string& by) {
        for (const auto& name : endless_) {
            engine::StartRequest request;
            request.flow = name;
            request.mode = SyncMode::kFull;
            request.requested_by = by;
            const auto started = engine().control.start(other_, request);
            ASSERT_TRUE(started.has_value()) << started.error().message;
            scans_.push_back(started->sync_id);
        }
    }
    template <class Condition>
    static bool soon(Condition&& condition) {
        for (int i = 0; i < 3000 && !condition(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return condition();
    }

    EndlessSource endless_source_{shop_, books_};
    TenantId other_;
    std::vector<std::string> endless_;
    std::vector<std::string> scans_;
};

TEST_F(SharedReadingTest, FourEndlessScansOfOneTenantKeepNobodyElseFromReading) {
    for (std::int64_t id = 1; id <= 25; ++id) {
        shop_.put(id, "10.00", "ann@x.example");
    }
    engine().dispatcher.start();
    start_endless("ann");
    ASSERT_TRUE(soon([&] { return endless_source_.pages > 200; })) << "they all go on";
    const std::int64_t before = endless_source_.pages;
    const std::string id = start();
    ASSERT_TRUE(soon([&] { return status(id).collect_ended; }));
    EXPECT_LE(endless_source_.pages - before, 400) << "a few turns of twenty pages";
    EXPECT_EQ(status(id).counts.read, 25);
    for (const auto& scan : scans_) {
        const auto run = engine().control.status(other_, scan).value().front();
        EXPECT_EQ(run.status, storage::RunStatus::kRunning);
        EXPECT_EQ(run.error_code, "");
    }
    // They can be stopped, and a drain does not wait for their end.
    ASSERT_TRUE(engine().control.stop(other_, scans_[0]));
    EXPECT_TRUE(soon([&] {
        return engine().control.status(other_, scans_[0]).value().front().status ==
               storage::RunStatus::kStopped;
    }));
    engine().dispatcher.stop(10'000);
    const auto left = engine().control.status(other_, scans_[1]).value().front();
    EXPECT_EQ(left.status, storage::RunStatus::kRunning);
    EXPECT_FALSE(left.collect_ended);
}

TEST_F(SharedReadingTest, AScanThatIsPutBackReadsEveryRecordOnce) {
    for (std::int64_t id = 1; id <= 500; ++id) {
        shop_.put(id, "10.00", "ann@x.example", {{"status", "cancelled"}});
    }
    storage::RunOptions small;
    small.batch_size = 70;  // what is read and not stored when the turn is over
    const std::string id = start(SyncMode::kIncremental, small);
    ASSERT_TRUE(engine().dispatcher.run_once().has_value());
    EXPECT_FALSE(status(id).collect_ended);
    EXPECT_EQ(status(id).status, storage::RunStatus::kRunning);
    EXPECT_LT(status(id).counts.read, 500);
    work();
    EXPECT_EQ(status(id).status, storage::RunStatus::kCompleted);
    EXPECT_EQ(status(id).counts.read, 500);
    EXPECT_EQ(status(id).counts.skipped, 500);
    EXPECT_EQ(shop_.reads, 50);
    const auto flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
    const auto cursor = engine().stores.flows.cursor(flow.id, "order").value();
    EXPECT_FALSE(cursor.scanning);
    EXPECT_GT(cursor.cursor_ms, 0);
}

// A job that was parked before a run takes part in it from its first turn; one that is parked later
// waits for the next run, also when reading fails on the way.
TEST_F(SharedReadingTest, ParkedJobsAreTakenUpInTheFirstTurnOnly) {
    for (std::int64_t id = 1; id <= 500; ++id) {
        shop_.put(id, "10.00", "ann@x.example", {{"status", "cancelled"}});
    }
    const auto flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
    const auto park = [&](const std::string& id) {
        ASSERT_TRUE(engine().database->write([&](storage::Sql& sql) -> Result<void> {
            engine().stores.jobs.raise(
                sql, flow, {id, "order:#" + id, "hash", std::nullopt, 2, false}, std::nullopt, 1
            );
            sql.run("UPDATE sync_queue SET state = 'parked' WHERE source_id = ?", id);
            return {};
        }));
    };
    const auto is_parked = [&](const std::string& id) {
        const auto parked = engine().stores.jobs.parked_ids(flow.id).value();
        return std::find(parked.begin(), parked.end(), id) != parked.end();
    };
    park("901");
    const std::string id = start();
    shop_.next_read_errors = {Error{ErrorCode::kTransient, "away", "shop.away"}};
    ASSERT_TRUE(engine().dispatcher.run_once().has_value());
    EXPECT_FALSE(is_parked("901"));
    EXPECT_FALSE(status(id).collect_ended);
    park("902");
    later(600'000);
    EXPECT_EQ(status(id).status, storage::RunStatus::kCompleted);
    EXPECT_TRUE(is_parked("902"));
}

TEST_F(SharedReadingTest, ARunOfAPausedFlowWaitsBeforeItsNextTurn) {
    for (std::int64_t id = 1; id <= 500; ++id) {
        shop_.put(id, "10.00", "ann@x.example", {{"status", "cancelled"}});
    }
    const auto flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
    const auto set = [&](FlowState state) {
        ASSERT_TRUE(engine().stores.flow_changes.set_state(flow.id, state, {"ann", "looks"}, 1));
    };
    storage::RunOptions small;
    small.batch_size = 7;
    const std::string id = start(SyncMode::kIncremental, small);
    ASSERT_TRUE(engine().dispatcher.run_once().has_value());
    set(FlowState::kPaused);
    const std::int64_t reads = shop_.reads;
    work();
    EXPECT_EQ(shop_.reads, reads);
    EXPECT_EQ(status(id).status, storage::RunStatus::kRunning);
    set(FlowState::kRunning);
    work();
    EXPECT_EQ(status(id).status, storage::RunStatus::kCompleted);
    EXPECT_EQ(status(id).counts.read, 500);
}

TEST_F(SharedReadingTest, ARunOfAPausedFlowCanBeStopped) {
    shop_.put(1, "10.00", "ann@x.example");
    const auto flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
    const std::string id = start();
    ASSERT_TRUE(engine().stores.flow_changes.set_state(flow.id, FlowState::kPaused, {"a", ""}, 1));
    ASSERT_TRUE(engine().control.stop(tenant_, id));
    work();
    EXPECT_EQ(status(id).status, storage::RunStatus::kStopped);
}

TEST_F(SharedReadingTest, ARunThatWasStartedWhileItsFlowWasStoppedEnds) {
    shop_.put(1, "10.00", "ann@x.example");
    const auto flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
    const std::string id = start();
    ASSERT_TRUE(engine().stores.flow_changes.set_state(flow.id, FlowState::kStopped, {"a", ""}, 1));
    work();
    EXPECT_EQ(status(id).status, storage::RunStatus::kStopped);
    EXPECT_EQ(shop_.reads, 0);
}

// The host may be stopped between two turns.
TEST_F(SharedReadingTest, AScanThatIsPutBackGoesOnAfterARestart) {
    for (std::int64_t id = 1; id <= 500; ++id) {
        shop_.put(id, "10.00", "ann@x.example", {{"status", "cancelled"}});
    }
    storage::RunOptions small;
    small.batch_size = 7;
    const std::string id = start(SyncMode::kIncremental, small);
    ASSERT_TRUE(engine().dispatcher.run_once().has_value());
    restart();
    work();
    EXPECT_EQ(status(id).status, storage::RunStatus::kCompleted);
    EXPECT_EQ(status(id).counts.read, 500);
}

}  // namespace
}  // namespace syncline::testing
