// Reading QuickBooks' objects into models without trusting a type: what cannot be held exactly is
// noted as an issue of the record. Nothing here fails or throws.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/model/address.hpp>
#include <syncline/model/order.hpp>

#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {

// What the members of one object are read with, and what was noted on the way.
struct Reading {
    Currency currency;  // of the object's amounts
    std::vector<Issue> issues;

    // An absent amount is zero; more decimals than the currency has are rounded and noted
    // (AMOUNT_PRECISION), what is no number is zero and noted (AMOUNT_UNREADABLE).
    Money money(const Json& object, std::string_view member, const std::string& path);
    void note(std::string_view code, const std::string& path, std::string value);
};

// CurrencyRef, else the company's own. One that is unknown is noted (CURRENCY_UNKNOWN).
Reading reading_of(const Json& object, Currency home);

// MetaData.LastUpdatedTime and CreateTime.
std::optional<Timestamp> changed_at(const Json& object);
std::optional<Timestamp> created_at(const Json& object);

Address address_of(const Json& object);

// The first of the comma separated addresses of an e-mail member.
std::string first_email(const Json& object, std::string_view member);

// The shop's record a document was made for, from our marker in its note; empty if it is not ours.
std::string marked_record(std::string_view note);

// What a sales document sells. Shipping is apart, since only some models keep it apart.
struct SaleLines {
    std::vector<LineItem> items;  // discounts are negative
    std::vector<ShippingLine> shipping;
};
SaleLines sale_lines(const Json& object, Reading& reading);
// Shipping as a line like any other.
std::vector<LineItem> all_lines(SaleLines lines);

std::vector<TaxLine> tax_lines(const Json& object, Reading& reading);

}  // namespace syncline::quickbooks
