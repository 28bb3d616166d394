#include <map>

#include "shop.hpp"

namespace syncline::quickbooks {
namespace {

// Encodes all orders of a shop; each document is compared with the shop's own texts.
std::map<std::string, int> outcomes_of(
    Books& books, const std::vector<RecordedOrder>& orders, Decimal& total
) {
    std::map<std::string, int> outcomes;
    for (const auto& [source, order] : orders) {
        const Encoded encoded = books.order(order);
        ++outcomes
            [encoded.documents.empty() ? Books::skip_code(encoded) + Books::hold_code(encoded)
                                       : encoded.documents.front().role];
        if (encoded.documents.empty()) {
            continue;
        }
        const Json& body = encoded.documents.front().body;
        EXPECT_EQ(sum_of(body), decimal(source.at("total").get<std::string>())) << order.id;
        EXPECT_EQ(
            *number_at(body.at("TxnTaxDetail"), "TotalTax"),
            decimal(source.at("total_tax").get<std::string>())
        ) << order.id;
        EXPECT_TRUE(encoded.warnings.empty()) << Books::why(encoded);
        total = *total.plus(sum_of(body));
    }
    return outcomes;
}

TEST(RecordedShop, FortyFiveOfItsSixtyOneOrdersArePosted) {
    Books books;
    const auto orders = recorded_orders("woocommerce", "USD");
    ASSERT_EQ(orders.size(), 61u);
    Decimal total;
    const std::map<std::string, int> expected{
        {"sales_receipt", 30},
        {"invoice", 15},
        {"NOT_POSTED_STATUS", 14},
        {"ZERO_TOTAL", 1},
        {"FOREIGN_CURRENCY", 1}};
    auto outcomes = outcomes_of(books, orders, total);
    const int posted = outcomes["sales_receipt"] + outcomes["invoice"];
    EXPECT_EQ(posted, 45);
    EXPECT_EQ(total, decimal("7010.72"));
    EXPECT_EQ(outcomes, expected);
}

TEST(RecordedShop, WithoutShippingLineAndNumbersTheSameTotalsCome) {
    Books books;
    books.facts.allow_shipping = false;
    books.facts.custom_txn_numbers = false;
    books.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    Decimal total;
    auto outcomes = outcomes_of(books, recorded_orders("woocommerce", "USD"), total);
    EXPECT_EQ(total, decimal("7010.72"));
    EXPECT_EQ(outcomes["invoice"], 45);
}

TEST(RecordedShop, WithDiscountLinesTheSameTotalsCome) {
    Books books;
    books.settings["discounts"] = "line";
    books.facts.discount_account_id = "86";
    const auto orders = recorded_orders("woocommerce", "USD");
    Decimal total;
    auto outcomes = outcomes_of(books, orders, total);
    EXPECT_EQ(total, decimal("7010.72"));
    EXPECT_EQ(outcomes["sales_receipt"] + outcomes["invoice"], 45);
    const auto discounted = std::count_if(orders.begin(), orders.end(), [&](const auto& one) {
        const Encoded encoded = books.order(one.order);
        return !encoded.documents.empty() &&
               dump_json(encoded.documents[0].body).find("DiscountLineDetail") != std::string::npos;
    });
    EXPECT_EQ(discounted, 16);
}

TEST(RecordedShop, PricesEnteredWithTaxAddUpToo) {
    Books books;
    books.keep_in("EUR");
    const auto orders = recorded_orders("woocommerce-inclusive", "EUR");
    ASSERT_EQ(orders.size(), 40u);
    Decimal total;
    auto outcomes = outcomes_of(books, orders, total);
    for (const auto& [code, count] : outcomes) {
        EXPECT_TRUE(
            code == "sales_receipt" || code == "invoice" || code == "NOT_POSTED_STATUS" ||
            code == "ZERO_TOTAL"
        ) << code
          << " " << count;
    }
}

}  // namespace
}  // namespace syncline::quickbooks
