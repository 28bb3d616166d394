#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "woocommerce/convert.hpp"

namespace syncline::woocommerce {
namespace {

const char* const kCurrencies[] = {"USD", "EUR", "JPY", "KWD", "HUF", "ISK"};

Currency any_currency() {
    return Currency::parse(kCurrencies[*rc::gen::inRange(0, 6)]).value();
}

// An amount the currency can hold, as a shop with that many decimals writes it.
std::string written(const Money& amount) {
    return amount.to_string();
}

Money any_amount(Currency currency) {
    return {*rc::gen::inRange<std::int64_t>(-10'000'000, 10'000'000), currency};
}

Json line(const Money& total, const Money& tax) {
    return {{"id", 1}, {"quantity", 1}, {"total", written(total)}, {"total_tax", written(tax)}};
}

TEST(AmountProperty, WhatTheCurrencyHoldsIsReadExactly) {
    EXPECT_TRUE(rc::check("amounts are exact", [] {
        const Currency currency = any_currency();
        const Money amount = any_amount(currency);
        const auto zeros = *rc::gen::inRange<std::size_t>(0, 6);
        std::string text = written(amount);
        if (currency.exponent() > 0) {
            text += std::string(zeros, '0');  // the shop may show more decimals than there are
        }
        const Order order = to_order(
            {{"id", 1},
             {"currency", currency.code()},
             {"total", text},
             {"date_created_gmt", "2026-01-01T00:00:00"}},
            {}
        );
        RC_ASSERT(order.total == amount);
        RC_ASSERT(order.issues.empty());
    }));
}

TEST(AmountProperty, WhatItDoesNotHoldIsRoundedHalfUpAndNoted) {
    EXPECT_TRUE(rc::check("amounts are rounded and noted", [] {
        const Currency currency = any_currency();
        const Money amount = any_amount(currency);
        RC_PRE(!amount.is_zero());
        const auto digit = *rc::gen::inRange(1, 10);
        const std::string text =
            written(amount) + (currency.exponent() == 0 ? "." : "") + std::to_string(digit);
        const Order order = to_order(
            {{"id", 1},
             {"currency", currency.code()},
             {"total", text},
             {"date_created_gmt", "2026-01-01T00:00:00"}},
            {}
        );
        const std::int64_t away = digit >= 5 ? (amount.is_negative() ? -1 : 1) : 0;
        RC_ASSERT(order.total.minor() == amount.minor() + away);
        RC_ASSERT(order.issues.size() == 1U);
        RC_ASSERT(order.issues[0].code == "AMOUNT_PRECISION");
        RC_ASSERT(order.issues[0].path == "/total");
        RC_ASSERT(order.issues[0].value == text);
    }));
}

TEST(AmountProperty, AnOrderThatBalancesInTheShopBalancesInTheModel) {
    EXPECT_TRUE(rc::check("orders balance", [] {
        const Currency currency = any_currency();
        Money total{0, currency};
        Money tax{0, currency};
        Json source{
            {"id", 1},
            {"currency", currency.code()},
            {"line_items", Json::array()},
            {"shipping_lines", Json::array()},
            {"fee_lines", Json::array()}};
        for (const char* list : {"line_items", "shipping_lines", "fee_lines"}) {
            for (auto lines = *rc::gen::inRange(0, 20); lines > 0; --lines) {
                const Money amount = any_amount(currency);
                const Money share = any_amount(currency);
                source[list].push_back(line(amount, share));
                total += amount;
                tax += share;
            }
        }
        source["total_tax"] = written(tax);
        source["total"] = written(total + tax);
        const Order order = to_order(source, {});
        Money sum = order.tax_total;
        for (const auto& one : order.lines) {
            sum += one.total;
        }
        for (const auto& one : order.shipping_lines) {
            sum += one.total;
        }
        for (const auto& one : order.fees) {
            sum += one.total;
        }
        RC_ASSERT(sum == order.total);
        RC_ASSERT(order.total == total + tax);
    }));
}

TEST(AmountProperty, RefundLinesAreTheOppositeOfTheShops) {
    EXPECT_TRUE(rc::check("refunds are negated", [] {
        const Currency currency = any_currency();
        const Money total = any_amount(currency);
        const Money tax = any_amount(currency);
        Json source{{"id", 1}, {"amount", written(total)}, {"line_items", {line(total, tax)}}};
        source["line_items"][0]["quantity"] = -3;
        const Refund refund = to_refund(source, "1", currency, {});
        RC_ASSERT(refund.lines.at(0).total == -total);
        RC_ASSERT(refund.lines.at(0).total_tax == -tax);
        RC_ASSERT(refund.lines.at(0).quantity == Decimal(3, 0));
        RC_ASSERT(!refund.amount.is_negative());
    }));
}

}  // namespace
}  // namespace syncline::woocommerce
