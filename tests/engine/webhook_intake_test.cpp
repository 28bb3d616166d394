// From a delivery to a document in the books, over a real database: what is raised, what is not,
// and what a crash in between leaves.
#include "engine/webhook_intake.hpp"

#include <set>

#include "engine/connection_control.hpp"
#include "engine/webhook_control.hpp"
#include "support/engine_fixture.hpp"
#include "support/signed_webhook.hpp"

namespace syncline::testing {
namespace {

using engine::WebhookReceipt;

class WebhookIntakeTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        store_secret("shop", {{"webhook_secret", "s3cret"}});
        start();
    }

    void store_secret(
        const std::string& connection, const std::map<std::string, std::string>& secrets
    ) {
        auto& stores = engine().stores;
        const auto found = stores.connections.find(tenant_, connection).value();
        ASSERT_TRUE(stores.vault.put_credentials(tenant_, found.id, secrets, clock_.now().ms));
    }

    // What stands over the engine.
    void start() {
        auto& stores = engine().stores;
        receivers_ = std::make_unique<engine::WebhookReceivers>(stores, source(), clock_);
        intake_ = std::make_unique<engine::WebhookIntake>(stores, engine().pool, clock_, [this] {
            ++wakes_;
        });
        inbox_ = std::make_unique<engine::WebhookInbox>(
            stores, source(), *receivers_, clock_, [this] { ++arrivals_; }
        );
        control_ = std::make_unique<engine::WebhookControl>(
            stores, source(), *receivers_, clock_, "https://hooks.example", [] {}
        );
    }
    void crash() {
        control_.reset();
        inbox_.reset();
        intake_.reset();
        receivers_.reset();
        restart();
        start();
    }

    Result<WebhookReceipt> deliver(const std::string& body, WebhookDelivery delivered) {
        return inbox_->accept({"shop", "shop", std::move(delivered), body});
    }
    WebhookReceipt deliver(
        const std::string& body,
        const std::string& id = "d-1",
        const std::string& topic = "order.updated"
    ) {
        const auto receipt = deliver(body, delivery(body, id, topic));
        EXPECT_TRUE(receipt.has_value()) << (receipt ? "" : receipt.error().message);
        return receipt ? *receipt : WebhookReceipt::kNobodys;
    }
    // Handles what was delivered, and delivers what came of it.
    std::size_t handle() {
        const auto handled = intake_->step();
        EXPECT_TRUE(handled.has_value()) << (handled ? "" : handled.error().message);
        work();
        return handled ? *handled : 0;
    }
    std::vector<storage::ReceivedWebhook> events(const std::string& state = "") {
        storage::WebhookEventFilter filter;
        filter.state = state;
        filter.limit = 500;
        return engine().stores.webhook_events.list(tenant_, filter).value();
    }
    std::int64_t jobs() {
        return engine()
            .database
            ->read([](storage::Sql& sql) -> Result<std::int64_t> {
                return sql.value<std::int64_t>("SELECT count(*) FROM sync_queue").value_or(0);
            })
            .value();
    }

    int wakes_ = 0;
    int arrivals_ = 0;
    std::unique_ptr<engine::WebhookReceivers> receivers_;
    std::unique_ptr<engine::WebhookIntake> intake_;
    std::unique_ptr<engine::WebhookInbox> inbox_;
    std::unique_ptr<engine::WebhookControl> control_;
};

TEST_F(WebhookIntakeTest, ADeliveryBringsTheRecordIntoTheBooks) {
    shop_.put(7, "12.00", "ann@x.example");
    // What the body says of the order is not believed.
    EXPECT_EQ(deliver(R"({"id":7,"total":"999.00"})"), WebhookReceipt::kStored);
    EXPECT_EQ(arrivals_, 1);
    EXPECT_EQ(books_.count("invoice"), 0U);
    EXPECT_EQ(handle(), 1U);
    EXPECT_EQ(wakes_, 1);
    ASSERT_EQ(books_.count("invoice"), 1U);
    EXPECT_EQ(books_.by_key("shop:shop:7")->body.at("total"), "12.00");
    const auto stored = events();
    ASSERT_EQ(stored.size(), 1U);
    EXPECT_EQ(stored[0].state, "raised");
    EXPECT_EQ(stored[0].topic, "order.updated");
    EXPECT_EQ(stored[0].changes, R"([{"deleted":false,"entity":"order","id":"7"}])");
    EXPECT_EQ(handle(), 0U);
}

