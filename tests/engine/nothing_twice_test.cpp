// Lost answers and crashes: no record lost, none twice.
#include <random>

#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

class NothingTwice : public EngineTest {
protected:
    void expect_each_once(int orders) {
        for (int i = 1; i <= orders; ++i) {
            EXPECT_EQ(books_.copies("shop:shop:" + std::to_string(i)), 1u) << "order " << i;
        }
        EXPECT_EQ(books_.count("invoice"), static_cast<std::size_t>(orders));
    }
    void change_store(const char* statement) {
        ASSERT_TRUE(engine().database->write([&](storage::Sql& sql) -> Result<void> {
            sql.run(statement);
            return {};
        }));
    }
};

TEST_F(NothingTwice, ALostAnswerIsSettledByFindingTheDocument) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.faults = {WriteFault::kNone, WriteFault::kDropAfter};
    run();
    EXPECT_EQ(
        engine()
            .stores.intents.count_open(engine().stores.connections.find(tenant_, "books")->id)
            .value(),
        1
    );
    later(10'000);
    expect_each_once(1);
    EXPECT_EQ(engine().stores.jobs.counts(tenant_, clock_.now().ms)->queued, 0);
}

TEST_F(NothingTwice, ARequestThatNeverArrivedGoesOutUnchangedUnderItsKey) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.faults = {WriteFault::kNone, WriteFault::kDropBefore};
    run();
    later(10'000);
    expect_each_once(1);
    ASSERT_GE(books_.write_keys.size(), 3u);
    EXPECT_EQ(books_.write_keys[1], books_.write_keys[2]);
}

