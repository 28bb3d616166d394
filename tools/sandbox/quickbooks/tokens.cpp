#include "quickbooks/tokens.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace sandbox::quickbooks {
namespace {

constexpr Millis kRefreshLifetime = 8'726'400 * kSecond;  // 101 days, rolling
constexpr Millis kHardLifetime = 5 * 365 * kDay;
constexpr Millis kCodeLifetime = 5 * kMinute;

Response refusal(int status, std::string_view error, std::string_view description = {}) {
    nlohmann::ordered_json body{{"error", error}};
    if (!description.empty())
        body["error_description"] = description;
    return json_response(status, body.dump());
}

std::string decoded_base64(std::string_view text) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : text) {
        const auto value = kAlphabet.find(c);
        if (value == std::string_view::npos)
            break;  // padding
        buffer = (buffer << 6 | static_cast<unsigned>(value)) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>(buffer >> bits & 0xff);
        }
    }
    return out;
}

// The app must say who it is in the Authorization header; in the body does not count.
bool is_our_client(const Request& request) {
    const std::string* header = request.header("Authorization");
    if (!header || header->rfind("Basic ", 0) != 0)
        return false;
    return decoded_base64(std::string_view(*header).substr(6)) ==
           std::string(Tokens::kClientId) + ":" + std::string(Tokens::kClientSecret);
}

std::string form_value(const Pairs& form, std::string_view name) {
    const auto it = std::find_if(form.begin(), form.end(), [&](const auto& pair) {
        return pair.first == name;
    });
    return it == form.end() ? "" : it->second;
}

bool has_type(const Request& request, std::string_view type) {
    const std::string* header = request.header("Content-Type");
    return header && header->rfind(type, 0) == 0;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            out += c;
        else
            out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
    return out;
}

}  // namespace

std::string Tokens::first_refresh_token(const std::string& realm) {
    return "RT1-sandbox-first-" + realm;
}

void Tokens::add_grant(const std::string& realm, Millis now) {
    Grant grant;
    grant.realm = realm;
    grant.consented = now;
    grant.refresh_tokens.push_back({first_refresh_token(realm), 0, now + kRefreshLifetime, 0});
    grants_.push_back(std::move(grant));
}

// Unlike any other, and long as the real ones are.
std::string Tokens::fresh_value() {
    std::uint64_t mixed = ++issued_ * 0x9e3779b97f4a7c15ULL;
    std::string value = std::to_string(issued_) + "-";
    for (int i = 0; i < 40; ++i) {
        mixed ^= mixed >> 29;
        mixed *= 0xbf58476d1ce4e5b9ULL;
        value += "abcdefghijklmnopqrstuvwxyz012345"[mixed >> 59];
    }
    return value;
}

Response Tokens::bearer(const Request& request, Millis now) {
    if (request.method != "POST")
        return refusal(405, "invalid_request", "The token endpoint takes POST only");
    if (!is_our_client(request))
        return refusal(401, "invalid_client");
    if (!has_type(request, "application/x-www-form-urlencoded"))
        return refusal(400, "invalid_request", "The body must be a form");
    const Pairs form = parse_form(request.body);
    const std::string type = form_value(form, "grant_type");
    if (type == "refresh_token")
        return redeem_refresh_token(request, form, now);
    if (type == "authorization_code")
        return redeem_code(request, form, now);
    return refusal(400, type.empty() ? "invalid_request" : "unsupported_grant_type");
}

Tokens::RefreshToken* Tokens::find_refresh(const std::string& value, std::size_t& grant) {
    for (grant = 0; grant < grants_.size(); ++grant)
        for (RefreshToken& token : grants_[grant].refresh_tokens)
            if (token.value == value)
                return &token;
    return nullptr;
}

bool Tokens::alive(const Grant& grant, const RefreshToken& token, Millis now) const {
    if (grant.revoked || token.expires <= now || grant.consented + kHardLifetime <= now)
        return false;
    if (token.superseded == 0)
        return true;
    return options_.strict ? token.generation >= grant.used_generation
                           : now < token.superseded + kDay;
}

Response Tokens::redeem_refresh_token(const Request& request, const Pairs& form, Millis now) {
    const std::string value = form_value(form, "refresh_token");
    if (value.empty())
        return refusal(400, "invalid_request", "refresh_token is missing");
    std::size_t grant = 0;
    const RefreshToken* token = find_refresh(value, grant);
    if (!token || !alive(grants_[grant], *token, now)) {
        ++refused_refreshes_;
        return refusal(400, "invalid_grant", "Incorrect or invalid refresh token");
    }
    return issue(request, grant, true, now);
}

