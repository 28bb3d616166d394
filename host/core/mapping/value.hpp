// A value while a mapping runs. Nothing is a value of its own: what is absent, null, an empty text
// or an empty list is nothing. Amounts are exact decimals; there is no binary floating point. Pure.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include <syncline/json_fields.hpp>

#include "core/mapping/schema.hpp"

namespace syncline::mapping {

struct Amount {
    Decimal number;
    Currency currency;
};

struct Value;
using List = std::vector<Value>;  // never with nothing in it

// An object is a pointer to its place in the record, the document or the program, which outlive the
// value.
struct Value {
    std::variant<std::monostate, std::string, Decimal, Amount, bool, Timestamp, const Json*, List>
        of;

    bool nothing() const {
        const auto* text = std::get_if<std::string>(&of);
        const auto* list = std::get_if<List>(&of);
        return of.index() == 0 || (text != nullptr && text->empty()) ||
               (list != nullptr && list->empty());
    }
    Kind kind() const;
};

// Reads `json` as a value of that shape. Errors: kInvalid when it is of another kind; a binary
// floating point number always.
Result<Value> value_of(const Json& json, const Shape& shape);

// As it is written into a document: numbers and amounts as decimal text, times as RFC 3339.
Json json_of(const Value& value);

// As it reads in a text. Errors: kInvalid for lists and objects.
Result<std::string> text_of(const Value& value);

// The number of a number or an amount; nullptr for any other.
const Decimal* number_in(const Value& value);

// For messages: the beginning of the value, or its kind.
std::string shown(const Value& value);

Error failed(std::string message);        // MAPPING_FAILED
Error beyond_limit(std::string message);  // MAPPING_LIMIT

}  // namespace syncline::mapping
