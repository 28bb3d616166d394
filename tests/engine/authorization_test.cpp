#include <atomic>
#include <optional>
#include <thread>

#include "engine/token_keeper.hpp"
#include "support/engine_fixture.hpp"
#include "support/fake_grant.hpp"

namespace syncline::testing {
namespace {

class AuthorizationTest : public EngineTest {
protected:
    engine::ConnectorSource& source() override { return grants_; }

    void SetUp() override {
        EngineTest::SetUp();
        put_refresh_token("r1");
    }
    storage::Connection books_connection() {
        return engine().stores.connections.find(tenant_, "books").value();
    }
    void put_refresh_token(const std::string& token) {
        ASSERT_TRUE(engine().stores.vault.put_credentials(
            tenant_, books_connection().id, {{"refresh_token", token}}, 1
        ));
    }

    void call_at_once(int workers);
    std::atomic<int> served_{0};

    FakeGrant grant_;
    FakeGrantSource grants_{shop_, books_, grant_};
};

TEST_F(AuthorizationTest, ARotatedRefreshTokenIsAtRestBeforeItsAccessTokenIsUsed) {
    shop_.put(1, "10.00", "ann@x.example");
    EXPECT_EQ(run().counts.created, 1);
    EXPECT_EQ(grant_.refreshes, 1);
    EXPECT_EQ(grant_.used_before_stored, 0);
    // What a crash right after the use would find.
    restart();
    grant_.expire();
    later(3'600'000);
    shop_.put(2, "20.00", "bob@x.example");
    EXPECT_EQ(run().counts.created, 1);
    EXPECT_EQ(grant_.refreshes, 2);
    EXPECT_EQ(grant_.used_before_stored, 0);
}

TEST_F(AuthorizationTest, ATokenThatExpiresEarlierThanItSaidIsRefreshedOnceAndTheCallRepeated) {
    shop_.put(1, "10.00", "ann@x.example");
    run();
    grant_.expire();
    shop_.put(2, "20.00", "bob@x.example");
    EXPECT_EQ(run().counts.created, 1);
    EXPECT_EQ(grant_.refreshes, 2);
    EXPECT_EQ(books_.count("invoice"), 2u);
}

TEST_F(AuthorizationTest, AVoidGrantPausesTheConnectionUntilThereAreNewCredentials) {
    put_refresh_token("stolen");
    shop_.put(1, "10.00", "ann@x.example");
    run();
    EXPECT_EQ(books_.count("invoice"), 0u);
    EXPECT_EQ(books_connection().state, storage::ConnectionState::kNeedsReauth);
    put_refresh_token("r1");
    ASSERT_TRUE(engine().stores.connections.set_state(
        books_connection().id, storage::ConnectionState::kActive, "", 2
    ));
    later(60'000);
    EXPECT_EQ(books_.count("invoice"), 1u);
}

TEST_F(AuthorizationTest, ARefreshUnderWayDoesNotUndoNewCredentials) {
    shop_.put(1, "10.00", "ann@x.example");
    grant_.during_refresh = [&] {
        ASSERT_TRUE(engine().stores.vault.put_credentials(
            tenant_, books_connection().id, {{"refresh_token", "of another grant"}}, 2
        ));
        ASSERT_TRUE(engine().stores.connections.raise_generation(books_connection().id));
    };
    run();
    const auto stored =
        engine().stores.vault.credential({tenant_, books_connection().id, "refresh_token"});
    EXPECT_EQ(stored.value(), "of another grant");
}

// As many workers as jobs: each opens the connection and calls, all at the same time.
void AuthorizationTest::call_at_once(int workers) {
    const ConnectionId books = books_connection().id;
    std::atomic<int> ready{0};
    std::atomic<int> failed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < workers; ++i) {
        threads.emplace_back([&] {
            auto session = engine().pool.open(books);
            ++ready;
            while (ready < workers) {
                std::this_thread::yield();
            }
            FindRequest request;
            request.entity = "invoice";
            request.keys.push_back({"it", "shop:shop:1", {}, {}, {}});
            failed += session && (*session)->find(request) ? 0 : 1;
            ++served_;
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(failed, 0);
}

TEST_F(AuthorizationTest, AHundredJobsWithAnExpiredTokenMakeOneRefresh) {
    call_at_once(100);
    EXPECT_EQ(grant_.refreshes, 1);
    // Now the platform says so, to all of them, before the time it named. One worker refreshes and
    // is served before the others hear that they were refused.
    grant_.expire();
    served_ = 0;
    std::atomic<int> refused{0};
    grant_.before_refusal = [&] {
        const bool is_first = ++refused == 1;
        while (is_first ? refused < 100 : served_ == 0) {
            std::this_thread::yield();
        }
    };
    call_at_once(100);
    EXPECT_EQ(refused, 100);
    EXPECT_EQ(grant_.refreshes, 2);
    EXPECT_EQ(grant_.used_before_stored, 0);
}

TEST_F(AuthorizationTest, ARefreshTellsWhenTheTokensEnd) {
    grant_.refresh_lives_s = 8'640'000;
    grant_.lives_s = 157'680'000;
    FindRequest request;
    request.keys.push_back({"it", "shop:shop:1", {}, {}, {}});
    ASSERT_TRUE(engine().pool.open(books_connection().id).value()->find(request).has_value());
    const std::int64_t now = clock_.now().ms;
    auto grant = engine().stores.oauth.grant(tenant_, books_connection().id).value();
    ASSERT_TRUE(grant.has_value());
    EXPECT_EQ(books_connection().token_expires_at_ms, now + 3'600'000);
    EXPECT_EQ(grant->refresh_expires_at_ms, now + 8'640'000'000);
    EXPECT_EQ(grant->hard_expires_at_ms, now + 157'680'000'000);
    // The next answer does not say how long the grant lives: its end is known already.
    grant_.lives_s = 0;
    grant_.expire();
    clock_.advance(std::chrono::minutes(30));
    ASSERT_TRUE(engine().pool.open(books_connection().id).value()->find(request).has_value());
    grant = engine().stores.oauth.grant(tenant_, books_connection().id).value();
    EXPECT_EQ(grant->refresh_expires_at_ms, clock_.now().ms + 8'640'000'000);
    EXPECT_EQ(grant->hard_expires_at_ms, now + 157'680'000'000);
}

class TokenKeeperTest : public AuthorizationTest {
protected:
    std::int64_t step() { return keeper().step().value(); }
    engine::TokenKeeper& keeper() {
        if (!keeper_) {
            keeper_.emplace(engine().stores, engine().pool, grants_, clock_);
        }
        return *keeper_;
    }
    void set_state(storage::ConnectionState state) {
        ASSERT_TRUE(engine().stores.connections.set_state(books_connection().id, state, "test", 2));
    }

    std::optional<engine::TokenKeeper> keeper_;
};

TEST_F(TokenKeeperTest, TokensThatEndWithinFifteenMinutesAreRefreshedAhead) {
    EXPECT_EQ(step(), 1) << "when it ends is not known yet";
    EXPECT_EQ(step(), 0);
    clock_.advance(std::chrono::minutes(45) - std::chrono::milliseconds(1));
    EXPECT_EQ(step(), 0);
    clock_.advance(std::chrono::milliseconds(1));
    EXPECT_EQ(step(), 1);
    EXPECT_EQ(grant_.refreshes, 2);
    EXPECT_EQ(books_connection().token_expires_at_ms, clock_.now().ms + 3'600'000);
    EXPECT_EQ(grant_.used_before_stored, 0);
}

TEST_F(TokenKeeperTest, APausedConnectionKeepsItsGrantAndAVoidOneIsLeftAlone) {
    set_state(storage::ConnectionState::kPaused);
    EXPECT_EQ(step(), 1);
    EXPECT_EQ(books_connection().state, storage::ConnectionState::kPaused);
    set_state(storage::ConnectionState::kNeedsReauth);
    clock_.advance(std::chrono::hours(1));
    EXPECT_EQ(step(), 0);
    EXPECT_EQ(grant_.refreshes, 1);
    set_state(storage::ConnectionState::kActive);
    put_refresh_token("stolen");
    EXPECT_EQ(step(), 0);
    EXPECT_EQ(books_connection().state, storage::ConnectionState::kNeedsReauth);
}

TEST_F(TokenKeeperTest, ASuspendedTenantsTokensRest) {
    ASSERT_TRUE(engine().stores.tenants.set_active(tenant_, false, "unpaid", 2));
    EXPECT_EQ(step(), 0);
    EXPECT_EQ(grant_.refreshes, 0);
}

TEST_F(AuthorizationTest, ARefreshThatFailedIsTriedAgainByTheNextCall) {
    FindRequest request;
    request.keys.push_back({"it", "shop:shop:1", {}, {}, {}});
    put_refresh_token("stolen");
    EXPECT_FALSE(engine().pool.open(books_connection().id).value()->find(request).has_value());
    put_refresh_token("r1");
    ASSERT_TRUE(engine().stores.connections.set_state(
        books_connection().id, storage::ConnectionState::kActive, "", 2
    ));
    EXPECT_TRUE(engine().pool.open(books_connection().id).value()->find(request).has_value());
    EXPECT_EQ(grant_.refreshes, 1);
}

TEST_F(AuthorizationTest, ARefusalOfFormerCredentialsSaysNothingAboutNewOnes) {
    const storage::Connection before = books_connection();
    ASSERT_TRUE(engine().stores.connections.raise_generation(before.id));
    engine().pool.note(before, Error{ErrorCode::kAuth, "the token is void"});
    EXPECT_EQ(books_connection().state, storage::ConnectionState::kActive);
}

}  // namespace
}  // namespace syncline::testing
