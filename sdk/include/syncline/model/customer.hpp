// The canonical customer. A guest has no id in the source; the host knows it by its e-mail.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <syncline/model/address.hpp>
#include <syncline/model/issue.hpp>

namespace syncline {

struct Customer {
    std::string id;  // empty: a guest
    std::string email;
    std::string first_name;
    std::string last_name;
    std::string company;
    std::string phone;
    std::string username;
    std::string role;  // the source's own word: "customer", "administrator"
    bool guest = false;
    bool active = true;
    Address billing;
    Address shipping;
    std::optional<Timestamp> created_at;
    std::optional<Timestamp> updated_at;
    std::vector<Issue> issues;
    Json raw;  // the source's own form

    static constexpr auto fields() {
        return field_list(
            field("id", &Customer::id),
            field("email", &Customer::email),
            field("first_name", &Customer::first_name),
            field("last_name", &Customer::last_name),
            field("company", &Customer::company),
            field("phone", &Customer::phone),
            field("username", &Customer::username),
            field("role", &Customer::role),
            field("guest", &Customer::guest),
            field("active", &Customer::active),
            field("billing", &Customer::billing),
            field("shipping", &Customer::shipping),
            field("created_at", &Customer::created_at),
            field("updated_at", &Customer::updated_at),
            field("issues", &Customer::issues),
            field("raw", &Customer::raw)
        );
    }
};

// Trimmed and in lower case (ASCII only, since the local part may be case-sensitive beyond it); the
// identity key of a customer.
inline std::string normalized_email(std::string_view email) {
    const auto begin = email.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) {
        return {};
    }
    const auto end = email.find_last_not_of(" \t\r\n");
    std::string result(email.substr(begin, end - begin + 1));
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

}  // namespace syncline
