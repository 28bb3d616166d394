#include "core/repeating.hpp"

#include <gtest/gtest.h>

namespace syncline {
namespace {

using std::chrono::milliseconds;

TEST(Repeating, DoesItAsLongAsNobodyStopsIt) {
    std::promise<void> third;
    int steps = 0;
    Repeating looking("it was not looked at");
    looking.start(milliseconds(0), milliseconds(0), [&]() -> Result<milliseconds> {
        if (++steps == 3) {
            third.set_value();
        }
        return milliseconds(1);
    });
    third.get_future().wait();
    looking.stop();
    EXPECT_TRUE(looking.stopping());
    const int done = steps;
    EXPECT_GE(done, 3);
    looking.stop();
    EXPECT_EQ(steps, done);
}

TEST(Repeating, GoesOnAfterAStepThatFailed) {
    std::promise<void> after;
    int steps = 0;
    Repeating looking("it was not looked at");
    looking.start(milliseconds(0), milliseconds(1), [&]() -> Result<milliseconds> {
        if (++steps == 1) {
            return Error{ErrorCode::kStorage, "the disk is full", "storage.full"};
        }
        if (steps == 2) {
            after.set_value();
        }
        return milliseconds(60'000);
    });
    after.get_future().wait();
    looking.stop();
    EXPECT_EQ(steps, 2) << "a stop does not wait for the next time";
}

TEST(Repeating, NothingIsDoneWhenItIsStoppedBeforeItsFirstTime) {
    bool done = false;
    Repeating looking("it was not looked at");
    looking.start(milliseconds(60'000), milliseconds(1), [&]() -> Result<milliseconds> {
        done = true;
        return milliseconds(1);
    });
    looking.stop();
    EXPECT_FALSE(done);
}

TEST(Repeating, OneThatNeverStartedCanBeStopped) {
    Repeating looking("it was not looked at");
    EXPECT_FALSE(looking.stopping());
    looking.stop();
}

}  // namespace
}  // namespace syncline
