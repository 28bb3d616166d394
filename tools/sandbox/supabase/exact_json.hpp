#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox::supabase {

struct ExactMember;

// A JSON document whose numbers keep their digits and whose members keep their order.
struct ExactJson {
    enum class Kind { kNull, kBoolean, kNumber, kString, kArray, kObject };

    Kind kind = Kind::kNull;
    std::string text;  // of a number as it was written, of a string, "true" or "false"
    std::vector<ExactJson> items;
    std::vector<ExactMember> members;

    const ExactJson* member(std::string_view name) const;
};

struct ExactMember {
    std::string key;
    ExactJson value;
};

// nullopt when `text` is not JSON.
std::optional<ExactJson> parse_exact_json(std::string_view text);

// As the type json keeps it: no spaces, members in order.
std::string print_json(const ExactJson& json);
// As the type jsonb prints it: a space after ':' and ',', members by length and then by bytes, of
// two members of one name the last, numbers as numeric prints them.
std::string print_jsonb(const ExactJson& json);
// A string with quotes, escaped as PostgreSQL does it.
std::string quote_json(std::string_view text);

}  // namespace sandbox::supabase
