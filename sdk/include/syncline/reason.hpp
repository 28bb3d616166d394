// Why something is not done, for machines and for people.
#pragma once

#include <string>

#include <syncline/json_fields.hpp>

namespace syncline {

// A machine name and a sentence for people.
struct Reason {
    std::string code;     // "ZERO_TOTAL"
    std::string message;  // names the thing, the value and the way out

    static constexpr auto fields() {
        return field_list(field("code", &Reason::code), field("message", &Reason::message));
    }
};

}  // namespace syncline
