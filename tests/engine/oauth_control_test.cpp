// Connecting an account in a browser, without the API around it; and what keeps its tokens alive.
#include "engine/oauth_control.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "core/sha256.hpp"
#include "engine/app_control.hpp"
#include "engine/token_keeper.hpp"
#include "storage/migrator.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_provider.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

class OAuthControlTest : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(storage::migrate(*database_, storage::embedded_migrations(), 1));
        tenant_ = stores_.tenants.ensure("default", 1).value();
        ASSERT_TRUE(stores_.vault.prepare_tenant(tenant_, 1));
        ann_.name = "ann";
        ASSERT_TRUE(store_app().has_value());
    }

    Result<engine::AppView> store_app(const std::string& secret = "cs-canary-1") {
        return apps_.put(tenant_, "books", {"main", "sandbox", "app-1", secret, ""}, ann_);
    }
    engine::AuthorizationPage page(bool other_account = false) {
        engine::AuthorizeRequest request;
        request.platform = "books";
        request.connection = "books";
        request.other_account = other_account;
        request.redirect_uri = "https://sync.example/api/integrations/books/callback";
        auto asked = oauth_.authorize(tenant_, request, ann_);
        EXPECT_TRUE(asked.has_value()) << (asked ? "" : asked.error().message);
        return asked ? *asked : engine::AuthorizationPage{};
    }
    engine::Redirect back(const std::string& realm, bool other_account = false) {
        return {"books", provider_.consent(page(other_account).url, realm), "127.0.0.1", "r-1"};
    }
    // "" when it is connected, else the error's name.
    std::string come_back(const engine::Redirect& redirect) {
        const auto connected = oauth_.complete(redirect);
        if (connected) {
            return connected->test.error ? "test: " + connected->test.error->message : "";
        }
        for (const char* secret : {"cs-canary", "code-canary"}) {
            EXPECT_EQ(connected.error().message.find(secret), std::string::npos);
        }
        return connected.error().name;
    }
    storage::Connection books() { return stores_.connections.find(tenant_, "books").value(); }
    std::optional<std::string> secret(const std::string& name) {
        return stores_.vault.credential({tenant_, books().id, name}).value();
    }
    std::vector<storage::AuditRow> audited(const std::string& event) {
        storage::AuditFilter filter;
        filter.event = event;
        return stores_.audit.list(tenant_, false, filter).value();
    }
    Result<std::vector<Found>> call_books() {
        auto session = pool_.open(books().id);
        if (!session) {
            return session.error();
        }
        FindRequest request;
        request.entity = "invoice";
        request.keys.push_back({"it", "shop:shop:1", {}, {}, {}});
        return (*session)->find(request);
    }

    TempDir dir_;
    FakeClock clock_;
    FakeShop shop_;
    FakeBooks fake_books_;
    FakeGrant grant_;
    FakeProvider provider_{grant_};
    FakeProviderSource source_{shop_, fake_books_, grant_};
    storage::Key key_ = storage::Key::from_bytes(std::string(32, 'k')).value();
    std::unique_ptr<storage::Database> database_ =
        storage::Database::open({dir_.file("test.db"), std::chrono::milliseconds(5), 4, "FULL"})
            .value();
    engine::Stores stores_{*database_, key_};
    engine::ConnectionPool pool_{stores_, source_, clock_, engine::EngineConfig{}};
    engine::ConnectionControl connections_{stores_, pool_, source_, clock_, [] {}};
    engine::AppControl apps_{stores_, source_, clock_};
    engine::OAuthControl oauth_{
        stores_,
        connections_,
        source_,
        [this](const Spec&, const Json&, const engine::EndpointRequest& request) {
            return provider_.ask(request);
        },
        clock_};
    engine::TokenKeeper keeper_{stores_, pool_, source_, clock_};
    TenantId tenant_;
    storage::AuditActor ann_;
};

