// How often somebody may fail to come in, per address and per API key, in bounded memory; and which
// credentials came in lately from where. A credential that came in from an address goes on coming
// in from there, so that whoever guesses behind the same proxy shuts nobody out. [any thread]
#pragma once

#include <cstdint>
#include <string>

#include <syncline/result.hpp>

#include "api/identity_config.hpp"
#include "core/guarded.hpp"
#include "core/recent.hpp"

namespace syncline::api {

// Who tries.
struct LoginAttempt {
    std::string address;     // of the client
    std::string credential;  // a hash of what was presented
    std::string key_prefix;  // of an API key; else empty
};

class LoginGuard {
public:
    explicit LoginGuard(const IdentityConfig& config);

    // Whether the credential may be looked at. Errors: kRateLimited "login.limited" with
    // retry_after.
    Result<void> admit(const LoginAttempt& attempt, std::int64_t now_ms);
    // Answers whether the address or the key has none left after it.
    bool failed(const LoginAttempt& attempt, std::int64_t now_ms);
    // Answers whether it is the first time in a day from this address.
    bool succeeded(const LoginAttempt& attempt, std::int64_t now_ms);

    // Whether a failure may still be noted one by one in this minute; else it is only counted, and
    // the next one that may answers how many were.
    bool may_note(std::int64_t now_ms, std::int64_t& left_out);

    // How many addresses, keys and credentials are remembered.
    std::size_t remembered() const;

private:
    // As in GCRA: until when the failures so far have used up what there was.
    struct Used {
        std::int64_t until_ms = 0;
    };
    struct Limit {
        std::int64_t burst = 0;
        std::int64_t every_ms = 0;
    };
    struct State {
        State();
        Recent<Used> addresses;
        Recent<Used> keys;
        Recent<std::int64_t> sessions;  // when each began
        std::int64_t minute = 0;
        std::int64_t noted = 0;
        std::int64_t left_out = 0;
    };
    static std::int64_t wait_ms(const Used* used, const Limit& limit, std::int64_t now_ms);
    static void use(Used& used, const Limit& limit, std::int64_t now_ms);

    const Limit address_limit_;
    const Limit key_limit_;
    Guarded<State> state_;
};

// An IPv6 address stands for its network of 64 bits, which one customer has.
std::string network_of(const std::string& address);

}  // namespace syncline::api
