// Orders that no books can take as they are: each is held, skipped or posted as the accounting
// rules say, seen where an operator looks, and the others are not touched by it.
#include <gtest/gtest.h>

#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

class OrderTest : public ::testing::Test {
protected:
    // A further order as the recorded order 114, but for `changes`; its id.
    std::string order(const Json& changes) {
        Json whole = recorded();
        for (const char* member :
             {"id", "number", "order_key", "date_created_gmt", "date_modified_gmt"}) {
            whole.erase(member);
        }
        whole.merge_patch(changes);
        return shop_.control("POST", "/woocommerce/orders", whole).at("id").dump();
    }
    Json recorded() const {
        return shop_.control("POST", "/woocommerce/orders/114?touch=0", Json::object());
    }
    static Json without_parts() {
        return {
            {"line_items", Json::array()},
            {"fee_lines", Json::array()},
            {"coupon_lines", Json::array()},
            {"tax_lines", Json::array()},
            {"total_tax", "0.00"}};
    }
    void sync() {
        const Answer started = host_.post("/api/sync/orders");
        ASSERT_EQ(started.status, 202) << started.text;
        ASSERT_EQ(host_.unsettled(), "");
    }
    // What is held back from the books, by the order's id.
    std::map<std::string, Json> failures() {
        std::map<std::string, Json> by_id;
        const Answer list = host_.get("/api/sync/failures?flow=shop-books-orders&limit=100");
        for (const auto& one : list.json.at("items")) {
            by_id[one.at("source_id")] = one;
        }
        return by_id;
    }
    void expect_held(const std::string& id, const std::string& code, const Words& words) {
        const auto all = failures();
        const auto found = all.find(id);
        ASSERT_NE(found, all.end()) << "order " << id << " is not among the failures";
        EXPECT_EQ(found->second.at("outcome"), "held");
        EXPECT_EQ(found->second.at("code"), code);
        EXPECT_FALSE(found->second.at("hint").get<std::string>().empty());
        expect_words(found->second.at("message"), words);
        const auto listed = host_.run(
            {"failures"}, {"SYNCLINE_URL=" + host_.url(), "SYNCLINE_TOKEN=" + host_.token()}
        );
        EXPECT_EQ(listed.status, 0) << listed.output;
        expect_words(listed.output, {"order " + id, code});
    }
    bool is_posted(const std::string& id) const {
        for (const auto& document : shop_.documents()) {
            const std::string marker = document.value("marker", "");
            if (marker.find(":" + id + " ") != std::string::npos) {
                return true;
            }
        }
        return false;
    }

    DemoShop shop_;
    HostProcess host_{shop_.config()};
};

TEST_F(OrderTest, OrdersThatCannotBePostedAreHeldAndTheOthersArrive) {
    Json deleted = recorded().at("line_items");
    deleted[0]["product_id"] = 0;
    deleted[0]["variation_id"] = 0;
    const std::string gone = order({{"line_items", deleted}});
    Json empty = without_parts();
    empty["total"] = "10.00";
    const std::string lineless = order(empty);
    const std::string foreign = order({{"currency", "EUR"}});
    const std::string broken = order({{"total", "29.06"}});
    host_.start();
    ASSERT_NO_FATAL_FAILURE(sync());
    expect_held(gone, "DELETED_PRODUCT", {"'Variable 1 - S, Red'", "set fallback_item"});
    expect_held(lineless, "AMOUNT_MISMATCH", {"add up to 0.00", "total is 10.00 USD", "correct"});
    expect_held(foreign, "FOREIGN_CURRENCY", {"EUR", "the books are in USD"});
    expect_held(broken, "AMOUNT_MISMATCH", {"add up to 19.06", "total is 29.06 USD", "correct"});
    EXPECT_EQ(failures().size(), 5U);  // with the recorded order in euros
    EXPECT_EQ(shop_.wrong({gone, lineless, foreign, broken}), "");

    // Corrected in the shop, they come by themselves.
    shop_.control("POST", "/woocommerce/orders/" + broken, {{"total", "19.06"}});
    shop_.control(
        "POST", "/woocommerce/orders/" + gone, {{"line_items", recorded().at("line_items")}}
    );
    ASSERT_NO_FATAL_FAILURE(sync());
    EXPECT_EQ(shop_.wrong({lineless, foreign}), "") << host_.log();
    EXPECT_EQ(failures().size(), 3U);
    EXPECT_EQ(host_.stop(), 0) << host_.log();
}

TEST_F(OrderTest, AnOrderWithNothingInItIsSkipped) {
    Json empty = without_parts();
    empty["total"] = "0.00";
    const std::string id = order(empty);
    host_.start();
    ASSERT_NO_FATAL_FAILURE(sync());
    EXPECT_FALSE(is_posted(id));
    EXPECT_EQ(failures().count(id), 0U);
    const Answer plan = host_.post(
        "/api/sync/dry-run/orders", {{"flow", "shop-books-orders"}, {"mode", "ids"}, {"ids", {id}}}
    );
    expect_words(plan.text, {"ZERO_TOTAL", "nothing to post"});
    EXPECT_EQ(shop_.wrong(), "");
}

TEST_F(OrderTest, AnOrderWithoutEmailIsPostedOnTheCustomerForAll) {
    const std::string id = order({{"billing", {{"email", ""}}}});
    host_.start();
    ASSERT_NO_FATAL_FAILURE(sync());
    EXPECT_TRUE(is_posted(id));
    EXPECT_EQ(shop_.wrong(), "") << host_.log();
}

// Two guests of one name: QuickBooks refuses the second DisplayName (6240), rule 4.16 makes
// another.
TEST_F(OrderTest, TwoCustomersOfOneNameBecomeTwo) {
    const auto guest = [&](const char* email) {
        return order(
            {{"customer_id", 0},
             {"billing", {{"first_name", "Twin"}, {"last_name", "Guest"}, {"email", email}}}}
        );
    };
    const std::string first = guest("twin.one@example.test");
    host_.start();
    ASSERT_NO_FATAL_FAILURE(sync());
    const std::size_t customers = shop_.inventory().at("Customer");
    const std::string second = guest("twin.two@example.test");
    ASSERT_NO_FATAL_FAILURE(sync());
    EXPECT_TRUE(is_posted(first));
    EXPECT_TRUE(is_posted(second));
    EXPECT_EQ(shop_.inventory().at("Customer"), customers + 1);
    EXPECT_EQ(shop_.wrong(), "") << host_.log();
    EXPECT_EQ(failures().size(), 1U);  // the recorded order in euros
}

}  // namespace
}  // namespace syncline::test
