#include "engine/oauth_endpoints.hpp"

#include <algorithm>
#include <charconv>

#include "core/sha256.hpp"
#include "storage/seal.hpp"

namespace syncline::engine {
namespace {

constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kShownMax = 60;

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_unreserved(c)) {
            out += c;
        } else {
            out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
        }
    }
    return out;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string form_of(const Pairs& members) {
    std::string text;
    for (const auto& [name, value] : members) {
        text += (text.empty() ? "" : "&") + name + "=" + percent_encoded(value);
    }
    return text;
}

std::string base64url(const std::string& bytes) {
    std::string text = storage::to_base64(bytes);
    text.erase(std::find(text.begin(), text.end(), '='), text.end());
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

std::string code_challenge(const std::string& verifier) {
    const std::string hex = sha256_hex(verifier);
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        unsigned value = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
        bytes += static_cast<char>(value);
    }
    return base64url(bytes);
}

std::pair<std::string, std::string> header_of(const std::string& line) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::size_t value = line.find_first_not_of(' ', std::min(colon + 1, line.size()));
    return {line.substr(0, colon), value == std::string::npos ? "" : line.substr(value)};
}

// RFC 6749 2.3.1 has id and secret form-encoded in Basic; platforms take them as they are, and so
// they are where both are the same.
std::pair<std::string, std::string> basic(const Client& client) {
    return {"Authorization", "Basic " + storage::to_base64(client.id + ":" + client.secret)};
}

EndpointRequest posted(const Spec& spec, std::string url, const Client& client, Pairs members) {
    EndpointRequest request;
    request.url = std::move(url);
    request.headers = {
        {"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}};
    if (spec.oauth.client_in_form) {
        members.emplace_back("client_id", client.id);
        members.emplace_back("client_secret", client.secret);
    } else {
        request.headers.push_back(basic(client));
    }
    request.body = form_of(members);
    return request;
}

std::string text_of(const Json& json, const std::string& member) {
    const auto found = json.is_object() ? json.find(member) : json.end();
    return json.is_object() && found != json.end() && found->is_string() ? found->get<std::string>()
                                                                         : std::string();
}

// A number, or a text that is one.
std::int64_t seconds_of(const Json& json, const std::string& member) {
    const auto found = member.empty() ? json.end() : json.find(member);
    if (found == json.end()) {
        return 0;
    }
    if (found->is_number_integer()) {
        return std::max<std::int64_t>(found->get<std::int64_t>(), 0);
    }
    const std::string text = text_of(json, member);
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return std::max<std::int64_t>(value, 0);
}

bool may_pass(int status) {
    return status == 408 || status == 429 || status >= 500;
}

Error unavailable(const std::string& what, int status) {
    return Error{
        ErrorCode::kTransient,
        what + " answered " + std::to_string(status) + "; begin again in a while",
        "oauth.endpoint_unavailable",
        status};
}

}  // namespace

std::string harmless(const std::string& text) {
    std::string out;
    for (const char c : text.substr(0, kShownMax)) {
        out += is_unreserved(c) || c == ' ' || c == ',' ? c : '?';
    }
    return out;
}

bool is_authorized_in_browser(const Spec& spec) {
    return spec.auth == AuthKind::kOAuth2 && !spec.oauth.authorize_url.empty();
}

std::string endpoint_url(const Spec& spec, const Json& settings, std::string_view name) {
    std::string own = text_of(settings, std::string(name));
    if (!own.empty()) {
        return own;
    }
    return name == "authorize_url" ? spec.oauth.authorize_url
           : name == "token_url"   ? spec.oauth.token_url
                                   : spec.oauth.revoke_url;
}

std::string authorize_url(const Spec& spec, const Json& settings, const AuthorizePage& page) {
    std::string scopes;
    for (const auto& scope : spec.oauth.scopes) {
        scopes += (scopes.empty() ? "" : " ") + scope;
    }
    Pairs members{
        {"client_id", page.client_id},
        {"redirect_uri", page.redirect_uri},
        {"response_type", "code"},
        {"scope", scopes},
        {"state", page.state}};
    if (!page.code_verifier.empty()) {
        members.emplace_back("code_challenge", code_challenge(page.code_verifier));
        members.emplace_back("code_challenge_method", "S256");
    }
    const std::string base = endpoint_url(spec, settings, "authorize_url");
    return base + (base.find('?') == std::string::npos ? "?" : "&") + form_of(members);
}

Result<std::string> random_token() {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string bytes, storage::random_bytes(kRandomBytes));
    return base64url(bytes);
}

