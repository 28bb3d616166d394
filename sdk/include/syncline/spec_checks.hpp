// What a Spec means for settings: what is wrong with some, their defaults, their JSON Schema; and
// what is wrong with the Spec itself.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/json_fields.hpp>
#include <syncline/spec.hpp>

namespace syncline {

namespace detail {

inline std::string quoted_choices(const std::vector<std::string>& choices) {
    std::string text;
    for (const auto& choice : choices) {
        text += (text.empty() ? "\"" : ", \"") + choice + "\"";
    }
    return text;
}

// The "user:password@host:port" of an http or https URL; empty if `text` is none.
inline std::string_view url_authority(std::string_view text) {
    const std::size_t start =
        text.substr(0, 8) == "https://" ? 8 : (text.substr(0, 7) == "http://" ? 7 : 0);
    if (start == 0 || text.find_first_of(" \t\r\n\"<>\\") != std::string_view::npos) {
        return {};
    }
    return text.substr(start, text.find_first_of("/?#", start) - start);
}

inline bool has_url_password(const Json& value) {
    const auto* text = value.get_ptr<const std::string*>();
    return text != nullptr && url_authority(*text).find('@') != std::string_view::npos;
}

inline bool is_http_url(std::string_view text) {
    const std::string_view authority = url_authority(text);
    return !authority.empty() && authority.front() != ':' &&
           authority.find('@') == std::string_view::npos;
}

inline Error bad_setting(const Setting& setting, const std::string& expected, const Json& found) {
    const bool hide = setting.type == SettingType::kSecret || has_url_password(found);
    return invalid(
        "/" + pointer_token(setting.name) + ": expected " + expected +
        (hide ? "" : ", found " + excerpt(found))
    );
}

inline Result<void> check_integer(const Setting& setting, const Json& value) {
    const bool fits =
        value.is_number_integer() &&
        (!value.is_number_unsigned() || std::in_range<std::int64_t>(value.get<std::uint64_t>()));
    if (fits && (!setting.min || value.get<std::int64_t>() >= *setting.min) &&
        (!setting.max || value.get<std::int64_t>() <= *setting.max)) {
        return {};
    }
    std::string expected = "an integer";
    if (setting.min) {
        expected += " of at least " + std::to_string(*setting.min);
    }
    if (setting.max) {
        expected += (setting.min ? " and at most " : " of at most ") + std::to_string(*setting.max);
    }
    return bad_setting(setting, expected, value);
}

inline Result<void> check_text(const Setting& setting, const Json& value) {
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
        return bad_setting(setting, "a text that is not empty", value);
    }
    const auto& choices = setting.choices;
    if (!choices.empty() &&
        std::find(choices.begin(), choices.end(), value.get_ref<const std::string&>()) ==
            choices.end()) {
        return bad_setting(setting, "one of " + quoted_choices(choices), value);
    }
    return {};
}

inline Result<void> check_setting(const Setting& setting, const Json& value) {
    switch (setting.type) {
        case SettingType::kInteger:
            return check_integer(setting, value);
        case SettingType::kBoolean:
            return value.is_boolean() ? Result<void>()
                                      : bad_setting(setting, "true or false", value);
        case SettingType::kObject:
            return value.is_object() ? Result<void>() : bad_setting(setting, "an object", value);
        case SettingType::kUrl:
            return value.is_string() && is_http_url(value.get_ref<const std::string&>())
                       ? Result<void>()
                       : bad_setting(
                             setting, "a URL without a password (as https://shop.example)", value
                         );
        case SettingType::kString:
        case SettingType::kSecret:
            break;
    }
    return check_text(setting, value);
}

inline const Setting* find_setting(const Spec& spec, std::string_view name) {
    const auto found =
        std::find_if(spec.settings.begin(), spec.settings.end(), [&](const Setting& setting) {
            return setting.name == name;
        });
    return found == spec.settings.end() ? nullptr : &*found;
}

}  // namespace detail

// Every problem of `settings` (an object) against `spec`, or none: unknown and missing settings,
// wrong types, values out of range. Messages start with a JSON pointer and never show a secret.
inline std::vector<Error> check_settings(const Spec& spec, const Json& settings) {
    if (!settings.is_object()) {
        return {invalid("the settings must be a JSON object")};
    }
    std::vector<Error> errors;
    for (const auto& [name, value] : settings.get_ref<const Json::object_t&>()) {
        const Setting* setting = detail::find_setting(spec, name);
        if (setting == nullptr) {
            errors.push_back(invalid("/" + detail::pointer_token(name) + ": unknown setting"));
        } else if (auto checked = detail::check_setting(*setting, value); !checked) {
            errors.push_back(checked.error());
        }
    }
    for (const auto& setting : spec.settings) {
        if (setting.required && !settings.contains(setting.name)) {
            errors.push_back(invalid(
                "/" + detail::pointer_token(setting.name) + ": missing (" + setting.help + ")"
            ));
        }
    }
    return errors;
}

// `settings` with the defaults of what is absent; what is no object comes back as it is.
inline Json with_defaults(const Spec& spec, Json settings) {
    if (!settings.is_object()) {
        return settings;
    }
    for (const auto& setting : spec.settings) {
        if (!settings.contains(setting.name) && !setting.default_value.is_null()) {
            settings[setting.name] = setting.default_value;
        }
    }
    return settings;
}

