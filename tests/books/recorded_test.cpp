// Every order of the two recorded shops in every kind of company: in the books to the cent, or held
// under a named rule.
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "trial.hpp"
#include "woocommerce/convert.hpp"

namespace books {
namespace {

using namespace syncline;

Json recorded(const std::string& shop, const std::string& name) {
    std::ifstream file(std::string(SYNCLINE_TEST_DATA) + "/" + shop + "/" + name + ".json");
    std::stringstream text;
    text << file.rdbuf();
    const auto json = parse_json(text.str());
    EXPECT_TRUE(json) << shop << " " << name;
    return json ? *json : Json::array();
}

std::vector<Order> recorded_orders(const std::string& shop, const std::string& currency) {
    const woocommerce::ShopFacts facts{*Currency::parse(currency), -300};
    std::vector<Order> orders;
    for (const auto& source : recorded(shop, "orders")) {
        orders.push_back(woocommerce::to_order(source, facts));
    }
    return orders;
}

// The rates that the orders were levied, and which of them stand on one line together.
Shop shop_of(const std::vector<Order>& orders, const std::string& currency) {
    Shop shop;
    shop.currency = currency;
    std::map<std::string, std::size_t> places;
    std::set<TaxClass> classes;
    for (const auto& order : orders) {
        for (const auto& rate : order.tax_lines) {
            if (!rate.percent.is_zero() && places.count(rate.rate_id) == 0) {
                places[rate.rate_id] = shop.rates.size();
                const auto percent_e4 = rate.percent.rounded(4)->units();
                shop.rates.push_back({std::stoll(rate.rate_id), percent_e4, rate.compound});
            }
        }
        for (const auto& line : order.lines) {
            TaxClass levied;
            for (const auto& share : line.taxes) {
                if (const auto place = places.find(share.rate_id); place != places.end()) {
                    levied.push_back(place->second);
                }
            }
            std::sort(levied.begin(), levied.end());
            classes.insert(levied);
        }
    }
    classes.erase(TaxClass{});
    shop.classes.assign(classes.begin(), classes.end());
    shop.classes.emplace_back();
    return shop;
}

using Outcomes = std::map<std::string, int>;

Outcomes outcomes_of(Bench& bench, const std::vector<Order>& orders) {
    Outcomes outcomes;
    for (const auto& order : orders) {
        const Verdict verdict = try_order(bench, order);
        EXPECT_EQ(verdict.broken, "") << name_of(bench.mode()) << " order " << order.id;
        ++outcomes[verdict.held.empty() ? "posted" : verdict.held];
    }
    return outcomes;
}

void print_row(const std::string& shop, Mode mode, const char* how, const Outcomes& outcomes) {
    std::cout << shop << " | " << name_of(mode) << " | " << how;
    for (const auto& [rule, count] : outcomes) {
        std::cout << " | " << rule << " " << count;
    }
    std::cout << "\n";
}

void expect_in_every_company(
    const std::string& shop, const std::string& currency, const Outcomes& expected
) {
    const auto orders = recorded_orders(shop, currency);
    for (const Mode mode : kModes) {
        for (const bool line : {false, true}) {
            Bench bench(mode, shop_of(orders, currency), true);
            bench.choices.discounts =
                line ? quickbooks::DiscountChoice::kLine : quickbooks::DiscountChoice::kNet;
            const Outcomes outcomes = outcomes_of(bench, orders);
            print_row(shop, mode, line ? "discount line" : "net lines", outcomes);
            EXPECT_EQ(outcomes, expected) << name_of(mode) << (line ? " line" : " net");
        }
    }
}

TEST(RecordedShops, WithPricesWithoutTaxAreInTheBooksOfEveryCompany) {
    expect_in_every_company(
        "woocommerce",
        "USD",
        {{"posted", 45}, {"NOT_POSTED_STATUS", 14}, {"ZERO_TOTAL", 1}, {"FOREIGN_CURRENCY", 1}}
    );
}

// Refunds of the shop by their order, in the order they were made.
std::map<std::string, std::vector<Refund>> recorded_refunds(
    const std::string& shop, const std::string& currency
) {
    const woocommerce::ShopFacts facts{*Currency::parse(currency), -300};
    std::map<std::string, std::vector<Refund>> refunds;
    for (const auto& source : recorded(shop, "refunds")) {
        const std::string order = dump_json(source.at("parent_id"));
        refunds[order].push_back(woocommerce::to_refund(source, order, facts.currency, facts));
    }
    return refunds;
}

int refunds_in_every_company(const std::string& shop, const std::string& currency) {
    const auto orders = recorded_orders(shop, currency);
    const auto refunds = recorded_refunds(shop, currency);
    int entered = 0;
    for (const Mode mode : kModes) {
        Bench bench(mode, shop_of(orders, currency), true);
        RefundTally tally;
        for (const auto& order : orders) {
            const auto own = refunds.find(order.id);
            if (own == refunds.end()) {
                continue;
            }
            const Verdict sale = try_order(bench, order);
            EXPECT_EQ(sale.held + sale.broken, "") << name_of(mode) << " order " << order.id;
            EXPECT_EQ(try_refunds(bench, order, sale, own->second, tally), "")
                << name_of(mode) << " order " << order.id;
        }
        Outcomes outcomes(tally.held.begin(), tally.held.end());
        outcomes["posted"] = static_cast<int>(tally.posted);
        print_row(shop, mode, "refunds", outcomes);
        EXPECT_TRUE(tally.held.empty()) << name_of(mode);
        entered += static_cast<int>(tally.posted);
    }
    return entered;
}

TEST(RecordedShops, WhatTheyGaveBackIsInTheBooksOfEveryCompany) {
    EXPECT_EQ(refunds_in_every_company("woocommerce", "USD"), 4 * 10);
    EXPECT_EQ(refunds_in_every_company("woocommerce-inclusive", "EUR"), 4 * 12);
}

// Nobody can say what tax such a company would add.
TEST(RecordedShops, AreHeldWhileAutomatedTaxIsNotSetUp) {
    const auto orders = recorded_orders("woocommerce", "USD");
    Bench bench(Mode::kUsAutomated, shop_of(orders, "USD"), true);
    bench.facts.tax_mode = quickbooks::TaxMode::kUsAstNotSetUp;
    const Outcomes outcomes = outcomes_of(bench, orders);
    print_row("woocommerce", bench.mode(), "not set up", outcomes);
    EXPECT_EQ(outcomes.count("posted"), 0u);
    EXPECT_EQ(outcomes.at("TAX_MODE_UNSUPPORTED"), 45);
}

TEST(RecordedShops, WithPricesWithTaxAreInTheBooksOfEveryCompany) {
    expect_in_every_company(
        "woocommerce-inclusive", "EUR", {{"posted", 35}, {"NOT_POSTED_STATUS", 5}}
    );
}

}  // namespace
}  // namespace books
