// A second opinion on what was encoded, by other code than made it: from the body alone.
#pragma once

#include <optional>
#include <string>

#include <syncline/operations.hpp>

#include "quickbooks/encode/scope.hpp"

namespace syncline::quickbooks {

// Re-adds the lines and the tax of a sales document, takes the discount line off, and compares with
// `money`; checks that each quantity times price is its amount, and the length of the number.
// Nothing, or what is wrong: then the encoder has a bug and the document must not go out.
std::optional<std::string> disprove_sale(const Json& body, const DocumentMoney& money);

// Is the tax of a sales document in the form that the company's way of keeping tax takes, and does
// it hold the whole of `tax`, the shop's: codes on the lines, one tax line per rate in use, on what
// the lines of the rate's codes come to, with the rate's percentage; prices with tax; a line for it
// where QuickBooks keeps none. Nothing, or what is wrong.
std::optional<std::string> disprove_tax(const Scope& scope, const Json& body, const Money& tax);

// The same for a payment: one line, of the whole amount.
std::optional<std::string> disprove_payment(const Json& body, const DocumentMoney& money);

}  // namespace syncline::quickbooks
