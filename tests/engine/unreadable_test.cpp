// Records of a source that cannot be taken as they come: the others go on, nothing is lost, and a
// person sees what there is to do.
#include "engine/unreadable.hpp"

#include "storage/installation.hpp"
#include "storage/invariants.hpp"
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

class UnreadableTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        ASSERT_TRUE(storage::installation_id(*engine().database, 1).has_value());
        for (std::int64_t id = 1; id <= 3; ++id) {
            shop_.put(id, std::to_string(id) + "0.00", "ann@x.example");
        }
    }
    void TearDown() override {
        const auto broken =
            engine().database->read([](storage::Sql& sql) -> Result<std::vector<std::string>> {
                return storage::broken_invariants(sql);
            });
        ASSERT_TRUE(broken.has_value());
        EXPECT_TRUE(broken->empty()) << broken->front();
    }
    std::vector<storage::DeadLetter> letters() {
        return engine().stores.jobs.dead_letters(tenant_, {}).value();
    }
    std::string retry(const storage::DeadLetter& letter) {
        const auto retried =
            engine().failures.retry(tenant_, letter.id, storage::LoopGuard::kOn, "ann");
        if (!retried) {
            return retried.error().name;
        }
        work();
        return "";
    }
    std::int64_t cursor_ms() {
        const auto flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
        return engine().stores.flows.cursor(flow.id, "order").value().cursor_ms;
    }
};

TEST_F(UnreadableTest, OneOfAPageIsADeadLetterAndTheOthersAreDelivered) {
    shop_.broken = {2};
    const auto first = run();
    EXPECT_EQ(first.status, storage::RunStatus::kPartial);
    EXPECT_EQ(first.counts.read, 3);
    EXPECT_EQ(first.counts.created, 2);
    EXPECT_EQ(first.counts.failed, 1);
    expect_adds_up(first);
    EXPECT_EQ(books_.count("invoice"), 2U);
    EXPECT_GT(cursor_ms(), 0) << "what follows is read by the next run";

    ASSERT_EQ(letters().size(), 1U);
    const auto opened = engine().failures.open(tenant_, letters()[0].id).value();
    EXPECT_EQ(opened.letter.source_id, "2");
    EXPECT_EQ(opened.letter.error_code, "record.not_json");
    EXPECT_EQ(opened.letter.outcome, "failed");
    EXPECT_EQ(opened.detail.at("stage"), "read");
    EXPECT_EQ(opened.detail.at("raw").at("text"), R"({"email":"ann@x.example","id":)");
    EXPECT_EQ(opened.detail.at("raw").at("cut"), true);
    EXPECT_EQ(opened.detail.at("response").at("code"), "record.not_json");
    const auto told = engine().stores.log.of_record(tenant_, "order", "2", 10).value();
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back().event, "record.unreadable");

    const auto again = run(SyncMode::kFull);
    EXPECT_EQ(letters().size(), 1U) << "listed once";
    expect_adds_up(again);
}

TEST_F(UnreadableTest, ARetryFetchesItAnewAndDeliversItOnceItIsMended) {
    shop_.broken = {2};
    run();
    EXPECT_EQ(retry(letters().at(0)), "");
    ASSERT_EQ(letters().size(), 1U);
    EXPECT_EQ(letters()[0].redrives, 1);
    EXPECT_EQ(
        engine().failures.open(tenant_, letters()[0].id).value().detail.at("raw").at("bytes"), 72
    );
    shop_.broken.clear();
    EXPECT_EQ(retry(letters().at(0)), "");
    EXPECT_TRUE(letters().empty());
    EXPECT_EQ(books_.count("invoice"), 3U);
    EXPECT_EQ(run(SyncMode::kFull).counts.skipped, 3);
}

TEST_F(UnreadableTest, TheNextRunDeliversItOnceItIsMended) {
    shop_.broken = {2};
    run();
    shop_.broken.clear();
    shop_.now_ms += 1000;
    shop_.put(2, "22.00", "ann@x.example");
    EXPECT_EQ(run().counts.created, 1);
    EXPECT_TRUE(letters().empty());
}

