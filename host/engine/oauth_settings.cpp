#include "engine/oauth_settings.hpp"

#include <syncline/spec_checks.hpp>

#include "core/json_problems.hpp"

namespace syncline::engine {
namespace {

// Settings that come with the authorization, and so cannot be given.
bool comes_with_it(const Spec& spec, const std::string& name) {
    const bool own = name == "client_id" || name == "client_secret" || name == "refresh_token" ||
                     name == "access_token" || name == "environment";
    return own || name == spec.oauth.account_setting;
}

bool has_setting(const Spec& spec, const std::string& name) {
    return detail::find_setting(spec, name) != nullptr;
}

}  // namespace

std::string setting_text(const Json& settings, const std::string& name) {
    const auto found = settings.is_object() ? settings.find(name) : settings.end();
    return settings.is_object() && found != settings.end() && found->is_string()
               ? found->get<std::string>()
               : std::string();
}

// What the connection's settings will be, but for what only the authorization can say.
Json settings_with(
    const Spec& spec, const Json& before, const Json& asked, const storage::OAuthApp& app
) {
    Json settings = before.is_object() ? before : Json::object();
    settings.update(asked);
    settings["client_id"] = app.client_id;
    if (has_setting(spec, "environment")) {
        settings["environment"] = app.environment;
    }
    return settings;
}

// With stand-ins for what the authorization will bring: nobody is sent to the platform to find out
// afterwards that a setting is wrong.
Result<void> check_asked(const Spec& spec, const Json& asked, const Json& settings) {
    std::vector<std::string> problems;
    for (const auto& entry : asked.items()) {
        if (comes_with_it(spec, entry.key())) {
            problems.push_back(
                "/settings/" + entry.key() + ": comes with the app and the authorization"
            );
        }
    }
    Json whole = settings;
    for (const char* name : {"client_secret", "refresh_token"}) {
        whole[name] = "stand-in";
    }
    if (!spec.oauth.account_setting.empty() && !whole.contains(spec.oauth.account_setting)) {
        whole[spec.oauth.account_setting] = "stand-in";
    }
    for (const auto& error : check_settings(spec, whole)) {
        const bool has_place = !error.message.empty() && error.message.front() == '/';
        problems.push_back((has_place ? "/settings" : "/settings: ") + error.message);
    }
    return problems.empty() ? Result<void>() : joined(problems, "connection.settings");
}

}  // namespace syncline::engine
