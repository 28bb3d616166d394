// Buyers: customers, their names and addresses (accounting.md 4.15 - 4.17, 4.31).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <syncline/model/customer.hpp>
#include <syncline/model/order.hpp>

#include "quickbooks/encode/scope.hpp"

namespace syncline::quickbooks {

// A customer as QuickBooks keeps it: in one currency for ever.
struct Buyer : Customer {
    std::optional<Currency> currency;  // absent: the books' own
};
// Of the record of a need: the currency its customer is kept in.
inline constexpr std::string_view kCurrencyMember = "$currency";

// The identity key: the normalised e-mail; without one "name:" and the name we would give. With
// " (EUR)" behind it for a customer that is kept in another currency than the books.
std::string customer_key(const Scope& scope, const Buyer& customer);

// Who an order's document is made out to, with the record to create.
Need customer_need(const Scope& scope, const Order& order);

// Names to try in this order, all different, all within the limit; "$alternatives" of the body
// holds those after the first. The same customer always gets the same names.
Encoded encode_customer(const Scope& scope, const Buyer& customer);

// As BillAddr or ShipAddr; an empty object for an empty address.
Json address_of(const Scope& scope, Draft& draft, const Address& address);

}  // namespace syncline::quickbooks
