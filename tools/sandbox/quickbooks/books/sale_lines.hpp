#pragma once

#include <optional>
#include <vector>

#include "quickbooks/books/company.hpp"
#include "quickbooks/fault.hpp"

namespace sandbox::quickbooks {

// How the lines of one document are to be read.
struct LineRules {
    TaxMode tax = TaxMode::kOff;
    bool inclusive = false;       // GlobalTaxCalculation = TaxInclusive
    bool not_applicable = false;  // GlobalTaxCalculation = NotApplicable
    int places = 2;               // of the document's currency
};

// What a line contributes to the tax: a net amount under a code. With inclusive prices `gross` is
// what the buyer pays.
struct TaxedLine {
    std::string code;
    Decimal net;
    std::optional<Decimal> gross;
    bool shipping = false;
    std::size_t at = 0;  // its place in SaleLines::lines
};

struct SaleLines {
    Json lines = Json::array();  // as they are answered, the server's SubTotal line included
    Decimal subtotal;            // item lines without shipping
    Decimal discount;
    Decimal shipping;
    std::vector<TaxedLine> taxed;
};

// Checks the lines of a sales document and lays them out: items and descriptions, subtotal,
// discount, shipping. `before` is the document as it was, or null. What is wrong goes to `errors`;
// the amounts mean something only when there was nothing.
SaleLines checked_lines(
    const Company& company,
    const LineRules& rules,
    const Json& lines,
    const Json* before,
    Errors& errors
);

constexpr std::string_view kShippingItem = "SHIPPING_ITEM_ID";

}  // namespace sandbox::quickbooks
