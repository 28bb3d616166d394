#include "core/wipe.hpp"

#include <openssl/crypto.h>

namespace syncline {

void wipe(std::string& text) noexcept {
    // Within its room no byte is out of reach, and nothing is allocated.
    text.resize(text.capacity());
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

}  // namespace syncline
