#include "books.hpp"
#include "quickbooks/encode/lines.hpp"
#include "quickbooks/encode/proof.hpp"

namespace syncline::quickbooks {
namespace {

std::string shown(const std::vector<PricedPart>& parts) {
    std::string text;
    for (const auto& part : parts) {
        text += (text.empty() ? "" : " + ") + plain(part.quantity) + " x " +
                plain(part.unit_price) + " = " + part.amount.to_string();
    }
    return text;
}

TEST(Price, TakesSevenDecimalsOrSplits) {
    struct Case {
        const char* amount;
        const char* quantity;
        const char* parts;
        const char* code = "USD";
    };
    for (const auto& one : {
             Case{"10.00", "3", "3 x 3.3333333 = 10.00"},
             Case{"20.00", "7", "7 x 2.8571429 = 20.00"},
             Case{"0.01", "3", "3 x 0.0033333 = 0.01"},
             Case{"0.00", "5", "5 x 0 = 0.00"},
             Case{"-2.00", "3", "3 x -0.6666667 = -2.00"},
             Case{"4.35", "1.5", "1.5 x 2.9 = 4.35"},
             Case{"1000", "7", "7 x 142.8571429 = 1000", "JPY"},
             Case{"1.000", "7", "7 x 0.1428571 = 1.000", "KWD"},
             Case{"99999.00", "99999", "99999 x 1 = 99999.00"},
         }) {
        const auto parts = price(money(one.amount, one.code), decimal(one.quantity));
        ASSERT_TRUE(parts) << one.amount;
        EXPECT_EQ(shown(*parts), one.parts);
    }
}

TEST(Price, SplitsWhereNoPriceGivesTheAmount) {
    // 0.3333334 x 300,007 = 100,002.35; with 7 decimals the cent cannot be met.
    const auto parts = price(money("100002.31"), decimal("300007"));
    ASSERT_TRUE(parts);
    ASSERT_EQ(parts->size(), 2u);
    EXPECT_EQ((*parts)[0].amount + (*parts)[1].amount, money("100002.31"));
    EXPECT_EQ(*(*parts)[0].quantity.plus((*parts)[1].quantity), decimal("300007"));
    EXPECT_EQ(*(*parts)[1].unit_price.minus((*parts)[0].unit_price), decimal("0.01"));
    for (const auto& part : *parts) {
        EXPECT_TRUE(price_holds(part.quantity, part.unit_price, part.amount));
    }
    const auto negative = price(money("-100002.31"), decimal("300007"));
    ASSERT_TRUE(negative);
    EXPECT_EQ((*negative)[0].amount + (*negative)[1].amount, money("-100002.31"));
}

TEST(Price, ABrokenQuantityThatCannotBeMetIsHeld) {
    const auto parts = price(money("100002.32"), decimal("300007.5"));
    ASSERT_FALSE(parts);
    EXPECT_EQ(parts.error().name, "LINE_ARITHMETIC");
}

Json lines_of(Books& books, const Order& order) {
    return books.body(order).at("Line");
}

TEST(Lines, CouponsAreNamedAndTheLineIsNet) {
    Books books;
    Order order = paid_order();
    order.lines[0].subtotal = money("45.00");
    order.discounts = {{"SPRING", money("4.36"), money("0.00")}};
    const Json lines = lines_of(books, order);
    EXPECT_EQ(lines.at(0).at("Amount"), "40.64");
    EXPECT_EQ(lines.at(0).at("Description"), "Product 1 (coupon SPRING)");
    EXPECT_EQ(lines.at(1).at("Description"), "Product 2");
}

TEST(Lines, FeesAreLinesOfTheirOwnByName) {
    Books books;
    Order order = paid_order();
    order.fees = {
        {"1", "Gift wrap", money("3.50"), money("0.31"), {}},
        {"2", "Loyalty", money("-2.00"), money("-0.18"), {}},
        {"3", "Nothing", money("0.00"), money("0.00"), {}}};
    balanced(order);
    books.settings["fee_items"] = {{"Gift wrap", "name:Gift wrap"}};
    const Encoded encoded = books.order(order);
    ASSERT_EQ(encoded.documents.size(), 1u) << Books::why(encoded);
    const Json& lines = encoded.documents[0].body.at("Line");
    ASSERT_EQ(lines.size(), 5u);
    EXPECT_EQ(lines.at(2).at("Amount"), "3.5");
    EXPECT_EQ(
        lines.at(2).at("SalesItemLineDetail").at("ItemRef").at("value").at("$need"),
        "product:name:Gift wrap"
    );
    EXPECT_EQ(lines.at(3).at("Amount"), "-2");
    EXPECT_EQ(lines.at(3).at("SalesItemLineDetail").at("UnitPrice"), "-2");
    EXPECT_EQ(
        lines.at(3).at("SalesItemLineDetail").at("ItemRef").at("value").at("$need"),
        "product:name:Web store fee"
    );
    EXPECT_EQ(encoded.needs[2].record, Json());
    EXPECT_EQ(encoded.needs[3].record.at("type"), "service");
}

TEST(Lines, SeveralShippingLinesBecomeTheCompanysOne) {
    Books books;
    Order order = paid_order();
    order.shipping_lines.push_back({"8", "pickup", "Pallet", money("20.00"), money("1.65"), {}});
    order.shipping_lines.push_back({"7", "free", "Free shipping", money("0.00"), money("0.00"), {}}
    );
    balanced(order);
    const Json lines = lines_of(books, order);
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines.at(2).at("Amount"), "24.95");
    EXPECT_EQ(lines.at(2).at("Description"), "Flat rate, Pallet, Free shipping");
    EXPECT_EQ(lines.at(2).at("SalesItemLineDetail").at("TaxCodeRef").at("value"), "TAX");
    EXPECT_FALSE(lines.at(2).at("SalesItemLineDetail").contains("Qty"));

