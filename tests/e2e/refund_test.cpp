// What happens to orders after their sale: refunded in parts, deleted again, cancelled. The shop's
// net and that of the books are the same after each step, and a further run writes nothing.
#include <gtest/gtest.h>

#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

constexpr std::int64_t kCents = 100;

// "12.34" in cents.
std::int64_t cents(const std::string& amount) {
    const auto point = amount.find('.');
    return std::stoll(amount.substr(0, point)) * kCents + std::stoll(amount.substr(point + 1));
}

class RefundTest : public ::testing::Test {
protected:
    static Json with_refunds(Json config) {
        Json flow = config.at("flows").at(0);
        flow["name"] = "shop-books-refunds";
        flow["entity"] = "refund";
        flow["delete_policy"] = "void";
        config["flows"] = Json::array({config.at("flows").at(0), flow});
        for (auto& connection : config["connections"]) {
            if (connection.at("platform") == "quickbooks") {
                connection["settings"]["cancelled"] = "void";
            }
        }
        return config;
    }
    // Given ids only those, as the shop's webhooks announce them.
    void sync(const std::string& entity, const std::vector<std::string>& ids = {}) {
        const Json body = ids.empty() ? Json::object() : Json{{"mode", "ids"}, {"ids", ids}};
        const Answer started = host_.post("/api/sync/" + entity, body);
        ASSERT_EQ(started.status, 202) << started.text;
        ASSERT_EQ(host_.unsettled(), "") << host_.log();
    }
    // The shop's own API.
    Json shop(const std::string& method, const std::string& path, const Json& body = Json()) const {
        const Json config = shop_.config();
        const Json& keys = config.at("connections").at(0).at("settings");
        const SandboxReply reply = send(
            shop_.port(),
            {method,
             "/wp-json/wc/v3/" + path + (path.find('?') == std::string::npos ? "?" : "&") +
                 "consumer_key=" + keys.at("consumer_key").get<std::string>() +
                 "&consumer_secret=" + keys.at("consumer_secret").get<std::string>(),
             {{"Content-Type", "application/json"}},
             body.is_null() ? "" : body.dump()}
        );
        EXPECT_EQ(reply.status / 100, 2) << method << " " << path << ": " << reply.body;
        return Json::parse(reply.body, nullptr, false);
    }
    std::string refund(const std::string& order, const Json& body) const {
        Json whole = body;
        whole["api_refund"] = false;
        return shop("POST", "orders/" + order + "/refunds", whole).at("id").dump();
    }
    // Sales less refunds of what is posted, in cents.
    std::int64_t net_of_books() const {
        std::int64_t sum = 0;
        for (const auto& document : shop_.documents()) {
            const std::string entity = document.at("entity");
            const std::int64_t total = cents(document.at("total"));
            sum += entity == "Invoice" || entity == "SalesReceipt" ? total : 0;
            sum -= entity == "RefundReceipt" || entity == "CreditMemo" ? total : 0;
        }
        return sum;
    }
    std::int64_t net_of_shop() const {
        std::int64_t sum = 0;
        for (const auto& order : shop_.orders()) {
            const std::string status = order.at("status");
            const bool posted = status != "cancelled" && status != "failed" && status != "trash" &&
                                status != "checkout-draft" && status != "auto-draft";
            if (posted && order.at("currency") == "USD") {
                sum += cents(order.at("total"));
            }
        }
        for (const auto& one : shop("GET", "refunds?per_page=100")) {
            sum -= cents(one.at("amount"));
        }
        return sum;
    }
    Json document(const std::string& marker) const {
        for (const auto& one : shop_.documents()) {
            if (one.value("marker", "").find(marker + " v1]") != std::string::npos) {
                return one;
            }
        }
        return {};
    }

    DemoShop shop_;
    HostProcess host_{with_refunds(shop_.config())};
};

