#include "quickbooks/quickbooks.hpp"

#include <nlohmann/json.hpp>

#include "quickbooks/company_api.hpp"
#include "quickbooks/control.hpp"

namespace sandbox {
namespace quickbooks {
namespace {

constexpr std::string_view kCompanyPrefix = "/v3/company/";
constexpr std::string_view kDiscovery = "/.well-known/openid";

bool starts(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

// "/v3/company/1/invoice/12" -> {"1", "invoice", "12"}
std::vector<std::string> parts_after(std::string_view path, std::string_view prefix) {
    std::vector<std::string> parts;
    path.remove_prefix(prefix.size());
    while (!path.empty()) {
        const auto slash = std::min(path.find('/'), path.size());
        if (slash > 0)
            parts.emplace_back(path.substr(0, slash));
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return parts;
}

class QuickBooks : public Platform {
public:
    explicit QuickBooks(const Clock& clock) : clock_(clock), world_(new_world(now())) {}

    std::string name() const override { return "quickbooks"; }

    bool serves(const Request& request) const override {
        for (const std::string_view start :
             {kCompanyPrefix,
              std::string_view("/oauth2/v1/"),
              std::string_view("/v2/oauth2/"),
              std::string_view("/connect/oauth2"),
              kDiscovery})
            if (starts(request.path, start))
                return true;
        return false;
    }

    Response handle(const Request& request) override {
        Response response = route(request);
        response.headers.emplace_back("intuit_tid", next_tid());
        return response;
    }

    Response control(const Request& request) override {
        return answer_control(world_, request, now());
    }

    void reset() override { world_ = new_world(now()); }

    nlohmann::json credentials(const std::string& base_url) const override {
        const std::string realm(kFirstRealm);
        return {
            {"realm_id", realm},
            {"client_id", Tokens::kClientId},
            {"client_secret", Tokens::kClientSecret},
            {"refresh_token", Tokens::first_refresh_token(realm)},
            {"environment", "sandbox"},
            {"api_base_url", base_url},
            {"token_url", base_url + "/oauth2/v1/tokens/bearer"},
            {"authorize_url", base_url + "/connect/oauth2"},
            {"revoke_url", base_url + "/v2/oauth2/tokens/revoke"}};
    }

private:
    Millis now() const { return clock_.now_ms(); }

    Response route(const Request& request) {
        if (starts(request.path, kCompanyPrefix))
            return company_call(request);
        if (request.path == "/oauth2/v1/tokens/bearer")
            return world_.tokens.bearer(request, now());
        if (request.path == "/v2/oauth2/tokens/revoke")
            return world_.tokens.revoke(request);
        if (request.path == "/connect/oauth2")
            return world_.tokens.authorize(request, world_.consenting_realm, now());
        if (starts(request.path, kDiscovery))
            return discovery(request);
        return control_error(404, "nothing at " + request.path);
    }

    // Token, then realm, then the call.
    Response company_call(const Request& request) {
        std::vector<std::string> path = parts_after(request.path, kCompanyPrefix);
        const std::string asked = path.empty() ? "" : path.front();
        const auto realm = world_.realms.find(asked);
        const std::string* authorization = request.header("Authorization");
        const std::string granted = authorization && starts(*authorization, "Bearer ")
                                        ? world_.tokens.use(authorization->substr(7), now())
                                        : "";
        if (granted.empty()) {
            if (realm != world_.realms.end())
                ++realm->second.counters.refused_tokens;
            return token_refused(
                authorization ? "Token expired: AB01" : "Token missing: AB02", now()
            );
        }
        if (realm == world_.realms.end() || granted != asked)
            return realm_refused(now());
        path.erase(path.begin());
        return answer_company_call(realm->second, world_.options, request, path, now());
    }

    static Response discovery(const Request& request) {
        const std::string base = request.base_url();
        return json_response(
            200,
            nlohmann::json{
                {"issuer", base},
                {"authorization_endpoint", base + "/connect/oauth2"},
                {"token_endpoint", base + "/oauth2/v1/tokens/bearer"},
                {"revocation_endpoint", base + "/v2/oauth2/tokens/revoke"},
                {"userinfo_endpoint", base + "/v1/openid_connect/userinfo"},
                {"jwks_uri", base + "/op/v1/jwks"}}
                .dump()
        );
    }

    std::string next_tid() {
        const std::string count = std::to_string(++answered_);
        return "1-5a9d0b0c-" + std::string(24 - std::min<std::size_t>(24, count.size()), '0') +
               count;
    }

    const Clock& clock_;
    World world_;
    std::uint64_t answered_ = 0;
};

}  // namespace
}  // namespace quickbooks

std::unique_ptr<Platform> make_quickbooks(const PlatformOptions& options) {
    return std::make_unique<quickbooks::QuickBooks>(*options.clock);
}

}  // namespace sandbox
