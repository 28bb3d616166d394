// What a connector says about itself: its settings (the one source of parsing, JSON Schema and
// documentation), how it authenticates, where it may connect to, what it can take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <syncline/json_fields.hpp>

namespace syncline {

enum class SettingType { kString, kInteger, kBoolean, kUrl, kObject, kSecret };
template <>
struct EnumNames<SettingType> {
    static constexpr std::array<std::pair<SettingType, std::string_view>, 6> kNames{{
        {SettingType::kString, "string"},
        {SettingType::kInteger, "integer"},
        {SettingType::kBoolean, "boolean"},
        {SettingType::kUrl, "url"},
        {SettingType::kObject, "object"},
        {SettingType::kSecret, "secret"},
    }};
};

struct Setting {
    std::string name;
    SettingType type = SettingType::kString;
    std::string help;  // one sentence
    bool required = false;
    Json default_value;  // null: none
    std::optional<std::int64_t> min;
    std::optional<std::int64_t> max;
    std::vector<std::string> choices;  // of a string; empty: any

    static constexpr auto fields() {
        return std::make_tuple(
            field("name", &Setting::name), field("type", &Setting::type),
            field("help", &Setting::help), field("required", &Setting::required),
            field("default", &Setting::default_value), field("min", &Setting::min),
            field("max", &Setting::max), field("choices", &Setting::choices)
        );
    }
};

enum class AuthKind { kNone, kKey, kOAuth2 };
template <>
struct EnumNames<AuthKind> {
    static constexpr std::array<std::pair<AuthKind, std::string_view>, 3> kNames{{
        {AuthKind::kNone, "none"},
        {AuthKind::kKey, "key"},
        {AuthKind::kOAuth2, "oauth2"},
    }};
};

// How a repeated write is kept from happening twice.
//   kRequestId   the platform replays its answer for a known idempotency key
//   kNaturalKey  writes are upserts on a unique key; repeating one changes nothing
//   kNone        neither: after an unknown outcome only find() can tell
enum class WriteSafety { kRequestId, kNaturalKey, kNone };
template <>
struct EnumNames<WriteSafety> {
    static constexpr std::array<std::pair<WriteSafety, std::string_view>, 3> kNames{{
        {WriteSafety::kRequestId, "request_id"},
        {WriteSafety::kNaturalKey, "natural_key"},
        {WriteSafety::kNone, "none"},
    }};
};

struct Limits {
    std::int64_t read_page_max = 100;    // records
    std::int64_t write_batch_max = 100;  // items
    std::int64_t find_batch_max = 100;   // keys
    std::int64_t in_flight_max = 4;      // calls at once per connection
    std::int64_t requests_per_minute = 300;
    std::int64_t batches_per_minute = 0;  // 0: no limit of their own

    static constexpr auto fields() {
        return std::make_tuple(
            field("read_page_max", &Limits::read_page_max),
            field("write_batch_max", &Limits::write_batch_max),
            field("find_batch_max", &Limits::find_batch_max),
            field("in_flight_max", &Limits::in_flight_max),
            field("requests_per_minute", &Limits::requests_per_minute),
            field("batches_per_minute", &Limits::batches_per_minute)
        );
    }
};

struct Spec {
    std::string title;    // "WooCommerce"
    std::string summary;  // one sentence
    std::vector<Setting> settings;
    AuthKind auth = AuthKind::kNone;
    std::vector<std::string> hosts;  // it may connect to: "quickbooks.api.intuit.com", "*.intuit.com"
    std::vector<std::string> host_settings;  // settings whose URL's host it may connect to
    WriteSafety write_safety = WriteSafety::kNone;
    Limits limits;

