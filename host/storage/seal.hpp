// AES-256-GCM for values at rest. A sealed value is
//   version (1) | kek id (4) | dek id (8) | nonce (12) | ciphertext | tag (16)
// and is bound to where it belongs: opened with another `place` it does not open (architecture 5).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <syncline/result.hpp>

namespace syncline::storage {

inline constexpr std::size_t kKeyBytes = 32;

// 32 secret bytes; wiped when destroyed, never printed.
class Key {
public:
    Key() = default;
    // Errors: kInvalid unless there are exactly 32 bytes.
    static Result<Key> from_bytes(std::string_view bytes);
    // Base64 of 32 bytes, as in INTEGRATION_ENCRYPTION_KEY or the key file. Errors: kInvalid that
    // does not show the text.
    static Result<Key> from_base64(std::string_view text);
    static Result<Key> random();
    Key(const Key&) = default;
    Key& operator=(const Key&) = default;
    Key(Key&& other) noexcept;
    Key& operator=(Key&& other) noexcept;
    ~Key();

    std::string_view reveal() const;
    std::string to_base64() const;
    // Which key it is, without saying what it is: the start of its SHA-256.
    std::uint32_t id() const;

private:
    std::array<char, kKeyBytes> bytes_{};
};

// Nonce, ciphertext and tag of `plain`, bound to `place`.
Result<std::string> encrypt(const Key& key, std::string_view plain, std::string_view place);
// The same with a nonce of 12 bytes that is given: a nonce must never be used twice with a key, so
// this is for published test vectors only.
Result<std::string> encrypt_with_nonce(
    const Key& key, std::string_view nonce, std::string_view plain, std::string_view place
);
// Errors: kStorage "cannot be opened" when the key, the place or a byte is another.
Result<std::string> decrypt(const Key& key, std::string_view sealed, std::string_view place);

struct SealedHeader {
    std::uint32_t kek_id = 0;
    std::int64_t dek_id = 0;
};
inline constexpr std::size_t kSealedHeaderBytes = 13;

std::string encode_header(const SealedHeader& header);
// Errors: kStorage for an unknown version or too few bytes.
Result<SealedHeader> decode_header(std::string_view sealed);

Result<std::string> random_bytes(std::size_t count);
std::string to_base64(std::string_view bytes);
Result<std::string> from_base64(std::string_view text);

}  // namespace syncline::storage
