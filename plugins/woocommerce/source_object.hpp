// Reading the shop's JSON without trusting a type: every reader has an answer for every value, and
// what cannot be held exactly is noted as an issue of the record. Nothing here fails or throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/json.hpp>
#include <syncline/model/issue.hpp>
#include <syncline/money.hpp>
#include <syncline/timestamp.hpp>

namespace syncline::woocommerce {

// What the members of a record are read with, and what was noted on the way.
struct Reading {
    Currency currency;                    // of the record's amounts; empty: unknown
    std::int64_t gmt_offset_minutes = 0;  // of the shop's clock, for dates without a GMT twin
    std::vector<Issue> issues;
};

// An object in the shop's answer. Refers to `json` and `reading`; both must outlive it.
class SourceObject {
public:
    SourceObject(const Json& json, Reading& reading, std::string path = {});

    // As text: strings as they are, numbers and booleans in JSON form, all else empty.
    std::string text(std::string_view name) const;
    // Text for people, with HTML entities resolved.
    std::string title(std::string_view name) const;
    // An id; empty for 0, "0", "" and null.
    std::string id(std::string_view name) const;
    // true, 1, "1", "true", "yes".
    bool flag(std::string_view name) const;

    // Amounts. "" and null are zero, as is every amount in an unknown currency. More decimals than
    // the currency has: rounded, and an issue AMOUNT_PRECISION; no number: zero, and an issue
    // AMOUNT_UNREADABLE.
    Money money(std::string_view name) const;
    Money negated_money(std::string_view name) const { return -money(name); }
    // "" and null are "not set" instead, and so is every price in an unknown currency.
    std::optional<Money> price(std::string_view name) const;
    // Any number, exactly; issue AMOUNT_UNREADABLE if it is none.
    Decimal decimal(std::string_view name) const;
    // A number the shop derived by division: digits beyond what Decimal holds are binary noise and
    // are cut.
    Decimal derived(std::string_view name) const;

    // "<name>_gmt" as UTC; without it "<name>", which is on the shop's clock.
    std::optional<Timestamp> time(std::string_view name) const;

    // The objects of an array member; empty if it is none. Items that are no objects are left out.
    std::vector<SourceObject> list(std::string_view name) const;
    // An object member; an empty object if it is none.
    SourceObject object(std::string_view name) const;

    const Json& member(std::string_view name) const;
    void note(std::string_view code, std::string_view name, std::string value) const;

private:
    Money to_money(std::string_view name, const std::string& value) const;

    const Json* json_;
    Reading* reading_;
    std::string path_;  // JSON pointer
};

}  // namespace syncline::woocommerce
