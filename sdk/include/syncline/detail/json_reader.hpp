// Reads JSON text into a Json without losing a digit; the work behind parse_json() (json.hpp).
//
// Why not the library's own parser: it hands every fraction through strtod (which refuses 1e400 and
// reads a comma in some locales), quotes what it last read in its errors (a token, perhaps), and
// takes a third of the compile time of a small plugin.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include <nlohmann/json.hpp>

#include <syncline/result.hpp>

namespace syncline::detail {

// RFC 8259, strictly, with a byte order mark allowed at the start. Used once, by one thread.
class JsonReader {
public:
    JsonReader(std::string_view text, int depth_max) : text_(text), depth_max_(depth_max) {}

    Result<nlohmann::json> read() {
        nlohmann::json root;
        if (text_.substr(0, 3) == "\xEF\xBB\xBF") {
            at_ = 3;
        }
        skip_space();
        if (!value(root, 0)) {
            return invalid(std::move(message_));
        }
        skip_space();
        if (at_ != text_.size()) {
            refuse("expected the end of the text");
            return invalid(std::move(message_));
        }
        return root;
    }

private:
    using Json = nlohmann::json;

    // What we looked for, and where; never what stands there, since that may be a secret.
    bool refuse(const char* what) {
        message_ = "not valid JSON at byte " + std::to_string(at_ + 1) +
                   (at_ == text_.size() ? " (its end): " : ": ") + what;
        return false;
    }
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char expected) {
        const bool found = at_ < text_.size() && text_[at_] == expected;
        at_ += found ? 1 : 0;
        return found;
    }
    void skip_space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' ||
                                      text_[at_] == '\n' || text_[at_] == '\r')) {
            ++at_;
        }
    }

    bool value(Json& into, int depth) {
        switch (peek()) {
            case '{':
                return object(into, depth + 1);
            case '[':
                return array(into, depth + 1);
            case '"':
                ++at_;
                into = Json(Json::value_t::string);
                return string(into.get_ref<std::string&>());
            case 't':
                into = Json(Json::value_t::boolean);
                into.get_ref<bool&>() = true;
                return literal("true");
            case 'f':
                into = Json(Json::value_t::boolean);
                return literal("false");
            case 'n':
                into = Json();
                return literal("null");
            default:
                return number(into);
        }
    }

    bool literal(std::string_view word) {
        if (text_.substr(at_, word.size()) != word) {
            return refuse("expected a value");
        }
        at_ += word.size();
        return true;
    }

    bool object(Json& into, int depth) {
        if (depth > depth_max_) {
            return too_deep();
        }
        ++at_;
        into = Json(Json::value_t::object);
        auto& members = into.get_ref<Json::object_t&>();
        skip_space();
        if (take('}')) {
            return true;
        }
        do {
            skip_space();
            std::string key;
            if (!take('"')) {
                return refuse("expected a member's name in quotes");
            }
            if (!string(key)) {
                return false;
            }
            skip_space();
            if (!take(':')) {
                return refuse("expected ':'");
            }
            skip_space();
            if (!value(members[std::move(key)], depth)) {
                return false;
            }
            skip_space();
        } while (take(','));
        return take('}') || refuse("expected ',' or '}'");
    }

    bool array(Json& into, int depth) {
        if (depth > depth_max_) {
            return too_deep();
        }
        ++at_;
        into = Json(Json::value_t::array);
        auto& items = into.get_ref<Json::array_t&>();
        skip_space();
        if (take(']')) {
            return true;
        }
        do {
            skip_space();
            if (!value(items.emplace_back(), depth)) {
                return false;
            }
            skip_space();
        } while (take(','));
        return take(']') || refuse("expected ',' or ']'");
    }

    bool too_deep() {
        message_ = "JSON nested deeper than " + std::to_string(depth_max_) + " levels";
        return false;
    }

    // The rest of a string whose opening quote is behind us.
    bool string(std::string& into) {
        for (;;) {
            const std::size_t start = at_;
            while (at_ < text_.size() && is_plain(text_[at_])) {
                ++at_;
            }
            into.append(text_.substr(start, at_ - start));
            if (at_ == text_.size()) {
                return refuse("a string without its closing quote");
            }
            const auto byte = static_cast<unsigned char>(text_[at_]);
            if (byte == '"') {
                ++at_;
                return true;
            }
            if (byte < 0x20) {
                return refuse("a control character in a string; it must be escaped");
            }
            if (byte == '\\' ? !escape(into) : !sequence(into)) {
                return false;
            }
        }
    }

    static bool is_plain(char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
    }

    // One UTF-8 sequence of two to four bytes (Unicode 15, table 3-7).
    bool sequence(std::string& into) {
        const auto lead = static_cast<unsigned char>(text_[at_]);
        const std::size_t size = lead >= 0xF0 ? 4 : (lead >= 0xE0 ? 3 : 2);
        unsigned char low = 0x80;
        unsigned char high = 0xBF;
        low = lead == 0xE0 ? 0xA0 : (lead == 0xF0 ? 0x90 : low);    // overlong
        high = lead == 0xED ? 0x9F : (lead == 0xF4 ? 0x8F : high);  // surrogates, beyond U+10FFFF
        bool good = lead >= 0xC2 && lead <= 0xF4 && at_ + size <= text_.size();
        for (std::size_t i = 1; good && i < size; ++i) {
            const auto next = static_cast<unsigned char>(text_[at_ + i]);
            good = next >= low && next <= high;
            low = 0x80;
            high = 0xBF;
        }
        if (!good) {
            return refuse("a string that is not UTF-8");
        }
        into.append(text_.substr(at_, size));
        at_ += size;
        return true;
    }

    bool escape(std::string& into) {
        static constexpr std::string_view kLetters = "\"\\/bfnrt";
        static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
        const std::size_t start = at_;
        ++at_;
        const auto letter = kLetters.find(peek());
        if (at_ < text_.size() && letter != std::string_view::npos) {
            ++at_;
            into += kMeanings[letter];
            return true;
        }
        std::uint32_t code = 0;
        bool good = take('u') && hex4(code) && (code < 0xDC00 || code > 0xDFFF);
        if (good && code >= 0xD800 && code <= 0xDBFF) {
            std::uint32_t low = 0;
            good = take('\\') && take('u') && hex4(low) && low >= 0xDC00 && low <= 0xDFFF;
            code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
        }
        if (!good) {
            at_ = start;
            return refuse("an escape that JSON does not have");
        }
        append_utf8(into, code);
        return true;
    }

    bool hex4(std::uint32_t& code) {
        if (text_.size() - at_ < 4) {
            return false;
        }
        const char* const begin = text_.data() + at_;
        const auto [end, problem] = std::from_chars(begin, begin + 4, code, 16);
        at_ += 4;
        return problem == std::errc{} && end == begin + 4;
    }

    static void append_utf8(std::string& into, std::uint32_t code) {
        const auto put = [&](std::uint32_t byte) { into += static_cast<char>(byte); };
        if (code < 0x80) {
            put(code);
        } else if (code < 0x800) {
            put(0xC0U | code >> 6U);
            put(0x80U | (code & 0x3FU));
        } else if (code < 0x10000) {
            put(0xE0U | code >> 12U);
            put(0x80U | (code >> 6U & 0x3FU));
            put(0x80U | (code & 0x3FU));
        } else {
            put(0xF0U | code >> 18U);
            put(0x80U | (code >> 12U & 0x3FU));
            put(0x80U | (code >> 6U & 0x3FU));
            put(0x80U | (code & 0x3FU));
        }
    }

    std::size_t skip_digits() {
        const std::size_t start = at_;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
            ++at_;
        }
        return at_ - start;
    }

    bool number(Json& into) {
        const std::size_t start = at_;
        const bool negative = take('-');
        if (!take('0') && skip_digits() == 0) {
            return refuse(negative ? "expected a digit" : "expected a value");
        }
        const std::size_t whole_end = at_;
        if (!fraction_and_exponent()) {
            return refuse("expected a digit");
        }
        const std::string_view digits = text_.substr(start, at_ - start);
        const bool is_integer = at_ == whole_end && (negative ? fits<std::int64_t>(digits, into)
                                                              : fits<std::uint64_t>(digits, into));
        if (!is_integer) {
            into = Json(Json::value_t::string);
            into.get_ref<std::string&>() = digits;
        }
        return true;
    }

    // ".5e-3" or any part of it, or nothing; false where a digit is missing.
    bool fraction_and_exponent() {
        if (take('.') && skip_digits() == 0) {
            return false;
        }
        if (!take('e') && !take('E')) {
            return true;
        }
        if (!take('+')) {
            take('-');
        }
        return skip_digits() > 0;
    }

    template <class Integer>
    static bool fits(std::string_view digits, Json& into) {
        Integer number = 0;
        const auto [end, problem] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (problem != std::errc{}) {
            return false;
        }
        into = number;
        return true;
    }

    std::string_view text_;
    int depth_max_;
    std::size_t at_ = 0;
    std::string message_;
};

}  // namespace syncline::detail
