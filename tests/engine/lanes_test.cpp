// Versions of one record, and records that need the same other one: serial, and no more writes than
// there have to be.
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

class Lanes : public EngineTest {
protected:
    void set_books(storage::ConnectionState state) {
        const auto books = engine().stores.connections.find(tenant_, "books").value();
        ASSERT_TRUE(engine().stores.connections.set_state(books.id, state, "", clock_.now().ms));
    }
    std::string total_of(int order) {
        const auto* document = books_.by_key("shop:shop:" + std::to_string(order));
        return document == nullptr ? "" : document->body.at("total").get<std::string>();
    }
};

TEST_F(Lanes, TenPendingVersionsAreOneWriteOfTheNewest) {
    set_books(storage::ConnectionState::kNeedsReauth);
    for (int version = 10; version < 20; ++version) {
        shop_.put(1, std::to_string(version) + ".00", "ann@x.example");
        const std::string id = start();
        work();
        later(2'000);
        expect_adds_up(status(id));
    }
    EXPECT_EQ(books_.writes, 0);
    set_books(storage::ConnectionState::kActive);
    later(60'000);
    EXPECT_EQ(total_of(1), "19.00");
    EXPECT_EQ(books_.writes, 2) << "one for the customer, one for the order";
    EXPECT_EQ(books_.by_key("shop:shop:1")->version, 1);
}

TEST_F(Lanes, AVersionThatComesWhileTheFormerIsOnItsWayFollowsItAndDoesNotReplaceIt) {
    shop_.put(1, "10.00", "ann@x.example");
    run();
    shop_.put(1, "11.00", "ann@x.example");
    std::vector<std::string> written;
    books_.during_write = [&](const WriteRequest& request) {
        written.push_back(request.items.at(0).body.at("total"));
        if (written.size() == 1) {
            shop_.put(1, "12.00", "ann@x.example");
            const auto runs = engine().stores.runs.open_runs().value();
            ASSERT_EQ(runs.size(), 1u);
            ASSERT_TRUE(engine().collector.collect(runs.front(), nullptr));
        }
    };
    run();
    books_.during_write = nullptr;
    later(60'000);
    EXPECT_EQ(written, (std::vector<std::string>{"11.00", "12.00"}));
    EXPECT_EQ(total_of(1), "12.00");
    EXPECT_EQ(books_.by_key("shop:shop:1")->version, 3);
}

TEST_F(Lanes, ACustomersFlowAndAnOrdersFlowThatMeetTheSameNewCustomerMakeOne) {
    FlowDefinition definition;
    definition.name = "shop-books-customers";
    definition.entity = "customer";
    definition.source.connection = "shop";
    definition.target.connection = "books";
    definition.approval.exempt = {Starter::kApi};
    ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    for (int i = 1; i <= 12; ++i) {
        shop_.put(i, "10.00", i % 2 == 0 ? "ann@x.example" : "bob@x.example");
    }
    start();
    engine::StartRequest request;
    request.entity = "customer";
    ASSERT_TRUE(engine().control.start(tenant_, request).has_value());
    work();
    for (int i = 0; i < 5; ++i) {
        later(60'000);
    }
    EXPECT_EQ(books_.count("customer"), 2u);
    EXPECT_EQ(books_.count("invoice"), 12u);
}

TEST_F(Lanes, ARefusedNeedHoldsThoseThatHaveItAndNobodyElse) {
    books_.refused_keys = {"ann@x.example"};
    shop_.put(1, "10.00", "ann@x.example");
    shop_.put(2, "10.00", "ann@x.example");
    shop_.put(3, "10.00", "bob@x.example");
    const auto done = run();
    EXPECT_EQ(done.counts.created, 1);
    EXPECT_EQ(done.counts.held, 2);
    const auto letters = engine().stores.jobs.dead_letters(tenant_, {}).value();
    ASSERT_EQ(letters.size(), 2u);
    EXPECT_EQ(letters[0].error_message, "waits for its customer: refused by the books");
}

}  // namespace
}  // namespace syncline::testing
