#include "core/sha256.hpp"

#include <openssl/evp.h>

namespace syncline {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
// Our namespace: UUIDv5 of the DNS name "syncline.example" in the DNS namespace, as bytes.
constexpr std::array<std::uint8_t, 16> kNamespace{
    0x8b, 0x4f, 0x2e, 0x61, 0x5d, 0x0c, 0x5a, 0x3e, 0x9a, 0x17, 0x64, 0xd1, 0x0f, 0x72, 0xb3, 0x2c};

std::string to_uuid(const std::array<std::uint8_t, 16>& bytes) {
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text += '-';
        }
        text += kHexDigits[bytes[i] >> 4U];
        text += kHexDigits[bytes[i] & 15U];
    }
    return text;
}

void stamp_version(std::array<std::uint8_t, 16>& bytes, std::uint8_t version) {
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | (static_cast<unsigned>(version) << 4U));
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
    std::array<std::uint8_t, 32> digest{};
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    std::string text;
    text.reserve(64);
    for (const std::uint8_t byte : digest) {
        text += kHexDigits[byte >> 4U];
        text += kHexDigits[byte & 15U];
    }
    return text;
}

std::string uuid_v5(std::string_view name) {
    std::string input(reinterpret_cast<const char*>(kNamespace.data()), kNamespace.size());
    input += name;
    std::array<std::uint8_t, 20> digest{};
    EVP_Digest(input.data(), input.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = digest[i];
    }
    stamp_version(bytes, 5);
    return to_uuid(bytes);
}

std::string uuid_v7(Timestamp at, const std::array<std::uint8_t, 10>& random) {
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < 6; ++i) {
        bytes[i] = static_cast<std::uint8_t>(at.ms >> (40 - 8 * i));
    }
    for (std::size_t i = 0; i < random.size(); ++i) {
        bytes[6 + i] = random[i];
    }
    stamp_version(bytes, 7);
    return to_uuid(bytes);
}

}  // namespace syncline
