// The project's one JSON library, and reading it without losing a digit.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <syncline/detail/json_reader.hpp>
#include <syncline/detail/text.hpp>
#include <syncline/result.hpp>

namespace syncline {

using Json = nlohmann::json;

// Deepest nesting that parse_json() takes; deeper text is refused, since walking it recurses.
inline constexpr int kJsonDepthMax = 100;

// Parses text from outside. Numbers with a fraction or an exponent, and integers beyond 64 bits,
// become strings that hold the number's own text, so that no amount ever passes through binary
// floating point; other integers stay integers. Of members with the same name the last one counts.
// Errors: kInvalid with the byte (from 1) and what was expected there; the text itself is never
// quoted, since it may hold a secret.
inline Result<Json> parse_json(std::string_view text) {
    return detail::JsonReader(text, kJsonDepthMax).read();
}

// Compact text; invalid UTF-8 is replaced rather than thrown at.
inline std::string dump_json(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

namespace detail {

// What a message shows of a value: its kind, and the beginning of its text when it is a scalar.
inline std::string excerpt(const Json& found) {
    if (found.is_object() || found.is_array()) {
        return found.is_object() ? "an object" : "an array";
    }
    const auto* text = found.get_ptr<const std::string*>();
    return dump_json(text != nullptr ? Json(std::string(prefix_of(*text, 60))) : found);
}

}  // namespace detail

}  // namespace syncline
