// Key-encryption keys in memory, for whoever replaces them in a test.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "storage/key_ring.hpp"

namespace syncline::testing {

inline storage::Key key_of(char letter) {
    return storage::Key::from_bytes(std::string(32, letter)).value();
}

// What a folder with key files is to the host; it outlives the rings that are loaded from it.
struct KeySafe {
    char current = 'k';
    char former = 0;  // 0: none
    int renewed = 0;

    std::unique_ptr<storage::KeyEncryption> ring();
};

class SafeSource : public storage::KeySource {
public:
    explicit SafeSource(KeySafe& safe) : safe_(safe) {}

    Result<storage::HeldKeys> load() const override {
        storage::HeldKeys keys{{key_of(safe_.current), "the safe"}, {}};
        if (safe_.former != 0) {
            keys.former.push_back({key_of(safe_.former), "the safe's other drawer"});
        }
        return keys;
    }
    Result<void> renew() const override {
        if (safe_.former != 0) {
            return Error{ErrorCode::kExists, "the other drawer is full", "keys.former_is_there"};
        }
        safe_.former = safe_.current;
        safe_.current = static_cast<char>(safe_.current + 1);
        ++safe_.renewed;
        return {};
    }

private:
    KeySafe& safe_;
};

inline std::unique_ptr<storage::KeyEncryption> KeySafe::ring() {
    return storage::KeyRing::load(std::make_unique<SafeSource>(*this)).value();
}

}  // namespace syncline::testing
