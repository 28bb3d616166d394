// The recorded shops' refunds, each compared with the shop's own texts.
#include "refunds.hpp"
#include "shop.hpp"

namespace syncline::quickbooks {
namespace {

struct RecordedRefund {
    Json source;
    Refund refund;
};

std::vector<RecordedRefund> recorded_refunds(const std::string& shop, std::string_view code) {
    std::map<std::string, Order> orders;
    for (const auto& [source, order] : recorded_orders(shop, code)) {
        orders[order.id] = order;
        orders[order.id].raw = nullptr;
    }
    std::ifstream file(std::string(SYNCLINE_TEST_DATA) + "/" + shop + "/refunds.json");
    EXPECT_TRUE(file) << shop;
    std::stringstream text;
    text << file.rdbuf();
    std::vector<RecordedRefund> all;
    for (const auto& source : parsed(text.str())) {
        const std::string order = dump_json(source.at("parent_id"));
        Refund refund = woocommerce::to_refund(
            source, order, orders.at(order).currency, {currency(code), -300}
        );
        refund.order = orders.at(order);
        all.push_back({source, std::move(refund)});
    }
    return all;
}

// What the shop says it took back of its taxes.
Decimal tax_of_source(const Json& source) {
    Decimal sum;
    for (const char* part : {"line_items", "shipping_lines", "fee_lines"}) {
        for (const auto& line : source.at(part)) {
            sum = *sum.minus(decimal(line.at("total_tax").get<std::string>()));
        }
    }
    return sum;
}

void expect_the_shops_figures(Books& books, const RecordedRefund& recorded) {
    const Json& source = recorded.source;
    const Encoded one = encoded(books, recorded.refund);
    ASSERT_EQ(one.documents.size(), 1u) << recorded.refund.id << Books::why(one);
    EXPECT_EQ(one.documents[0].role, "refund");
    EXPECT_TRUE(one.warnings.empty()) << Books::why(one);
    const Json& body = one.documents[0].body;
    EXPECT_EQ(sum_of(body), decimal(source.at("amount").get<std::string>())) << source.dump(1);
    EXPECT_EQ(*number_at(body.at("TxnTaxDetail"), "TotalTax"), tax_of_source(source));
    EXPECT_EQ(body.at("Line").size(), std::max<std::size_t>(1, source.at("line_items").size()));
}

TEST(RecordedRefunds, AllTenOfTheShopInDollarsArePosted) {
    Books books;
    const auto all = recorded_refunds("woocommerce", "USD");
    ASSERT_EQ(all.size(), 10u);
    Decimal sum;
    for (const auto& one : all) {
        expect_the_shops_figures(books, one);
        sum = *sum.plus(one.refund.amount.decimal());
    }
    EXPECT_EQ(sum, decimal("452.93"));
}

TEST(RecordedRefunds, AllTwelveOfTheShopWithTaxInItsPricesArePosted) {
    Books books;
    books.facts.home_currency = "EUR";
    books.facts.accounts.clear();
    books.facts.accounts.push_back(
        {"4", "Undeposited Funds", "Other Current Asset", "UndepositedFunds", "EUR"}
    );
    books.facts.accounts.push_back(
        {"79", "Sales of Product Income", "Income", "SalesOfProductIncome", "EUR"}
    );
    const auto all = recorded_refunds("woocommerce-inclusive", "EUR");
    ASSERT_EQ(all.size(), 12u);
    for (const auto& one : all) {
        expect_the_shops_figures(books, one);
    }
}

}  // namespace
}  // namespace syncline::quickbooks
