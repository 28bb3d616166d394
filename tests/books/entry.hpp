// The documents of one record on their way into a company's books, and what is wrong with them
// there.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <syncline/operations.hpp>

#include "ledger.hpp"

namespace books {

// What the shop says of an order or a refund.
struct Told {
    std::string whose;  // "the order's"
    syncline::Decimal total;
    syncline::Decimal tax;
    std::map<std::string, syncline::Decimal> rates;  // tax by percentage
};

struct Verdict {
    std::string held;    // by this rule, or skipped by it; empty: posted
    std::string broken;  // a promise that was broken, in words; empty: all is well
    bool own_tax = false;
    std::string id;                  // of the first document in the books
    syncline::Decimal total;         // of that, as the books show it
    std::vector<std::string> forms;  // what it has: "discount line", "prices with tax"
};

// Enters each document and compares the first one with what the shop says; those after it move no
// money. `ids` has those of the records the documents may need, by the need's key.
Verdict enter(
    Ledger& ledger,
    const syncline::Encoded& encoded,
    const Told& told,
    std::map<std::string, std::string> ids
);

}  // namespace books
