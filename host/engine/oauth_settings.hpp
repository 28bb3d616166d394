// The settings of a connection that is authorized in a browser: what it had, what is asked for, and
// what comes with the app and the authorization. Pure.
#pragma once

#include <string>

#include <syncline/spec.hpp>

#include "storage/app_store.hpp"

namespace syncline::engine {

// A text among `settings`; empty if it is none.
std::string setting_text(const Json& settings, const std::string& name);

// What the connection's settings will be, but for what only the authorization can say.
Json settings_with(
    const Spec& spec, const Json& before, const Json& asked, const storage::OAuthApp& app
);

// With stand-ins for what the authorization will bring: nobody is sent to the platform to find out
// afterwards that a setting is wrong. Errors: kInvalid with every problem.
Result<void> check_asked(const Spec& spec, const Json& asked, const Json& settings);

}  // namespace syncline::engine