TEST_F(WebhookIntakeTest, AnOrderThatChangedBringsTheEndOfARefundThatIsGone) {
    FlowDefinition refunds;
    refunds.name = "shop-books-refunds";
    refunds.entity = "refund";
    refunds.source.connection = "shop";
    refunds.target.connection = "books";
    refunds.delete_policy = DeletePolicy::kVoid;
    refunds.approval.exempt = {Starter::kApi, Starter::kWebhook};
    ASSERT_TRUE(engine().stores.flows.put(tenant_, refunds, false, 1).has_value());
    shop_.put(7, "12.00", "ann@x.example", {{"paid", true}});
    shop_.put_refund(70, 7, "2.00");
    shop_.put_refund(71, 7, "1.00");
    deliver(R"({"id":7})", "d-1");
    deliver(R"({"id":70,"entity":"refund"})", "d-2");
    deliver(R"({"id":71,"entity":"refund"})", "d-3");
    handle();
    work();
    ASSERT_EQ(books_.count("refund"), 2U);
    shop_.remove_refund(70);
    shop_.put(7, "12.00", "ann@x.example", {{"paid", true}});
    deliver(R"({"id":7,"again":1})", "d-4");
    handle();
    EXPECT_TRUE(books_.by_key("shop:shop:refund:70")->voided);
    EXPECT_FALSE(books_.by_key("shop:shop:refund:71")->voided);
    EXPECT_EQ(events("raised").size(), 4U);
    EXPECT_EQ(events().front().changes, R"([{"deleted":false,"entity":"order","id":"7"}])")
        << "what it announced";
}

TEST_F(WebhookIntakeTest, TheSameBodyTwiceMakesOneJob) {
    shop_.put(7, "12.00", "ann@x.example");
    EXPECT_EQ(deliver(R"({"id":7})"), WebhookReceipt::kStored);
    EXPECT_EQ(deliver(R"({"id":7})"), WebhookReceipt::kRepeated);
    handle();
    EXPECT_EQ(deliver(R"({"id":7})"), WebhookReceipt::kRepeated);
    EXPECT_EQ(handle(), 0U);
    EXPECT_EQ(jobs(), 1);
    EXPECT_EQ(books_.writes, 2);  // the customer and the invoice
    const auto stored = events();
    ASSERT_EQ(stored.size(), 1U);
    EXPECT_EQ(stored[0].repeats, 2);
}

// 9 -> 2 and back and again to 2: the third body equals the first, and comes while that is handled.
TEST_F(WebhookIntakeTest, AnEqualBodyThatComesWhileTheFirstIsHandledIsHandledToo) {
    shop_.put(7, "9.00", "ann@x.example");
    deliver(R"({"id":7})");
    shop_.before_read = [&] { EXPECT_EQ(deliver(R"({"id":7})"), WebhookReceipt::kRepeated); };
    handle();
    EXPECT_EQ(books_.by_key("shop:shop:7")->body.at("total"), "9.00");
    shop_.put(7, "2.00", "ann@x.example");  // after the read
    EXPECT_EQ(handle(), 1U);
    EXPECT_EQ(books_.by_key("shop:shop:7")->body.at("total"), "2.00");
    EXPECT_EQ(events("raised").size(), 1U);
    EXPECT_EQ(handle(), 0U);
}

TEST_F(WebhookIntakeTest, ASharedDeliveryIdKeepsNobodyOut) {
    for (int id = 1; id <= 8; ++id) {
        shop_.put(id, "5.00", "ann@x.example");
        EXPECT_EQ(deliver("{\"id\":" + std::to_string(id) + "}", "same"), WebhookReceipt::kStored);
    }
    handle();
    EXPECT_EQ(books_.count("invoice"), 8U);
}

