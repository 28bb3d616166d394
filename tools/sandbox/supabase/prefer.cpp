#include "supabase/prefer.hpp"

#include <array>
#include <charconv>
#include <map>

#include "supabase/query_text.hpp"

namespace sandbox::supabase {
namespace {

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(' ');
    const auto end = text.find_last_not_of(' ');
    return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

std::optional<std::size_t> to_number(const std::string& text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

}  // namespace

Prefer Prefer::parse(const std::string& header, bool knows_max_affected) {
    Prefer prefer;
    const std::map<std::string, std::string*> known{
        {"resolution=merge-duplicates", &prefer.resolution},
        {"resolution=ignore-duplicates", &prefer.resolution},
        {"missing=default", &prefer.missing},
        {"missing=null", &prefer.missing},
        {"return=minimal", &prefer.returning},
        {"return=headers-only", &prefer.returning},
        {"return=representation", &prefer.returning},
        {"count=exact", &prefer.count},
        {"count=planned", &prefer.count},
        {"count=estimated", &prefer.count},
        {"handling=strict", &prefer.handling},
        {"handling=lenient", &prefer.handling},
    };
    for (const auto& part : split_list(header)) {
        const std::string preference = trimmed(part);
        const std::string value = preference.substr(preference.find('=') + 1);
        const auto found = known.find(preference);
        if (found != known.end()) {
            if (found->second->empty())
                *found->second = value;
        } else if (preference == "tx=commit" || preference == "tx=rollback") {
            continue;  // known, but not honoured unless the server allows it
        } else if (knows_max_affected && preference.rfind("max-affected=", 0) == 0 && to_number(value)) {
            prefer.max_affected = to_number(value);
        } else if (!preference.empty()) {
            prefer.unknown.push_back(preference);
        }
    }
    return prefer;
}

std::string Prefer::applied(const std::string& method) const {
    const bool post = method == "POST";
    const bool write = post || method == "PATCH" || method == "DELETE" || method == "PUT";
    const std::array<std::pair<const char*, std::string>, 6> honoured{{
        {"resolution", post ? resolution : ""},
        {"missing", post || method == "PATCH" ? missing : ""},
        {"return", write ? returning : ""},
        {"count", count},
        {"handling", handling},
        {"max-affected",
         handling == "strict" && max_affected ? std::to_string(*max_affected) : std::string()},
    }};
    std::string text;
    for (const auto& [name, value] : honoured)
        if (!value.empty())
            text += (text.empty() ? "" : ", ") + std::string(name) + "=" + value;
    return text;
}

}  // namespace sandbox::supabase