TEST_F(RefundTest, WhatGoesBackIsInTheBooksToTheCentAndOnce) {
    host_.start();
    ASSERT_NO_FATAL_FAILURE(sync("refunds"));  // before its orders: they wait
    EXPECT_EQ(shop_.inventory()["RefundReceipt"], 0U);
    ASSERT_NO_FATAL_FAILURE(sync("orders"));
    EXPECT_EQ(shop_.inventory()["RefundReceipt"], 10U) << host_.log();
    EXPECT_EQ(net_of_books(), net_of_shop());

    const Json order = shop("GET", std::string("orders/") + "114");
    const Json& line = order.at("line_items").at(0);
    const std::string first = refund("114", {{"amount", "1.25"}, {"reason", "late"}});
    const std::string second = refund(
        "114",
        {{"amount", "2.00"},
         {"line_items", {{{"id", line.at("id")}, {"quantity", 1}, {"refund_total", "1.50"}}}}}
    );
    ASSERT_NO_FATAL_FAILURE(sync("refunds", {first, second}));
    EXPECT_EQ(document("114:refund:" + first).at("total"), "1.25");
    EXPECT_EQ(document("114:refund:" + second).at("total"), "2.00");
    EXPECT_EQ(document("114:refund:" + second).at("entity"), "RefundReceipt");
    EXPECT_EQ(net_of_books(), net_of_shop());

    const auto writes = shop_.writes();
    ASSERT_NO_FATAL_FAILURE(sync("orders"));
    ASSERT_NO_FATAL_FAILURE(sync("refunds"));
    ASSERT_NO_FATAL_FAILURE(sync("refunds", {first, second}));
    EXPECT_EQ(shop_.writes(), writes);

    // Deleted in the shop: the document goes, too.
    shop("DELETE", "orders/114/refunds/" + first + "?force=true");
    ASSERT_NO_FATAL_FAILURE(sync("refunds", {first, second}));
    EXPECT_TRUE(document("114:refund:" + first).is_null()) << host_.log();
    EXPECT_EQ(document("114:refund:" + second).at("total"), "2.00");
    EXPECT_EQ(net_of_books(), net_of_shop());
    EXPECT_EQ(host_.stop(), 0) << host_.log();
}

TEST_F(RefundTest, CancelledOrdersAreVoidedAndTheirNetIsNothing) {
    host_.start();
    ASSERT_NO_FATAL_FAILURE(sync("orders"));
    ASSERT_NO_FATAL_FAILURE(sync("refunds"));
    std::string unpaid;
    std::string paid;
    for (const auto& one : shop_.documents()) {
        const std::string marker = one.value("marker", "");
        const std::string id = marker.substr(
            marker.rfind(':') + 1, marker.find(' ', marker.rfind(':')) - marker.rfind(':') - 1
        );
        const bool open = one.at("balance") == one.at("total");
        const bool refunded = marker.find(":refund:") != std::string::npos ||
                              !shop("GET", "orders/" + id).at("refunds").empty();
        if (one.at("entity") == "Invoice" && open && unpaid.empty() && !refunded) {
            unpaid = id;
        } else if (one.at("entity") == "SalesReceipt" && paid.empty() && !refunded) {
            paid = id;
        }
    }
    ASSERT_FALSE(unpaid.empty());
    ASSERT_FALSE(paid.empty());
    for (const auto& id : {unpaid, paid}) {
        shop_.control("POST", "/woocommerce/orders/" + id, {{"status", "cancelled"}});
    }
    ASSERT_NO_FATAL_FAILURE(sync("orders"));
    EXPECT_TRUE(document(":" + unpaid).is_null()) << "a void takes the note";
    std::size_t voided = 0;
    for (const auto& one : shop_.documents()) {
        voided += one.at("voided").get<bool>() ? 1U : 0U;
    }
    EXPECT_EQ(voided, 2U) << host_.log();
    EXPECT_EQ(net_of_books(), net_of_shop());
    const auto writes = shop_.writes();
    ASSERT_NO_FATAL_FAILURE(sync("orders"));
    EXPECT_EQ(shop_.writes(), writes);

    // Its order comes to life again: a person decides.
    shop_.control("POST", "/woocommerce/orders/" + paid, {{"status", "processing"}});
    ASSERT_NO_FATAL_FAILURE(sync("orders"));
    const Answer failures = host_.get("/api/sync/failures?flow=shop-books-orders&limit=100");
    expect_words(failures.text, {"VOIDED_IN_BOOKS"});
    EXPECT_EQ(host_.stop(), 0) << host_.log();
}

}  // namespace
}  // namespace syncline::test
