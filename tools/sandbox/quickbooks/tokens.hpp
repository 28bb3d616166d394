#pragma once

#include <map>
#include <string>
#include <vector>

#include "platform.hpp"
#include "quickbooks/exact/calendar.hpp"

namespace sandbox::quickbooks {

struct TokenOptions {
    Millis access_lifetime = 3600 * kSecond;
    // Every refresh answers with a new refresh token; off: with the same one.
    bool rotate = true;
    // An older refresh token dies as soon as an access token of a newer answer has been used; off:
    // it lives on for 24 hours, as the service lets it at best.
    bool strict = true;
    // The owner does not agree: the redirect says access_denied.
    bool deny = false;
};

// OAuth 2.0 as the service does it: who asks must be the one registered app; a grant belongs to one
// realm. Single-threaded.
class Tokens {
public:
    static constexpr std::string_view kClientId = "sandbox-client-id";
    static constexpr std::string_view kClientSecret = "sandbox-client-secret";

    // The refresh token a realm's grant starts with.
    static std::string first_refresh_token(const std::string& realm);

    TokenOptions& options() { return options_; }

    // Consent of that realm's owner, given at `now`.
    void add_grant(const std::string& realm, Millis now);

    // POST /oauth2/v1/tokens/bearer: authorization_code and refresh_token.
    Response bearer(const Request& request, Millis now);
    // POST /v2/oauth2/tokens/revoke: of either token, kills the grant.
    Response revoke(const Request& request);
    // GET /connect/oauth2: the owner of `realm` agrees at once; redirects with a code that is good
    // once and for five minutes, state, realmId.
    Response authorize(const Request& request, const std::string& realm, Millis now);

    // The realm an access token opens, and a note that it has been used; "" when it opens nothing.
    std::string use(const std::string& access_token, Millis now);

    // Ends the access tokens of a realm ("" = all), or its refresh tokens too.
    void expire(const std::string& realm, bool refresh_tokens_too);

    // The owner of `realm` takes every consent back.
    void disconnect(const std::string& realm);

    // Answered refreshes and refused ones, by realm; "" counts refusals that name no realm.
    int refreshes(const std::string& realm) const;
    int refused_refreshes() const { return refused_refreshes_; }

private:
    struct RefreshToken {
        std::string value;
        int generation = 0;
        Millis expires = 0;
        Millis superseded = 0;  // 0: the newest
    };
    struct Grant {
        std::string realm;
        Millis consented = 0;
        int generation = 0;
        int used_generation = 0;
        int refreshes = 0;
        bool revoked = false;
        std::vector<RefreshToken> refresh_tokens;
    };
    struct Access {
        std::size_t grant = 0;
        int generation = 0;
        Millis expires = 0;
    };
    struct Code {
        std::string realm;
        std::string redirect_uri;
        Millis expires = 0;
    };

    Response redeem_code(const Request& request, const Pairs& form, Millis now);
    Response redeem_refresh_token(const Request& request, const Pairs& form, Millis now);
    Response issue(const Request& request, std::size_t grant, bool by_refresh, Millis now);
    RefreshToken* find_refresh(const std::string& value, std::size_t& grant);
    bool alive(const Grant& grant, const RefreshToken& token, Millis now) const;
    std::string fresh_value();

    TokenOptions options_;
    std::vector<Grant> grants_;
    std::map<std::string, Access> access_;
    std::map<std::string, Code> codes_;
    std::uint64_t issued_ = 0;
    int refused_refreshes_ = 0;
};

}  // namespace sandbox::quickbooks
