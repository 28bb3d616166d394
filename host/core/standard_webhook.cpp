#include "core/standard_webhook.hpp"

#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace syncline {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kKeyBytesMin = 24;
constexpr std::size_t kKeyBytesMax = 64;

std::string base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(text.data()),
        reinterpret_cast<const unsigned char*>(bytes.data()),
        static_cast<int>(bytes.size())
    );
    text.resize(static_cast<std::size_t>(size));
    return text;
}

}  // namespace

Result<std::string> standard_webhook_key(std::string_view secret) {
    const Error refused{
        ErrorCode::kInvalid,
        "expected whsec_ and the base64 of 24 to 64 bytes",
        "alert_channel.secret"};
    if (secret.substr(0, kPrefix.size()) != kPrefix) {
        return refused;
    }
    const std::string_view text = secret.substr(kPrefix.size());
    // EVP_DecodeBlock wants whole groups, skips white space at both ends and counts padding.
    if (text.size() % 4 != 0 || text.size() > 4 * kKeyBytesMax ||
        text.find_first_of(" \t\r\n\v\f") != std::string_view::npos) {
        return refused;
    }
    std::string bytes(text.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(
        reinterpret_cast<unsigned char*>(bytes.data()),
        reinterpret_cast<const unsigned char*>(text.data()),
        static_cast<int>(text.size())
    );
    if (size < 0) {
        return refused;
    }
    const std::size_t padding = text.size() - text.find_last_not_of('=') - 1;
    bytes.resize(static_cast<std::size_t>(size) - std::min<std::size_t>(padding, 2));
    if (bytes.size() < kKeyBytesMin || bytes.size() > kKeyBytesMax) {
        return refused;
    }
    return bytes;
}

std::string standard_webhook_secret(std::string_view random) {
    return std::string(kPrefix) + base64(random);
}

Result<std::string> standard_webhook_signature(
    std::string_view secret, std::string_view id, std::int64_t timestamp, std::string_view body
) {
    SYNCLINE_ASSIGN_OR_RETURN(std::string key, standard_webhook_key(secret));
    std::string content(id);
    content.append(".").append(std::to_string(timestamp)).append(".").append(body);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    HMAC(
        EVP_sha256(),
        key.data(),
        static_cast<int>(key.size()),
        reinterpret_cast<const unsigned char*>(content.data()),
        content.size(),
        digest.data(),
        &size
    );
    OPENSSL_cleanse(key.data(), key.size());
    return "v1," + base64({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace syncline