TEST_F(OAuthControlTest, ACodeBecomesAConnectionThatWorks) {
    ASSERT_EQ(come_back(back("9130")), "");
    EXPECT_EQ(books().state, storage::ConnectionState::kActive);
    EXPECT_EQ(books().remote_identity, "9130");
    EXPECT_EQ(
        books().settings,
        Json({{"realm", "9130"}, {"client_id", "app-1"}, {"environment", "sandbox"}})
    );
    EXPECT_EQ(secret("access_token"), "a2");
    EXPECT_EQ(secret("refresh_token"), "r2");
    EXPECT_EQ(secret("client_secret"), "cs-canary-1");
    const auto grant = stores_.oauth.grant(tenant_, books().id).value();
    ASSERT_TRUE(grant.has_value());
    EXPECT_EQ(grant->app_name, "main");
    EXPECT_EQ(grant->granted_by, "ann");
    EXPECT_EQ(grant->refresh_expires_at_ms, clock_.now().ms + 8'640'000'000);
    EXPECT_EQ(grant->hard_expires_at_ms, clock_.now().ms + 157'680'000'000);
    EXPECT_EQ(books().token_expires_at_ms, clock_.now().ms + 3'600'000);
    EXPECT_TRUE(call_books().has_value());
    EXPECT_EQ(grant_.refreshes, 0);
    ASSERT_EQ(audited("connection.authorized").size(), 1u);
    EXPECT_EQ(audited("connection.authorized")[0].entry.actor.name, "ann");
}

TEST_F(OAuthControlTest, AStateIsGoodOnceForTenMinutesAndAtItsPlatformOnly) {
    EXPECT_EQ(come_back({"books", {}, "", ""}), "oauth.state_missing");
    EXPECT_EQ(come_back({"books", {{"state", "x"}}, "", ""}), "oauth.state_unknown");
    auto redirect = back("9130");
    redirect.platform = "shop";
    EXPECT_EQ(come_back(redirect), "oauth.state_foreign");
    redirect.platform = "books";
    EXPECT_EQ(come_back(redirect), "");
    EXPECT_EQ(come_back(redirect), "oauth.state_used");
    const auto in_time = back("9130");
    const auto late = back("9130");
    clock_.advance(std::chrono::milliseconds(engine::OAuthControl::kStateLivesMs - 1));
    EXPECT_EQ(come_back(in_time), "");
    clock_.advance(std::chrono::milliseconds(1));
    EXPECT_EQ(come_back(late), "oauth.state_expired");
    EXPECT_EQ(provider_.requests.size(), 2u) << "nothing is asked for a state that is not good";
}

// Two browsers with one state: the platform is asked once.
TEST_F(OAuthControlTest, OfManyReturnsWithOneStateOneIsTaken) {
    const auto redirect = back("9130");
    std::atomic<int> taken{0};
    std::atomic<int> used{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            const auto connected = oauth_.complete(redirect);
            taken += connected ? 1 : 0;
            used += !connected && connected.error().name == "oauth.state_used" ? 1 : 0;
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(taken, 1);
    EXPECT_EQ(used, 7);
    EXPECT_EQ(provider_.requests.size(), 1u);
}

TEST_F(OAuthControlTest, OnlyTheHashOfAStateIsStored) {
    const std::string url = page().url;
    const auto asked = parameters_of(url.substr(url.find('?') + 1));
    const std::string state = asked.at("state");
    EXPECT_EQ(state.size(), 43u);
    EXPECT_EQ(asked.at("code_challenge").size(), 43u);
    EXPECT_EQ(asked.at("code_challenge_method"), "S256");
    EXPECT_FALSE(stores_.oauth.find_state(state).value().has_value());
    const auto rows = database_->read([](storage::Sql& sql) -> Result<std::string> {
        std::string all;
        for (const auto& [hash, connection] :
             sql.rows<std::string, std::string>("SELECT hash, connection FROM oauth_states")) {
            all += hash + " " + connection + "\n";
        }
        return all;
    });
    EXPECT_EQ(rows->find(state), std::string::npos);
}

TEST_F(OAuthControlTest, ARefusalLeavesEverythingAsItWas) {
    auto denied = back("9130");
    denied.query.erase("code");
    denied.query["error"] = "access_denied";
    EXPECT_EQ(come_back(denied), "oauth.denied");
    EXPECT_EQ(come_back(denied), "oauth.state_used");
    auto without_realm = back("9130");
    without_realm.query.erase("realmId");
    EXPECT_EQ(come_back(without_realm), "oauth.account_missing");
    EXPECT_TRUE(provider_.requests.empty());
    const auto refused = [&](int status, const std::string& body) {
        const auto redirect = back("9130");
        provider_.answer = engine::EndpointAnswer{status, body};
        const std::string name = come_back(redirect);
        provider_.answer.reset();
        return name;
    };
    EXPECT_EQ(refused(400, R"({"error":"invalid_grant"})"), "oauth.code_refused");
    EXPECT_EQ(refused(401, ""), "oauth.client_refused");
    EXPECT_EQ(refused(503, "<html>"), "oauth.endpoint_unavailable");
    EXPECT_EQ(refused(200, "<html>"), "oauth.answer_unreadable");
    auto other_verifier = back("9130");
    other_verifier.query["code"] = back("9130").query.at("code");
    EXPECT_EQ(come_back(other_verifier), "oauth.code_refused");
    EXPECT_FALSE(stores_.connections.find(tenant_, "books").has_value());
    for (const auto& row : audited("connection.authorized")) {
        EXPECT_EQ(row.entry.outcome, "refused");
    }
}

TEST_F(OAuthControlTest, AnotherAccountIsRefusedUnlessItIsAskedFor) {
    ASSERT_EQ(come_back(back("9130")), "");
    ASSERT_EQ(come_back(back("9130")), "");
    EXPECT_EQ(come_back(back("4711")), "oauth.other_account");
    EXPECT_EQ(provider_.requests.size(), 2u) << "it got no grant";
    EXPECT_EQ(books().settings.at("realm"), "9130");
    EXPECT_EQ(come_back(back("4711", true)), "");
    EXPECT_EQ(books().remote_identity, "4711");
    ASSERT_TRUE(database_->write([&](storage::Sql& sql) -> Result<void> {
        sql.run(
            "INSERT INTO id_mappings (tenant_id, source_connection_id, entity, source_id, role, "
            "identity_key, target_connection_id, target_entity, target_id, target_version, "
            "written_hash, created_at_ms, updated_at_ms) "
            "VALUES (?, ?, 'order', '1', 'main', '', ?, 'invoice', '7', '', '', 1, 1)",
            tenant_.value,
            books().id.value,
            books().id.value
        );
        return {};
    }));
    EXPECT_EQ(come_back(back("9130", true)), "oauth.has_history");
    EXPECT_EQ(books().remote_identity, "4711");
}

TEST_F(OAuthControlTest, DisconnectingRevokesAndThenForgetsEvenIfThePlatformIsDown) {
    for (const bool down : {false, true}) {
        ASSERT_EQ(come_back(back("9130")), "");
        const std::string token = *secret("refresh_token");
        provider_.down = down;
        provider_.revoked.clear();
        const auto done = oauth_.disconnect(tenant_, "books", "books", ann_);
        provider_.down = false;
        ASSERT_TRUE(done.has_value()) << done.error().message;
        EXPECT_EQ(done->revoked, !down);
        EXPECT_EQ(done->error.has_value(), down);
        EXPECT_EQ(provider_.revoked, down ? "" : token);
        EXPECT_EQ(done->view.credentials, std::vector<std::string>{"client_secret"});
        EXPECT_EQ(books().state, storage::ConnectionState::kNeedsReauth);
        EXPECT_EQ(books().token_expires_at_ms, 0);
        EXPECT_EQ(stores_.oauth.grant(tenant_, books().id).value()->hard_expires_at_ms, 0);
    }
    EXPECT_EQ(audited("connection.disconnected").size(), 2u);
}

TEST_F(OAuthControlTest, ARefreshUnderWayDoesNotUndoAReconnection) {
    ASSERT_EQ(come_back(back("9130")), "");
    const auto redirect = back("9130");
    const storage::Connection before = books();
    const std::string sent = stores_.vault.version({tenant_, before.id, "refresh_token"}).value();
    ASSERT_EQ(come_back(redirect), "");
    EXPECT_GT(books().generation, before.generation);
    const auto late = stores_.vault.put_refreshed(
        tenant_, before.id, {{{"refresh_token", "of the former"}}, before.generation, sent}, 2
    );
    EXPECT_EQ(late.error().name, "auth.superseded");
    EXPECT_EQ(secret("refresh_token"), "r3");
}

// The one that was sent may be void, as with platforms whose refresh tokens are good once.
TEST_F(OAuthControlTest, ARefreshUnderWaySurvivesANewSecretOfItsApp) {
    ASSERT_EQ(come_back(back("9130")), "");
    const storage::Connection before = books();
    const std::string sent = stores_.vault.version({tenant_, before.id, "refresh_token"}).value();
    ASSERT_TRUE(store_app("cs-canary-2").has_value());
    ASSERT_GT(books().generation, before.generation);
    ASSERT_TRUE(stores_.vault
                    .put_refreshed(
                        tenant_,
                        before.id,
                        {{{"refresh_token", "the only good one"}}, before.generation, sent},
                        2
                    )
                    .has_value());
    EXPECT_EQ(secret("refresh_token"), "the only good one");
    EXPECT_EQ(secret("client_secret"), "cs-canary-2");
}

TEST_F(OAuthControlTest, ANewSecretOfAnAppReachesItsConnections) {
    ASSERT_EQ(come_back(back("9130")), "");
    provider_.client_secret = "cs-canary-2";
    ASSERT_TRUE(store_app("cs-canary-2").has_value());
    EXPECT_EQ(secret("client_secret"), "cs-canary-2");
    const auto other =
        apps_.put(tenant_, "books", {"main", "sandbox", "app-2", "cs-canary-2", ""}, ann_);
    EXPECT_EQ(other.error().name, "app.in_use");
    EXPECT_EQ(apps_.remove(tenant_, "books", "main", ann_).error().name, "app.in_use");
    ASSERT_TRUE(oauth_.disconnect(tenant_, "books", "books", ann_).has_value());
    EXPECT_TRUE(apps_.remove(tenant_, "books", "main", ann_).has_value());
}

TEST_F(OAuthControlTest, TokensThatEndWithinFifteenMinutesAreRefreshedAhead) {
    ASSERT_EQ(come_back(back("9130")), "");
    EXPECT_EQ(keeper_.step().value(), 0);
    clock_.advance(std::chrono::minutes(45) - std::chrono::milliseconds(1));
    EXPECT_EQ(keeper_.step().value(), 0);
    clock_.advance(std::chrono::milliseconds(1));
    EXPECT_EQ(keeper_.step().value(), 1);
    EXPECT_EQ(grant_.refreshes, 1);
    EXPECT_EQ(secret("refresh_token"), "r3");
    EXPECT_EQ(books().token_expires_at_ms, clock_.now().ms + 3'600'000);
}

TEST_F(OAuthControlTest, AVoidGrantIsToldOnceAndAReconnectionGoesOn) {
    ASSERT_EQ(come_back(back("9130")), "");
    {
        const std::lock_guard lock(grant_.mutex);
        grant_.generation += 100;  // the owner takes the consent back
    }
    std::vector<std::thread> threads;
    for (int i = 0; i < 24; ++i) {
        threads.emplace_back([&] { EXPECT_FALSE(call_books().has_value()); });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(books().state, storage::ConnectionState::kNeedsReauth);
    EXPECT_EQ(books().state_reason, "the refresh token is void");
    ASSERT_EQ(audited("connection.needs_reauth").size(), 1u);
    EXPECT_EQ(keeper_.step().value(), 0);
    ASSERT_EQ(come_back(back("9130")), "");
    EXPECT_EQ(books().state, storage::ConnectionState::kActive);
    EXPECT_TRUE(call_books().has_value());
}

TEST_F(OAuthControlTest, TwentyFourThreadsWithAHundredJobsMakeOneRefresh) {
    ASSERT_EQ(come_back(back("9130")), "");
    grant_.expire();
    std::atomic<int> refused{0};
    grant_.before_refusal = [&] {
        ++refused;
        while (refused < 24) {
            std::this_thread::yield();
        }
    };
    std::atomic<int> next{0};
    std::atomic<int> failed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 24; ++i) {
        threads.emplace_back([&] {
            while (next++ < 100) {
                failed += call_books() ? 0 : 1;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(grant_.refreshes, 1);
    EXPECT_EQ(grant_.used_before_stored, 0);
}

}  // namespace
}  // namespace syncline::testing