    books.facts.allow_shipping = false;
    const Json own = lines_of(books, order);
    ASSERT_EQ(own.size(), 4u) << "free shipping makes no line";
    EXPECT_EQ(
        own.at(2).at("SalesItemLineDetail").at("ItemRef").at("value").at("$need"),
        "product:name:Web store shipping"
    );
    EXPECT_EQ(own.at(3).at("Amount"), "20");
}

TEST(Lines, AFewCentsOfTheShopsOwnRoundingGetALine) {
    for (const char* cents : {"0.01", "-0.03", "0.03"}) {
        Books books;
        Order order = paid_order();
        order.total += money(cents);
        const Json lines = lines_of(books, order);
        ASSERT_EQ(lines.size(), 4u);
        EXPECT_EQ(lines.at(2).at("Description"), "Rounding");
        EXPECT_EQ(lines.at(2).at("Amount"), cents);
        EXPECT_EQ(lines.at(2).at("SalesItemLineDetail").at("TaxCodeRef").at("value"), "NON");
    }
    // With four taxed lines four cents may come together.
    Books books;
    Order order = paid_order();
    for (const char* id : {"5", "6", "7"}) {
        order.lines.push_back(product_line(id, "10.00", "0.89", "1"));
    }
    balanced(order).total += money("0.04");
    EXPECT_EQ(lines_of(books, order).size(), 7u);
    order.total += money("0.01");
    EXPECT_EQ(Books::hold_code(books.order(order)), "AMOUNT_MISMATCH");
}

TEST(Lines, TaxOnTheSumAndTaxPerLineBothGoThrough) {
    // accounting.md 4.4 (a): tax of 12 % on the sum is 9.73, per line 9.71.
    Order order = paid_order();
    order.shipping_lines.clear();
    order.lines.clear();
    for (int i = 0; i < 29; ++i) {
        order.lines.push_back(product_line(std::to_string(100 + i), "1.59", "0.19", "1"));
    }
    order.lines.push_back(product_line("201", "17.49", "2.10", "11"));
    order.lines.push_back(product_line("202", "17.49", "2.10", "11"));
    balanced(order);
    Books books;
    EXPECT_EQ(order.tax_total, money("9.71"));
    EXPECT_EQ(books.body(order).at("TxnTaxDetail").at("TotalTax"), "9.71");
    order.tax_total = money("9.73");
    order.total = money("90.82");
    EXPECT_EQ(books.body(order).at("TxnTaxDetail").at("TotalTax"), "9.73");
}

TEST(Lines, WithoutTaxEveryLineIsUntaxed) {
    Order order = paid_order();
    order.lines[0].total_tax = money("0.00");
    order.lines[0].taxes = {{"1", decimal("0.004")}};
    balanced(order);
    Books books;
    for (const auto& line : lines_of(books, order)) {
        EXPECT_EQ(line.at("SalesItemLineDetail").at("TaxCodeRef").at("value"), "NON");
    }
    // The same share counts once the order does have tax.
    order.tax_total = money("0.01");
    order.total += money("0.01");
    EXPECT_EQ(
        lines_of(books, order).at(0).at("SalesItemLineDetail").at("TaxCodeRef").at("value"), "TAX"
    );
}

TEST(Proof, FindsEveryCentThatIsAmiss) {
    Books books;
    const Encoded encoded = books.order(paid_order());
    const Document& document = encoded.documents.at(0);
    EXPECT_FALSE(disprove_sale(document.body, *document.money));
    const std::vector<std::pair<const char*, Json>> spoilt{
        {"/Line/0/Amount", "40.65"},
        {"/Line/2/Amount", "4.94"},
        {"/TxnTaxDetail/TotalTax", "3.62"},
        {"/TxnTaxDetail", Json::object()},
        {"/Line/0/SalesItemLineDetail/UnitPrice", "20.33"},
        {"/Line/0/SalesItemLineDetail/Qty", "3"},
        {"/Line/1/Amount", Json()},
        {"/DocNumber", "WOO-123456789012345678"},
    };
    for (const auto& [path, value] : spoilt) {
        Json body = document.body;
        body[Json::json_pointer(path)] = value;
        EXPECT_TRUE(disprove_sale(body, *document.money)) << path;
    }
    DocumentMoney other = *document.money;
    other.total += money("0.01");
    EXPECT_TRUE(disprove_sale(document.body, other));
}

}  // namespace
}  // namespace syncline::quickbooks
