// Credentials and tests of connections, over a shop with accounts.
#include "engine/connection_control.hpp"

#include <gtest/gtest.h>

#include "storage/alongside.hpp"
#include "support/engine_fixture.hpp"
#include "support/fake_accounts.hpp"

namespace syncline::testing {
namespace {

using engine::ConnectionControl;
using storage::ConnectionState;

class ConnectionControlTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        pool_.emplace(engine().stores, accounts_, clock_, config_);
        control_.emplace(
            engine().stores,
            *pool_,
            accounts_,
            clock_,
            [this] { ++wakes_; },
            "https://hooks.example"
        );
    }

    Result<engine::ConnectionView> put(
        const std::string& name, const std::string& secret, const std::string& url = kShop
    ) {
        return control_->put(
            tenant_, "shop", name, {{"store_url", url}, {"consumer_secret", secret}}
        );
    }
    storage::Connection stored(const std::string& name) {
        return engine().stores.connections.find(tenant_, name).value();
    }
    std::string secret_of(const std::string& name) {
        const auto value =
            engine().stores.vault.credential({tenant_, stored(name).id, "consumer_secret"});
        return value.value().value_or("(none)");
    }
    // As the watchdog notes what it found.
    void note_webhook() {
        auto& endpoints = engine().stores.webhook_endpoints;
        auto endpoint = endpoints.of(tenant_, stored("main").id).value();
        endpoint.webhooks = R"([{"id":"1","topic":"order.updated","state":"active"}])";
        ASSERT_TRUE(endpoints.note_check(endpoint));
    }

    static constexpr auto kShop = "https://shop.example";
    ShopAccount account_;
    FakeAccountSource accounts_{shop_, books_, account_};
    int wakes_ = 0;
    std::optional<engine::ConnectionPool> pool_;
    std::optional<ConnectionControl> control_;
};

TEST_F(ConnectionControlTest, KeepsSecretsInTheVaultAndTheRestInTheConnection) {
    const auto view = put("main", "cs_1");
    ASSERT_TRUE(view.has_value()) << view.error().message;
    EXPECT_EQ(view->credentials, std::vector<std::string>{"consumer_secret"});
    EXPECT_EQ(view->connection.settings, Json({{"store_url", kShop}}));
    EXPECT_EQ(stored("main").settings, Json({{"store_url", kShop}}));
    EXPECT_EQ(secret_of("main"), "cs_1");
}

TEST_F(ConnectionControlTest, NamesEveryProblemOfTheSettingsAndStoresNothing) {
    const auto refused = control_->put(
        tenant_, "shop", "main", {{"store_url", "ftp://x"}, {"page_size", 1000}, {"colour", "red"}}
    );
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalid);
    for (const char* part : {"/store_url: ", "/page_size: ", "/colour: ", "/consumer_secret: "}) {
        EXPECT_NE(refused.error().message.find(part), std::string::npos) << part;
    }
    EXPECT_FALSE(engine().stores.connections.find(tenant_, "main").has_value());
}

TEST_F(ConnectionControlTest, ForgetsASecretThatIsNotGivenAgain) {
    ASSERT_TRUE(put("main", "a"));
    ASSERT_TRUE(engine().stores.vault.put_credentials(
        tenant_, stored("main").id, {{"access_token", "b"}}, 1
    ));
    const auto view = put("main", "c");
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(view->credentials, std::vector<std::string>{"consumer_secret"});
}

// The platform signs with it, and nobody else knows it.
TEST_F(ConnectionControlTest, AWebhookSecretThatTheHostMadeOutlivesNewCredentials) {
    ASSERT_TRUE(put("main", "a"));
    auto& vault = engine().stores.vault;
    const auto id = stored("main").id;
    ASSERT_TRUE(vault.put_credentials(
        tenant_, id, {{"webhook_secret", "made"}, {"webhook_secret_former", "before"}}, 1
    ));
    ASSERT_TRUE(put("main", "b"));
    EXPECT_EQ(secret_of("main"), "b");
    EXPECT_EQ(vault.credential({tenant_, id, "webhook_secret"}).value(), "made");
    EXPECT_EQ(vault.credential({tenant_, id, "webhook_secret_former"}).value(), "before");
    ASSERT_TRUE(control_->put(
        tenant_,
        "shop",
        "main",
        {{"store_url", kShop}, {"consumer_secret", "c"}, {"webhook_secret", "given"}}
    ));
    EXPECT_EQ(vault.credential({tenant_, id, "webhook_secret"}).value(), "given");
    ASSERT_TRUE(control_->remove_credentials(tenant_, "shop", "main"));
    EXPECT_TRUE(vault.credential_names(tenant_, id)->empty());
}

