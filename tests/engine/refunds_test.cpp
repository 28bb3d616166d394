// Refunds are records of their own: each makes its document, for an invoice that is there.
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

class RefundsTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        FlowDefinition definition;
        definition.name = "shop-books-refunds";
        definition.entity = "refund";
        definition.source.connection = "shop";
        definition.target.connection = "books";
        definition.approval.exempt = {Starter::kApi};
        put_flow(definition);
        books_.during_write = [&](const WriteRequest& request) {
            for (const auto& item : request.items) {
                written_.push_back(item.entity);
            }
        };
    }
    void put_flow(const FlowDefinition& definition) {
        definition_ = definition;
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    }
    // An order with two refunds, all in the books; the refunds' documents are voided when they go.
    void deliver_two(std::vector<Starter> exempt) {
        definition_.delete_policy = DeletePolicy::kVoid;
        definition_.approval.exempt = std::move(exempt);
        put_flow(definition_);
        put_order({"70", "71"});
        shop_.put_refund(70, 7, "12.00");
        shop_.put_refund(71, 7, "3.00");
        sync("order");
        sync("refund");
        ASSERT_EQ(books_.count("refund"), 2u);
        later(3'600'000);
    }
    void put_order(const std::vector<std::string>& refunds) {
        Json listed = Json::array();
        for (const auto& id : refunds) {
            listed.push_back({{"id", id}});
        }
        shop_.put(7, "30.00", "ann@x.example", {{"paid", true}, {"refunds", listed}});
    }
    bool voided(const std::string& refund) {
        return books_.by_key("shop:shop:refund:" + refund)->voided;
    }
    std::string start_of(const std::string& entity) {
        engine::StartRequest request;
        request.entity = entity;
        const auto started = engine().control.start(tenant_, request);
        EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().message);
        return started ? started->sync_id : "";
    }
    storage::Run sync(const std::string& entity) {
        const std::string id = start_of(entity);
        work();
        return status(id);
    }
    std::string total(const std::string& natural_key) {
        const auto* document = books_.by_key(natural_key);
        return document == nullptr ? "" : document->body.at("total").get<std::string>();
    }

    FlowDefinition definition_;
    std::vector<std::string> written_;  // entities, in the order in which they were written
};

TEST_F(RefundsTest, ARefundOfAnOrderDeliveredEarlierMakesItsOwnDocument) {
    shop_.put(7, "30.00", "ann@x.example", {{"paid", true}});
    sync("order");
    later(3'600'000);
    shop_.put_refund(70, 7, "12.00");
    const auto first = sync("refund");
    EXPECT_EQ(first.counts.created, 1);
    expect_adds_up(first);
    shop_.put_refund(71, 7, "3.00");
    sync("refund");
    EXPECT_EQ(total("shop:shop:refund:70"), "12.00");
    EXPECT_EQ(total("shop:shop:refund:71"), "3.00");
    EXPECT_EQ(
        books_.by_key("shop:shop:refund:70")->body.at("invoice"), books_.by_key("shop:shop:7")->id
    );
    EXPECT_EQ(total("shop:shop:7"), "30.00") << "the invoice is as it was";
    EXPECT_EQ(books_.by_key("shop:shop:7")->version, 1);
    EXPECT_EQ(
        written_, (std::vector<std::string>{"customer", "invoice", "payment", "refund", "refund"})
    );
    later(3'600'000);
    sync("refund");
    EXPECT_EQ(books_.count("refund"), 2u) << "each once";
}

TEST_F(RefundsTest, ARefundIsWrittenAfterWhatItNeedsHoweverTheRunsCome) {
    shop_.put(7, "30.00", "ann@x.example", {{"paid", true}});
    shop_.put_refund(70, 7, "12.00");
    start_of("refund");
    start_of("order");
    work();
    later(60'000);
    EXPECT_EQ(written_, (std::vector<std::string>{"customer", "invoice", "payment", "refund"}));
}

TEST_F(RefundsTest, ARefundWithoutItsInvoiceIsParkedWithTheReasonAndGoesOutWhenThatArrives) {
    shop_.put(7, "0.00", "ann@x.example");  // held
    shop_.put_refund(70, 7, "12.00");
    sync("order");
    const auto parked = sync("refund");
    EXPECT_EQ(parked.counts.held, 1);
    expect_adds_up(parked);
    EXPECT_EQ(books_.count("refund"), 0u);
    std::string reason;
    std::string waits_for;
    const auto letters = engine().stores.jobs.dead_letters(tenant_, {}).value();
    for (const auto& letter : letters) {
        if (letter.entity == "refund") {
            reason = letter.error_message;
            waits_for = letter.waits_for;
        }
    }
    EXPECT_EQ(waits_for, "order:#7");
    EXPECT_NE(reason.find("the order #7 is not in the target"), std::string::npos) << reason;

    later(60'000);
    shop_.put(8, "20.00", "ann@x.example");
    sync("order");
    EXPECT_EQ(books_.count("refund"), 0u) << "another order is none of its business";
    shop_.put(7, "30.00", "ann@x.example");
    sync("order");
    EXPECT_EQ(total("shop:shop:refund:70"), "12.00") << "at once, with the order's own delivery";
    EXPECT_EQ(books_.count("refund"), 1u);
    const auto left = engine().stores.jobs.dead_letters(tenant_, {}).value();
    for (const auto& letter : left) {
        EXPECT_NE(letter.entity, "refund");
    }
}

TEST_F(RefundsTest, ARefundThatItsOrderListsNoMoreIsVoided) {
    deliver_two({Starter::kApi, Starter::kWebhook});
    shop_.remove_refund(70);
    sync("refund");
    EXPECT_FALSE(voided("70")) << "the refunds themselves do not tell";
    put_order({"71"});
    sync("order");
    EXPECT_TRUE(voided("70"));
    EXPECT_FALSE(voided("71"));
    const auto removals = books_.removals;
    EXPECT_EQ(removals.size(), 1u);
    later(3'600'000);
    put_order({"71"});
    shop_.put(8, "5.00", "ann@x.example");
    sync("order");
    sync("refund");
    EXPECT_EQ(books_.removals, removals);
}

TEST_F(RefundsTest, ARefundThatIsStillThereIsLeftAlone) {
    deliver_two({Starter::kApi, Starter::kWebhook});
    put_order({});  // by a source whose orders do not list them
    sync("order");
    EXPECT_FALSE(voided("70"));
    EXPECT_FALSE(voided("71"));
    EXPECT_TRUE(books_.removals.empty());
}

TEST_F(RefundsTest, VoidingARefundThatIsGoneWaitsForAYes) {
    deliver_two({Starter::kApi});
    shop_.remove_refund(70);
    put_order({"71"});
    sync("order");
    EXPECT_FALSE(voided("70"));
    EXPECT_EQ(
        engine()
            .stores.jobs.parked_ids(engine().stores.flows.find(tenant_, definition_.name)->id)
            .value(),
        std::vector<std::string>{"70"}
    );
}

TEST_F(RefundsTest, RefundsOfAnotherShopsOrderAreNoneOfItsBusiness) {
    deliver_two({Starter::kApi, Starter::kWebhook});
    add_connection("branch", "shop");
    add_flow("branch-books-orders", {}, "branch");
    shop_.remove_refund(70);
    shop_.put(7, "30.00", "ann@x.example", {{"paid", true}, {"refunds", Json::array()}});
    engine::StartRequest request;
    request.flow = "branch-books-orders";
    ASSERT_TRUE(engine().control.start(tenant_, request).has_value());
    work();
    EXPECT_FALSE(voided("70"));
}

}  // namespace
}  // namespace syncline::testing
