#include "storage/seal.hpp"

#include <algorithm>
#include <cassert>
#include <memory>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "core/sha256.hpp"
#include "core/wipe.hpp"

namespace syncline::storage {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr char kSealVersion = 1;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

Error cannot_open() {
    return Error{
        ErrorCode::kStorage,
        "a sealed value cannot be opened: it was sealed with another key, for another place, or "
        "was "
        "changed",
        "vault.unreadable"};
}

}  // namespace

Key::Key(Key&& other) noexcept : bytes_(other.bytes_) {
    OPENSSL_cleanse(other.bytes_.data(), other.bytes_.size());
}

Key& Key::operator=(Key&& other) noexcept {
    if (this != &other) {
        bytes_ = other.bytes_;
        OPENSSL_cleanse(other.bytes_.data(), other.bytes_.size());
    }
    return *this;
}

Key::~Key() {
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

Result<Key> Key::from_bytes(std::string_view bytes) {
    if (bytes.size() != kKeyBytes) {
        return invalid(
            "a key has 32 bytes, this one has " + std::to_string(bytes.size()) +
            " (make one with: openssl rand -base64 32)"
        );
    }
    Key key;
    std::copy(bytes.begin(), bytes.end(), key.bytes_.begin());
    return key;
}

Result<Key> Key::from_base64(std::string_view text) {
    auto bytes = syncline::storage::from_base64(text);
    if (!bytes) {
        return invalid("the key is not base64 (make one with: openssl rand -base64 32)");
    }
    const WipeAtEnd wiped(*bytes);
    return from_bytes(*bytes);
}

Result<Key> Key::random() {
    SYNCLINE_ASSIGN_OR_RETURN(std::string bytes, random_bytes(kKeyBytes));
    const WipeAtEnd wiped(bytes);
    return from_bytes(bytes);
}

std::string_view Key::reveal() const {
    return {bytes_.data(), bytes_.size()};
}

std::string Key::to_base64() const {
    return syncline::storage::to_base64(reveal());
}

std::uint32_t Key::id() const {
    return static_cast<std::uint32_t>(std::stoul(sha256_hex(reveal()).substr(0, 8), nullptr, 16));
}

Result<std::string> encrypt(const Key& key, std::string_view plain, std::string_view place) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string nonce, random_bytes(kNonceBytes));
    return encrypt_with_nonce(key, nonce, plain, place);
}

Result<std::string> encrypt_with_nonce(
    const Key& key, std::string_view nonce, std::string_view plain, std::string_view place
) {
    assert(nonce.size() == kNonceBytes);
    const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    std::string cipher(plain.size(), 0);
    std::string tag(kTagBytes, 0);
    int count = 0;
    const bool ok =
        context != nullptr &&
        EVP_EncryptInit_ex(
            context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key.reveal()), bytes_of(nonce)
        ) == 1 &&
        EVP_EncryptUpdate(
            context.get(), nullptr, &count, bytes_of(place), static_cast<int>(place.size())
        ) == 1 &&
        EVP_EncryptUpdate(
            context.get(), bytes_of(cipher), &count, bytes_of(plain), static_cast<int>(plain.size())
        ) == 1 &&
        EVP_EncryptFinal_ex(context.get(), bytes_of(cipher) + count, &count) == 1 &&
        EVP_CIPHER_CTX_ctrl(
            context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagBytes), tag.data()
        ) == 1;
    if (!ok) {
        return Error{ErrorCode::kBug, "encryption failed", "vault.encrypt"};
    }
    return std::string(nonce) + cipher + tag;
}

Result<std::string> decrypt(const Key& key, std::string_view sealed, std::string_view place) {
    if (sealed.size() < kNonceBytes + kTagBytes) {
        return cannot_open();
    }
    const std::string_view nonce = sealed.substr(0, kNonceBytes);
    const std::string_view cipher =
        sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
    std::string tag(sealed.substr(sealed.size() - kTagBytes));
    const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    std::string plain(cipher.size(), 0);
    int count = 0;
    const bool ok =
        context != nullptr &&
        EVP_DecryptInit_ex(
            context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key.reveal()), bytes_of(nonce)
        ) == 1 &&
        EVP_DecryptUpdate(
            context.get(), nullptr, &count, bytes_of(place), static_cast<int>(place.size())
        ) == 1 &&
        EVP_DecryptUpdate(
            context.get(),
            bytes_of(plain),
            &count,
            bytes_of(cipher),
            static_cast<int>(cipher.size())
        ) == 1 &&
        EVP_CIPHER_CTX_ctrl(
            context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTagBytes), tag.data()
        ) == 1 &&
        EVP_DecryptFinal_ex(context.get(), bytes_of(plain) + count, &count) == 1;
    if (!ok) {
        OPENSSL_cleanse(plain.data(), plain.size());
        return cannot_open();
    }
    return plain;
}

std::string encode_header(const SealedHeader& header) {
    std::string text(1, kSealVersion);
    for (int shift = 24; shift >= 0; shift -= 8) {
        text += static_cast<char>(header.kek_id >> static_cast<unsigned>(shift));
    }
    for (int shift = 56; shift >= 0; shift -= 8) {
        text += static_cast<char>(header.dek_id >> shift);
    }
    return text;
}

Result<SealedHeader> decode_header(std::string_view sealed) {
    if (sealed.size() < kSealedHeaderBytes || sealed[0] != kSealVersion) {
        return cannot_open();
    }
    SealedHeader header;
    for (std::size_t i = 1; i < 5; ++i) {
        header.kek_id = (header.kek_id << 8U) | static_cast<unsigned char>(sealed[i]);
    }
    std::uint64_t dek_id = 0;
    for (std::size_t i = 5; i < kSealedHeaderBytes; ++i) {
        dek_id = (dek_id << 8U) | static_cast<unsigned char>(sealed[i]);
    }
    header.dek_id = static_cast<std::int64_t>(dek_id);
    return header;
}

Result<std::string> random_bytes(std::size_t count) {
    std::string bytes(count, 0);
    if (RAND_bytes(bytes_of(bytes), static_cast<int>(count)) != 1) {
        return Error{ErrorCode::kBug, "the system gives no random bytes", "vault.random"};
    }
    return bytes;
}

std::string to_base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, 0);
    const int count =
        EVP_EncodeBlock(bytes_of(text), bytes_of(bytes), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(count));
    return text;
}

Result<std::string> from_base64(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
        text.remove_suffix(1);
    }
    std::string bytes(text.size() / 4 * 3 + 3, 0);
    const int count =
        text.size() % 4 == 0
            ? EVP_DecodeBlock(bytes_of(bytes), bytes_of(text), static_cast<int>(text.size()))
            : -1;
    if (count < 0) {
        return invalid("not base64");
    }
    const auto padding = static_cast<std::size_t>(std::count(text.begin(), text.end(), '='));
    bytes.resize(static_cast<std::size_t>(count) - padding);
    return bytes;
}

}  // namespace syncline::storage
