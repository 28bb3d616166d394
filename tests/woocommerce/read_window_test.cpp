// Scans of a window, for the most part of orders.
#include <gtest/gtest.h>

#include "woocommerce/world.hpp"

namespace syncline::woocommerce {
namespace {

using testing::everything;
using testing::json_answer;
using testing::model_of;
using testing::ParsedUrl;
using testing::World;

TEST(ReadWindow, OrdersComeInOrderOfIds) {
    World world;
    const Page page = world.read_all(everything("order"));
    ASSERT_EQ(page.records.size(), 61U);
    for (std::size_t i = 1; i < page.records.size(); ++i) {
        EXPECT_TRUE(id_less(page.records[i - 1].key, page.records[i].key));
    }
    EXPECT_EQ(page.last_id, "125");
    EXPECT_EQ(page.source_time.to_string(), "2026-11-21T10:00:00.000Z");
    EXPECT_EQ(page.records[3].changed_at.to_string(), "2026-11-21T07:34:26.000Z");
    EXPECT_EQ(model_of<Order>(page.records[3]).total.to_string(), "3.96");
    const ParsedUrl url(world.host.requests.back().url);
    EXPECT_EQ(url.get("status"), "any");
    EXPECT_EQ(url.get("orderby"), "id");
    EXPECT_EQ(url.get("order"), "asc");
    EXPECT_EQ(url.get("dp", "absent"), "absent");
    EXPECT_EQ(url.get("page", "absent"), "absent");
    EXPECT_EQ(url.get("modified_after", "absent"), "absent");
}

TEST(ReadWindow, SmallPagesGiveTheSameRecords) {
    World world;
    const Page whole = world.read_all(everything("order"));
    ReadRequest request = everything("order");
    request.limit = 7;
    const Page pieces = world.read_all(request);
    ASSERT_EQ(pieces.records.size(), whole.records.size());
    for (std::size_t i = 0; i < whole.records.size(); ++i) {
        EXPECT_EQ(pieces.records[i].json, whole.records[i].json);
    }
}

TEST(ReadWindow, TheWindowIsSentOneSecondEarlyInNaiveUtc) {
    World world;
    ReadRequest request = everything("order");
    request.window.from = Timestamp::parse("2026-11-21T07:34:26.250Z").value();
    request.window.to = Timestamp::parse("2026-11-21T08:00:00Z").value();
    const Page page = world.read_all(request);
    EXPECT_FALSE(page.records.empty());
    EXPECT_LT(page.records.size(), 61U);
    for (const auto& record : page.records) {
        EXPECT_GE(record.changed_at.to_string(), "2026-11-21T07:34:26.000Z");
    }
    const ParsedUrl url(world.host.requests.back().url);
    EXPECT_EQ(url.get("modified_after"), "2026-11-21T07:34:25");
    EXPECT_EQ(url.get("dates_are_gmt"), "true");
    EXPECT_EQ(url.get("modified_before", "absent"), "absent");
}

TEST(ReadWindow, ReachesBackWhenTheShopsClocksRepeatAnHour) {
    // New York leaves daylight saving time on 2026-11-01 at 06:00 UTC.
    const auto new_york = [](const std::string& zone, Timestamp at) -> std::string {
        const auto change = Timestamp::parse("2026-11-01T06:00:00Z").value();
        const std::int64_t offset_h = at < change ? -4 : -5;
        return zone == "America/New_York"
                   ? Timestamp{at.ms + offset_h * 3'600'000}.to_string().substr(0, 10)
                   : "";
    };
    const std::pair<const char*, const char*> cases[] = {
        {"2026-11-01T03:59:59Z", "2026-11-01T03:59:58"},  // 23:59 the day before
        {"2026-11-01T04:00:00Z", "2026-11-01T02:59:59"},
        {"2026-11-01T06:30:00Z", "2026-11-01T05:29:59"},
        {"2026-11-02T04:59:59Z", "2026-11-02T03:59:58"},
        {"2026-11-02T05:00:00Z", "2026-11-02T04:59:59"},  // 00:00 the day after
        {"2026-11-21T07:00:00Z", "2026-11-21T06:59:59"},
    };
    for (const auto& [from, sent] : cases) {
        World world;
        world.host.on_local_date = new_york;
        ReadRequest request = everything("order");
        request.window.from = Timestamp::parse(from).value();
        ASSERT_TRUE(world.read(request).has_value());
        EXPECT_EQ(ParsedUrl(world.host.requests.back().url).get("modified_after"), sent) << from;
    }
    World unknown;
    unknown.host.on_local_date = [](const std::string&, Timestamp) { return std::string(); };
    ReadRequest request = everything("order");
    request.window.from = Timestamp::parse("2026-11-01T06:30:00Z").value();
    ASSERT_TRUE(unknown.read(request).has_value());
    EXPECT_EQ(
        ParsedUrl(unknown.host.requests.back().url).get("modified_after"), "2026-11-01T06:29:59"
    );
}

TEST(ReadWindow, WhatChangedAfterItsEndIsLeftOut) {
    World world;
    ReadRequest request = everything("order");
    request.window.to = Timestamp::parse("2026-11-21T07:34:26Z").value();
    const Page page = world.read_all(request);
    EXPECT_LT(page.records.size(), 61U);
    EXPECT_GT(page.records.size(), 40U);
    EXPECT_EQ(page.last_id, "125");
    for (const auto& record : page.records) {
        EXPECT_LT(record.changed_at, *request.window.to);
    }
}

TEST(ReadWindow, TheFlowsFilterDoesNotNarrowWhatIsRead) {
    World world;
    ReadRequest request = everything("order");
    request.filters = {{"status", {"completed"}}};
    EXPECT_EQ(world.read_all(request).records.size(), 61U);
}

TEST(ReadWindow, DraftsAreDroppedAndStillAdvanceTheScan) {
    World world;
    world.shop.lists["orders"].clear();
    for (int id = 1; id <= 30; ++id) {
        world.shop.lists["orders"].push_back(
            {{"id", id},
             {"status",
              id % 3 == 0   ? "completed"
              : id % 3 == 1 ? "auto-draft"
                            : "draft"}}
        );
    }
    ReadRequest request = everything("order");
    request.limit = 2;
    const auto first = world.read(request);
    ASSERT_TRUE(first.has_value());
    EXPECT_TRUE(first->records.empty());
    EXPECT_TRUE(first->more);
    EXPECT_EQ(first->last_id, "2");
    const Page all = world.read_all(request);
    ASSERT_EQ(all.records.size(), 10U);
    EXPECT_EQ(all.records[9].key, "30");
}

TEST(ReadWindow, AnAnswerWithoutTheShopsClockIsRefused) {
    World world;
    world.shop.sends_date = false;
    const auto page = world.read(everything("order"));
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().name, "woo.no_date");
}

TEST(ReadWindow, StopsBetweenRequestsWhenCancelled) {
    World world;
    world.shop.before_request = [&] { world.call.cancelled = world.host.requests.size() >= 3; };
    const auto page = world.read(everything("product"));
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(world.host.requests.size(), 3U);
}

TEST(ReadWindow, AnObjectInPlaceOfAListIsTransient) {
    World world;
    world.shop.fixed["orders"] = json_answer({{"0", {{"id", 1}}}});
    const auto page = world.read(everything("order"));
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, ErrorCode::kTransient);
    EXPECT_EQ(page.error().name, "woo.not_a_list");
}

TEST(ReadWindow, UnknownEntitiesAreNamed) {
    World world;
    const auto page = world.read(everything("invoice"));
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, ErrorCode::kUnsupported);
    EXPECT_NE(page.error().message.find("'invoice'"), std::string::npos);
    EXPECT_TRUE(world.host.requests.empty());
}

TEST(ReadWindow, RowsThatMoveBetweenPagesAreNotMissed) {
    World world;
    ReadRequest request = everything("order");
    request.limit = 20;
    const auto first = world.read(request);
    ASSERT_TRUE(first.has_value());
    auto& orders = world.shop.lists["orders"];
    orders.erase(orders.begin(), orders.begin() + 15);
    request.after_id = first->last_id;
    request.next = first->next;
    const Page rest = world.read_all(request);
    EXPECT_EQ(first->records.size() + rest.records.size(), 61U);
    EXPECT_EQ(rest.records.front().key, "75");
}

}  // namespace
}  // namespace syncline::woocommerce
