// One order, and what is given back of it, through the connector's encode into the sandbox's books.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <syncline/operations.hpp>
#include <syncline/plugin/testing/fake_host.hpp>

#include "entry.hpp"
#include "ledger.hpp"
#include "quickbooks/company.hpp"
#include "quickbooks/settings.hpp"
#include "refunds.hpp"
#include "shop.hpp"

namespace books {

// A company whose books the trials are entered in, with a tax code for each tax class of the shop
// and each combination of them, and the connector's view of it.
class Bench {
public:
    Bench(Mode mode, const Shop& shop, bool shipping_line);

    Mode mode() const { return mode_; }
    const Shop& shop() const { return shop_; }
    Ledger& ledger() { return ledger_; }
    syncline::quickbooks::Choices choices;
    syncline::quickbooks::CompanyFacts facts;

    syncline::Encoded encode(const syncline::Order& order);
    syncline::Encoded encode(const syncline::Refund& refund);

private:
    void add_codes();
    void learn_company();

    Mode mode_;
    Shop shop_;
    Ledger ledger_;
    syncline::plugin::testing::FakeHost host_;
    syncline::EncodeContext context_;
};

// Enters the order's sale and compares what the books then show with the order.
Verdict try_order(Bench& bench, const syncline::Order& order);

struct RefundTally {
    std::int64_t posted = 0;
    std::map<std::string, std::int64_t> held;  // or skipped, by rule
};

// Enters each refund of an order whose sale is in the books; sale and refunds together must come to
// what is left of the order, and an invoice that is not paid must have that left to pay. One that
// is held is left out of both sums; one of more than is left must be held.
std::string try_refunds(
    Bench& bench,
    const syncline::Order& order,
    const Verdict& sale,
    const std::vector<syncline::Refund>& refunds,
    RefundTally& tally
);

}  // namespace books