Response Tokens::redeem_code(const Request& request, const Pairs& form, Millis now) {
    const auto it = codes_.find(form_value(form, "code"));
    if (it == codes_.end() || it->second.expires <= now ||
        it->second.redirect_uri != form_value(form, "redirect_uri"))
        return refusal(400, "invalid_grant", "Incorrect or invalid authorization code");
    add_grant(it->second.realm, now);
    grants_.back().refresh_tokens.clear();
    codes_.erase(it);  // good once
    return issue(request, grants_.size() - 1, false, now);
}

Response Tokens::issue(const Request& request, std::size_t index, bool by_refresh, Millis now) {
    Grant& grant = grants_[index];
    ++grant.generation;
    grant.refreshes += by_refresh ? 1 : 0;
    if (options_.rotate || grant.refresh_tokens.empty()) {
        for (RefreshToken& old : grant.refresh_tokens)
            old.superseded = old.superseded == 0 ? now : old.superseded;
        grant.refresh_tokens.push_back({"RT1-" + fresh_value(), grant.generation, 0, 0});
    }
    RefreshToken& newest = grant.refresh_tokens.back();
    newest.expires = now + kRefreshLifetime;
    newest.generation = grant.generation;
    const std::string access = "eyJlbmMiOiJub25lIn0.." + fresh_value();
    access_[access] = Access{index, grant.generation, now + options_.access_lifetime};
    nlohmann::ordered_json body{
        {"x_refresh_token_expires_in", kRefreshLifetime / kSecond},
        {"refresh_token", newest.value},
        {"access_token", access},
        {"token_type", "bearer"},
        {"expires_in", options_.access_lifetime / kSecond}};
    const std::string* asks_hard = request.header("x-include-refresh-token-hard-expires-in");
    if (asks_hard && *asks_hard == "true")
        body["x_refresh_token_hard_expires_in"] = (grant.consented + kHardLifetime - now) / kSecond;
    Response response = json_response(200, body.dump());
    response.headers.emplace_back("Cache-Control", "no-cache, no-store");
    return response;
}

Response Tokens::revoke(const Request& request) {
    if (request.method != "POST")
        return refusal(405, "invalid_request");
    if (!is_our_client(request))
        return refusal(401, "invalid_client");
    std::string value = form_value(parse_form(request.body), "token");
    if (has_type(request, "application/json")) {
        const auto body = nlohmann::json::parse(request.body, nullptr, false);
        if (!body.is_object() || !body.contains("token") || !body["token"].is_string())
            return refusal(400, "invalid_request");
        value = body["token"].get<std::string>();
    }
    std::size_t grant = 0;
    const auto access = access_.find(value);
    if (access != access_.end())
        grant = access->second.grant;
    else if (!find_refresh(value, grant))
        return refusal(400, "invalid_request");
    grants_[grant].revoked = true;
    return Response{200, {}, ""};
}

Response Tokens::authorize(const Request& request, const std::string& realm, Millis now) {
    const auto asked = [&](std::string_view name) {
        const std::string* value = request.parameter(name);
        return value ? *value : std::string();
    };
    if (asked("client_id") != kClientId || asked("response_type") != "code" ||
        asked("redirect_uri").empty() || asked("scope").empty() || asked("state").empty())
        return refusal(
            400, "invalid_request", "client_id, redirect_uri, response_type, scope, state"
        );
    const std::string separator = asked("redirect_uri").find('?') == std::string::npos ? "?" : "&";
    const std::string back = asked("redirect_uri") + separator;
    const std::string state = "&state=" + percent_encoded(asked("state"));
    if (options_.deny)
        return Response{302, {{"Location", back + "error=access_denied" + state}}, ""};
    const std::string code = "AB1" + fresh_value();
    codes_[code] = Code{realm, asked("redirect_uri"), now + kCodeLifetime};
    const std::string target = back + "code=" + code + state + "&realmId=" + realm;
    return Response{302, {{"Location", target}}, ""};
}

std::string Tokens::use(const std::string& access_token, Millis now) {
    const auto it = access_.find(access_token);
    if (it == access_.end() || it->second.expires <= now)
        return "";
    Grant& grant = grants_[it->second.grant];
    if (grant.revoked)
        return "";
    grant.used_generation = std::max(grant.used_generation, it->second.generation);
    return grant.realm;
}

void Tokens::expire(const std::string& realm, bool refresh_tokens_too) {
    for (auto& [value, access] : access_)
        if (realm.empty() || grants_[access.grant].realm == realm)
            access.expires = 0;
    if (!refresh_tokens_too)
        return;
    for (Grant& grant : grants_)
        if (realm.empty() || grant.realm == realm)
            for (RefreshToken& token : grant.refresh_tokens) token.expires = 0;
}

void Tokens::disconnect(const std::string& realm) {
    for (Grant& grant : grants_) grant.revoked = grant.revoked || grant.realm == realm;
}

int Tokens::refreshes(const std::string& realm) const {
    int count = 0;
    for (const Grant& grant : grants_) count += grant.realm == realm ? grant.refreshes : 0;
    return count;
}

}  // namespace sandbox::quickbooks
