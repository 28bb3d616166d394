#include "quickbooks/exact/exact_json.hpp"

#include <vector>

namespace sandbox::quickbooks {
namespace {

constexpr std::size_t kDepthMax = 64;

// Builds the value from the parser's events; nlohmann hands over the text of a fraction, so that
// no digit is lost.
class Builder : public nlohmann::json_sax<Json> {
public:
    explicit Builder(std::string& error) : error_(error) {}
    Json take() { return std::move(root_); }

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override {
        return put_number(std::to_string(value));
    }
    bool number_unsigned(number_unsigned_t value) override {
        return put_number(std::to_string(value));
    }
    bool number_float(number_float_t, const string_t& text) override { return put_number(text); }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        if (open_.back()->contains(name))
            return fail("member '" + name + "' appears twice");
        key_ = std::move(name);
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& e) override {
        return fail(e.what());
    }

private:
    bool fail(std::string why) {
        if (error_.empty())
            error_ = std::move(why);
        return false;
    }
    bool put_number(const std::string& text) {
        const auto value = Decimal::parse(text);
        return value ? put(number(*value)) : fail("number " + text + " has too many digits");
    }
    Json* place(Json&& value) {
        if (open_.empty())
            return &(root_ = std::move(value));
        Json& parent = *open_.back();
        if (parent.is_object())
            return &(parent[key_] = std::move(value));
        parent.push_back(std::move(value));
        return &parent.back();
    }
    bool put(Json value) {
        place(std::move(value));
        return true;
    }
    bool open(Json value) {
        if (open_.size() == kDepthMax)
            return fail("nested too deeply");
        open_.push_back(place(std::move(value)));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    std::string& error_;
    Json root_;
    std::vector<Json*> open_;
    std::string key_;
};

void print_to(const Json& value, std::string& out);

void print_members(const Json& object, std::string& out) {
    out += '{';
    bool first = true;
    for (const auto& [name, element] : object.items()) {
        if (!first)
            out += ',';
        first = false;
        out += Json(name).dump() + ":";
        print_to(element, out);
    }
    out += '}';
}

void print_to(const Json& value, std::string& out) {
    if (value.is_object())
        return print_members(value, out);
    if (value.is_binary()) {
        out.append(value.get_binary().begin(), value.get_binary().end());
        return;
    }
    if (!value.is_array()) {
        out += value.dump(-1, ' ', false, Json::error_handler_t::replace);
        return;
    }
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (i > 0)
            out += ',';
        print_to(value[i], out);
    }
    out += ']';
}

}  // namespace

std::optional<Json> parse_exact(std::string_view text, std::string& error) {
    Builder builder(error);
    if (!Json::sax_parse(text.begin(), text.end(), &builder))
        return std::nullopt;
    return builder.take();
}

std::string print(const Json& value) {
    std::string out;
    print_to(value, out);
    return out;
}

Json number(const Decimal& value) {
    const std::string text = value.text();
    if (value.places() == 0 && text.size() <= 18)
        return std::stoll(text);
    return Json::binary(std::vector<std::uint8_t>(text.begin(), text.end()));
}

bool is_number(const Json& value) {
    return value.is_number_integer() || value.is_binary();
}

std::optional<Decimal> decimal(const Json& value) {
    if (value.is_number_integer())
        return Decimal(value.get<std::int64_t>());
    if (!value.is_binary())
        return std::nullopt;
    const auto& text = value.get_binary();
    return Decimal::parse(std::string(text.begin(), text.end()));
}

const Json* member(const Json& object, std::string_view path) {
    const Json* at = &object;
    while (!path.empty()) {
        const auto dot = path.find('.');
        if (!at->is_object())
            return nullptr;
        const auto it = at->find(std::string(path.substr(0, dot)));
        if (it == at->end() || it->is_null())
            return nullptr;
        at = &*it;
        path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    }
    return at;
}

std::string text_at(const Json& object, std::string_view path) {
    const Json* found = member(object, path);
    return found && found->is_string() ? found->get<std::string>() : std::string();
}

Decimal number_at(const Json& object, std::string_view path) {
    const Json* found = member(object, path);
    return found ? decimal(*found).value_or(Decimal()) : Decimal();
}

bool flag_at(const Json& object, std::string_view path, bool otherwise) {
    const Json* found = member(object, path);
    return found && found->is_boolean() ? found->get<bool>() : otherwise;
}

}  // namespace sandbox::quickbooks
