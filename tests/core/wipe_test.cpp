#include "core/wipe.hpp"

#include <gtest/gtest.h>

namespace syncline {
namespace {

// Still allocated: what is behind its end may be looked at.
std::string whole_room(const std::string& text) {
    return {text.data(), text.capacity()};
}

TEST(Wipe, LeavesNoByteOfALongOrAShortText) {
    for (const std::size_t size : {std::size_t{3}, std::size_t{15}, std::size_t{400}}) {
        std::string text(size, 's');
        const std::size_t room = text.capacity();
        wipe(text);
        EXPECT_TRUE(text.empty());
        EXPECT_EQ(whole_room(text), std::string(room, '\0')) << size;
    }
}

TEST(Wipe, ReachesWhatAShorterTextLeftBehind) {
    std::string text(400, 's');
    text.resize(10);
    wipe(text);
    EXPECT_EQ(whole_room(text).find('s'), std::string::npos);
}

TEST(Wipe, HappensAtTheEndOfTheScopeHoweverItIsLeft) {
    std::string text(400, 's');
    const auto leave = [&](bool early) {
        const WipeAtEnd wiped(text);
        return early ? 1 : 2;
    };
    EXPECT_EQ(leave(true), 1);
    EXPECT_EQ(whole_room(text).find('s'), std::string::npos);
}

}  // namespace
}  // namespace syncline
