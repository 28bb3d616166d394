// Deliveries of one app to several tenants, each of which has an account of its own there.
#include "engine/webhook_control.hpp"
#include "support/engine_fixture.hpp"
#include "support/signed_webhook.hpp"

namespace syncline::testing {
namespace {

using engine::WebhookReceipt;

// The shop as QuickBooks is: bodies name accounts, and one secret signs for all of them.
class SharedAppSource : public FakeConnectorSource {
public:
    SharedAppSource(FakeShop& shop, FakeBooks& books) : FakeConnectorSource(shop, books) {
        spec_ = *FakeConnectorSource::spec("shop");
        spec_.webhooks.source_header = "";
        spec_.webhooks.source_paths = {"/*/account"};
        spec_.webhooks.source_setting = "realm";
    }
    const Spec* spec(const std::string& platform) const override {
        return platform == "shop" ? &spec_ : FakeConnectorSource::spec(platform);
    }

private:
    Spec spec_;
};

class WebhookAccountsTest : public EngineTest {
protected:
    engine::ConnectorSource& source() override { return shared_; }

    void SetUp() override {
        EngineTest::SetUp();
        acme_ = engine().stores.tenants.ensure("acme", 1).value();
        ASSERT_TRUE(engine().stores.vault.prepare_tenant(acme_, 1));
        receivers_.emplace(engine().stores, source(), clock_);
        inbox_.emplace(engine().stores, source(), *receivers_, clock_, [] {});
        control_.emplace(engine().stores, source(), *receivers_, clock_, "", [] {});
        connect(tenant_, "shop", "1");
        connect(acme_, "acme-shop", "2");
    }
    void connect(TenantId tenant, const std::string& name, const std::string& account) {
        auto& stores = engine().stores;
        storage::NewConnection connection;
        connection.tenant = tenant;
        connection.name = name;
        connection.platform = "shop";
        connection.settings = {{"realm", account}};
        const auto stored = stores.connections.put(connection, 1);
        ASSERT_TRUE(stored.has_value());
        ASSERT_TRUE(
            stores.vault.put_credentials(tenant, stored->id, {{"webhook_secret", "s3cret"}}, 1)
        );
    }
    WebhookReceipt deliver(const std::string& body, const std::string& connection = "") {
        const auto receipt = inbox_->accept({"shop", connection, delivery(body), body});
        EXPECT_TRUE(receipt.has_value()) << (receipt ? "" : receipt.error().message);
        return receipt ? *receipt : WebhookReceipt::kPing;
    }
    // Of the deliveries that a tenant can see, the newest first.
    std::vector<std::string> bodies(TenantId tenant) {
        std::vector<std::string> all;
        const auto events = engine().stores.webhook_events.list(tenant, {}).value();
        for (const auto& event : events) {
            all.push_back(control_->open(tenant, event.id)->body);
        }
        const auto strays = control_->strays(tenant, 10).value();
        for (const auto& stray : strays) {
            all.push_back(stray.body);
        }
        return all;
    }

    using Bodies = std::vector<std::string>;
    SharedAppSource shared_{shop_, books_};
    TenantId acme_;
    std::optional<engine::WebhookReceivers> receivers_;
    std::optional<engine::WebhookInbox> inbox_;
    std::optional<engine::WebhookControl> control_;
};

TEST_F(WebhookAccountsTest, ABodyAboutAccountsOfTwoTenantsShowsEachOnlyItsOwn) {
    const std::string body = R"([{"account":"1","id":"a"},{"account":"2","id":"b"}])";
    EXPECT_EQ(deliver(body), WebhookReceipt::kStored);
    EXPECT_EQ(deliver(body), WebhookReceipt::kRepeated);
    EXPECT_EQ(bodies(tenant_), Bodies{R"([{"account":"1","id":"a"}])"});
    EXPECT_EQ(bodies(acme_), Bodies{R"([{"account":"2","id":"b"}])"});
    // At an address with a connection as well.
    EXPECT_EQ(
        deliver(R"([{"account":"1","id":"c"},{"account":"2","id":"d"}])", "acme-shop"),
        WebhookReceipt::kStored
    );
    EXPECT_EQ(bodies(tenant_).size(), 1U);
    EXPECT_EQ(bodies(acme_).front(), R"([{"account":"2","id":"d"}])");
}

TEST_F(WebhookAccountsTest, ABodyAboutOneAccountIsStoredAsItCame) {
    const std::string body = R"([ {"account":"2", "amount":1.50} ])";
    EXPECT_EQ(deliver(body), WebhookReceipt::kStored);
    EXPECT_EQ(bodies(acme_), Bodies{body});
}

TEST_F(WebhookAccountsTest, ABodyAboutOthersIsNotTheAddressedConnections) {
    const std::string body = R"([{"account":"1","id":"a"}])";
    EXPECT_EQ(deliver(body, "acme-shop"), WebhookReceipt::kNobodys);
    EXPECT_TRUE(bodies(acme_).empty());
    // The oldest tenant is the operator's.
    EXPECT_EQ(bodies(tenant_), Bodies{body});
}

TEST_F(WebhookAccountsTest, ARefusedBodyAboutTwoTenantsIsShownToTheOperatorOnly) {
    const std::string body = R"([{"account":"2"},{"account":"1"}])";
    const auto signed_wrongly = delivery(body, "d-1", "order.updated", "a guess");
    EXPECT_FALSE(inbox_->accept({"shop", "acme-shop", signed_wrongly, body}).has_value());
    EXPECT_TRUE(bodies(acme_).empty());
    EXPECT_EQ(bodies(tenant_), Bodies{body});
    const std::string own = R"([{"account":"2"}])";
    const auto own_wrongly = delivery(own, "d-1", "order.updated", "a guess");
    EXPECT_FALSE(inbox_->accept({"shop", "acme-shop", own_wrongly, own}).has_value());
    EXPECT_EQ(bodies(acme_), Bodies{own});
}

}  // namespace
}  // namespace syncline::testing
