// What canonical records are known by, and CSV as it comes in.
#include "core/match_signs.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <syncline/model/customer.hpp>
#include <syncline/model/invoice.hpp>
#include <syncline/model/order.hpp>
#include <syncline/model/product.hpp>

#include "core/csv.hpp"

namespace syncline::testing {
namespace {

Currency euro() {
    return Currency::parse("EUR").value();
}
Money euros(const std::string& amount) {
    return Money::parse(amount, euro()).value();
}
Timestamp at(const std::string& text) {
    return Timestamp::parse(text).value();
}

template <class Model>
std::vector<MatchRecord> records(const std::string& entity, const Model& model) {
    auto found = signs_of(entity, model.id, to_json(model));
    EXPECT_TRUE(found.has_value()) << (found ? "" : found.error().message);
    return found ? *found : std::vector<MatchRecord>();
}

std::size_t pairs_of_grade(
    const std::vector<MatchRecord>& left, const std::vector<MatchRecord>& right, MatchGrade grade
) {
    const auto result = match_records(left, right);
    return static_cast<std::size_t>(std::count_if(
        result.pairs.begin(),
        result.pairs.end(),
        [&](const auto& pair) { return pair.grade == grade; }
    ));
}

Customer customer(const std::string& email, const std::string& phone = "") {
    Customer one;
    one.id = "7";
    one.first_name = "Ann";
    one.last_name = "Lee";
    one.email = email;
    one.phone = phone;
    return one;
}

TEST(MatchSigns, AnEmailIsComparedWithoutCaseAndSpaces) {
    const auto left = records("customer", customer(" Ann@X.example "));
    const auto right = records("customer", customer("ann@x.EXAMPLE"));
    EXPECT_EQ(pairs_of_grade(left, right, MatchGrade::kExact), 1U);
}

TEST(MatchSigns, ANameAloneIsNoSign) {
    EXPECT_TRUE(records("customer", customer("")).front().signs.empty());
    EXPECT_TRUE(records("customer", customer("", "12")).front().signs.empty());
    const auto left = records("customer", customer("a@x.example", "+43 (1) 555-0100"));
    const auto right = records("customer", customer("b@x.example", "4315550100"));
    EXPECT_EQ(pairs_of_grade(left, right, MatchGrade::kAssisted), 1U);
}

TEST(MatchSigns, ASkuIsComparedWithItsCase) {
    Product product;
    product.id = "1";
    product.name = "Shirt";
    product.sku = " SH-1 ";
    Product other = product;
    other.sku = "SH-1";
    EXPECT_EQ(
        pairs_of_grade(records("product", product), records("product", other), MatchGrade::kExact),
        1U
    );
    other.sku = "sh-1";
    EXPECT_TRUE(match_records(records("product", product), records("product", other)).pairs.empty()
    );
}

TEST(MatchSigns, AVariationIsOneOfItsOwn) {
    Product product;
    product.id = "1";
    product.name = "Shirt";
    product.sku = "SH";
    for (const char* id : {"11", "12"}) {
        Product variant;
        variant.id = id;
        variant.sku = std::string("SH-") + id;
        product.variants.push_back(variant);
    }
    const auto all = records("product", product);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].id, "1");
    EXPECT_EQ(all[0].part, "11");
    EXPECT_EQ(all[0].signs.front(), (Sign{SignKind::kSku, "SH-11"}));
}

Order order(const std::string& total, const std::string& created) {
    Order one;
    one.id = "60";
    one.number = "1060";
    one.currency = euro();
    one.total = euros(total);
    one.created_at = at(created);
    one.billing.email = "ann@x.example";
    return one;
}

Invoice invoice(const std::string& number, const std::string& total, const std::string& day) {
    Invoice one;
    one.id = "9";
    one.number = number;
    one.currency = euro();
    one.total = euros(total);
    one.issued_on = day;
    one.status = "open";
    return one;
}

