// What a tenant can set for itself, as typed values. A value is stored as a whole; what is wrong
// with one is said, never replaced by a default. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/json_fields.hpp>

namespace syncline {

// "api_keys": what the tenant's API keys may be.
struct ApiKeySettings {
    static constexpr std::string_view kKey = "api_keys";
    static constexpr std::string_view kSummary = "How long API keys live, and how many there are";

    std::int64_t lifetime_days_max = 0;  // 0: a key need not expire
    std::int64_t keys_max = 100;         // that can be used at the same time

    static constexpr auto fields() {
        return std::make_tuple(
            field("lifetime_days_max", &ApiKeySettings::lifetime_days_max),
            field("keys_max", &ApiKeySettings::keys_max)
        );
    }
};

// "approval": who may confirm runs.
struct ApprovalSettings {
    static constexpr std::string_view kKey = "approval";
    static constexpr std::string_view kSummary = "Who may confirm a run";

    // A run that needs a confirmation is confirmed by somebody else than who asked for it, with
    // the role approver or admin.
    bool second_person = false;

    static constexpr auto fields() {
        return std::make_tuple(field("second_person", &ApprovalSettings::second_person));
    }
};

// What is wrong with a value beyond its form: "/keys_max: ...".
std::vector<std::string> setting_problems(const ApiKeySettings& settings);
std::vector<std::string> setting_problems(const ApprovalSettings& settings);

struct SettingKind {
    std::string_view key;
    std::string_view summary;
};
const std::vector<SettingKind>& setting_kinds();

// `value` with every member, those that are absent with their default. Errors: kNotFound
// "setting.unknown"; kInvalid "setting.malformed" with every problem and its place.
Result<Json> complete_setting(std::string_view key, const Json& value);

// A stored value as a T. Errors: kConfig "setting.malformed".
template <class T>
Result<T> setting_from_text(const std::string& text) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, parse_json(text));
    const auto whole = complete_setting(T::kKey, json);
    if (!whole) {
        return Error{
            ErrorCode::kConfig,
            "the setting '" + std::string(T::kKey) + "' is malformed (" + whole.error().message +
                "); PUT /api/settings/" + std::string(T::kKey) + " stores a proper one",
            "setting.malformed"};
    }
    return from_json<T>(*whole, Unknown::kRefuse);
}

}  // namespace syncline
