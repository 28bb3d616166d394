#include "supabase/gateway.hpp"

#include <array>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace sandbox::supabase {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string base64url(std::string_view bytes) {
    std::string text;
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : bytes) {
        buffer = (buffer << 8U) | static_cast<unsigned char>(c);
        for (bits += 8; bits >= 6; bits -= 6) text += kAlphabet[(buffer >> (bits - 6)) & 63U];
    }
    if (bits > 0)
        text += kAlphabet[(buffer << (6 - bits)) & 63U];
    return text;
}

std::string from_base64url(std::string_view text) {
    std::string bytes;
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : text) {
        const auto digit = kAlphabet.find(c);
        if (digit == std::string_view::npos)
            return "";
        buffer = (buffer << 6U) | static_cast<unsigned>(digit);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>((buffer >> bits) & 255U);
        }
    }
    return bytes;
}

std::string signature(std::string_view text, const std::string& secret) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(
        EVP_sha256(),
        secret.data(),
        static_cast<int>(secret.size()),
        reinterpret_cast<const unsigned char*>(text.data()),
        text.size(),
        digest.data(),
        &size
    );
    return base64url({reinterpret_cast<const char*>(digest.data()), size});
}

Response refusal(const std::string& message, const std::string& hint) {
    Response response{401, {{"Content-Type", "application/json; charset=utf-8"}}, ""};
    response.body = "{\"message\":" + quote_json(message) + ",\"hint\":" + quote_json(hint) + "}";
    return response;
}

PgError bad_token(const std::string& message) {
    return PgError{
        401,
        "PGRST301",
        message,
        std::nullopt,
        std::nullopt,
        "Bearer error=\"invalid_token\", error_description=" + quote_json(message)};
}

Caller read_token(const std::string& token, const ProjectKeys& keys, std::int64_t now_ms) {
    const auto first = token.find('.');
    const auto last = token.rfind('.');
    const auto claims =
        first == last
            ? nlohmann::json()
            : nlohmann::json::parse(
                  from_base64url(std::string_view(token).substr(first + 1, last - first - 1)),
                  nullptr,
                  false
              );
    if (!claims.is_object())
        throw bad_token("JWSError (JSONDecodeError \"Not valid base64url\")");
    if (signature(token.substr(0, last), keys.jwt_secret) != token.substr(last + 1))
        throw bad_token("JWSError JWSInvalidSignature");
    if (claims.value("exp", now_ms) * 1000 < now_ms)
        throw bad_token("JWT expired");
    Caller caller;
    caller.role = claims.value("role", "anon");
    const auto metadata = claims.value("app_metadata", nlohmann::json::object());
    for (const auto& place : {claims, metadata})
        if (!caller.tenant && place.contains("tenant_id"))
            caller.tenant = place["tenant_id"].get<std::string>();
    return caller;
}

std::string bearer(const Request& request) {
    const std::string* header = request.header("Authorization");
    return header && header->rfind("Bearer ", 0) == 0 ? header->substr(7) : "";
}

}  // namespace

std::string sign_jwt(const std::string& claims_json, const std::string& secret) {
    const std::string head =
        base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url(claims_json);
    return head + "." + signature(head, secret);
}

ProjectKeys ProjectKeys::make() {
    ProjectKeys keys;
    keys.jwt_secret = "sandbox-jwt-secret-that-is-not-a-secret-0000";
    keys.service_role_jwt =
        sign_jwt(R"({"iss":"supabase","role":"service_role","exp":4102444800})", keys.jwt_secret);
    keys.anon_jwt =
        sign_jwt(R"({"iss":"supabase","role":"anon","exp":4102444800})", keys.jwt_secret);
    keys.secret_key = "sb_secret_sandbox_0000000000000000";
    keys.publishable_key = "sb_publishable_sandbox_0000000000";
    return keys;
}

std::variant<Caller, Response> admit(
    const ProjectKeys& keys, const Request& request, const Rest& rest, std::int64_t now_ms
) {
    const std::string* apikey = request.header("apikey");
    apikey = apikey ? apikey : request.parameter("apikey");
    if (!apikey)
        return refusal(
            "No API key found in request", "No `apikey` request header or url param was found."
        );
    const bool secret = *apikey == keys.secret_key;
    if (!secret && *apikey != keys.publishable_key && *apikey != keys.anon_jwt &&
        *apikey != keys.service_role_jwt)
        return refusal(
            "Invalid API key", "Double check your Supabase `anon` or `service_role` API key."
        );
    const std::string* agent = request.header("User-Agent");
    if (secret && agent && agent->find("Mozilla/") != std::string::npos)
        return refusal(
            "Forbidden use of secret API key in browser",
            "Secret API keys can only be used in a protected environment."
        );
    const std::string token = bearer(request);
    if (token.empty() || token == keys.secret_key || token == keys.publishable_key)
        return Caller{secret ? "service_role" : "anon", std::nullopt};
    try {
        return read_token(token, keys, now_ms);
    } catch (const PgError& error) {
        return rest.error(error, Caller{});
    }
}

}  // namespace sandbox::supabase