TEST(MatchSigns, ADocumentIsKnownByNumberTotalAndDate) {
    struct Case {
        const char* what;
        Invoice invoice;
        std::optional<MatchGrade> grade;
    };
    Invoice other_number = invoice("77", "12.00", "2026-01-02");
    other_number.customer_email = "Ann@x.example";
    Invoice gone = invoice("1060", "12.00", "2026-01-02");
    gone.status = "void";
    const std::vector<Case> cases{
        {"the same", invoice("1060", "12.00", "2026-01-02"), MatchGrade::kExact},
        {"the day after, in the east", invoice("1060", "12.00", "2026-01-03"), MatchGrade::kExact},
        {"another day", invoice("1060", "12.00", "2026-01-09"), MatchGrade::kAssisted},
        {"another total", invoice("1060", "12.01", "2026-01-02"), std::nullopt},
        {"another number", invoice("1061", "12.00", "2026-01-02"), std::nullopt},
        {"a prefix", invoice("WC-1060", "12.00", "2026-01-02"), MatchGrade::kAssisted},
        {"digits before it", invoice("91060", "12.00", "2026-01-02"), std::nullopt},
        {"the buyer, another number", other_number, MatchGrade::kAssisted},
        {"void", gone, std::nullopt},
    };
    const auto left = records("order", order("12.00", "2026-01-02T20:00:00Z"));
    for (const auto& one : cases) {
        const auto result = match_records(left, records("invoice", one.invoice));
        ASSERT_EQ(result.pairs.size(), one.grade ? 1U : 0U) << one.what;
        if (one.grade) {
            EXPECT_EQ(result.pairs[0].grade, *one.grade) << one.what;
            EXPECT_EQ(result.pairs[0].evidence.size(), 1U) << one.what;
        }
    }
}

TEST(MatchSigns, MarkersAreFoundInAnyText) {
    const Json raw{
        {"raw",
         {{"PrivateNote", "by hand [syncline woocommerce:shop:60 v1] and more"},
          {"Line", Json::array({{{"Description", "[syncline broken"}}})}}}};
    const auto markers = markers_in(raw);
    ASSERT_EQ(markers.size(), 1U);
    EXPECT_EQ(markers[0].value, "[syncline woocommerce:shop:60 v1]");
}

TEST(MatchSigns, WhatIsNotCanonicalIsAnErrorOfItsOwn) {
    const auto found = signs_of("customer", "1", Json{{"email", 5}});
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().code, ErrorCode::kData);
}

// ---- CSV

std::string csv_error(const std::string& text) {
    const auto rows = parse_csv(text, {3, 20});
    return rows ? "" : rows.error().message;
}

TEST(Csv, IsTakenExactlyOrRefusedWithItsLine) {
    const auto rows = parse_csv(
        "\xEF\xBB\xBF"
        "a,b\r\n\"x,\"\"y\n\", z \n"
    );
    ASSERT_TRUE(rows.has_value()) << rows.error().message;
    ASSERT_EQ(rows->size(), 2U);
    EXPECT_EQ((*rows)[1].line, 2U);
    EXPECT_EQ((*rows)[1].cells, (std::vector<std::string>{"x,\"y\n", " z "}));
    for (const auto& [text, words] : std::vector<std::pair<std::string, std::string>>{
             {"a,b\n1\n", "line 2: it has 1 cells, the heading has 2"},
             {"a\n\nb\n", "line 2: it is empty"},
             {"a\n\"x\n", "line 2: the quote of a cell is not closed"},
             {"a\n\"x\"y\n", "line 2: something follows"},
             {"a\nx\"y\n", "line 2: a cell with quotes"},
             {"a\nb\nc\nd\ne\n", "more than 3 rows"},
             {"a\n" + std::string(21, 'x') + "\n", "line 2: a cell has more than 20 bytes"}}) {
        EXPECT_NE(csv_error(text).find(words), std::string::npos) << text << csv_error(text);
    }
}

RC_GTEST_PROP(CsvProperty, GuardedCellsRunNothingAndComeBack, (const std::string& cell)) {
    const std::string out = guarded(cell);
    RC_ASSERT(out.empty() || std::string_view("=+-@\t\r").find(out[0]) == std::string_view::npos);
    RC_ASSERT(unguarded(out) == cell);
}

TEST(Csv, AFormulaIsGuarded) {
    EXPECT_EQ(guarded("=1+1"), "'=1+1");
    EXPECT_EQ(guarded("'=1"), "''=1");
    EXPECT_EQ(unguarded("''=1"), "'=1");
    EXPECT_EQ(guarded("O'Neil"), "O'Neil");
    EXPECT_EQ(unguarded("'abc"), "'abc");
}

}  // namespace
}  // namespace syncline::testing
