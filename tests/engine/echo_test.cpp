// Both ways between two systems: what we wrote comes back and is known, a change by somebody else
// is not held for it. The clock stands still: nothing here can be told by time.
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

class EchoTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        books_.reads_back = "invoice";
        add_connection("other", "shop");
        add_back("books-shop-invoices", "shop");
        add_back("books-other-invoices", "other");
        shop_.put(1, "10.00", "ann@x.example", {{"memo", "a"}});
    }
    void add_back(const std::string& name, const std::string& target) {
        FlowDefinition definition;
        definition.name = name;
        definition.entity = "invoice";
        definition.source.connection = "books";
        definition.target.connection = target;
        definition.approval.exempt = {Starter::kApi};
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    }
    // Runs, and links the way back: to the record it came from, unless `shop_record` says
    // otherwise.
    void begin(const std::string& shop_record = "1") {
        run();
        link(shop_record);
    }
    void link(const std::string& shop_record = "1") {
        const Flow flow = engine().stores.flows.find(tenant_, "books-shop-invoices").value();
        const storage::MappedRecord record{
            tenant_,
            flow.source,
            flow.target,
            "invoice",
            books_.by_key("shop:shop:1")->id,
            "shop:shop:1"};
        WrittenBefore linked;
        linked.role = "order";
        linked.entity = "order";
        linked.remote_id = shop_record;
        ASSERT_TRUE(engine().database->write([&](storage::Sql& sql) -> Result<void> {
            engine().stores.id_mappings.put(sql, record, linked, std::nullopt, clock_.now().ms);
            return {};
        }));
    }
    storage::Run back(
        SyncMode mode = SyncMode::kIncremental, const std::string& flow = "books-shop-invoices"
    ) {
        engine::StartRequest request;
        request.entity = "invoice";
        request.flow = flow;
        request.mode = mode;
        const auto started = engine().control.start(tenant_, request);
        EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().message);
        work();
        return status(started->sync_id);
    }
    bool has_job(const std::string& flow = "books-shop-invoices") {
        const FlowId id = engine().stores.flows.find(tenant_, flow)->id;
        return engine()
                   .database
                   ->read([&](storage::Sql& sql) {
                       return Result<std::int64_t>(*sql.value<std::int64_t>(
                           "SELECT count(*) FROM sync_queue WHERE flow_id = ?", id.value
                       ));
                   })
                   .value() > 0;
    }
};

TEST_F(EchoTest, WhatWeWroteRaisesNoJobWhenItComesBack) {
    begin();
    const storage::Run echo = back();
    EXPECT_EQ(echo.counts.read, 1);
    EXPECT_EQ(echo.counts.skipped, 1);
    expect_adds_up(echo);
    EXPECT_FALSE(has_job());
    EXPECT_TRUE(shop_.given.empty());
    restart();
    back();
    EXPECT_FALSE(has_job());
}

// Else the way back would not know whose record it is, and make another when it changes.
TEST_F(EchoTest, TheFirstTimeItIsDeliveredAndLinked) {
    run();
    back();
    EXPECT_EQ(shop_.given.size(), 1U);
}

// Two tables of one system: what came from one is news to the other.
TEST_F(EchoTest, WhatCameFromAnotherRecordOfThatSystemIsNews) {
    begin("2");
    back();
    EXPECT_EQ(shop_.given.size(), 1U);
}

TEST_F(EchoTest, WhoAsksForAllGetsAll) {
    begin();
    back(SyncMode::kFull);
    EXPECT_EQ(shop_.given.size(), 1U);
    const Flow flow = engine().stores.flows.find(tenant_, "books-shop-invoices").value();
    const auto plan = engine().preview.plan(flow, SyncMode::kFull, {}, 10).value();
    ASSERT_EQ(plan.entries.size(), 1U);
    EXPECT_NE(plan.entries[0].planned.reason->code, "OWN_WRITE");
}

TEST_F(EchoTest, AChangeInTheSameSecondDoes) {
    begin();
    books_.edit("shop:shop:1", {{"total", "25.00"}});
    back();
    EXPECT_TRUE(has_job());
    ASSERT_EQ(shop_.given.size(), 1U);
    EXPECT_NE(shop_.given[0].find("25.00"), std::string::npos);
}

TEST_F(EchoTest, EvenInAFieldThatIsNotOurs) {
    begin();
    books_.edit("shop:shop:1", {{"terms", "net 30"}});
    back();
    EXPECT_TRUE(has_job());
}

// Only the system it came from has it already.
TEST_F(EchoTest, ForAnotherSystemItIsNews) {
    run();
    back(SyncMode::kIncremental, "books-other-invoices");
    EXPECT_TRUE(has_job("books-other-invoices"));
    EXPECT_EQ(shop_.given.size(), 1U);
}