TEST_F(NothingTwice, ForgottenRequestIdsMakeNoDuplicates) {
    for (int i = 1; i <= 10; ++i) {
        shop_.put(i, "10.00", "ann@x.example");
    }
    books_.faults = {WriteFault::kDropAfter, WriteFault::kDropAfter, WriteFault::kDropAfter};
    run();
    for (int i = 0; i < 10; ++i) {
        books_.answers.clear();
        later(20'000);
    }
    expect_each_once(10);
    EXPECT_EQ(books_.count("customer"), 1u);
}

TEST_F(NothingTwice, ANewerVersionWaitsForTheOpenIntentOfItsLane) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.faults = {WriteFault::kNone, WriteFault::kDropAfter};
    run();
    shop_.put(1, "20.00", "ann@x.example");
    start();
    ASSERT_TRUE(engine().dispatcher.run_once().has_value());
    EXPECT_EQ(books_.by_key("shop:shop:1")->body.at("total"), "10.00");
    later(10'000);
    expect_each_once(1);
    EXPECT_EQ(books_.by_key("shop:shop:1")->body.at("total"), "20.00");
}

TEST_F(NothingTwice, HalfABatchThatWasNotReachedIsSentUnderTheNextKey) {
    for (int i = 1; i <= 5; ++i) {
        shop_.put(i, "10.00", "ann@x.example");
    }
    books_.faults = {WriteFault::kNone, WriteFault::kHalf};
    run();
    for (int i = 0; i < 5; ++i) {
        later(60'000);
    }
    expect_each_once(5);
}

// A page's jobs and the cursor past it are one transaction: if the store refuses one of the jobs,
// the next run reads the page again.
TEST_F(NothingTwice, TheCursorDoesNotPassARecordThatCouldNotBeStored) {
    for (int i = 1; i <= 15; ++i) {
        shop_.put(i, "10.00", "ann@x.example");
    }
    later(3'600'000);
    change_store(
        "CREATE TRIGGER refuse BEFORE INSERT ON sync_queue WHEN new.source_id = '12' "
        "BEGIN SELECT RAISE(ABORT, 'refused by the test'); END"
    );
    EXPECT_EQ(run().counts.created, 0);
    change_store("DROP TRIGGER refuse");
    later(3'600'000);
    later(3'600'000);
    run();
    expect_each_once(15);
}

TEST_F(NothingTwice, TwoFlowsThatMeetTheSameNewCustomerMakeOne) {
    add_flow("second");
    for (int i = 1; i <= 8; ++i) {
        shop_.put(i, "10.00", "ann@x.example");
    }
    run();
    EXPECT_EQ(books_.count("customer"), 1u);
}

// Number 7 of one shop is not number 7 of the other.
TEST_F(NothingTwice, ANumberOfOneShopIsNotTakenForThatOfAnother) {
    add_connection("outlet", "shop");
    shop_.put(1, "10.00", "ann@x.example", {{"customer_id", "7"}});
    run();
    EXPECT_EQ(books_.count("customer"), 1u);
    add_flow("outlet-books-orders", {}, "outlet");
    run();
    EXPECT_EQ(books_.copies("outlet:outlet:1") + books_.copies("shop:outlet:1"), 1u);
    EXPECT_EQ(books_.count("customer"), 2u);
}

TEST_F(NothingTwice, APluginThatBreaksOffAfterTheWriteIsLookedAfterAndNotRepeated) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.faults = {WriteFault::kNone, WriteFault::kBreaksOff};
    run();
    const auto books = engine().stores.connections.find(tenant_, "books").value();
    EXPECT_EQ(engine().stores.intents.count_open(books.id).value(), 1);
    ASSERT_TRUE(engine().stores.connections.set_state(
        books.id, storage::ConnectionState::kActive, "", clock_.now().ms
    ));
    ASSERT_TRUE(engine().failures.retry_all(tenant_, {}, {}, "tester").has_value());
    later(600'000);
    expect_each_once(1);
}

TEST_F(NothingTwice, ARestThatWentOutUnderTheNextKeyGoesOutAgainUnderThatKey) {
    for (int i = 1; i <= 5; ++i) {
        shop_.put(i, "10.00", "ann@x.example");
    }
    books_.faults = {WriteFault::kNone, WriteFault::kHalf};
    run();
    books_.finds_nothing = true;
    books_.faults = {WriteFault::kDropAfter};
    for (int i = 0; i < 5; ++i) {
        later(60'000);
    }
    books_.finds_nothing = false;
    expect_each_once(5);
    EXPECT_EQ(engine().stores.jobs.counts(tenant_, clock_.now().ms)->queued, 0);
}

// An intent nobody can settle: its document is out, the answer was lost, and the target cannot be
// searched.
class GivenUp : public NothingTwice {
protected:
    void SetUp() override {
        NothingTwice::SetUp();
        shop_.put(1, "10.00", "ann@x.example");
        books_.faults = {WriteFault::kNone, WriteFault::kDropAfter};
        run();
        books_.find_error = Error{ErrorCode::kData, "the query is refused"};
        later(10'000);
        ASSERT_EQ(counts().dead, 1);
    }
    storage::QueueCounts counts() {
        return engine().stores.jobs.counts(tenant_, clock_.now().ms).value();
    }
};

TEST_F(GivenUp, RetryingAllFailuresLooksAgain) {
    books_.find_error.reset();
    EXPECT_EQ(engine().failures.retry_all(tenant_, {}, {}, "tester")->redriven.count, 1);
    later(60'000);
    expect_each_once(1);
    EXPECT_EQ(counts().queued, 0);
    EXPECT_EQ(counts().dead, 0);
}

TEST_F(GivenUp, ANewVersionOfTheRecordLooksAgain) {
    books_.find_error.reset();
    shop_.put(1, "20.00", "ann@x.example");
    const std::string id = start();
    work();
    later(60'000);
    EXPECT_TRUE(status(id).ended());
    expect_each_once(1);
    EXPECT_EQ(books_.by_key("shop:shop:1")->body.at("total"), "20.00");
}

TEST_F(GivenUp, ANewVersionThatCannotBeSentEndsItsRunAndIsAFailureAgain) {
    shop_.put(1, "20.00", "ann@x.example");
    const std::string id = start();
    work();
    later(60'000);
    EXPECT_TRUE(status(id).ended());
    EXPECT_EQ(status(id).counts.failed, 1);
    EXPECT_EQ(counts().dead, 1);
}

TEST_F(NothingTwice, ARunEndsAlthoughItIsNotKnownWhetherItsCustomerIsThere) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.faults = {WriteFault::kDropAfter};
    run();
    books_.find_error = Error{ErrorCode::kData, "the query is refused"};
    later(10'000);
    books_.find_error.reset();
    books_.finds_nothing = true;
    shop_.put(2, "20.00", "ann@x.example");
    const std::string id = start();
    work();
    EXPECT_TRUE(status(id).ended());
    EXPECT_EQ(status(id).counts.waiting, 1);
    books_.finds_nothing = false;
    ASSERT_TRUE(engine().failures.retry_all(tenant_, {}, {}, "tester").has_value());
    later(60'000);
    expect_each_once(2);
    EXPECT_EQ(books_.count("customer"), 1u);
}

TEST_F(NothingTwice, ARunEndsWhenTheIntentOfItsCrashedDeliveryIsGivenUp) {
    shop_.put(1, "10.00", "ann@x.example");
    const std::string id = start();
    ASSERT_TRUE(engine().stores.runs.start(id, clock_.now().ms));
    ASSERT_TRUE(engine().collector.collect(status(id), nullptr));
    ASSERT_TRUE(engine().stores.runs.end_collect(id, std::nullopt, clock_.now().ms));
    const Flow flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
    const auto jobs = engine().stores.jobs.claim(flow, 1, 7, clock_.now().ms, 60'000).value();
    ASSERT_EQ(jobs.size(), 1u);
    engine::StoredWrite stored;
    stored.request.items.emplace_back();
    stored.request.items[0].entity = "invoice";
    stored.request.items[0].natural_key = "shop:shop:1";
    stored.targets.emplace_back();
    stored.targets[0].job = jobs[0].id.value;
    const storage::NewIntent intent{
        tenant_, flow.target, flow.id, dump_json(to_json(stored)), {jobs[0].id}, {jobs[0].lane}, 7};
    ASSERT_TRUE(engine().stores.intents.open(intent, clock_.now().ms).has_value());

    restart();
    books_.find_error = Error{ErrorCode::kData, "the query is refused"};
    work();
    EXPECT_TRUE(status(id).ended());
    EXPECT_EQ(status(id).counts.failed, 1);
    expect_adds_up(status(id));
}

TEST_F(NothingTwice, AnIntentThatCannotBeReadDoesNotStopTheRecoveryOfOthers) {
    for (int i = 1; i <= 6; ++i) {
        shop_.put(i, "10.00", "ann@x.example");
    }
    books_.faults = {WriteFault::kNone, WriteFault::kDropAfter, WriteFault::kDropAfter};
    run();
    ASSERT_TRUE(engine().database->write([](storage::Sql& sql) -> Result<void> {
        sql.run(
            "UPDATE intents SET request = x'00' "
            "WHERE id = (SELECT min(id) FROM intents WHERE state = 'open')"
        );
        return {};
    }));
    later(60'000);
    EXPECT_EQ(engine().stores.jobs.counts(tenant_, clock_.now().ms)->dead, 5);
    EXPECT_EQ(engine().stores.jobs.counts(tenant_, clock_.now().ms)->queued, 0);
}

TEST_F(NothingTwice, AFlowWithAnOpenIntentCannotBeRemoved) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.faults = {WriteFault::kNone, WriteFault::kDropAfter};
    run();
    const Flow flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
    EXPECT_FALSE(engine().stores.flows.remove(flow.id));
    later(10'000);
    EXPECT_TRUE(engine().stores.flows.remove(flow.id));
    const auto lanes = engine().database->read([](storage::Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>("SELECT count(*) FROM lanes").value_or(0);
    });
    EXPECT_EQ(lanes.value(), 0);
}

TEST_F(NothingTwice, CrashesAtRandomMomentsLoseNothingAndRepeatNothing) {
    const auto seed = std::random_device{}();
    std::mt19937 random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    for (int i = 1; i <= 40; ++i) {
        shop_.put(i, "10.00", "c" + std::to_string(i % 7) + "@x.example", {{"paid", i % 3 == 0}});
    }
    start();
    const WriteFault kinds[] = {
        WriteFault::kNone,
        WriteFault::kDropBefore,
        WriteFault::kDropAfter,
        WriteFault::kRateLimit,
        WriteFault::kHalf};
    for (int round = 0; round < 25; ++round) {
        books_.faults.push_back(kinds[random() % 5]);
        if (random() % 3 == 0) {
            books_.answers.clear();
        }
        ASSERT_TRUE(engine().dispatcher.run_once().has_value());
        if (random() % 2 == 0) {
            restart();
        }
        clock_.advance(std::chrono::milliseconds(static_cast<std::int64_t>(random() % 40'000)));
    }
    books_.faults.clear();
    for (int i = 0; i < 20; ++i) {
        later(600'000);
    }
    expect_each_once(40);
    EXPECT_EQ(books_.count("customer"), 7u);
    EXPECT_EQ(books_.count("payment"), 13u);
}

// One record becomes more documents than fit in a batch, and the first batch loses its answer.
TEST_F(NothingTwice, WhatIsLeftOfARecordWaitsForItsBatchInDoubt) {
    shop_.put(1, "10.00", "ann@x.example", {{"parts", 8}});
    books_.faults = {WriteFault::kNone, WriteFault::kDropAfter};
    books_.finds_nothing = true;
    const std::string id = start();
    work();
    EXPECT_EQ(books_.writes, 2) << "the customer and the first batch";
    books_.finds_nothing = false;
    books_.answers.clear();
    books_.find_error = Error{ErrorCode::kTransient, "not now"};
    for (int i = 0; i < 6; ++i) {
        later(7'000);
        EXPECT_EQ(books_.writes, 2) << "nothing more of the lane goes out";
    }
    books_.find_error.reset();
    for (int i = 0; i < 5; ++i) {
        later(600'000);
    }
    expect_each_once(1);
    EXPECT_EQ(books_.count("part"), 8u);
    for (int part = 0; part < 8; ++part) {
        EXPECT_EQ(books_.copies("shop:shop:1:part-" + std::to_string(part)), 1u) << part;
    }
    EXPECT_EQ(engine().stores.jobs.counts(tenant_, clock_.now().ms)->queued, 0);
}

TEST_F(NothingTwice, WhoseDocumentsAreSettledGoesOnWhileOthersOfTheBatchAreInDoubt) {
    for (int i = 1; i <= 4; ++i) {
        shop_.put(i, "10.00", "ann@x.example", {{"paid", true}});
    }
    books_.faults = {WriteFault::kNone, WriteFault::kHalf};
    run();
    EXPECT_EQ(books_.count("invoice"), 2u);
    EXPECT_EQ(books_.count("payment"), 2u);
    shop_.put(1, "20.00", "ann@x.example", {{"paid", true}});
    books_.find_error = Error{ErrorCode::kTransient, "not now"};
    run();
    EXPECT_EQ(books_.by_key("shop:shop:1")->body.at("total"), "20.00");
    books_.find_error.reset();
    for (int i = 0; i < 5; ++i) {
        later(600'000);
    }
    expect_each_once(4);
    EXPECT_EQ(books_.count("payment"), 4u);
    const auto lanes = engine().database->read([](storage::Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>("SELECT count(*) FROM lanes").value_or(0);
    });
    EXPECT_EQ(lanes.value(), 0);
}

TEST_F(NothingTwice, ADocumentThatIsFoundWithOtherMoneyIsCorrectedAndNotTakenForDone) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.faults = {WriteFault::kNone, WriteFault::kDropAfter};
    run();
    books_.by_key("shop:shop:1")->body["total"] = "10.50";  // as the books reckon
    later(10'000);
    expect_each_once(1);
    EXPECT_EQ(books_.by_key("shop:shop:1")->body.at("total"), "10.00");
    EXPECT_EQ(engine().stores.jobs.counts(tenant_, clock_.now().ms)->queued, 0);
}

TEST_F(NothingTwice, ADocumentThatIsFoundWithOtherMoneyAndStaysSoIsADeadLetter) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.faults = {WriteFault::kNone, WriteFault::kDropAfter};
    run();
    books_.by_key("shop:shop:1")->body["total"] = "10.50";
    books_.refused_keys.insert("shop:shop:1");
    later(10'000);
    expect_each_once(1);
    EXPECT_EQ(engine().stores.jobs.counts(tenant_, clock_.now().ms)->dead, 1);
}

TEST_F(NothingTwice, WaitingForARateLimitUsesUpNoAttemptOfAnIntent) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.faults = {WriteFault::kNone, WriteFault::kDropAfter};
    run();
    books_.find_error = Error{ErrorCode::kRateLimited, "slow down"};
    for (int i = 0; i < 20; ++i) {
        later(60'000);
    }
    books_.find_error = Error{ErrorCode::kTransient, "not now"};
    later(60'000);
    EXPECT_EQ(engine().stores.jobs.counts(tenant_, clock_.now().ms)->dead, 0);
    books_.find_error.reset();
    later(60'000);
    expect_each_once(1);
    EXPECT_EQ(engine().stores.jobs.counts(tenant_, clock_.now().ms)->queued, 0);
}

}  // namespace
}  // namespace syncline::testing
