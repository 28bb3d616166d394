#include <gtest/gtest.h>

#include "engine/collect.hpp"

namespace syncline::testing {
namespace {

using engine::begin_scan;
using storage::Cursor;

constexpr std::int64_t kOverlap = 600'000;

TEST(Scan, TheFirstIncrementalReadsEverything) {
    const Cursor begun = begin_scan({}, SyncMode::kIncremental, {}, kOverlap);
    EXPECT_TRUE(begun.scanning);
    EXPECT_EQ(begun.scan_from_ms, 0);
}

TEST(Scan, TheNextReachesBackByTheOverlap) {
    Cursor cursor;
    cursor.cursor_ms = 10'000'000;
    EXPECT_EQ(begin_scan(cursor, SyncMode::kIncremental, {}, kOverlap).scan_from_ms, 9'400'000);
    EXPECT_EQ(begin_scan(cursor, SyncMode::kFull, {}, kOverlap).scan_from_ms, 0);
}

TEST(Scan, AnInterruptedScanGoesOnWhereItStopped) {
    Cursor cursor;
    cursor.cursor_ms = 10'000'000;
    cursor = begin_scan(cursor, SyncMode::kIncremental, {}, kOverlap);
    cursor.scan_to_ms = 12'000'000;
    cursor.scan_last_id = "57";
    const Cursor resumed = begin_scan(cursor, SyncMode::kIncremental, {}, kOverlap);
    EXPECT_EQ(resumed.scan_last_id, "57");
    EXPECT_EQ(resumed.scan_to_ms, 12'000'000);
    EXPECT_EQ(begin_scan(cursor, SyncMode::kFull, {}, kOverlap).scan_last_id, "");
}

TEST(Scan, ABackfillKeepsTheCursorWhereItIs) {
    Cursor cursor;
    cursor.cursor_ms = 10'000'000;
    storage::RunOptions options;
    options.from = Timestamp{5'000};
    const Cursor begun = begin_scan(cursor, SyncMode::kBackfill, options, kOverlap);
    EXPECT_EQ(begun.scan_from_ms, 5'000);
    EXPECT_EQ(begun.cursor_ms, 10'000'000);
}

}  // namespace
}  // namespace syncline::testing
