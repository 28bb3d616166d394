#include "core/redact.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace syncline {
namespace {

constexpr std::array<std::string_view, 10> kSensitiveWords{
    "email",
    "name",
    "phone",
    "address",
    "token",
    "secret",
    "key",
    "password",
    "authorization",
    "credential"};

// How keys and tokens of the platforms we know begin.
constexpr std::array<std::string_view, 5> kTokenPrefixes{"ck_", "cs_", "eyJ", "sb_secret_", "sbp_"};
constexpr std::size_t kTokenLengthMin = 20;
constexpr std::size_t kCredentialsLengthMin = 6;

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || is_upper(c) || is_digit(c) || c == '_';
}
bool is_name_part(char c) {
    return is_word(c) || c == '-' || c == '.';
}
bool is_token_part(char c) {
    return is_word(c) || std::string_view("-._~+/=").find(c) != std::string_view::npos;
}
char lower(char c) {
    return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
               return lower(a) == lower(b);
           });
}

template <class Predicate>
std::size_t run_length(std::string_view text, Predicate&& belongs) {
    const auto end = std::find_if_not(text.begin(), text.end(), belongs);
    return static_cast<std::size_t>(end - text.begin());
}

bool is_sensitive_word(std::string_view word) {
    return std::find(kSensitiveWords.begin(), kSensitiveWords.end(), word) != kSensitiveWords.end();
}

// A stretch of `text` that has to go: `keep` characters stay, then `drop` are masked.
struct Match {
    std::size_t keep = 0;
    std::size_t drop = 0;
};

// "Bearer abc", "Basic abc"; not "Basic authentication".
Match match_scheme(std::string_view text) {
    for (const std::string_view scheme : {"bearer ", "basic "}) {
        if (!starts_with_ignoring_case(text, scheme)) {
            continue;
        }
        const std::string_view rest = text.substr(scheme.size());
        const std::string_view value = rest.substr(0, run_length(rest, is_token_part));
        const bool looks_random = std::any_of(value.begin(), value.end(), [](char c) {
            return is_upper(c) || is_digit(c) || c == '=';
        });
        if (value.size() >= kCredentialsLengthMin && looks_random) {
            return {scheme.size(), value.size()};
        }
    }
    return {};
}

// name=value
Match match_parameter(std::string_view text, std::string_view name) {
    if (text.size() <= name.size() || text[name.size()] != '=' || !is_sensitive_name(name)) {
        return {};
    }
    const std::string_view value = text.substr(name.size() + 1);
    return {name.size() + 1, run_length(value, [](char c) {
                return std::string_view(" \t\r\n&\"'<>;,)").find(c) == std::string_view::npos;
            })};
}

// name": "value
Match match_member(std::string_view text, std::string_view name) {
    std::size_t at = name.size();
    const auto skip = [&](char wanted) {
        at += run_length(text.substr(std::min(at, text.size())), [](char c) { return c == ' '; });
        return at < text.size() && text[at++] == wanted;
    };
    if (at >= text.size() || text[at++] != '"' || !skip(':') || !skip('"') ||
        !is_sensitive_name(name)) {
        return {};
    }
    std::size_t end = at;
    while (end < text.size() && text[end] != '"') {
        end += text[end] == '\\' ? 2U : 1U;
    }
    return {at, std::min(end, text.size()) - at};
}

// ://user:password@
Match match_user_part(std::string_view text) {
    constexpr std::string_view kStart = "://";
    if (text.substr(0, kStart.size()) != kStart) {
        return {};
    }
    const std::string_view rest = text.substr(kStart.size());
    const auto end = rest.find_first_of("@/?# \t\r\n\"");
    return end != std::string_view::npos && rest[end] == '@' ? Match{kStart.size(), end} : Match{};
}

Match match_known_token(std::string_view text) {
    for (const auto prefix : kTokenPrefixes) {
        if (text.substr(0, prefix.size()) == prefix) {
            const std::size_t length = run_length(text, is_token_part);
            return length >= kTokenLengthMin ? Match{prefix.size(), length - prefix.size()}
                                             : Match{};
        }
    }
    return {};
}

