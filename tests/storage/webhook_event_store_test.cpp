// Events and strays at rest: repetitions, whose turn it is, the ring, and the purge.
#include "storage/webhook_event_store.hpp"

#include "storage/retention.hpp"
#include "support/filled_store.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace syncline::storage;

class WebhookEventStoreTest : public ::testing::Test {
protected:
    NewWebhookEvent event(const std::string& identity) {
        NewWebhookEvent one;
        one.tenant = store_.tenant;
        one.connection = store_.flow.source;
        one.received_at_ms = 1'000;
        one.topic = "order.updated";
        one.identity = identity;
        one.sealed = "sealed " + identity;
        return one;
    }
    StoredWebhookEvent put(const NewWebhookEvent& one) {
        return events_.store({one}).value().at(0);
    }
    void finish(WebhookEventId id, const std::string& state, std::int64_t now_ms = 1'000) {
        WebhookOutcome outcome;
        outcome.id = id;
        outcome.came = events_.by_id(store_.tenant, id)->came();
        outcome.state = state;
        store_.write([&](Sql& sql) { events_.finish(sql, outcome, now_ms); });
    }
    std::size_t due(std::int64_t now_ms = 1'000) {
        return events_.due(store_.flow.source, now_ms, 100).value().size();
    }

    TempDir dir_;
    FilledStore store_{dir_.file("a.db")};
    WebhookEventStore events_{*store_.database};
};

TEST_F(WebhookEventStoreTest, ARepetitionIsCountedOnTheFirst) {
    const auto first = put(event("a"));
    EXPECT_FALSE(first.repeated);
    const auto second = put(event("a"));
    EXPECT_TRUE(second.repeated);
    EXPECT_EQ(second.id, first.id);
    EXPECT_FALSE(put(event("b")).repeated);
    finish(first.id, "raised");
    EXPECT_TRUE(put(event("a")).repeated);
    EXPECT_EQ(events_.by_id(store_.tenant, first.id)->repeats, 2);
    EXPECT_EQ(due(), 1U);
}

TEST_F(WebhookEventStoreTest, WhereAnEqualBodyMayBeNewsOnlyAWaitingOneIsRepeated) {
    auto one = event("a");
    one.repeats_are_news = true;
    const auto first = put(one);
    EXPECT_TRUE(put(one).repeated);
    finish(first.id, "raised");
    EXPECT_FALSE(put(one).repeated);
    EXPECT_EQ(due(), 1U);
}

TEST_F(WebhookEventStoreTest, OneThatComesAgainWhileItIsHandledHasAnotherTurn) {
    const auto id = put(event("a")).id;
    WebhookOutcome outcome;
    outcome.id = id;
    outcome.state = "raised";
    const auto came_and_finish = [&](auto&& comes) {
        outcome.came = events_.due(store_.flow.source, 1'000, 1)->at(0).came();
        comes();
        store_.write([&](Sql& sql) { events_.finish(sql, outcome, 1'000); });
    };
    came_and_finish([&] { EXPECT_TRUE(put(event("a")).repeated); });
    EXPECT_EQ(due(), 1U);
    EXPECT_EQ(events_.by_id(store_.tenant, id)->handled_at_ms, 0);
    came_and_finish([&] { ASSERT_TRUE(events_.replay(store_.tenant, id, 1'000)); });
    EXPECT_EQ(due(), 1U);
    came_and_finish([] {});
    EXPECT_EQ(due(), 0U);
    EXPECT_EQ(events_.by_id(store_.tenant, id)->handled_at_ms, 1'000);
    EXPECT_EQ(events_.by_id(store_.tenant, id)->attempts, 0);
}

TEST_F(WebhookEventStoreTest, WhatIsTriedAgainWaitsForItsTurn) {
    const auto id = put(event("a")).id;
    WebhookOutcome outcome;
    outcome.id = id;
    outcome.state = "stored";
    outcome.delay_ms = 500;
    store_.write([&](Sql& sql) { events_.finish(sql, outcome, 1'000); });
    EXPECT_EQ(due(1'499), 0U);
    EXPECT_TRUE(events_.due_connections(1'499)->empty());
    EXPECT_EQ(due(1'500), 1U);
    EXPECT_EQ(events_.due_connections(1'500)->size(), 1U);
    EXPECT_EQ(events_.by_id(store_.tenant, id)->attempts, 1);
    ASSERT_TRUE(events_.hasten(store_.flow.source, 1'000).has_value());
    EXPECT_EQ(due(1'000), 1U);
    finish(id, "failed");
    EXPECT_EQ(due(9'000), 0U);
    // Handled is handled.
    finish(id, "raised");
    EXPECT_EQ(events_.by_id(store_.tenant, id)->state, "failed");
}

TEST_F(WebhookEventStoreTest, AllEventsOfADeliveryAreStoredOrNone) {
    auto broken = event("b");
    broken.connection = ConnectionId{4711};
    EXPECT_FALSE(events_.store({event("a"), broken}).has_value());
    EXPECT_EQ(due(), 0U);
}

TEST_F(WebhookEventStoreTest, AnotherTenantSeesNothing) {
    const auto id = put(event("a")).id;
    const TenantId other{store_.tenant.value + 1};
    EXPECT_EQ(events_.by_id(other, id).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(events_.replay(other, id, 1).error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(events_.list(other, {})->empty());
}

TEST_F(WebhookEventStoreTest, TheRingHoldsTheNewestThousand) {
    WebhookStray stray;
    stray.tenant = store_.tenant;
    for (int i = 0; i < 1'010; ++i) {
        stray.received_at_ms = i;
        ASSERT_TRUE(events_.keep_stray(stray, 0).has_value());
    }
    EXPECT_EQ(store_.count("webhook_strays"), 1'000);
    EXPECT_EQ(events_.stray_count().value(), 1'010);
    const auto newest = events_.strays(store_.tenant, 2'000).value();
    ASSERT_EQ(newest.size(), 1'000U);
    EXPECT_EQ(newest.front().received_at_ms, 1'009);
    EXPECT_EQ(newest.back().received_at_ms, 10);
    ASSERT_TRUE(events_.keep_stray(stray, 500).has_value());
    EXPECT_EQ(events_.stray_count().value(), 1'511);
}

TEST_F(WebhookEventStoreTest, ThePurgeTakesWhatIsHandledAndOld) {
    const auto handled = put(event("a")).id;
    const auto waiting = put(event("b")).id;
    const auto young = put(event("c")).id;
    const auto newest = put(event("d")).id;
    finish(handled, "raised", 1'000);
    finish(young, "ignored", 3'000);
    finish(newest, "raised", 1'000);
    Retention retention(*store_.database);
    EXPECT_EQ(retention.purge(Finished::kWebhooks, 2'000, 100).value(), 1);
    EXPECT_FALSE(events_.by_id(store_.tenant, handled).has_value());
    for (const auto id : {waiting, young, newest}) {
        EXPECT_TRUE(events_.by_id(store_.tenant, id).has_value());
    }
}

}  // namespace
}  // namespace syncline::testing