    static constexpr auto fields() {
        return std::make_tuple(
            field("title", &Spec::title), field("summary", &Spec::summary),
            field("settings", &Spec::settings), field("auth", &Spec::auth),
            field("hosts", &Spec::hosts), field("host_settings", &Spec::host_settings),
            field("write_safety", &Spec::write_safety), field("limits", &Spec::limits)
        );
    }
};

namespace detail {

inline std::string quoted_choices(const std::vector<std::string>& choices) {
    std::string text;
    for (const auto& choice : choices) {
        text += (text.empty() ? "\"" : ", \"") + choice + "\"";
    }
    return text;
}

inline bool is_http_url(const std::string& text) {
    const std::size_t rest = text.rfind("https://", 0) == 0 ? 8 : text.rfind("http://", 0) == 0 ? 7 : 0;
    return rest != 0 && text.size() > rest && text.find_first_of(" \t\r\n\"<>") == std::string::npos;
}

inline Error bad_setting(const Setting& setting, const std::string& expected, const Json& found) {
    const bool secret = setting.type == SettingType::kSecret;
    return invalid(
        "/" + setting.name + ": expected " + expected +
        (secret ? "" : ", found " + dump_json(found).substr(0, 60))
    );
}

inline Result<void> check_setting(const Setting& setting, const Json& value) {
    switch (setting.type) {
        case SettingType::kInteger:
            if (!value.is_number_integer() ||
                (setting.min && value.get<std::int64_t>() < *setting.min) ||
                (setting.max && value.get<std::int64_t>() > *setting.max)) {
                std::string expected = "an integer";
                expected += setting.min ? " of at least " + std::to_string(*setting.min) : "";
                expected += setting.max ? " and at most " + std::to_string(*setting.max) : "";
                return bad_setting(setting, expected, value);
            }
            return {};
        case SettingType::kBoolean:
            return value.is_boolean() ? Result<void>() : bad_setting(setting, "true or false", value);
        case SettingType::kObject:
            return value.is_object() ? Result<void>() : bad_setting(setting, "an object", value);
        case SettingType::kUrl:
            return value.is_string() && is_http_url(value.get_ref<const std::string&>())
                       ? Result<void>()
                       : bad_setting(setting, "a URL (as https://shop.example)", value);
        case SettingType::kString:
        case SettingType::kSecret:
            break;
    }
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
        return bad_setting(setting, "a text that is not empty", value);
    }
    for (const auto& choice : setting.choices) {
        if (choice == value.get_ref<const std::string&>()) {
            return {};
        }
    }
    return setting.choices.empty()
               ? Result<void>()
               : bad_setting(setting, "one of " + quoted_choices(setting.choices), value);
}

}  // namespace detail

// Every problem of `settings` (an object) against `spec`, or none: unknown and missing settings, wrong
// types, values out of range. Messages start with a JSON pointer and never show a secret.
inline std::vector<Error> check_settings(const Spec& spec, const Json& settings) {
    if (!settings.is_object()) {
        return {invalid("the settings must be a JSON object")};
    }
    std::vector<Error> errors;
    for (const auto& entry : settings.items()) {
        bool known = false;
        for (const auto& setting : spec.settings) {
            if (setting.name == entry.key()) {
                known = true;
                if (auto checked = detail::check_setting(setting, entry.value()); !checked) {
                    errors.push_back(checked.error());
                }
            }
        }
        if (!known) {
            errors.push_back(invalid("/" + entry.key() + ": unknown setting"));
        }
    }
    for (const auto& setting : spec.settings) {
        if (setting.required && !settings.contains(setting.name)) {
            errors.push_back(invalid("/" + setting.name + ": missing (" + setting.help + ")"));
        }
    }
    return errors;
}

// `settings` with the defaults of what is absent.
inline Json with_defaults(const Spec& spec, Json settings) {
    for (const auto& setting : spec.settings) {
        if (!settings.contains(setting.name) && !setting.default_value.is_null()) {
            settings[setting.name] = setting.default_value;
        }
    }
    return settings;
}

// JSON Schema (2020-12) of the settings.
inline Json json_schema(const Spec& spec) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const auto& setting : spec.settings) {
        Json property{{"description", setting.help}};
        const bool text = setting.type == SettingType::kSecret || setting.type == SettingType::kUrl;
        property["type"] = text ? "string" : std::string(enum_name(setting.type));
        if (setting.type == SettingType::kSecret) {
            property["writeOnly"] = true;
        }
        if (setting.type == SettingType::kUrl) {
            property["format"] = "uri";
        }
        if (!setting.default_value.is_null()) {
            property["default"] = setting.default_value;
        }
        if (setting.min) {
            property["minimum"] = *setting.min;
        }
        if (setting.max) {
            property["maximum"] = *setting.max;
        }
        if (!setting.choices.empty()) {
            property["enum"] = setting.choices;
        }
        if (setting.required) {
            required.push_back(setting.name);
        }
        properties[setting.name] = std::move(property);
    }
    return {
        {"$schema", "https://json-schema.org/draft/2020-12/schema"},
        {"title", spec.title},
        {"type", "object"},
        {"properties", std::move(properties)},
        {"required", std::move(required)},
        {"additionalProperties", false}};
}

}  // namespace syncline
