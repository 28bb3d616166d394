// Something about a record that a target must know before it trusts the record's figures.
#pragma once

#include <string>

#include <syncline/json_fields.hpp>

namespace syncline {

// Codes in use: AMOUNT_PRECISION (an amount has more decimals than its currency; the model holds it
// rounded), AMOUNT_UNREADABLE (no number; the model holds zero), CURRENCY_UNKNOWN.
struct Issue {
    std::string code;
    std::string path;   // JSON pointer into the source's own form
    std::string value;  // as found there

    static constexpr auto fields() {
        return field_list(
            field("code", &Issue::code), field("path", &Issue::path), field("value", &Issue::value)
        );
    }
};

}  // namespace syncline