TEST_F(WebhookIntakeTest, AnOldBodyThatComesAgainChangesNothing) {
    shop_.put(7, "12.00", "ann@x.example");
    deliver(R"({"id":7,"total":"12.00"})");
    handle();
    shop_.put(7, "15.00", "ann@x.example");
    deliver(R"({"id":7,"total":"15.00"})", "d-2");
    handle();
    const std::int64_t writes = books_.writes;
    // Under an id that is new, so that it is not told to be a repetition.
    EXPECT_EQ(deliver(R"({"id":7,"total":"12.00"})", "d-3"), WebhookReceipt::kStored);
    handle();
    EXPECT_EQ(books_.writes, writes);
    EXPECT_EQ(books_.by_key("shop:shop:7")->body.at("total"), "15.00");
    // And from the archive.
    for (const auto& event : events()) {
        ASSERT_TRUE(control_->replay(tenant_, event.id).has_value());
    }
    EXPECT_EQ(handle(), 3U);
    EXPECT_EQ(books_.writes, writes);
}

TEST_F(WebhookIntakeTest, ACrashBetweenTheAnswerAndTheWorkLosesNothing) {
    shop_.put(7, "12.00", "ann@x.example");
    deliver(R"({"id":7})");
    crash();
    handle();
    EXPECT_EQ(books_.copies("shop:shop:7"), 1U);
    crash();
    EXPECT_EQ(handle(), 0U);
    EXPECT_EQ(books_.copies("shop:shop:7"), 1U);
}

