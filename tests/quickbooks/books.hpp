// A small shop and its books, for the QuickBooks connector's tests.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <syncline/plugin/testing/fake_host.hpp>

#include "quickbooks/company.hpp"
#include "quickbooks/connector.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {

inline Json parsed(std::string_view text) {
    auto json = parse_json(text);
    EXPECT_TRUE(json) << (json ? "" : json.error().message) << "\n" << text;
    return json ? *json : Json();
}

// A recorded answer of tests/data/quickbooks.
inline std::string recorded_text(const std::string& name) {
    std::ifstream file(std::string(SYNCLINE_TEST_DATA) + "/quickbooks/" + name + ".json");
    EXPECT_TRUE(file) << name;
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}
inline Json recorded(const std::string& name) {
    return parsed(recorded_text(name));
}

inline Currency currency(std::string_view code) {
    return *Currency::parse(code);
}
inline Money money(std::string_view amount, std::string_view code = "USD") {
    auto parsed_money = Money::parse(amount, currency(code));
    EXPECT_TRUE(parsed_money) << amount;
    return *parsed_money;
}
inline Decimal decimal(std::string_view text) {
    return *Decimal::parse(text);
}
inline Timestamp at(std::string_view text) {
    return *Timestamp::parse(text);
}

// A US company with automated sales tax, own numbers, shipping line, in Chicago.
inline CompanyFacts company() {
    CompanyFacts facts;
    facts.name = "Harbour Traders";
    facts.country = "US";
    facts.time_zone = "America/Chicago";
    facts.home_currency = "USD";
    facts.tax_mode = TaxMode::kUsAst;
    facts.allow_shipping = true;
    facts.allow_discount = true;
    facts.custom_txn_numbers = true;
    facts.book_close_date = "2025-12-31";
    facts.default_term_id = "3";
    facts.accounts = {
        {"79", "Sales of Product Income", "Income", "SalesOfProductIncome", "USD"},
        {"35", "Stripe clearing", "Other Current Asset", "OtherCurrentAssets", "USD"},
        {"4", "Undeposited Funds", "Other Current Asset", "UndepositedFunds", "USD"}};
    facts.terms = {{"3", "Net 30", 30, 0, 0}, {"5", "15th", 0, 15, 5}};
    facts.payment_methods = {{"2", "Check"}, {"7", "Stripe"}};
    return facts;
}

inline LineItem product_line(
    const std::string& id,
    const std::string& total,
    const std::string& tax,
    const std::string& quantity
) {
    LineItem line;
    line.id = id;
    line.product_id = "2" + id;
    line.sku = "SKU-" + id;
    line.name = "Product " + id;
    line.quantity = decimal(quantity);
    line.subtotal = line.total = money(total);
    line.subtotal_tax = line.total_tax = money(tax);
    return line;
}

// Makes tax and total what the parts add up to.
inline Order& balanced(Order& order) {
    order.tax_total = Money{0, order.currency};
    order.total = Money{0, order.currency};
    const auto add = [&](const auto& parts) {
        for (const auto& part : parts) {
            order.tax_total += part.total_tax;
            order.total += part.total + part.total_tax;
        }
    };
    add(order.lines);
    add(order.shipping_lines);
    add(order.fees);
    return order;
}

// Order 60: two lines, one of them taxed, and shipping; paid by Stripe; 76.56 of which 3.61 tax.
inline Order paid_order() {
    Order order;
    order.id = "60";
    order.number = "60";
    order.status = OrderStatus::kProcessing;
    order.source_status = "processing";
    order.payment_status = PaymentStatus::kPaid;
    order.currency = currency("USD");
    order.created_at = at("2026-11-21T03:34:12Z");  // still the 20th in Chicago
    order.updated_at = order.created_at;
    order.paid_at = at("2026-11-21T03:35:00Z");
    order.customer_id = "4";
    order.billing = {
        "Ines",
        "Okafor",
        "",
        "3 Main St",
        "Apt 3",
        "Duluth",
        "MN",
        "55802",
        "US",
        "+1 218 555 0103",
        "Ines@Example.test"};
    order.lines = {
        product_line("1", "40.64", "3.61", "2"), product_line("2", "27.36", "0.00", "3")};
    order.shipping_lines = {{"9", "flat_rate", "Flat rate", money("4.95"), money("0.00"), {}}};
    order.payment_method = "stripe";
    order.payment_title = "Credit card";
    order.transaction_id = "ch_3Qtest0000";
    return balanced(order);
}

