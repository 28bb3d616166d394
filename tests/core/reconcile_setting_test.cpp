// When a night is due, and what it compares.
#include "core/reconcile_setting.hpp"

#include <gtest/gtest.h>

namespace syncline {
namespace {

Timestamp at(const char* text) {
    return Timestamp::parse(text).value();
}

TEST(ReconcileSetting, ANightIsDueOnceAndComparesTheDaysBeforeIt) {
    const ReconciliationSettings settings;
    const std::int64_t before = at("2026-11-21T23:00:00Z").ms;
    EXPECT_FALSE(night_due(settings, at("2026-11-22T02:59:00Z"), before));
    const auto night = night_due(settings, at("2026-11-22T03:00:00Z"), before);
    ASSERT_TRUE(night);
    EXPECT_EQ(night->from, "2026-10-18");
    EXPECT_EQ(night->to, "2026-11-21");
    EXPECT_FALSE(night_due(settings, at("2026-11-22T23:00:00Z"), at("2026-11-22T03:00:00Z").ms));
    EXPECT_TRUE(night_due(settings, at("2026-11-23T03:00:01Z"), at("2026-11-22T03:00:00Z").ms));
}

TEST(ReconcileSetting, AStartAtNoonBeginsNone) {
    const std::int64_t start = at("2026-11-22T12:00:00Z").ms;
    EXPECT_FALSE(night_due({}, at("2026-11-22T12:00:01Z"), start));
    EXPECT_TRUE(night_due({}, at("2026-11-23T03:00:01Z"), start));
}

TEST(ReconcileSetting, DaysAreThoseOfTheZone) {
    ReconciliationSettings settings;
    settings.zone = "Asia/Tokyo";
    settings.at = "01:30";
    settings.days = 1;
    const std::int64_t before = at("2026-11-21T00:00:00Z").ms;
    EXPECT_FALSE(night_due(settings, at("2026-11-21T16:29:59Z"), at("2026-11-20T17:00:00Z").ms));
    const auto night = night_due(settings, at("2026-11-21T16:30:00Z"), before);
    ASSERT_TRUE(night);
    EXPECT_EQ(night->from, "2026-11-21");
    EXPECT_EQ(night->to, "2026-11-21");
}

TEST(ReconcileSetting, OffIsOff) {
    ReconciliationSettings settings;
    settings.nightly = false;
    EXPECT_FALSE(night_due(settings, at("2026-11-22T03:00:00Z"), 0));
}

TEST(ReconcileSetting, NamesWhatIsWrongWithIt) {
    ReconciliationSettings settings;
    EXPECT_TRUE(setting_problems(settings).empty());
    settings.at = "3:00";
    settings.zone = "Mars/Olympus";
    settings.days = 0;
    settings.entities = {"order", "invoice"};
    const auto problems = setting_problems(settings);
    ASSERT_EQ(problems.size(), 4u);
    EXPECT_EQ(problems[0].rfind("/at: ", 0), 0u) << problems[0];
    EXPECT_EQ(problems[1].rfind("/zone: ", 0), 0u) << problems[1];
    EXPECT_EQ(problems[2].rfind("/days: ", 0), 0u) << problems[2];
    EXPECT_EQ(problems[3].rfind("/entities/1: ", 0), 0u) << problems[3];
    for (const char* time : {"24:00", "03:60", "0a:00", "03-00", ":3:00", "03:0:"}) {
        settings.at = time;
        EXPECT_EQ(setting_problems(settings).size(), 4u) << time;
    }
}

TEST(ReconcileSetting, AWindowIsDaysInOrderAndNotTooMany) {
    EXPECT_TRUE(check_window({"2026-01-01", "2026-12-31"}));
    EXPECT_TRUE(check_window({"2026-01-01", "2026-01-01"}));
    EXPECT_FALSE(check_window({"2026-01-02", "2026-01-01"}));
    EXPECT_FALSE(check_window({"2026-01-01", "2027-01-03"}));
    EXPECT_FALSE(check_window({"2026-02-30", "2026-03-01"}));
    EXPECT_FALSE(check_window({"", "2026-03-01"}));
    EXPECT_FALSE(check_window({"2026-01-01T00:00:00Z", "2026-03-01"}));
}

}  // namespace
}  // namespace syncline
