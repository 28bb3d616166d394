// Retry policies at work: a flow's own rules, waits that use up nothing, and credentials.
#include "engine/connection_control.hpp"
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

class RetryTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        shop_.put(1, "10.00", "ann@x.example");
    }
    // The flow gets `rules`.
    void retry(const char* rules) {
        FlowDefinition definition =
            engine().stores.flows.find(tenant_, "shop-books-orders")->definition;
        definition.retry = from_json<std::vector<RetryOverride>>(*parse_json(rules)).value();
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    }
    // A change that is no human's, and from now on one with every look.
    void books_move() {
        ++books_.by_key("shop:shop:1")->version;
        books_.moving = true;
    }
    void books_fail(ErrorCode code) { books_.find_error = Error{code, "not now", "books.fail"}; }
    std::int64_t attempts() {
        return engine()
            .database
            ->read([](storage::Sql& sql) -> Result<std::int64_t> {
                return sql.value<std::int64_t>("SELECT attempts FROM sync_queue").value();
            })
            .value();
    }
    std::int64_t dead() { return engine().stores.jobs.counts(tenant_, clock_.now().ms)->dead; }
    storage::ConnectionState books_state() {
        return engine().stores.connections.find(tenant_, "books")->state;
    }
};

TEST_F(RetryTest, AFlowsOwnRulesDecideWhenItsRecordsNeedHelp) {
    retry(
        R"([{"class": "transient", "initial_s": 7, "coefficient": 1, "attempts_max": 3, "jitter_percent": 0}])"
    );
    books_fail(ErrorCode::kTransient);
    run();
    EXPECT_EQ(books_.finds, 1);
    later(6'999);
    EXPECT_EQ(books_.finds, 1);
    later(1);
    EXPECT_EQ(books_.finds, 2);
    EXPECT_EQ(dead(), 0);
    later(7'000);
    EXPECT_EQ(books_.finds, 3);
    EXPECT_EQ(dead(), 1);
}

TEST_F(RetryTest, TheTimeThereIsCountsFromTheFirstFailure) {
    retry(
        R"([{"class": "transient", "initial_s": 40, "coefficient": 1, "elapsed_max_s": 100, "jitter_percent": 0}])"
    );
    books_fail(ErrorCode::kTransient);
    run();
    for (const std::int64_t wait : {40'000, 40'000, 19'999}) {
        later(wait);
    }
    EXPECT_EQ(books_.finds, 3);
    EXPECT_EQ(dead(), 0);
    later(1);  // the last try is at the end
    EXPECT_EQ(books_.finds, 4);
    EXPECT_EQ(dead(), 1);
}

TEST_F(RetryTest, RateLimitsUseUpNoAttempt) {
    retry(R"([{"class": "transient", "attempts_max": 2}])");
    books_fail(ErrorCode::kRateLimited);
    run();
    for (int i = 0; i < 20; ++i) {
        later(60'000);
    }
    EXPECT_GT(books_.finds, 10);
    EXPECT_EQ(attempts(), 0);
    books_.find_error.reset();
    later(60'000);
    EXPECT_EQ(books_.count("invoice"), 1u);
}

TEST_F(RetryTest, RefusedCredentialsPauseTheConnectionUntilThereAreNewOnes) {
    books_fail(ErrorCode::kAuth);
    run();
    EXPECT_EQ(books_state(), storage::ConnectionState::kNeedsReauth);
    for (int i = 0; i < 20; ++i) {
        later(3'600'000);
    }
    EXPECT_EQ(books_.finds, 1) << "a paused connection is not called";
    EXPECT_EQ(attempts(), 0);
    EXPECT_EQ(dead(), 0);

    books_.find_error.reset();
    engine::ConnectionControl connections(engine().stores, engine().pool, source_, clock_, [] {});
    ASSERT_TRUE(connections.put(tenant_, "books", "books", Json::object()).has_value());
    EXPECT_EQ(books_state(), storage::ConnectionState::kActive);
    later(1'000);  // a flow whose target could not be used is looked at every second
    EXPECT_EQ(books_.count("invoice"), 1u);
}

TEST_F(RetryTest, AVersionThatKeepsMovingIsTriedAgainBeforeItIsAConflict) {
    run();
    ASSERT_EQ(books_.count("invoice"), 1u);
    shop_.put(1, "12.00", "ann@x.example");
    books_move();
    run();
    EXPECT_EQ(attempts(), 1);
    EXPECT_EQ(dead(), 0);
    books_.moving = false;
    later(1'000);
    EXPECT_EQ(books_.by_key("shop:shop:1")->body.at("total"), "12.00");

    shop_.put(1, "13.00", "ann@x.example");
    books_move();
    run();
    for (int i = 0; i < 5; ++i) {
        later(1'000);
    }
    const auto letters = engine().stores.jobs.dead_letters(tenant_, {}).value();
    ASSERT_EQ(letters.size(), 1u);
    EXPECT_EQ(letters[0].outcome, "conflict");
    EXPECT_EQ(letters[0].error_class, "stale_version");
    EXPECT_EQ(letters[0].error_code, "version.moving");
}

}  // namespace
}  // namespace syncline::testing