TEST_F(ConnectionControlTest, NewCredentialsResumeAConnectionThatNeededThem) {
    ASSERT_TRUE(put("main", "cs_1"));
    const auto before = stored("main");
    ASSERT_TRUE(engine().stores.connections.set_state(
        before.id, ConnectionState::kNeedsReauth, "refused", 1
    ));
    ASSERT_TRUE(put("main", "cs_2"));
    EXPECT_EQ(stored("main").state, ConnectionState::kActive);
    EXPECT_GT(stored("main").generation, before.generation);
    EXPECT_GT(wakes_, 0);
}

TEST_F(ConnectionControlTest, ATestRemembersTheAccountAndResumes) {
    ASSERT_TRUE(put("main", "cs_1"));
    ASSERT_TRUE(engine().stores.connections.set_state(
        stored("main").id, ConnectionState::kPaused, "a plugin's fault", 1
    ));
    const auto tested = control_->test(tenant_, "shop", "main");
    ASSERT_TRUE(tested.has_value()) << tested.error().message;
    EXPECT_FALSE(tested->error.has_value());
    EXPECT_EQ(tested->report.account, "Demo shop");
    EXPECT_EQ(stored("main").remote_identity, kShop);
    EXPECT_EQ(stored("main").state, ConnectionState::kActive);
}

TEST_F(ConnectionControlTest, AFailedTestSaysWhyAndTheConnectionNeedsNewCredentials) {
    ASSERT_TRUE(put("main", "wrong"));
    const auto tested = control_->test(tenant_, "shop", "main");
    ASSERT_TRUE(tested.has_value());
    ASSERT_TRUE(tested->error.has_value());
    EXPECT_EQ(tested->error->name, "shop.unauthorized");
    EXPECT_EQ(tested->view.connection.state, ConnectionState::kNeedsReauth);
}

TEST_F(ConnectionControlTest, AnUnreachablePlatformChangesNothing) {
    ASSERT_TRUE(put("main", "cs_1"));
    account_.unreachable = true;
    const auto tested = control_->test(tenant_, "shop", "main");
    ASSERT_TRUE(tested.has_value());
    EXPECT_EQ(tested->error->code, ErrorCode::kTransient);
    EXPECT_EQ(stored("main").state, ConnectionState::kActive);
}

TEST_F(ConnectionControlTest, CredentialsOfAnotherAccountAreRefusedAndTheConnectionPaused) {
    ASSERT_TRUE(put("main", "cs_1"));
    ASSERT_TRUE(control_->test(tenant_, "shop", "main"));
    const auto refused = put("main", "cs_2", "https://other.example");
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().name, "connection.other_account");
    EXPECT_EQ(stored("main").state, ConnectionState::kPaused);
    EXPECT_EQ(stored("main").remote_identity, kShop);
    ASSERT_TRUE(put("main", "cs_3"));
    EXPECT_EQ(stored("main").state, ConnectionState::kActive);
}

TEST_F(ConnectionControlTest, ACredentialThatCannotBeTestedYetLeavesAKnownConnectionPaused) {
    ASSERT_TRUE(put("main", "cs_1"));
    ASSERT_TRUE(control_->test(tenant_, "shop", "main"));
    account_.unreachable = true;
    ASSERT_TRUE(put("main", "cs_2"));
    EXPECT_EQ(stored("main").state, ConnectionState::kPaused);
    account_.unreachable = false;
    ASSERT_TRUE(control_->test(tenant_, "shop", "main"));
    EXPECT_EQ(stored("main").state, ConnectionState::kActive);
}

