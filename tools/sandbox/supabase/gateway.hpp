#pragma once

#include <string>
#include <variant>

#include "platform.hpp"
#include "supabase/rest.hpp"

namespace sandbox::supabase {

// The keys of the simulated project, the same in every sandbox; they open nothing else.
struct ProjectKeys {
    std::string jwt_secret;        // signs users' tokens
    std::string service_role_jwt;  // legacy style
    std::string anon_jwt;
    std::string secret_key;  // new style: sb_secret_...
    std::string publishable_key;

    static ProjectKeys make();
};

// A JWT signed with HS256.
std::string sign_jwt(const std::string& claims_json, const std::string& secret);

// What stands in front of PostgREST: wants a known `apikey`, turns keys of the new style into
// roles, and reads the bearer token of the others. Either who asks, or the refusal.
std::variant<Caller, Response> admit(
    const ProjectKeys& keys, const Request& request, const Rest& rest, std::int64_t now_ms
);

}  // namespace sandbox::supabase
