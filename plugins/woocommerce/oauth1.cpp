#include "woocommerce/oauth1.hpp"

#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <syncline/plugin/http.hpp>

namespace syncline::woocommerce {

using plugin::url_encode;

std::string base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(text.data()),
        reinterpret_cast<const unsigned char*>(bytes.data()),
        static_cast<int>(bytes.size())
    );
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string oauth1_base_string(
    std::string_view method, std::string_view url, const QueryParameters& parameters
) {
    std::string joined;
    for (const auto& [name, value] : parameters) {
        joined += (joined.empty() ? "" : "&") + url_encode(name) + "=" + url_encode(value);
    }
    return std::string(method) + "&" + url_encode(url) + "&" + url_encode(joined);
}

Result<std::string> oauth1_signature(
    std::string_view base_string, std::string_view consumer_secret, std::string_view method
) {
    const bool sha256 = method == "HMAC-SHA256";
    if (!sha256 && method != "HMAC-SHA1") {
        return Error{
            ErrorCode::kBug,
            "no OAuth 1.0a signature method '" + std::string(method) + "'",
            "woo.signature_method"};
    }
    const std::string key = std::string(consumer_secret) + "&";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    HMAC(
        sha256 ? EVP_sha256() : EVP_sha1(),
        key.data(),
        static_cast<int>(key.size()),
        reinterpret_cast<const unsigned char*>(base_string.data()),
        base_string.size(),
        digest.data(),
        &size
    );
    return base64({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace syncline::woocommerce