namespace detail {

inline std::vector<std::string> mistakes_of(const Spec& spec, const Setting& setting) {
    std::vector<std::string> mistakes;
    if (setting.name.empty() || find_setting(spec, setting.name) != &setting) {
        mistakes.emplace_back("a name must not be empty nor be used twice");
    }
    if (setting.help.empty()) {
        mistakes.emplace_back("help is missing: one sentence for the person who fills it in");
    }
    if (setting.min && setting.max && *setting.min > *setting.max) {
        mistakes.emplace_back("min is greater than max");
    }
    if (setting.default_value.is_null()) {
        return mistakes;
    }
    if (setting.type == SettingType::kSecret || setting.required) {
        mistakes.emplace_back("a secret or required setting must not have a default");
    } else if (auto checked = check_setting(setting, setting.default_value); !checked) {
        mistakes.push_back("its default is refused: " + checked.error().message);
    }
    return mistakes;
}

}  // namespace detail

namespace detail {

inline std::vector<std::string> oauth_mistakes_of(const Spec& spec) {
    std::vector<std::string> mistakes;
    if (spec.oauth.authorize_url.empty()) {
        return mistakes;
    }
    if (spec.auth != AuthKind::kOAuth2 || spec.oauth.token_url.empty()) {
        mistakes.emplace_back("an authorize_url needs auth oauth2 and a token_url");
    }
    for (const char* name : {"client_id", "client_secret", "refresh_token"}) {
        const Setting* setting = find_setting(spec, name);
        const bool secret = std::string_view(name) != "client_id";
        if (setting == nullptr || (setting->type == SettingType::kSecret) != secret) {
            mistakes.push_back(
                std::string("the setting ") + name + " is missing or of the wrong type"
            );
        }
    }
    if (spec.oauth.account_parameter.empty() != spec.oauth.account_setting.empty() ||
        (!spec.oauth.account_setting.empty() &&
         find_setting(spec, spec.oauth.account_setting) == nullptr)) {
        mistakes.emplace_back("account_parameter goes with an account_setting that is a setting");
    }
    return mistakes;
}

}  // namespace detail

// Every mistake in the spec itself, or none: names used twice, defaults that check_settings() would
// refuse, a secret with a default, host_settings that are no URL. For a connector's unit test.
inline std::vector<Error> check_spec(const Spec& spec) {
    std::vector<Error> errors;
    const auto complain = [&](const std::string& name, const std::string& mistake) {
        errors.push_back(invalid("setting '" + name + "' of the spec: " + mistake));
    };
    for (const auto& setting : spec.settings) {
        for (const auto& mistake : detail::mistakes_of(spec, setting)) {
            complain(setting.name, mistake);
        }
    }
    for (const auto& name : spec.host_settings) {
        const Setting* setting = detail::find_setting(spec, name);
        if (setting == nullptr || setting->type != SettingType::kUrl) {
            complain(name, "host_settings must name settings of type url");
        }
    }
    for (const auto& name : spec.webhooks.secrets) {
        const Setting* setting = detail::find_setting(spec, name);
        if (setting == nullptr || setting->type != SettingType::kSecret) {
            complain(name, "webhooks.secrets must name settings of type secret");
        }
    }
    const std::string& source = spec.webhooks.source_setting;
    if (!source.empty() && detail::find_setting(spec, source) == nullptr) {
        complain(source, "webhooks.source_setting must name a setting");
    }
    if (spec.webhooks.proof != WebhookProof::kNone &&
        (spec.webhooks.proof_header.empty() || spec.webhooks.secrets.empty())) {
        errors.push_back(invalid("webhooks of the spec: proof_header or secrets are missing"));
    }
    for (const auto& mistake : detail::oauth_mistakes_of(spec)) {
        errors.push_back(invalid("oauth of the spec: " + mistake));
    }
    return errors;
}

namespace detail {

inline Json schema_of(const Setting& setting) {
    const bool text = setting.type == SettingType::kSecret || setting.type == SettingType::kUrl ||
                      setting.type == SettingType::kString;
    Json property = Json::object();
    put(property, "description", encode_text(setting.help));
    put(property, "type", encode_text(text ? "string" : std::string(enum_name(setting.type))));
    if (text) {
        put(property, "minLength", encode_value(std::int64_t{1}));
    }
    if (setting.type == SettingType::kSecret) {
        put(property, "writeOnly", encode_value(true));
    }
    if (setting.type == SettingType::kUrl) {
        put(property, "format", encode_text("uri"));
    }
    if (!setting.default_value.is_null()) {
        put(property, "default", setting.default_value);
    }
    encode_member(property, "minimum", setting.min);
    encode_member(property, "maximum", setting.max);
    if (!setting.choices.empty()) {
        put(property, "enum", encode_value(setting.choices));
    }
    return property;
}

}  // namespace detail

// JSON Schema (2020-12) of the settings.
inline Json json_schema(const Spec& spec) {
    Json properties = Json::object();
    std::vector<std::string> required;
    for (const auto& setting : spec.settings) {
        detail::put(properties, setting.name, detail::schema_of(setting));
        if (setting.required) {
            required.push_back(setting.name);
        }
    }
    Json schema = Json::object();
    detail::put(
        schema, "$schema", detail::encode_text("https://json-schema.org/draft/2020-12/schema")
    );
    detail::put(schema, "title", detail::encode_text(spec.title));
    detail::put(schema, "type", detail::encode_text("object"));
    detail::put(schema, "properties", std::move(properties));
    detail::put(schema, "required", detail::encode_value(required));
    detail::put(schema, "additionalProperties", detail::encode_value(false));
    return schema;
}

}  // namespace syncline
