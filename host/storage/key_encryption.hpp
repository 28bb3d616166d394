// The key-encryption key as the vault sees it: it wraps data keys and never shows itself, so that a
// key management service can stand behind it as well as a file (key_ring.hpp). While a key is being
// replaced there are two: the current one wraps, both unwrap. [any thread]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/result.hpp>

namespace syncline::storage {

struct WrappedKey {
    std::uint32_t kek_id = 0;  // with which key it was wrapped
    std::string bytes;
};

struct KeyOrigin {
    std::uint32_t id = 0;
    std::string origin;  // where it comes from, for people: "the file /etc/syncline/keys/..."
};

// "3fa2b1c0", as people and the API name a key.
std::string key_name(std::uint32_t kek_id);

class KeyEncryption {
public:
    virtual ~KeyEncryption() = default;

    // All that can unwrap; the first one is current.
    virtual std::vector<KeyOrigin> keys() const = 0;

    virtual Result<WrappedKey> wrap(std::string_view data_key, std::string_view place) const = 0;
    // Errors: kConfig "vault.key_missing" when that key is not here; kStorage "vault.unreadable"
    // when it does not open.
    virtual Result<std::string> unwrap(const WrappedKey& wrapped, std::string_view place) const = 0;

    // Looks again where the keys come from. What could be unwrapped before still can.
    virtual Result<void> reload() = 0;
    // A new key becomes the current one, durably before this returns; the one before it still
    // unwraps, now and after a restart. Errors: kExists where the keys come from does not let us,
    // or while an earlier key is in the way; it says what to do.
    virtual Result<void> renew() = 0;

    // `text` under each key. Seeds were told apart so before data keys did it; a service need not.
    virtual std::vector<std::string> fingerprints(std::string_view) const { return {}; }
};

}  // namespace syncline::storage
