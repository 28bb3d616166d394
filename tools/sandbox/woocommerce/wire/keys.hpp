#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform.hpp"
#include "woocommerce/wire/rest.hpp"

namespace sandbox::woo {

struct ApiKey {
    std::string key;
    std::string secret;
    enum class Rights { kRead, kWrite, kReadWrite } rights;
    const char* rights_name() const;
};

// The keys of every sandbox shop; nothing about them is secret.
extern const std::vector<ApiKey> kDemoKeys;

// How a request is looked at.
struct AuthenticationTerms {
    bool tls = false;                   // what PHP's is_ssl() says
    bool strip_authorization = false;   // the web server did not pass the header on
    bool query_keys_over_http = false;  // accept consumer_key and consumer_secret without TLS
    std::int64_t now_s = 0;
};

// Who sends a request, as WooCommerce decides it: keys in the query, else Basic, both over TLS
// only; else OAuth 1.0a. Remembers used nonces.
class Authenticator {
public:
    // The key; nothing for an anonymous request (no key or an unknown one).
    // Throws RestError (401) for a key that is known but not proven.
    std::optional<ApiKey> authenticate(
        const Request& request, const Call& call, const AuthenticationTerms& terms
    );
    void forget_nonces() { nonces_.clear(); }

private:
    std::optional<ApiKey> by_secret(
        const Request& request, const Call& call, const AuthenticationTerms& terms
    );
    std::optional<ApiKey> by_oauth(const Request& request, const AuthenticationTerms& terms);
    void check_nonce(
        const ApiKey& key, const std::string& nonce, std::int64_t timestamp, std::int64_t now
    );

    std::map<std::string, std::int64_t> nonces_;  // "key nonce" -> its timestamp
};

// Throws RestError (401) when the key may not use the method.
void check_rights(const ApiKey& key, const std::string& method);

}  // namespace sandbox::woo
