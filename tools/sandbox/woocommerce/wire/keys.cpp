#include "woocommerce/wire/keys.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <regex>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace sandbox::woo {
namespace {

constexpr auto kAuthenticationError = "woocommerce_rest_authentication_error";
constexpr std::int64_t kWindowSeconds = 15 * 60;
constexpr std::array kOauthParameters{
    "oauth_consumer_key",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
};

[[noreturn]] void refuse(const std::string& message) {
    fail(401, kAuthenticationError, message);
}

std::string base64(const unsigned char* data, std::size_t size) {
    std::string text(4 * ((size + 2) / 3), '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data, static_cast<int>(size));
    return text;
}

std::string base64_decoded(std::string text) {
    text.erase(text.find_last_not_of(" \r\n") + 1);
    std::string data(text.size() / 4 * 3 + 3, '\0');
    const int size = EVP_DecodeBlock(
        reinterpret_cast<unsigned char*>(data.data()),
        reinterpret_cast<const unsigned char*>(text.data()),
        static_cast<int>(text.size())
    );
    if (size < 0)
        return "";
    const auto padding = static_cast<std::size_t>(std::count(text.begin(), text.end(), '='));
    data.resize(static_cast<std::size_t>(size) - std::min(padding, static_cast<std::size_t>(size)));
    return data;
}

std::string hmac(const EVP_MD* algorithm, const std::string& key, const std::string& text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    HMAC(
        algorithm,
        key.data(),
        static_cast<int>(key.size()),
        reinterpret_cast<const unsigned char*>(text.data()),
        text.size(),
        digest.data(),
        &size
    );
    return base64(digest.data(), size);
}

std::optional<ApiKey> known_key(const std::string& key) {
    for (const ApiKey& known : kDemoKeys)
        if (known.key == key)
            return known;
    return std::nullopt;
}

std::string authorization(const Request& request, const AuthenticationTerms& terms) {
    const std::string* header =
        terms.strip_authorization ? nullptr : request.header("Authorization");
    return header ? *header : std::string();
}

// Parameters as PHP sees them, flattened: "status[]=a" is "status[0]".
void flatten(std::map<std::string, std::string>& into, const std::string& key, const Json& value) {
    if (!value.is_structured()) {
        into[key] = value.get<std::string>();
        return;
    }
    std::size_t index = 0;
    for (const auto& inner : value.items())
        flatten(
            into,
            key + "[" + (value.is_array() ? std::to_string(index++) : inner.key()) + "]",
            inner.value()
        );
}

std::map<std::string, std::string> oauth_parameters(
    const Request& request, const AuthenticationTerms& terms
) {
    std::map<std::string, std::string> parameters;
    const Json in_query = php_parameters(request.query);
    for (const auto& [key, value] : in_query.items()) flatten(parameters, key, value);
    const std::string* type = request.header("Content-Type");
    const bool form = type && type->rfind("application/x-www-form-urlencoded", 0) == 0;
    const Json in_body = form ? php_parameters(parse_form(request.body)) : Json::object();
    for (const auto& [key, value] : in_body.items()) flatten(parameters, key, value);
    const std::string header = authorization(request, terms);
    if (header.rfind("OAuth ", 0) == 0) {
        static const std::regex kPair(R"re((oauth_[a-z_-]*)=(?:"([^"]*)"|([^,]*)))re");
        for (std::sregex_iterator it(header.begin(), header.end(), kPair), end; it != end; ++it)
            parameters[(*it)[1]] =
                percent_decode((*it)[2].matched ? (*it)[2].str() : (*it)[3].str(), true);
    }
    return parameters;
}

// RFC 5849 3.4.1, with the address the site has for itself.
std::string base_string(
    const Request& request, const std::map<std::string, std::string>& parameters
) {
    std::string joined;
    for (const auto& [key, value] : parameters)
        if (key != "oauth_signature")
            joined +=
                (joined.empty() ? "" : "&") + raw_url_encode(key) + "=" + raw_url_encode(value);
    return request.method + "&" + raw_url_encode(request.base_url() + request.path) + "&" +
           raw_url_encode(joined);
}

void check_signature(
    const Request& request, const ApiKey& key, std::map<std::string, std::string>& parameters
) {
    const std::string& method = parameters["oauth_signature_method"];
    if (method != "HMAC-SHA1" && method != "HMAC-SHA256")
        refuse("Invalid signature - signature method is invalid.");
    std::string sent = parameters["oauth_signature"];
    std::replace(sent.begin(), sent.end(), ' ', '+');
    const std::string expected = hmac(
        method == "HMAC-SHA1" ? EVP_sha1() : EVP_sha256(),
        key.secret + "&",
        base_string(request, parameters)
    );
    if (percent_decode(sent, false) != expected)
        refuse("Invalid signature - provided signature does not match.");
}

}  // namespace

const std::vector<ApiKey> kDemoKeys{
    {"ck_a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1",
     "cs_b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2",
     ApiKey::Rights::kReadWrite},
    {"ck_c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3",
     "cs_d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4",
     ApiKey::Rights::kRead},
    {"ck_e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5",
     "cs_f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6",
     ApiKey::Rights::kWrite},
};

const char* ApiKey::rights_name() const {
    if (rights == Rights::kReadWrite)
        return "read_write";
    return rights == Rights::kRead ? "read" : "write";
}

std::optional<ApiKey> Authenticator::authenticate(
    const Request& request, const Call& call, const AuthenticationTerms& terms
) {
    if (auto key = by_secret(request, call, terms))
        return key;
    return by_oauth(request, terms);
}

std::optional<ApiKey> Authenticator::by_secret(
    const Request& request, const Call& call, const AuthenticationTerms& terms
) {
    std::string key;
    std::string secret;
    if (terms.tls || terms.query_keys_over_http) {
        key = text_of(call.query, "consumer_key");
        secret = text_of(call.query, "consumer_secret");
    }
    const std::string header = authorization(request, terms);
    if (key.empty() && terms.tls && header.rfind("Basic ", 0) == 0) {
        const std::string pair = base64_decoded(header.substr(6));
        const auto colon = std::min(pair.find(':'), pair.size());
        key = pair.substr(0, colon);
        secret = pair.substr(std::min(colon + 1, pair.size()));
    }
    if (key.empty() || secret.empty())
        return std::nullopt;
    const auto known = known_key(key);
    if (known && known->secret != secret)
        throw RestError{
            401,
            kAuthenticationError,
            "Consumer secret is invalid.",
            nullptr,
            {{"WWW-Authenticate", "Basic realm=\"WooCommerce API\""}}};
    return known;
}

std::optional<ApiKey> Authenticator::by_oauth(
    const Request& request, const AuthenticationTerms& terms
) {
    auto parameters = oauth_parameters(request, terms);
    std::string missing;
    std::size_t missing_count = 0;
    for (const char* name : kOauthParameters)
        if (parameters[name].empty()) {
            missing += (missing.empty() ? "" : ", ") + std::string(name);
            ++missing_count;
            parameters.erase(name);
        }
    if (missing_count == kOauthParameters.size())
        return std::nullopt;
    if (missing_count > 0)
        fail(
            401,
            "woocommerce_rest_authentication_missing_parameter",
            std::string("Missing OAuth parameter") + (missing_count > 1 ? "s " : " ") + missing
        );
    const auto key = known_key(parameters["oauth_consumer_key"]);
    if (!key)
        refuse("Consumer key is invalid.");
    check_signature(request, *key, parameters);
    check_nonce(
        *key,
        parameters["oauth_nonce"],
        std::atoll(parameters["oauth_timestamp"].c_str()),
        terms.now_s
    );
    return key;
}

void Authenticator::check_nonce(
    const ApiKey& key, const std::string& nonce, std::int64_t timestamp, std::int64_t now
) {
    if (timestamp < now - kWindowSeconds || timestamp > now + kWindowSeconds)
        refuse("Invalid timestamp.");
    for (auto it = nonces_.begin(); it != nonces_.end();)
        it = it->second < now - kWindowSeconds ? nonces_.erase(it) : std::next(it);
    if (!nonces_.emplace(key.key + " " + nonce, timestamp).second)
        refuse("Invalid nonce - nonce has already been used.");
}

void check_rights(const ApiKey& key, const std::string& method) {
    const bool reads = method == "GET" || method == "HEAD";
    const auto denied = reads ? ApiKey::Rights::kWrite : ApiKey::Rights::kRead;
    if (method != "OPTIONS" && key.rights == denied)
        refuse(
            std::string("The API key provided does not have ") + (reads ? "read" : "write") +
            " permissions."
        );
}

}  // namespace sandbox::woo