TEST_F(WebhookIntakeTest, WaitsForASourceThatDoesNotAnswer) {
    shop_.put(7, "12.00", "ann@x.example");
    shop_.next_read_errors.push_back({ErrorCode::kTransient, "no answer", "http.timeout"});
    deliver(R"({"id":7})");
    handle();
    ASSERT_EQ(events("stored").size(), 1U);
    EXPECT_EQ(events()[0].reason, "no answer");
    EXPECT_EQ(events()[0].attempts, 1);
    EXPECT_EQ(handle(), 0U);  // not before its time
    later(5'000);
    EXPECT_EQ(handle(), 1U);
    EXPECT_EQ(events("raised").size(), 1U);
    EXPECT_EQ(books_.count("invoice"), 1U);
}

TEST_F(WebhookIntakeTest, AConnectionThatNeedsAPersonKeepsItsDeliveries) {
    auto& stores = engine().stores;
    const auto shop = stores.connections.find(tenant_, "shop").value();
    ASSERT_TRUE(stores.connections.set_state(
        shop.id, storage::ConnectionState::kNeedsReauth, "the key was revoked", 1
    ));
    shop_.put(7, "12.00", "ann@x.example");
    EXPECT_EQ(deliver(R"({"id":7})"), WebhookReceipt::kStored);
    for (int i = 0; i < 12; ++i) {
        handle();
        later(600'000);
    }
    ASSERT_EQ(events("stored").size(), 1U);
    EXPECT_NE(events()[0].reason.find("the key was revoked"), std::string::npos);
    ASSERT_TRUE(engine::resume(stores, shop, clock_.now().ms).has_value());
    EXPECT_EQ(handle(), 1U);
    EXPECT_EQ(books_.count("invoice"), 1U);
}

TEST_F(WebhookIntakeTest, WhatIsNotUnderstoodStaysVisibleWithItsReason) {
    deliver(R"({"code":"rest_forbidden"})");
    shop_.put(7, "12.00", "ann@x.example");
    deliver(R"({"id":7})", "d-2");
    EXPECT_EQ(handle(), 2U);
    EXPECT_EQ(books_.count("invoice"), 1U);
    const auto failed = events("failed");
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[0].reason_code, "shop.not_understood");
    EXPECT_EQ(failed[0].reason, "no order in it");
    const auto opened = control_->open(tenant_, failed[0].id);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(opened->body, R"({"code":"rest_forbidden"})");
}

TEST_F(WebhookIntakeTest, AStrangerDoesNotLearnWhichConnectionsThereAre) {
    add_connection("bare", "shop");
    const std::string body = R"({"id":7})";
    const auto answer = [&](const std::string& connection) {
        const auto receipt = inbox_->accept(
            {"shop", connection, delivery(body, "d-1", "order.updated", "a guess"), body}
        );
        EXPECT_FALSE(receipt.has_value());
        std::string said = receipt ? "" : receipt.error().message;
        const std::size_t name = said.rfind(connection + " is");
        return name == std::string::npos ? said : said.erase(name, connection.size());
    };
    EXPECT_EQ(answer("bare"), answer("shop"));
    EXPECT_EQ(answer("none"), answer("shop"));
    std::set<std::string> reasons;
    const auto strays = control_->strays(tenant_, 10).value();
    for (const auto& stray : strays) {
        reasons.insert(stray.stray.reason);
    }
    EXPECT_EQ(reasons, (std::set<std::string>{"no_connection", "no_secret", "unproven"}));
}

TEST_F(WebhookIntakeTest, HeadersThatProxiesPutBeforeThePlatformsHideNothing) {
    shop_.put(7, "12.00", "ann@x.example");
    const std::string body = R"({"id":7})";
    WebhookDelivery delivered = delivery(body);
    for (int i = 0; i < 90; ++i) {
        delivered.headers.insert(
            delivered.headers.begin(), {"X-Proxy-" + std::to_string(i), std::string(300, 'p')}
        );
    }
    ASSERT_EQ(deliver(body, delivered).value(), WebhookReceipt::kStored);
    const auto opened = control_->open(tenant_, events().at(0).id);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(opened->headers.size(), delivered.headers.size());
    handle();
    ASSERT_EQ(events("raised").size(), 1U);
    EXPECT_EQ(events()[0].topic, "order.updated");
    // Of what nobody claims less is kept, but that.
    delivered.headers.push_back({"X-Last", std::string(3'000, 'l')});
    EXPECT_FALSE(deliver(R"({"id":8})", delivered).has_value());
    const auto strays = control_->strays(tenant_, 10).value();
    ASSERT_EQ(strays.size(), 1U);
    EXPECT_EQ(strays[0].headers.size(), 40U);
    EXPECT_EQ((WebhookDelivery{strays[0].headers}.header("X-WC-Webhook-Topic")), "order.updated");
}

TEST_F(WebhookIntakeTest, OneRecordThatCannotBeReadHoldsUpNoOther) {
    shop_.put(7, "12.00", "ann@x.example");
    shop_.put(8, "13.00", "ann@x.example");
    deliver(R"({"id":7})");
    deliver(R"({"id":8})", "d-2");
    // Together, and then the first alone.
    shop_.next_read_errors.push_back({ErrorCode::kData, "order 7 is broken", "shop.broken"});
    shop_.next_read_errors.push_back({ErrorCode::kData, "order 7 is broken", "shop.broken"});
    handle();
    ASSERT_EQ(events("failed").size(), 1U);
    EXPECT_EQ(events("failed")[0].reason_code, "shop.broken");
    EXPECT_EQ(books_.count("invoice"), 1U);
    EXPECT_NE(books_.by_key("shop:shop:8"), nullptr);
}

TEST_F(WebhookIntakeTest, AnUnreadableRecordIsADeadLetterWithALineInItsHistory) {
    shop_.put(7, "12.00", "ann@x.example");
    shop_.broken = {7};
    deliver(R"({"id":7})");
    handle();
    const auto letters = engine().stores.jobs.dead_letters(tenant_, {}).value();
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters[0].source_id, "7");
    const auto told = engine().stores.log.of_record(tenant_, "order", "7", 10).value();
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back().event, "record.unreadable");
    EXPECT_EQ(events()[0].state, "raised");
}

TEST_F(WebhookIntakeTest, RecordsThatNoFlowTakesAreIgnoredWithAReason) {
    deliver(R"({"id":3,"entity":"customer"})");
    handle();
    ASSERT_EQ(events("ignored").size(), 1U);
    EXPECT_EQ(events()[0].reason_code, "NO_FLOW");
    EXPECT_EQ(shop_.reads, 0);
}

TEST_F(WebhookIntakeTest, AFlowsFilterCountsForWebhooks) {
    add_flow("shop-books-orders", {{"completed"}, {}, {}, {}});
    shop_.put(7, "12.00", "ann@x.example");
    deliver(R"({"id":7})");
    handle();
    EXPECT_EQ(jobs(), 0);
    shop_.put(7, "12.00", "ann@x.example", {{"status", "completed"}});
    deliver(R"({"id":7,"n":2})", "d-2");
    handle();
    EXPECT_EQ(books_.count("invoice"), 1U);
    // Once sent, its next change passes.
    shop_.put(7, "14.00", "ann@x.example", {{"status", "on-hold"}});
    deliver(R"({"id":7,"n":3})", "d-3");
    handle();
    EXPECT_EQ(books_.by_key("shop:shop:7")->body.at("total"), "14.00");
}

TEST_F(WebhookIntakeTest, EveryFlowThatReadsTheConnectionGetsTheRecord) {
    add_connection("more-books", "books");
    FlowDefinition definition;
    definition.name = "shop-more-books";
    definition.entity = "order";
    definition.source.connection = "shop";
    definition.target.connection = "more-books";
    ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    shop_.put(7, "12.00", "ann@x.example");
    deliver(R"({"id":7})");
    handle();
    EXPECT_EQ(jobs(), 2);
    EXPECT_EQ(shop_.reads, 1);
}

TEST_F(WebhookIntakeTest, WebhooksGoBeforeSchedules) {
    shop_.put(7, "12.00", "ann@x.example");
    deliver(R"({"id":7})");
    ASSERT_TRUE(intake_->step().has_value());
    const auto due = engine().stores.jobs.due_flows(clock_.now().ms).value();
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(due[0].priority, 1);
}

TEST_F(WebhookIntakeTest, AFlowWhosePolicyAsksForConfirmationGetsIt) {
    FlowDefinition definition;
    definition.name = "shop-books-orders";
    definition.entity = "order";
    definition.source.connection = "shop";
    definition.target.connection = "books";
    definition.approval.exempt = {};
    ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    shop_.put(7, "12.00", "ann@x.example");
    deliver(R"({"id":7})");
    handle();
    EXPECT_EQ(books_.count("invoice"), 0U);
    EXPECT_EQ(jobs(), 1);
}

TEST_F(WebhookIntakeTest, ADeleteIsBelievedWhenTheRecordIsGone) {
    FlowDefinition definition;
    definition.name = "shop-books-orders";
    definition.entity = "order";
    definition.source.connection = "shop";
    definition.target.connection = "books";
    definition.delete_policy = DeletePolicy::kVoid;
    ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    shop_.put(7, "12.00", "ann@x.example");
    deliver(R"({"id":7})");
    handle();
    // It says so, but the order is there.
    deliver(R"({"id":7,"n":2})", "d-2", "order.deleted");
    handle();
    EXPECT_TRUE(books_.removals.empty());
    {
        const std::lock_guard lock(shop_.mutex);
        shop_.orders.clear();
    }
    // It is gone, but nobody says so: perhaps the key's user may not see it any more.
    deliver(R"({"id":7,"n":3})", "d-3");
    handle();
    EXPECT_TRUE(books_.removals.empty());
    EXPECT_EQ(events()[0].reason_code, "NOT_THERE");
    deliver(R"({"id":7,"n":4})", "d-4", "order.deleted");
    handle();
    EXPECT_EQ(books_.removals.size(), 1U);
    // One that was never sent.
    deliver(R"({"id":8})", "d-5", "order.deleted");
    handle();
    EXPECT_EQ(jobs(), 1);
}

TEST_F(WebhookIntakeTest, ABurstOfDeliveriesReadsTheSourceOnce) {
    shop_.put(7, "12.00", "ann@x.example");
    for (int i = 0; i < 50; ++i) {
        deliver("{\"id\":7,\"n\":" + std::to_string(i) + "}", "d-" + std::to_string(i));
    }
    EXPECT_EQ(handle(), 50U);
    EXPECT_EQ(shop_.reads, 1);
    EXPECT_EQ(jobs(), 1);
    EXPECT_EQ(events("raised").size(), 50U);
}

TEST_F(WebhookIntakeTest, TheThreadsHandleWhatArrives) {
    shop_.put(7, "12.00", "ann@x.example");
    intake_->start();
    deliver(R"({"id":7})");
    intake_->wake();
    for (int i = 0; i < 500 && events("raised").empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(events("raised").size(), 1U);
    intake_->stop();
}

}  // namespace
}  // namespace syncline::testing
