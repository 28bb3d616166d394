#include "supabase/exact_json.hpp"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "supabase/numeric.hpp"

namespace sandbox::supabase {
namespace {

using Kind = ExactJson::Kind;

class Builder : public nlohmann::json_sax<nlohmann::json> {
public:
    bool null() override { return add({}); }
    bool boolean(bool value) override {
        return add({Kind::kBoolean, value ? "true" : "false", {}, {}});
    }
    bool number_integer(number_integer_t value) override { return number(std::to_string(value)); }
    bool number_unsigned(number_unsigned_t value) override { return number(std::to_string(value)); }
    bool number_float(number_float_t, const string_t& text) override { return number(text); }
    bool string(string_t& text) override { return add({Kind::kString, std::move(text), {}, {}}); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Kind::kObject); }
    bool start_array(std::size_t) override { return open(Kind::kArray); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        key_ = std::move(name);
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }

    ExactJson root;

private:
    ExactJson* place(ExactJson value) {
        if (open_.empty()) {
            root = std::move(value);
            return &root;
        }
        ExactJson& parent = *open_.back();
        if (parent.kind == Kind::kArray) {
            parent.items.push_back(std::move(value));
            return &parent.items.back();
        }
        parent.members.push_back({key_, std::move(value)});
        return &parent.members.back().value;
    }
    bool add(ExactJson value) {
        place(std::move(value));
        return true;
    }
    bool number(std::string text) { return add({Kind::kNumber, std::move(text), {}, {}}); }
    // A parent does not grow while one of its children is open, so the pointers stay good.
    bool open(Kind kind) {
        open_.push_back(place({kind, {}, {}, {}}));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    std::vector<ExactJson*> open_;
    std::string key_;
};

bool jsonb_key_less(const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

template <class Entries, class Print>
std::string join(const Entries& entries, const char* separator, Print&& print) {
    std::string text;
    for (const auto& entry : entries) {
        text += text.empty() ? "" : separator;
        text += print(entry);
    }
    return text;
}

}  // namespace

const ExactJson* ExactJson::member(std::string_view name) const {
    const ExactJson* found = nullptr;
    for (const auto& [key, value] : members)
        if (key == name)
            found = &value;
    return found;
}

std::optional<ExactJson> parse_exact_json(std::string_view text) {
    Builder builder;
    if (!nlohmann::json::sax_parse(text, &builder))
        return std::nullopt;
    return std::move(builder.root);
}

std::string quote_json(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string quoted = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const std::size_t named = std::string_view("\b\f\n\r\t\"\\").find(c);
        if (named != std::string_view::npos) {
            quoted += '\\';
            quoted += "bfnrt\"\\"[named];
        } else if (byte < 0x20) {
            quoted += "\\u00";
            quoted += kHex[byte >> 4U];
            quoted += kHex[byte & 15U];
        } else {
            quoted += c;
        }
    }
    return quoted + "\"";
}

std::string print_json(const ExactJson& json) {
    switch (json.kind) {
        case Kind::kNull:
            return "null";
        case Kind::kBoolean:
        case Kind::kNumber:
            return json.text;
        case Kind::kString:
            return quote_json(json.text);
        case Kind::kArray:
            return "[" + join(json.items, ",", print_json) + "]";
        case Kind::kObject:
            break;
    }
    const auto member = [](const auto& entry) {
        return quote_json(entry.key) + ":" + print_json(entry.value);
    };
    return "{" + join(json.members, ",", member) + "}";
}

std::string print_jsonb(const ExactJson& json) {
    if (json.kind == Kind::kNumber)
        return parse_numeric(json.text).value_or(json.text);
    if (json.kind == Kind::kArray)
        return "[" + join(json.items, ", ", print_jsonb) + "]";
    if (json.kind != Kind::kObject)
        return print_json(json);
    std::map<std::string, const ExactJson*, decltype(&jsonb_key_less)> sorted(&jsonb_key_less);
    for (const auto& [key, value] : json.members) sorted[key] = &value;
    const auto member = [](const auto& entry) {
        return quote_json(entry.first) + ": " + print_jsonb(*entry.second);
    };
    return "{" + join(sorted, ", ", member) + "}";
}

}  // namespace sandbox::supabase