TEST_F(UnreadableTest, WhatWasRetriedAndIsUnreadableOnceMoreIsListedAgain) {
    shop_.broken = {2};
    run();
    shop_.broken.clear();
    retry(letters().at(0));
    ASSERT_TRUE(letters().empty());
    shop_.broken = {2};
    run(SyncMode::kFull);
    EXPECT_EQ(letters().size(), 1U);
}

TEST_F(UnreadableTest, OneThatDoesNotSayWhichItIsIsListedOnceAndCanBeResolved) {
    shop_.nameless = {"{half an order"};
    const auto first = run();
    EXPECT_EQ(first.counts.created, 3);
    EXPECT_EQ(first.counts.failed, 1);
    run(SyncMode::kFull);
    ASSERT_EQ(letters().size(), 1U);
    EXPECT_EQ(letters()[0].error_code, "record.no_id");
    EXPECT_EQ(retry(letters()[0]), "failure.no_id");
    EXPECT_EQ(engine().failures.retry_all_dry(tenant_, {}, {}).value().redriven.count, 0);
    engine::RecordEdit edit;
    edit.record = Json{{"id", letters()[0].source_id}};
    EXPECT_EQ(
        engine().failures.edit(tenant_, letters()[0].id, edit, "ann").error().name, "failure.no_id"
    );
    ASSERT_TRUE(engine().failures.resolve(tenant_, letters()[0].id, "mended there", "ann"));
    EXPECT_TRUE(letters().empty());
    expect_adds_up(run(SyncMode::kFull));
    EXPECT_TRUE(letters().empty()) << "resolved until it is another one";
    shop_.nameless = {"{half of another order"};
    run(SyncMode::kFull);
    EXPECT_EQ(letters().size(), 1U);
}

TEST_F(UnreadableTest, ADeliveredRecordThatBecomesUnreadableIsNotTakenForDeleted) {
    FlowDefinition definition =
        engine().stores.flows.find(tenant_, "shop-books-orders").value().definition;
    definition.delete_policy = DeletePolicy::kVoid;
    ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    run();
    shop_.now_ms += 1000;
    shop_.put(2, "22.00", "ann@x.example");
    shop_.broken = {2};
    run();
    retry(letters().at(0));
    EXPECT_TRUE(books_.removals.empty());
    // It comes without its id now.
    shop_.orders.erase(2);
    shop_.nameless = {"{half an order"};
    retry(letters().at(0));
    EXPECT_TRUE(books_.removals.empty());
    ASSERT_EQ(letters().size(), 1U);
    EXPECT_EQ(letters()[0].error_code, "record.no_id");
    shop_.nameless.clear();
    retry(letters().at(0));
    EXPECT_EQ(books_.removals.size(), 1U) << "it is gone indeed";
}

TEST_F(UnreadableTest, ANewerVersionThatIsUnreadableTakesThePlaceOfOneThatWaits) {
    const std::string first = start();
    ASSERT_TRUE(engine().collector.collect(status(first), nullptr));
    ASSERT_TRUE(engine().stores.runs.start(first, 1).has_value());
    ASSERT_TRUE(engine().stores.runs.end_collect(first, std::nullopt, 1).has_value());
    shop_.now_ms += 1000;
    shop_.put(2, "22.00", "ann@x.example");
    shop_.broken = {2};
    const auto second = run();
    ASSERT_EQ(letters().size(), 1U);
    EXPECT_EQ(books_.count("invoice"), 2U);
    EXPECT_EQ(second.counts.failed, 1);
    expect_adds_up(second);
    EXPECT_TRUE(status(first).ended());
    expect_adds_up(status(first));
}

TEST_F(UnreadableTest, APlanCountsWhatCannotBeReadTowardsItsLimit) {
    shop_.orders.clear();
    for (std::int64_t id = 1; id <= 200; ++id) {
        shop_.put(id, "1.00", "ann@x.example");
        shop_.broken.insert(id);
    }
    engine::StartRequest request;
    request.entity = "order";
    const auto plan = engine().control.dry_run(tenant_, request, 25).value().at(0);
    EXPECT_TRUE(plan.truncated);
    EXPECT_EQ(plan.read, 25);
    EXPECT_LE(shop_.reads, 4);
    shop_.broken.erase(3);
    const auto mixed = engine().control.dry_run(tenant_, request, 25).value().at(0);
    EXPECT_EQ(mixed.read, 25);
    EXPECT_EQ(mixed.writes, 1);
    EXPECT_FALSE(engine().control.dry_run(tenant_, request, 200).value().at(0).truncated);
}

