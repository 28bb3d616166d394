// The lines of a sales document (accounting.md 4.2, 4.5, 4.10 - 4.12).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <syncline/model/order.hpp>

#include "quickbooks/encode/scope.hpp"

namespace syncline::quickbooks {

struct SalesLine {
    Json item;  // value of ItemRef: an id or a placeholder
    std::string description;
    Money amount;                         // net of tax, and of coupons till take_discount()
    std::optional<Decimal> quantity;      // none: the line has an amount only (shipping)
    bool carries_tax = false;             // the shop has tax on it
    bool taxed = false;                   // what the tax mode made of that
    std::optional<Money> before_coupons;  // where they changed the amount
    bool carried_tax = false;             // the shop had tax on it before coupons
    Money tax;                            // the shop's, over all rates
    std::vector<LineTax> rates = {};      // the same by rate
    // From apply_tax(): TAX, NON or the code's id; empty where lines have none.
    std::string tax_code = {};
    std::optional<Money> with_tax = std::nullopt;  // where the document shows prices with tax
};

// Before QuickBooks' own shipping line, which it always has last.
void insert_line(std::vector<SalesLine>& lines, SalesLine line);

// No amount of the order is in another currency than the order's; sums may be made only then.
bool has_one_currency(const Order& order);

// What an order's parts add up to: lines, shipping, fees and tax.
Money sum_of_parts(const Order& order);

// All lines of the order, in its order, net of coupons; their amounts and `order.tax_total` add up
// to `order.total`. Errors: kHold AMOUNT_MISMATCH, QUANTITY_ZERO and those of the items.
Result<std::vector<SalesLine>> sales_lines(const Scope& scope, Draft& draft, const Order& order);

// A part of a line whose price times quantity is exactly its amount.
struct PricedPart {
    Decimal quantity;
    Decimal unit_price;
    Money amount;
};

// One part at a price of at most 7 decimals; or two, a minor unit apart, where no such price gives
// the amount. Errors: kHold LINE_ARITHMETIC when neither does (a broken quantity beyond 100,000).
Result<std::vector<PricedPart>> price(const Money& amount, const Decimal& quantity);

// `quantity` times `unit_price` rounds to `amount`.
bool price_holds(const Decimal& quantity, const Decimal& unit_price, const Money& amount);

// In the form of QuickBooks; a line that had to be split gives two.
Result<void> append_line(const Scope& scope, Draft& draft, const SalesLine& line, Json& lines);

}  // namespace syncline::quickbooks
