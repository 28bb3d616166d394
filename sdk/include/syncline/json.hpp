// The project's one JSON library, and reading it without losing a digit.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <syncline/result.hpp>

namespace syncline {

using Json = nlohmann::json;

// Deepest nesting that parse_json() takes; deeper text is refused, since walking it recurses.
inline constexpr int kJsonDepthMax = 100;

// Parses text from outside. Numbers with a fraction or an exponent, and integers beyond 64 bits,
// become strings that hold the number's own text, so that no amount ever passes through binary
// floating point; other integers stay integers. Errors: kInvalid with the byte offset.
inline Result<Json> parse_json(std::string_view text);

// Compact text; invalid UTF-8 is replaced rather than thrown at.
inline std::string dump_json(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

namespace detail {

// Builds a Json from SAX events; see parse_json().
class ExactSax : public nlohmann::json_sax<Json> {
public:
    bool null() override { return add(nullptr); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(number_integer_t value) override { return add(value); }
    bool number_unsigned(number_unsigned_t value) override { return add(value); }
    bool number_float(number_float_t /*value*/, const string_t& text) override { return add(text); }
    bool string(string_t& value) override { return add(std::move(value)); }
    bool binary(binary_t& /*value*/) override { return false; }
    bool start_object(std::size_t /*size*/) override { return open(Json::object()); }
    bool start_array(std::size_t /*size*/) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& value) override {
        key_ = std::move(value);
        return true;
    }
    bool parse_error(
        std::size_t position, const std::string& /*token*/, const nlohmann::detail::exception& error
    ) override {
        message_ = "not valid JSON at byte " + std::to_string(position) + ": " + error.what();
        return false;
    }

    Json root;
    const std::string& message() const { return message_; }

private:
    Json* place(Json value) {
        if (open_.empty()) {
            root = std::move(value);
            return &root;
        }
        if (open_.back()->is_array()) {
            open_.back()->push_back(std::move(value));
            return &open_.back()->back();
        }
        return &((*open_.back())[key_] = std::move(value));
    }
    bool add(Json value) {
        place(std::move(value));
        return true;
    }
    bool open(Json value) {
        if (open_.size() >= static_cast<std::size_t>(kJsonDepthMax)) {
            message_ = "JSON nested deeper than " + std::to_string(kJsonDepthMax) + " levels";
            return false;
        }
        open_.push_back(place(std::move(value)));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    std::vector<Json*> open_;
    std::string key_;
    std::string message_ = "not valid JSON";
};

}  // namespace detail

inline Result<Json> parse_json(std::string_view text) {
    detail::ExactSax sax;
    if (!Json::sax_parse(text, &sax)) {
        return invalid(sax.message());
    }
    return std::move(sax.root);
}

}  // namespace syncline
