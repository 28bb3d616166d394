#include "core/tenant_settings.hpp"

#include "core/alert_rules.hpp"
#include "core/json_problems.hpp"
#include "core/reconcile_setting.hpp"
#include "core/transformer_config.hpp"

namespace syncline {
namespace {

constexpr std::int64_t kLifetimeDaysMax = 3'650;
constexpr std::int64_t kKeysMax = 10'000;

void check_range(
    const char* place,
    std::int64_t value,
    std::int64_t min,
    std::int64_t max,
    std::vector<std::string>& problems
) {
    if (value < min || value > max) {
        problems.push_back(
            std::string(place) + ": expected " + std::to_string(min) + " to " +
            std::to_string(max) + ", found " + std::to_string(value)
        );
    }
}

// An absent member means its default; null means nothing.
void find_nulls(const Json& value, std::vector<std::string>& problems) {
    for (const auto& entry : value.items()) {
        if (entry.value().is_null()) {
            problems.push_back(
                "/" + detail::pointer_token(entry.key()) +
                ": null is no value; leave the member "
                "out for its default"
            );
        }
    }
}

template <class T>
T with_defaults(T settings) {
    if constexpr (requires { completed(settings); }) {
        return completed(std::move(settings));
    } else {
        return settings;
    }
}

template <class T>
Result<Json> complete(const Json& value) {
    auto problems = json_problems<T>(value);
    if (value.is_object()) {
        find_nulls(value, problems);
    } else if (problems.empty()) {
        problems.emplace_back("expected an object");
    }
    if (problems.empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(const T typed, from_json<T>(value, Unknown::kRefuse));
        problems = setting_problems(typed);
        if (problems.empty()) {
            return to_json(with_defaults(typed));
        }
    }
    return joined(problems, "setting.malformed");
}

template <class T>
SettingKind kind_of() {
    return {T::kKey, T::kSummary};
}

}  // namespace

std::vector<std::string> setting_problems(const ApiKeySettings& settings) {
    std::vector<std::string> problems;
    check_range("/lifetime_days_max", settings.lifetime_days_max, 0, kLifetimeDaysMax, problems);
    check_range("/keys_max", settings.keys_max, 1, kKeysMax, problems);
    return problems;
}

std::vector<std::string> setting_problems(const ApprovalSettings&) {
    return {};
}

const std::vector<SettingKind>& setting_kinds() {
    static const std::vector<SettingKind> kKinds{
        kind_of<ApiKeySettings>(),
        kind_of<ApprovalSettings>(),
        kind_of<AlertSettings>(),
        kind_of<ReconciliationSettings>(),
        kind_of<TransformerConfig>()};
    return kKinds;
}

Result<Json> complete_setting(std::string_view key, const Json& value) {
    if (key == ApiKeySettings::kKey) {
        return complete<ApiKeySettings>(value);
    }
    if (key == ApprovalSettings::kKey) {
        return complete<ApprovalSettings>(value);
    }
    if (key == AlertSettings::kKey) {
        return complete<AlertSettings>(value);
    }
    if (key == ReconciliationSettings::kKey) {
        return complete<ReconciliationSettings>(value);
    }
    if (key == TransformerConfig::kKey) {
        return complete_transformer_config(value);
    }
    std::string known;
    for (const auto& kind : setting_kinds()) {
        known += (known.empty() ? "" : ", ") + std::string(kind.key);
    }
    return Error{
        ErrorCode::kNotFound,
        "there is no setting '" + std::string(key.substr(0, 60)) + "' (there are: " + known + ")",
        "setting.unknown"};
}

}  // namespace syncline