inline Order unpaid_order() {
    Order order = paid_order();
    order.status = OrderStatus::kOnHold;
    order.source_status = "on-hold";
    order.payment_status = PaymentStatus::kUnpaid;
    order.paid_at.reset();
    order.payment_method = "bacs";
    order.payment_title = "Direct bank transfer";
    order.transaction_id = "";
    return order;
}

// What the document comes to: its lines, without the discount line's amount, and its tax.
inline Decimal sum_of(const Json& body) {
    Decimal sum = *number_at(child_at(body, "TxnTaxDetail"), "TotalTax");
    for (const auto& line : body.at("Line")) {
        const Decimal amount = *number_at(line, "Amount");
        const bool discount = text_at(line, "DetailType") == "DiscountLineDetail";
        sum = *sum.plus(discount ? amount.negated() : amount);
    }
    return sum;
}

// The connector with a host of the company's zone, and what tests ask of its encode().
class Books {
public:
    // Books and accounts in another currency.
    void keep_in(const std::string& code) {
        facts.home_currency = code;
        for (auto& account : facts.accounts) {
            account.currency = code;
        }
    }

    Books() {
        host.on_local_date = [](const std::string& zone, Timestamp instant) -> std::string {
            const std::int64_t hours = zone == "America/Chicago" ? -6 : 0;
            return zone == "America/Chicago" || zone == "UTC"
                       ? Timestamp{instant.ms + hours * 3'600'000}.to_string().substr(0, 10)
                       : "";
        };
        host.secrets["access_token"] = "the-access-token";
        host.secrets["refresh_token"] = "the-refresh-token";
        host.secrets["client_secret"] = "the-client-secret";
    }

    plugin::testing::FakeHost host;
    CompanyFacts facts = company();
    Json settings{
        {"realm_id", "9130350000000001"}, {"client_id", "app"}, {"environment", "sandbox"}};

    QuickBooks connector() { return QuickBooks(host.handle(), settings); }

    EncodeRequest request(const std::string& entity) const {
        EncodeRequest request;
        request.context.entity = entity;
        request.context.source = "woocommerce:shop";
        request.context.facts = to_json(facts);
        return request;
    }

    template <class T>
    Encoded encode(
        const std::string& entity, const T& model, std::vector<KnownDocument> known = {}
    ) {
        EncodeRequest one = request(entity);
        one.records.push_back(to_json(model));
        one.known.push_back(std::move(known));
        auto encoded = connector().encode(call.call(), one);
        EXPECT_TRUE(encoded) << (encoded ? "" : encoded.error().message);
        return encoded ? encoded->front() : Encoded{};
    }
    Encoded order(const Order& model, std::vector<KnownDocument> known = {}) {
        return encode("order", model, std::move(known));
    }
    // The body of the order's only document; fails the test if it has none or several.
    Json body(const Order& model) {
        const Encoded encoded = order(model);
        EXPECT_EQ(encoded.documents.size(), 1u) << why(encoded);
        return encoded.documents.empty() ? Json::object() : encoded.documents.front().body;
    }

    static std::string why(const Encoded& encoded) { return dump_json(to_json(encoded)); }
    static std::string hold_code(const Encoded& encoded) {
        return encoded.hold ? encoded.hold->code : "";
    }
    static std::string skip_code(const Encoded& encoded) {
        return encoded.skip ? encoded.skip->code : "";
    }

    plugin::testing::FakeCall call{"5f0c6a4e-8f1d-5e3b-9a55-6f4f3e1d2c3b"};
};

}  // namespace syncline::quickbooks
