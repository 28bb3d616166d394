// Connections keep their platforms' limits, each one its own.
#include "engine/connection_limits.hpp"

#include <atomic>
#include <thread>

#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

using namespace std::chrono_literals;

class ConnectionLimitsTest : public EngineTest {
protected:
    // A second company of the same platform, and a flow to it.
    void add_company(const std::string& name) {
        ASSERT_TRUE(engine().stores.connections.put({tenant_, name, "books"}, 1).has_value());
        FlowDefinition definition;
        definition.name = "shop-" + name + "-orders";
        definition.entity = "order";
        definition.source.connection = "shop";
        definition.target.connection = name;
        definition.approval.exempt = {Starter::kApi};
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    }
    storage::Connection connection(const std::string& name) {
        return engine().stores.connections.find(tenant_, name).value();
    }
    std::size_t jobs_left() {
        const auto counts = engine().stores.jobs.counts(tenant_, clock_.now().ms).value();
        return static_cast<std::size_t>(counts.queued);
    }
    engine::ConnectionLimits& limits() { return engine().pool.limits(); }
    void limit(const std::string& name, RateLimitOverride wanted) {
        limits().set_overrides({{{"default", name}, wanted}});
        ASSERT_TRUE(engine().pool.open(connection(name).id).has_value());  // takes them in
    }
};

TEST_F(ConnectionLimitsTest, ARealmThatAsksForThirtySevenSecondsGetsThemAndOthersGoOn) {
    add_company("books-2");
    shop_.put(1, "10.00", "ann@x.example");
    books_.faults = {WriteFault::kRateLimit};  // the first company that is written to
    start();
    work();
    EXPECT_EQ(books_.count("invoice"), 1u);
    EXPECT_EQ(jobs_left(), 1u);
    const std::int64_t held_until =
        std::max(connection("books").not_before_ms, connection("books-2").not_before_ms);
    EXPECT_EQ(held_until, clock_.now().ms + 37'000);
    EXPECT_EQ(std::min(connection("books").not_before_ms, connection("books-2").not_before_ms), 0);
    const auto writes = books_.writes;
    later(36'999);
    EXPECT_EQ(books_.writes, writes);
    shop_.put(2, "10.00", "ann@x.example");
    start();
    work();
    EXPECT_EQ(books_.copies("shop:shop:2"), 1u);  // the other company's
    later(10);  // the shortest time after which a flow is looked at again
    EXPECT_EQ(jobs_left(), 0u);
}

TEST_F(ConnectionLimitsTest, RequestsOfCallsUnderWayAreHeldTooWhenThePlatformAsksForIt) {
    limit("books", {});
    const ConnectionId books = connection("books").id;
    ASSERT_TRUE(limits().begin(books, false, nullptr).has_value());
    engine().pool.note(
        connection("books"),
        Error{ErrorCode::kRateLimited, "slow down", {}, 429, std::chrono::seconds(37)}
    );
    const auto held = limits().begin(books, false, nullptr);
    ASSERT_FALSE(held.has_value());
    EXPECT_EQ(held.error().code, ErrorCode::kRateLimited);
    EXPECT_EQ(held.error().retry_after, 37'000ms);
    clock_.advance(37s);
    EXPECT_TRUE(limits().begin(books, false, nullptr).has_value());
}

TEST_F(ConnectionLimitsTest, NoDeliveryStartsWhileItsFirstRequestWouldWaitForLong) {
    RateLimitOverride slow;
    slow.requests_per_minute = 12;
    limit("books", slow);
    const ConnectionId books = connection("books").id;
    for (int i = 0; i < 2; ++i) {
        const auto began = limits().begin(books, false, nullptr);
        ASSERT_TRUE(began.has_value());
        limits().end(books, *began, 200);
    }
    shop_.put(1, "10.00", "ann@x.example");
    run();
    EXPECT_EQ(books_.writes, 0);
    later(4'999);
    EXPECT_EQ(books_.writes, 0);
    later(1);
    EXPECT_EQ(books_.count("invoice"), 1u);
}

TEST_F(ConnectionLimitsTest, ARequestWaitsForItsTurn) {
    RateLimitOverride one_at_a_time;
    one_at_a_time.in_flight_max = 1;
    limit("books", one_at_a_time);
    const ConnectionId books = connection("books").id;
    const auto first = limits().begin(books, false, nullptr);
    ASSERT_TRUE(first.has_value());
    std::atomic<bool> went_out{false};
    std::thread second([&] {
        EXPECT_TRUE(limits().begin(books, false, nullptr).has_value());
        went_out = true;
    });
    std::this_thread::sleep_for(100ms);
    EXPECT_FALSE(went_out);
    limits().end(books, *first, 200);
    second.join();
    EXPECT_TRUE(went_out);
}

TEST_F(ConnectionLimitsTest, AStopEndsTheWaitForATurn) {
    RateLimitOverride one_at_a_time;
    one_at_a_time.in_flight_max = 1;
    limit("books", one_at_a_time);
    const ConnectionId books = connection("books").id;
    ASSERT_TRUE(limits().begin(books, false, nullptr).has_value());
    std::atomic<bool> stop{false};
    connectors::CallContext call;
    call.stop = &stop;
    std::thread second([&] {
        const auto stopped = limits().begin(books, false, &call);
        ASSERT_FALSE(stopped.has_value());
        EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
    });
    std::this_thread::sleep_for(50ms);
    stop = true;
    const auto start = std::chrono::steady_clock::now();
    second.join();
    EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
}

TEST_F(ConnectionLimitsTest, ARefusalOfOneConnectionSlowsNoOther) {
    add_company("books-2");
    limit("books", {});
    limit("books-2", {});
    const ConnectionId books = connection("books").id;
    const auto began = limits().begin(books, false, nullptr);
    limits().end(books, *began, 429);
    EXPECT_EQ(limits().pace_percent(books), 50);
    EXPECT_EQ(limits().pace_percent(connection("books-2").id), 100);
    clock_.advance(60s);
    EXPECT_EQ(limits().pace_percent(books), 60);
}

TEST_F(ConnectionLimitsTest, ARequestThatFinishesAWriteWaitsForItsCallAndIsNeverCalledRefused) {
    using Purpose = engine::ConnectionLimits::Purpose;
    limit("books", {});
    const ConnectionId books = connection("books").id;
    connectors::CallContext call;
    call.deadline = Timestamp{clock_.now().ms + 60'000};
    limits().hold(books, clock_.now().ms + 37'000);
    EXPECT_EQ(limits().begin(books, false, &call).error().code, ErrorCode::kRateLimited);
    std::atomic<bool> went_out{false};
    std::thread finishing([&] {
        EXPECT_TRUE(limits().begin(books, false, &call, Purpose::kFinishes).has_value());
        went_out = true;
    });
    std::this_thread::sleep_for(100ms);
    EXPECT_FALSE(went_out);
    clock_.advance(37s);
    finishing.join();
    EXPECT_TRUE(went_out);
    limits().hold(books, clock_.now().ms + 30'000);  // past the deadline
    const auto late = limits().begin(books, false, &call, Purpose::kFinishes);
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().code, ErrorCode::kTransient);
}

}  // namespace
}  // namespace syncline::testing
