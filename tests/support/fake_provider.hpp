// The fake books behind a provider of OAuth 2.0: a page where their owner consents, and endpoints
// for codes and for revocation.
#pragma once

#include <optional>

#include "core/sha256.hpp"
#include "engine/oauth_endpoints.hpp"
#include "storage/seal.hpp"
#include "support/fake_grant.hpp"

namespace syncline::testing {

// Of a query or a form.
inline std::map<std::string, std::string> parameters_of(const std::string& text) {
    std::map<std::string, std::string> all;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('&', at), text.size());
        const std::string pair = text.substr(at, end - at);
        const std::size_t equals = pair.find('=');
        std::string value;
        for (std::size_t i = equals + 1; i < pair.size(); ++i) {
            const bool escaped = pair[i] == '%';
            value += escaped ? static_cast<char>(std::stoi(pair.substr(i + 1, 2), nullptr, 16))
                             : pair[i];
            i += escaped ? 2U : 0U;
        }
        all[pair.substr(0, equals)] = value;
        at = end + 1;
    }
    return all;
}

class FakeProvider {
public:
    explicit FakeProvider(FakeGrant& grant) : grant_(grant) {}

    bool down = false;
    std::optional<engine::EndpointAnswer> answer;  // instead of tokens
    std::string client_secret = "cs-canary-1";
    std::vector<engine::EndpointRequest> requests;
    std::string revoked;

    // The owner of `realm` opens the page and consents: what the redirect brings.
    std::map<std::string, std::string> consent(const std::string& url, const std::string& realm) {
        const auto asked = parameters_of(url.substr(url.find('?') + 1));
        Code code;
        code.redirect_uri = asked.at("redirect_uri");
        const auto challenge = asked.find("code_challenge");
        code.challenge = challenge == asked.end() ? "" : challenge->second;
        const std::string name = "code-canary-" + std::to_string(codes_.size() + 1);
        codes_[name] = code;
        return {{"state", asked.at("state")}, {"code", name}, {"realmId", realm}};
    }

    Result<engine::EndpointAnswer> ask(const engine::EndpointRequest& request) {
        requests.push_back(request);
        if (down) {
            return Error{ErrorCode::kTransient, "books.example cannot be reached", "http.connect"};
        }
        if (answer) {
            return *answer;
        }
        const std::string basic = "Basic " + storage::to_base64("app-1:" + client_secret);
        if (header(request, "Authorization") != basic) {
            return refused(401, "invalid_client");
        }
        const auto form = parameters_of(request.body);
        if (request.url == "https://books.example/revoke") {
            revoked = form.at("token");
            return engine::EndpointAnswer{200, ""};
        }
        return trade(form);
    }

private:
    struct Code {
        std::string redirect_uri;
        std::string challenge;
    };

    static engine::EndpointAnswer refused(int status, const std::string& why) {
        return {status, dump_json({{"error", why}})};
    }
    static std::string header(const engine::EndpointRequest& request, const std::string& name) {
        for (const auto& [known, value] : request.headers) {
            if (known == name) {
                return value;
            }
        }
        return "";
    }

    Result<engine::EndpointAnswer> trade(const std::map<std::string, std::string>& form) {
        const auto code = codes_.find(form.at("code"));
        const bool good = code != codes_.end() && form.at("grant_type") == "authorization_code" &&
                          form.at("redirect_uri") == code->second.redirect_uri &&
                          challenge_of(form.at("code_verifier")) == code->second.challenge;
        if (!good) {
            return refused(400, "invalid_grant");
        }
        codes_.erase(code);
        const std::lock_guard lock(grant_.mutex);
        grant_.expired = false;
        const std::string number = std::to_string(++grant_.generation);
        return engine::EndpointAnswer{
            200,
            dump_json(
                {{"access_token", "a" + number},
                 {"refresh_token", "r" + number},
                 {"token_type", "bearer"},
                 {"expires_in", 3600},
                 {"refresh_lives", 8'640'000},
                 {"grant_lives", "157680000"}}
            )};
    }
    // RFC 7636 4.6, by a way of its own.
    static std::string challenge_of(const std::string& verifier) {
        const std::string hex = sha256_hex(verifier);
        std::string bytes;
        for (std::size_t i = 0; i < hex.size(); i += 2) {
            bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
        }
        std::string text = storage::to_base64(bytes);
        text.erase(text.find('='));
        std::replace(text.begin(), text.end(), '+', '-');
        std::replace(text.begin(), text.end(), '/', '_');
        return text;
    }

    FakeGrant& grant_;
    std::map<std::string, Code> codes_;
};

// Its check uses the access token, as a real one does.
class ProviderBooksConnector : public GrantBooksConnector {
public:
    ProviderBooksConnector(
        FakeBooks& books, FakeGrant& grant, Json settings, connectors::ConnectionServices& services
    )
        : GrantBooksConnector(books, grant, services), settings_(std::move(settings)) {}

    Result<CheckReport> check(const connectors::CallContext& call) override {
        FindRequest nothing;
        nothing.entity = "invoice";
        SYNCLINE_RETURN_IF_ERROR(find(nothing, call));
        const std::string realm = settings_.value("realm", "");
        return CheckReport{"Books of " + realm, realm, {}};
    }

private:
    const Json settings_;
};

class FakeProviderSource : public FakeGrantSource {
public:
    FakeProviderSource(FakeShop& shop, FakeBooks& books, FakeGrant& grant)
        : FakeGrantSource(shop, books, grant) {
        spec_.settings = {
            setting("realm", SettingType::kString, true),
            setting("client_id", SettingType::kString, true),
            setting("client_secret", SettingType::kSecret, true),
            setting("refresh_token", SettingType::kSecret, true),
            setting("access_token", SettingType::kSecret, false),
            setting("environment", SettingType::kString, false),
            setting("page", SettingType::kInteger, false)};
        spec_.settings[5].choices = {"production", "sandbox"};
        spec_.settings[6].min = 1;
        spec_.oauth.authorize_url = "https://books.example/authorize";
        spec_.oauth.token_url = "https://books.example/token";
        spec_.oauth.revoke_url = "https://books.example/revoke";
        spec_.oauth.scopes = {"read", "write"};
        spec_.oauth.pkce = true;
        spec_.oauth.account_parameter = "realmId";
        spec_.oauth.account_setting = "realm";
        spec_.oauth.token_headers = {"X-Lifetimes: true"};
        spec_.oauth.refresh_expires_member = "refresh_lives";
        spec_.oauth.hard_expires_member = "grant_lives";
    }

protected:
    std::unique_ptr<connectors::Connector> make_books(
        const Json& settings, connectors::ConnectionServices& services
    ) override {
        return std::make_unique<ProviderBooksConnector>(books_, grant_, settings, services);
    }
};

}  // namespace syncline::testing
