// One order through the connector's encode into the sandbox's books, and what is wrong with it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <syncline/operations.hpp>
#include <syncline/plugin/testing/fake_host.hpp>

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

private:
    void add_codes();
    void learn_company();

    Mode mode_;
    Shop shop_;
    Ledger ledger_;
    syncline::plugin::testing::FakeHost host_;
    syncline::EncodeContext context_;
};

struct Verdict {
    std::string held;    // by this rule, or skipped by it; empty: posted
    std::string broken;  // a promise that was broken, in words; empty: all is well
    bool own_tax = false;
    syncline::Decimal total;         // as the books show it
    std::vector<std::string> forms;  // what the document has: "discount line", "prices with tax"
};

// Enters the order's sale and compares what the books then show with the order.
Verdict try_order(Bench& bench, const syncline::Order& order);

// Enters what each refund gives back, in the form of an order as the connector makes its refund
// documents of it; sale and refunds together must come to what is left of the order. One that is
// held is left out of both sums, and its rule is added to `held`.
std::string try_refunds(
    Bench& bench,
    const syncline::Order& order,
    const std::vector<syncline::Refund>& refunds,
    std::map<std::string, std::int64_t>& held
);

}  // namespace books