TEST_F(EchoTest, AWriteWhoseAnswerCameLateIsKnownToo) {
    books_.finds_nothing = true;  // so it is sent again, and answered as the first time
    books_.faults = {WriteFault::kNone, WriteFault::kDropAfter};
    begin();
    later(20'000);
    back();
    EXPECT_FALSE(has_job());
}

// What is found may show somebody else's change as well: it goes back once.
TEST_F(EchoTest, AWriteWhoseAnswerWasLostIsGivenBack) {
    begin();
    back();
    books_.faults = {WriteFault::kDropAfter};
    shop_.put(1, "11.00", "ann@x.example");
    run();
    books_.answers.clear();  // found, not answered again
    later(20'000);
    back();
    EXPECT_EQ(shop_.given.size(), 1U);
    back();
    EXPECT_EQ(shop_.given.size(), 1U);
}

// After our own write the content of somebody before it is a change again.
TEST_F(EchoTest, WhoChangesItBackIsHeard) {
    begin();
    books_.edit("shop:shop:1", {{"total", "25.00"}});
    back();
    ASSERT_EQ(shop_.given.size(), 1U);
    FlowDefinition definition =
        engine().stores.flows.find(tenant_, "shop-books-orders")->definition;
    definition.conflict_policy = ConflictPolicy::kLastWriteWins;
    ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    books_.by_key("shop:shop:1")->changed_ms = 1'000;
    shop_.now_ms += 60'000;
    shop_.put(1, "30.00", "ann@x.example", {{"memo", "a"}, {"updated_at", "2026-11-20T12:00:00Z"}});
    run();
    ASSERT_EQ(books_.by_key("shop:shop:1")->body.at("total"), "30.00");
    back();
    EXPECT_EQ(shop_.given.size(), 2U) << "it stands on what somebody else wrote: given back once";
    back();
    EXPECT_EQ(shop_.given.size(), 2U);
    books_.edit("shop:shop:1", {{"total", "25.00"}});
    back();
    EXPECT_EQ(shop_.given.size(), 3U);
}

// The same bytes as our write, but what is between them was delivered.
TEST_F(EchoTest, WhoBringsBackWhatWeWroteIsHeard) {
    run();
    const Json ours = books_.by_key("shop:shop:1")->body;
    books_.edit("shop:shop:1", {{"total", "25.00"}});
    back();
    ASSERT_EQ(shop_.given.size(), 1U);
    link();
    books_.by_key("shop:shop:1")->body = ours;
    back();
    EXPECT_EQ(shop_.given.size(), 2U);
}

// Our update stands on a change that nobody has read yet, in a field that is not ours: what comes
// back shows both, and is delivered.
TEST_F(EchoTest, AChangeUnderOurOwnUpdateIsNotHidden) {
    run();
    books_.edit("shop:shop:1", {{"terms", "net 30"}});
    shop_.put(1, "11.00", "ann@x.example", {{"memo", "a"}});
    run();
    ASSERT_EQ(books_.by_key("shop:shop:1")->body.at("total"), "11.00");
    back();
    ASSERT_EQ(shop_.given.size(), 1U);
    link();
    back();
    EXPECT_EQ(shop_.given.size(), 1U);
    shop_.put(1, "12.00", "ann@x.example", {{"memo", "a"}});
    run();
    ASSERT_EQ(books_.by_key("shop:shop:1")->body.at("total"), "12.00");
    back();
    EXPECT_EQ(shop_.given.size(), 1U) << "from here on nothing is between our writes";
}

TEST_F(EchoTest, WithoutAnAnswerThatTellsWhatWeWroteBeforeIsForgotten) {
    begin();
    const Json ours = books_.by_key("shop:shop:1")->body;
    books_.reads_back = "";
    shop_.put(1, "11.00", "ann@x.example", {{"memo", "a"}});
    run();
    books_.reads_back = "invoice";
    books_.by_key("shop:shop:1")->body = ours;
    back();
    EXPECT_EQ(shop_.given.size(), 1U);
}

// It was raised before our write, and is delivered after it: what is there now is ours.
TEST_F(EchoTest, AJobThatOurWriteOvertookDeliversNothingOld) {
    begin();
    books_.edit("shop:shop:1", {{"memo", "by hand"}});
    FlowDefinition definition =
        engine().stores.flows.find(tenant_, "books-shop-invoices")->definition;
    const FlowId flow = engine().stores.flows.find(tenant_, definition.name)->id;
    engine::StartRequest request;
    request.entity = "invoice";
    request.flow = definition.name;
    const std::string id = engine().control.start(tenant_, request)->sync_id;
    ASSERT_TRUE(engine().stores.runs.start(id, clock_.now().ms));
    ASSERT_TRUE(engine().collector.collect(status(id), nullptr));
    ASSERT_TRUE(engine().stores.runs.end_collect(id, std::nullopt, clock_.now().ms));
    books_.edit("shop:shop:1", {{"memo", "a"}});  // undone, which is what we wrote
    ASSERT_TRUE(engine().database->write([&](storage::Sql& sql) -> Result<void> {
        sql.run("UPDATE sync_queue SET record = NULL WHERE flow_id = ?", flow.value);
        return {};
    }));
    work();
    EXPECT_TRUE(shop_.given.empty());
    EXPECT_EQ(status(id).counts.skipped, 1);
}

TEST_F(EchoTest, ADryRunLeavesItOut) {
    begin();
    const Flow flow = engine().stores.flows.find(tenant_, "books-shop-invoices").value();
    const auto plan = engine().preview.plan(flow, SyncMode::kIncremental, {}, 10).value();
    ASSERT_EQ(plan.entries.size(), 1U);
    EXPECT_EQ(plan.entries[0].planned.reason->code, "OWN_WRITE");
    EXPECT_EQ(plan.writes, 0);
}

}  // namespace
}  // namespace syncline::testing