// What has to go at the start of `text`, which is also the start of a word.
Match match_word(std::string_view text) {
    if (const Match match = match_scheme(text); match.drop > 0) {
        return match;
    }
    const std::string_view name = text.substr(0, run_length(text, is_name_part));
    if (const Match match = match_parameter(text, name); match.drop > 0) {
        return match;
    }
    if (const Match match = match_member(text, name); match.drop > 0) {
        return match;
    }
    return match_known_token(text);
}

}  // namespace

bool is_sensitive_name(std::string_view name) {
    std::string word;
    for (std::size_t i = 0; i <= name.size(); ++i) {
        const bool ends = i == name.size() || !std::isalnum(static_cast<unsigned char>(name[i])) ||
                          (is_upper(name[i]) && i > 0 && !is_upper(name[i - 1]));
        if (ends && is_sensitive_word(word)) {
            return true;
        }
        if (ends) {
            word.clear();
        }
        if (i < name.size() && std::isalnum(static_cast<unsigned char>(name[i]))) {
            word += lower(name[i]);
        }
    }
    return false;
}

std::string redact(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        const bool word_start = is_word(text[at]) && (at == 0 || !is_name_part(text[at - 1]));
        const Match match = word_start ? match_word(rest) : match_user_part(rest);
        if (match.drop > 0) {
            result.append(rest.substr(0, match.keep)).append(kRedacted);
            at += match.keep + match.drop;
        } else {
            result += text[at++];
        }
    }
    return result;
}

namespace {

constexpr std::array<std::string_view, 13> kPersonal{
    "first_name",
    "last_name",
    "company",
    "line1",
    "line2",
    "city",
    "postcode",
    "phone",
    "email",
    "username",
    "customer_name",
    "customer_email",
    "customer_note"};

void collect_personal(const Json& json, std::vector<std::string>& values) {
    for (const auto& entry : json.items()) {
        const Json& value = entry.value();
        if (value.is_structured()) {
            collect_personal(value, values);
        } else if (
            json.is_object() && value.is_string() &&
            std::find(kPersonal.begin(), kPersonal.end(), entry.key()) != kPersonal.end()
        ) {
            const auto& text = value.get_ref<const std::string&>();
            if (text.size() > 1) {
                values.push_back(text);
            }
        }
    }
}

bool is_of_person(const std::string& name) {
    return is_sensitive_name(name) || name.find("Addr") != std::string::npos ||
           std::find(kPersonal.begin(), kPersonal.end(), name) != kPersonal.end();
}

void collect_of_document(const Json& json, bool of_person, std::vector<std::string>& values) {
    for (const auto& entry : json.items()) {
        const Json& value = entry.value();
        const bool here = of_person || (json.is_object() && is_of_person(entry.key()));
        if (value.is_structured()) {
            collect_of_document(value, here, values);
        } else if (here && value.is_string() && value.get_ref<const std::string&>().size() > 1) {
            values.push_back(value.get<std::string>());
        }
    }
}

bool in_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool same_letter(char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
}

// Whole words only: "Li" is a name, and a part of "Line".
void mask_words(std::string& text, const std::string& value) {
    for (auto from = text.begin();;) {
        const auto at = std::search(from, text.end(), value.begin(), value.end(), same_letter);
        if (at == text.end()) {
            return;
        }
        const auto end = at + static_cast<std::ptrdiff_t>(value.size());
        const bool whole = (at == text.begin() || !in_word(*(at - 1)) || !in_word(value.front())) &&
                           (end == text.end() || !in_word(*end) || !in_word(value.back()));
        const auto place = at - text.begin();
        if (whole) {
            text.replace(at, end, kRedacted);
        }
        from = text.begin() + place + static_cast<std::ptrdiff_t>(whole ? kRedacted.size() : 1);
    }
}

}  // namespace

std::vector<std::string> personal_values(const Json& record) {
    std::vector<std::string> values;
    if (record.is_structured()) {
        collect_personal(record, values);
    }
    return values;
}

std::vector<std::string> personal_values_of_document(const Json& document) {
    std::vector<std::string> values;
    if (document.is_structured()) {
        collect_of_document(document, false, values);
    }
    return values;
}

std::string without_values(std::string_view text, std::vector<std::string> values) {
    // A street before the city that is named in it.
    std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) {
        return a.size() > b.size();
    });
    std::string masked(text);
    for (const auto& value : values) {
        mask_words(masked, value);
    }
    return masked;
}

}  // namespace syncline