TEST_F(ConnectionControlTest, RemovedCredentialsLeaveTheConnectionWaitingForNewOnes) {
    ASSERT_TRUE(put("main", "cs_1"));
    ASSERT_TRUE(control_->remove_credentials(tenant_, "shop", "main"));
    EXPECT_EQ(stored("main").state, ConnectionState::kNeedsReauth);
    EXPECT_EQ(secret_of("main"), "(none)");
}

TEST_F(ConnectionControlTest, TheShopIsAskedToDeliverNoMoreBeforeItsCredentialsGo) {
    const std::string url = "https://hooks.example/api/webhooks/shop/main";
    ASSERT_TRUE(put("main", "cs_1"));
    // Nothing was registered.
    ASSERT_TRUE(control_->remove_credentials(tenant_, "shop", "main"));
    EXPECT_TRUE(shop_.unregistered.empty());

    note_webhook();
    ASSERT_TRUE(put("main", "cs_2"));
    ASSERT_TRUE(control_->remove_credentials(tenant_, "shop", "main"));
    EXPECT_EQ(shop_.unregistered, std::vector<std::string>{url});
    EXPECT_EQ(engine().stores.webhook_endpoints.of(tenant_, stored("main").id)->webhooks, "[]");
}

TEST_F(ConnectionControlTest, ARemovalThatIsRefusedAsksTheShopForNothing) {
    ASSERT_TRUE(put("main", "cs_1"));
    note_webhook();
    {
        const storage::Alongside refusing(
            *engine().database,
            [](storage::Sql&) -> Result<void> {
                return Error{ErrorCode::kExists, "somebody changed it", "precondition.failed"};
            },
            {}
        );
        EXPECT_EQ(
            control_->remove_credentials(tenant_, "shop", "main").error().name,
            "precondition.failed"
        );
    }
    EXPECT_TRUE(shop_.unregistered.empty());
    EXPECT_EQ(secret_of("main"), "cs_1");
    EXPECT_EQ(stored("main").state, ConnectionState::kActive);
}

TEST_F(ConnectionControlTest, CredentialsThatComeWhileOthersAreRemovedStay) {
    ASSERT_TRUE(put("main", "cs_1"));
    note_webhook();
    shop_.before_unregister = [this] { ASSERT_TRUE(put("main", "cs_2")); };
    EXPECT_EQ(
        control_->remove_credentials(tenant_, "shop", "main").error().name, "connection.replaced"
    );
    EXPECT_EQ(secret_of("main"), "cs_2");
}

TEST_F(ConnectionControlTest, AShopThatDoesNotAnswerKeepsNobodyFromRemovingCredentials) {
    ASSERT_TRUE(put("main", "cs_1"));
    note_webhook();
    shop_.next_unregister_errors.push_back(
        {ErrorCode::kTransient, "shop.example does not answer", "http.timeout"}
    );
    ASSERT_TRUE(control_->remove_credentials(tenant_, "shop", "main"));
    EXPECT_EQ(secret_of("main"), "(none)");
    EXPECT_EQ(stored("main").state, ConnectionState::kNeedsReauth);
    const auto said = engine().database->read([&](storage::Sql& sql) -> Result<std::string> {
        return sql
            .value<std::string>(
                "SELECT message FROM sync_logs WHERE event = ?", std::string("webhook.left_behind")
            )
            .value_or("");
    });
    EXPECT_NE(said->find("shop.example does not answer"), std::string::npos);
    EXPECT_NE(said->find("https://hooks.example/api/webhooks/shop/main"), std::string::npos);
}

TEST_F(ConnectionControlTest, WhatTheFileDeclaresIsNotChangedHere) {
    ASSERT_TRUE(engine().stores.connections.put({tenant_, "main", "shop", Json::object(), true}, 1)
    );
    EXPECT_EQ(put("main", "cs_1").error().name, "managed_by_config");
    EXPECT_EQ(
        control_->remove_credentials(tenant_, "shop", "main").error().name, "managed_by_config"
    );
}

TEST_F(ConnectionControlTest, AnUnknownPlatformIsNotFound) {
    EXPECT_EQ(
        control_->put(tenant_, "abacus", "main", Json::object()).error().code, ErrorCode::kNotFound
    );
    EXPECT_EQ(control_->list(tenant_, "abacus").error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(put("main", "cs_1"));
    EXPECT_EQ(control_->test(tenant_, "books", "main").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace syncline::testing
