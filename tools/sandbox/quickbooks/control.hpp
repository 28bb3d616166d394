#pragma once

#include <map>
#include <string>

#include "platform.hpp"
#include "quickbooks/realm.hpp"
#include "quickbooks/tokens.hpp"

namespace sandbox::quickbooks {

// All there is behind the wire.
struct World {
    std::map<std::string, Realm> realms;
    Tokens tokens;
    WireOptions options;
    std::string consenting_realm;  // whose owner answers at /connect/oauth2
};

constexpr std::string_view kFirstRealm = "9130350000000001";
constexpr std::string_view kSecondRealm = "9130350000000002";

// Two realms as they are at start: the first `us_ast`, the second `non_us`.
World new_world(Millis now);

// The tester's side, `/_sandbox/quickbooks{path}`; `?realm=` chooses the company, the first one by
// default. The README lists the calls.
Response answer_control(World& world, const Request& request, Millis now);

}  // namespace sandbox::quickbooks
