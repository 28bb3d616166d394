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
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
        books_.during_write = [&](const WriteRequest& request) {
            for (const auto& item : request.items) {
                written_.push_back(item.entity);
            }
        };
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

}  // namespace
}  // namespace syncline::testing
