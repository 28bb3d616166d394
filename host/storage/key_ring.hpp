// Key-encryption keys that this process holds itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/guarded.hpp"
#include "storage/key_encryption.hpp"
#include "storage/seal.hpp"

namespace syncline::storage {

struct HeldKey {
    Key key;
    std::string origin;
};

struct HeldKeys {
    HeldKey current;
    std::vector<HeldKey> former;
};

// Where the keys rest. Implemented over files and the environment in main. [one thread at a time]
class KeySource {
public:
    virtual ~KeySource() = default;
    virtual Result<HeldKeys> load() const = 0;
    // As KeyEncryption::renew().
    virtual Result<void> renew() const = 0;
};

class KeyRing : public KeyEncryption {
public:
    // Errors: those of the source.
    static Result<std::unique_ptr<KeyEncryption>> load(std::unique_ptr<KeySource> source);
    // One key that stays; it cannot be renewed.
    explicit KeyRing(Key only);

    std::vector<KeyOrigin> keys() const override;
    Result<WrappedKey> wrap(std::string_view data_key, std::string_view place) const override;
    Result<std::string> unwrap(const WrappedKey& wrapped, std::string_view place) const override;
    Result<void> reload() override;
    Result<void> renew() override;
    std::vector<std::string> fingerprints(std::string_view text) const override;

private:
    explicit KeyRing(std::unique_ptr<KeySource> source) : source_(std::move(source)) {}
    std::vector<HeldKey> held() const;

    const std::unique_ptr<KeySource> source_;
    Guarded<std::vector<HeldKey>> held_;  // the current one first
};

}  // namespace syncline::storage
