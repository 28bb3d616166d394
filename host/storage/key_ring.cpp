#include "storage/key_ring.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/sha256.hpp"
#include "core/wipe.hpp"

namespace syncline::storage {

std::string key_name(std::uint32_t kek_id) {
    std::array<char, 9> text{};
    std::snprintf(text.data(), text.size(), "%08x", static_cast<unsigned>(kek_id));
    return text.data();
}

Result<std::unique_ptr<KeyEncryption>> KeyRing::load(std::unique_ptr<KeySource> source) {
    std::unique_ptr<KeyRing> ring(new KeyRing(std::move(source)));
    SYNCLINE_RETURN_IF_ERROR(ring->reload());
    return std::unique_ptr<KeyEncryption>(std::move(ring));
}

KeyRing::KeyRing(Key only) {
    held_.with([&](auto& held) { held.push_back({std::move(only), "given"}); });
}

std::vector<HeldKey> KeyRing::held() const {
    return held_.with([](const auto& held) { return held; });
}

std::vector<KeyOrigin> KeyRing::keys() const {
    return held_.with([](const auto& held) {
        std::vector<KeyOrigin> all;
        for (const auto& one : held) {
            all.push_back({one.key.id(), one.origin});
        }
        return all;
    });
}

Result<WrappedKey> KeyRing::wrap(std::string_view data_key, std::string_view place) const {
    const Key key = held().front().key;
    SYNCLINE_ASSIGN_OR_RETURN(auto bytes, encrypt(key, data_key, place));
    return WrappedKey{key.id(), std::move(bytes)};
}

Result<std::string> KeyRing::unwrap(const WrappedKey& wrapped, std::string_view place) const {
    for (const auto& one : held()) {
        if (one.key.id() == wrapped.kek_id) {
            return decrypt(one.key, wrapped.bytes, place);
        }
    }
    return Error{
        ErrorCode::kConfig,
        "the encryption key " + key_name(wrapped.kek_id) + " is not here",
        "vault.key_missing"};
}

Result<void> KeyRing::reload() {
    if (source_ == nullptr) {
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(HeldKeys loaded, source_->load());
    std::vector<HeldKey> next{std::move(loaded.current)};
    const auto add = [&](HeldKey one) {
        const bool known = std::any_of(next.begin(), next.end(), [&](const HeldKey& other) {
            return other.key.id() == one.key.id();
        });
        if (!known) {
            next.push_back(std::move(one));
        }
    };
    for (auto& one : loaded.former) {
        add(std::move(one));
    }
    held_.with([&](auto& held) {
        for (auto& one : held) {
            // It is not where it was any more, but rows may need it.
            one.origin = "this process only";
            add(std::move(one));
        }
        held = std::move(next);
    });
    return {};
}

Result<void> KeyRing::renew() {
    if (source_ == nullptr) {
        return Error{ErrorCode::kExists, "this key cannot be replaced here", "keys.not_renewable"};
    }
    SYNCLINE_RETURN_IF_ERROR(source_->renew());
    return reload();
}

std::vector<std::string> KeyRing::fingerprints(std::string_view text) const {
    std::vector<std::string> all;
    for (const auto& one : held()) {
        std::string keyed = std::string(one.key.reveal()).append(text);
        const WipeAtEnd wiped(keyed);
        all.push_back(sha256_hex(keyed));
    }
    return all;
}

}  // namespace syncline::storage