EndpointRequest code_request(
    const Spec& spec, const Json& settings, const Client& client, const CodeGrant& grant
) {
    Pairs members{
        {"grant_type", "authorization_code"},
        {"code", grant.code},
        {"redirect_uri", grant.redirect_uri}};
    if (!grant.code_verifier.empty()) {
        members.emplace_back("code_verifier", grant.code_verifier);
    }
    EndpointRequest request =
        posted(spec, endpoint_url(spec, settings, "token_url"), client, std::move(members));
    for (const auto& line : spec.oauth.token_headers) {
        request.headers.push_back(header_of(line));
    }
    return request;
}

Result<Tokens> tokens_in(const Spec& spec, const EndpointAnswer& answer) {
    const auto parsed = parse_json(answer.body);
    const Json json = parsed && parsed->is_object() ? *parsed : Json::object();
    if (answer.status / 100 != 2) {
        const std::string why = text_of(json, "error");
        if (may_pass(answer.status)) {
            return unavailable("the platform's token endpoint", answer.status);
        }
        if (why == "invalid_client" || why == "unauthorized_client" || answer.status == 401) {
            return Error{
                ErrorCode::kConfig,
                "the platform refuses the app's client id and secret; check that they belong "
                "together and to this environment, store the app again, and begin anew",
                "oauth.client_refused",
                answer.status};
        }
        return Error{
            ErrorCode::kAuth,
            "the platform does not take the code (" + (why.empty() ? "no reason" : harmless(why)) +
                "); it lives for a few minutes and is good once: begin anew",
            "oauth.code_refused",
            answer.status};
    }
    Tokens tokens;
    tokens.access_token = text_of(json, "access_token");
    tokens.refresh_token = text_of(json, "refresh_token");
    tokens.expires_in_s = seconds_of(json, "expires_in");
    tokens.refresh_expires_in_s = seconds_of(json, spec.oauth.refresh_expires_member);
    tokens.hard_expires_in_s = seconds_of(json, spec.oauth.hard_expires_member);
    if (tokens.access_token.empty() || tokens.refresh_token.empty()) {
        return Error{
            ErrorCode::kTransient,
            "the platform's token endpoint answered without an access token and a refresh token",
            "oauth.answer_unreadable",
            answer.status};
    }
    return tokens;
}

EndpointRequest revoke_request(
    const Spec& spec, const Json& settings, const Client& client, const std::string& token
) {
    const std::string url = endpoint_url(spec, settings, "revoke_url");
    if (!spec.oauth.revoke_takes_json) {
        return posted(spec, url, client, {{"token", token}, {"token_type_hint", "refresh_token"}});
    }
    EndpointRequest request;
    request.url = url;
    request.headers = {
        {"Accept", "application/json"}, {"Content-Type", "application/json"}, basic(client)};
    request.body = dump_json({{"token", token}});
    return request;
}

Result<void> revoked_by(const EndpointAnswer& answer) {
    if (answer.status / 100 == 2) {
        return {};
    }
    return Error{
        may_pass(answer.status) ? ErrorCode::kTransient : ErrorCode::kData,
        "the platform's revocation endpoint answered " + std::to_string(answer.status),
        "oauth.revoke_refused",
        answer.status};
}

}  // namespace syncline::engine
