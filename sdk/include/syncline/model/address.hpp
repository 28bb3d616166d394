// A postal address with the person to reach there. All members may be empty.
#pragma once

#include <string>

#include <syncline/json_fields.hpp>

namespace syncline {

struct Address {
    std::string first_name;
    std::string last_name;
    std::string company;
    std::string line1;
    std::string line2;
    std::string city;
    std::string state;  // as the source has it; for the US two letters
    std::string postcode;
    std::string country;  // ISO 3166-1 alpha-2
    std::string phone;
    std::string email;

    bool empty() const {
        return line1.empty() && line2.empty() && city.empty() && state.empty() &&
               postcode.empty() && country.empty();
    }

    static constexpr auto fields() {
        return field_list(
            field("first_name", &Address::first_name),
            field("last_name", &Address::last_name),
            field("company", &Address::company),
            field("line1", &Address::line1),
            field("line2", &Address::line2),
            field("city", &Address::city),
            field("state", &Address::state),
            field("postcode", &Address::postcode),
            field("country", &Address::country),
            field("phone", &Address::phone),
            field("email", &Address::email)
        );
    }
};

}  // namespace syncline
