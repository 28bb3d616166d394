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
        ASSERT_TRUE(engine().stores.vault.replace_credentials(
            tenant_, books_connection().id, {{"refresh_token", "of another grant"}}, 2
        ));
    };
    run();
    const auto stored =
        engine().stores.vault.credential({tenant_, books_connection().id, "refresh_token"});
    EXPECT_EQ(stored.value(), "of another grant");
}

TEST_F(AuthorizationTest, ARefusalOfFormerCredentialsSaysNothingAboutNewOnes) {
    const storage::Connection before = books_connection();
    ASSERT_TRUE(engine().stores.connections.raise_generation(before.id));
    engine().pool.note(before, Error{ErrorCode::kAuth, "the token is void"});
    EXPECT_EQ(books_connection().state, storage::ConnectionState::kActive);
}

}  // namespace
}  // namespace syncline::testing