// What a source chokes on is one record of the batch that is fetched anew.
class RefetchTest : public UnreadableTest {
protected:
    void SetUp() override {
        UnreadableTest::SetUp();
        const Flow flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
        for (std::int64_t id = 1; id <= 25; ++id) {
            shop_.put(id, "1.00", "ann@x.example");
        }
        ASSERT_TRUE(engine().database->write([&](storage::Sql& sql) -> Result<void> {
            for (std::int64_t id = 1; id <= 25; ++id) {
                const std::string key = std::to_string(id);
                engine().stores.jobs.raise(
                    sql, flow, {key, "order:#" + key, "hash", std::nullopt, 2, false}, {}, 1
                );
            }
            return {};
        }));
    }
};

TEST_F(RefetchTest, AnIdTheSourceChokesOnFailsAloneAndTheOthersAreDelivered) {
    shop_.unfetchable = {"14"};
    work();
    ASSERT_EQ(letters().size(), 1U);
    EXPECT_EQ(letters()[0].source_id, "14");
    EXPECT_EQ(letters()[0].error_code, "shop.chokes");
    EXPECT_EQ(books_.count("invoice"), 24U);
    shop_.unfetchable.clear();
    EXPECT_EQ(retry(letters()[0]), "");
    EXPECT_EQ(books_.count("invoice"), 25U);
}

TEST_F(RefetchTest, WhatWasFetchedIsDeliveredThoughALaterBatchFails) {
    shop_.before_read = [&] {  // of the first batch
        shop_.before_read = [&] {
            shop_.next_read_errors = {Error{ErrorCode::kTransient, "away", "shop.away"}};
        };
    };
    ASSERT_TRUE(engine().dispatcher.run_once().has_value());
    EXPECT_EQ(books_.count("invoice"), 10U);
    later(600'000);
    EXPECT_EQ(books_.count("invoice"), 25U);
    EXPECT_TRUE(letters().empty());
}

TEST_F(UnreadableTest, ADryRunShowsIt) {
    shop_.broken = {2};
    engine::StartRequest request;
    request.entity = "order";
    const auto plan = engine().control.dry_run(tenant_, request, 100).value().at(0);
    EXPECT_EQ(plan.read, 3);
    EXPECT_EQ(plan.writes, 2);
    EXPECT_EQ(plan.actions.at("error"), 1);
    run();
    EXPECT_EQ(
        engine().control.dry_run(tenant_, request, 100).value().at(0).actions.count("error"), 0U
    );
}

// Nobody knew whose it was when it could not be read.
TEST_F(UnreadableTest, OnceItCanBeReadItWaitsForTheLaneItBelongsTo) {
    FlowDefinition customers;
    customers.name = "customers";
    customers.entity = "customer";
    customers.source.connection = "shop";
    customers.target.connection = "books";
    const Flow flow = engine().stores.flows.put(tenant_, customers, false, 1).value();
    UnreadableRecord record;
    record.id = "7";
    record.has_own_id = true;
    EXPECT_EQ(engine::to_unreadable_job(engine().stores, flow, record).lane, "customer:#7");
    shop_.put(7, "7.00", "ann@x.example");
    ASSERT_TRUE(engine().database->write([&](storage::Sql& sql) -> Result<void> {
        engine().stores.jobs.raise_unreadable(
            sql, flow, engine::to_unreadable_job(engine().stores, flow, record), std::nullopt, 1
        );
        return {};
    }));
    // Somebody makes that customer at this moment.
    const auto taken =
        engine().stores.jobs.acquire_lanes(flow.target, {"customer:ann@x.example"}, 99);
    ASSERT_EQ(taken.value().size(), 1U);
    retry(letters().at(0));
    EXPECT_EQ(books_.count("customer"), 0U);
    ASSERT_TRUE(engine().stores.jobs.release_lanes(flow.target, {"customer:ann@x.example"}, 99));
    work();
    EXPECT_EQ(books_.count("customer"), 1U);
}

}  // namespace
}  // namespace syncline::testing
