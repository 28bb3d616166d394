// Secrets leave no copy behind in memory that is free again.
#pragma once

#include <string>

namespace syncline {

// Overwrites what the string holds with zeros, also what it has room for, and empties it. The
// compiler cannot leave it out.
void wipe(std::string& text) noexcept;

// A text that is wiped with its owner; copies are wiped as well.
struct WipedText {
    std::string text;

    ~WipedText() { wipe(text); }
};

// Wipes a string when it goes out of use: `const WipeAtEnd wiped(secret);` It must outlive this.
class WipeAtEnd {
public:
    explicit WipeAtEnd(std::string& text) : text_(text) {}
    ~WipeAtEnd() { wipe(text_); }
    WipeAtEnd(const WipeAtEnd&) = delete;
    WipeAtEnd& operator=(const WipeAtEnd&) = delete;

private:
    std::string& text_;
};

}  // namespace syncline
