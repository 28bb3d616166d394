// Deliveries of several tenants, some of whose shops take calls and never answer.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "engine/webhook_inbox.hpp"
#include "engine/webhook_intake.hpp"
#include "support/engine_fixture.hpp"
#include "support/signed_webhook.hpp"

namespace syncline::testing {
namespace {

// For half a minute at most, so that a test that fails ends.
class TarpitConnector : public FakeShopConnector {
public:
    TarpitConnector(FakeShop& shop, std::atomic<int>& held, const std::atomic<bool>& refuses)
        : FakeShopConnector(shop), held_(held), refuses_(refuses) {}

    Result<Page> read(const ReadRequest&, const connectors::CallContext& call) override {
        held_ += refuses_ ? 0 : 1;
        for (int i = 0; i < 3000 && !refuses_ && (call.stop == nullptr || !call.stop->load());
             ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return Error{ErrorCode::kTransient, "no answer", "http.timeout"};
    }

private:
    std::atomic<int>& held_;
    const std::atomic<bool>& refuses_;
};

class TarpitSource : public FakeConnectorSource {
public:
    TarpitSource(FakeShop& shop, FakeBooks& books)
        : FakeConnectorSource(shop, books), shop_(shop) {}

    std::atomic<int> held{0};          // reads that are not answered
    std::atomic<bool> refuses{false};  // at once, instead

protected:
    std::unique_ptr<connectors::Connector> make_shop(
        const Json& settings, connectors::ConnectionServices& services
    ) override {
        if (settings.contains("tarpit")) {
            return std::make_unique<TarpitConnector>(shop_, held, refuses);
        }
        return FakeConnectorSource::make_shop(settings, services);
    }

private:
    FakeShop& shop_;
};

class IntakeFairnessTest : public EngineTest {
protected:
    engine::ConnectorSource& source() override { return tarpits_; }

    void SetUp() override {
        EngineTest::SetUp();
        receivers_.emplace(engine().stores, source(), clock_);
        intake_.emplace(engine().stores, engine().pool, clock_, [] {});
        inbox_.emplace(engine().stores, source(), *receivers_, clock_, [this] { intake_->wake(); });
    }
    void TearDown() override { intake_->stop(); }

    void add_tarpit(TenantId tenant, const std::string& name) {
        auto& stores = engine().stores;
        storage::NewConnection connection;
        connection.tenant = tenant;
        connection.name = name;
        connection.platform = "shop";
        connection.settings = {{"tarpit", true}};
        ASSERT_TRUE(stores.connections.put(connection, 1).has_value());
        FlowDefinition definition;
        definition.name = name + "-orders";
        definition.entity = "order";
        definition.source.connection = name;
        definition.target.connection = "books";
        ASSERT_TRUE(stores.flows.put(tenant, definition, false, 1).has_value());
    }
    void deliver_to(TenantId tenant, const std::string& name) {
        auto& stores = engine().stores;
        const auto connection = stores.connections.find(tenant, name).value();
        ASSERT_TRUE(
            stores.vault.put_credentials(tenant, connection.id, {{"webhook_secret", "s3cret"}}, 1)
        );
        receivers_->forget();
        const std::string body = R"({"id":7})";
        ASSERT_TRUE(inbox_->accept({"shop", name, delivery(body), body}).has_value());
    }
    std::size_t raised_of(TenantId tenant) {
        storage::WebhookEventFilter filter;
        filter.state = "raised";
        return engine().stores.webhook_events.list(tenant, filter)->size();
    }
    template <class Is>
    static bool becomes(const Is& is) {
        for (int i = 0; i < 1000 && !is(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return is();
    }

    TarpitSource tarpits_{shop_, books_};
    std::optional<engine::WebhookReceivers> receivers_;
    std::optional<engine::WebhookIntake> intake_;
    std::optional<engine::WebhookInbox> inbox_;
};

TEST_F(IntakeFairnessTest, ShopsThatNeverAnswerHoldUpNoOtherTenantsDeliveries) {
    const TenantId acme = engine().stores.tenants.ensure("acme", 1).value();
    ASSERT_TRUE(engine().stores.vault.prepare_tenant(acme, 1));
    storage::NewConnection books;
    books.tenant = acme;
    books.name = "books";
    books.platform = "books";
    ASSERT_TRUE(engine().stores.connections.put(books, 1).has_value());
    for (int i = 0; i < 10; ++i) {
        const std::string name = "tarpit-" + std::to_string(i);
        add_tarpit(acme, name);
        deliver_to(acme, name);
    }
    intake_->start();
    ASSERT_TRUE(becomes([&] { return tarpits_.held == 4; }));
    shop_.put(7, "12.00", "ann@x.example");
    deliver_to(tenant_, "shop");
    EXPECT_TRUE(becomes([&] { return raised_of(tenant_) == 1; }));
    EXPECT_EQ(tarpits_.held, 4);
    EXPECT_EQ(raised_of(acme), 0U);
}

TEST_F(IntakeFairnessTest, ShopsThatDidNotAnswerLeaveThreadsToTheOthersOfTheirTenant) {
    tarpits_.refuses = true;
    for (int i = 0; i < 6; ++i) {
        const std::string name = "tarpit-" + std::to_string(i);
        add_tarpit(tenant_, name);
        deliver_to(tenant_, name);
    }
    intake_->start();
    ASSERT_TRUE(becomes([&] {
        const auto events = engine().stores.webhook_events.list(tenant_, {}).value();
        return std::all_of(events.begin(), events.end(), [](const auto& event) {
            return event.attempts == 1;
        });
    }));
    tarpits_.refuses = false;
    clock_.advance(std::chrono::seconds(10));
    intake_->wake();
    ASSERT_TRUE(becomes([&] { return tarpits_.held == 2; }));
    shop_.put(7, "12.00", "ann@x.example");
    deliver_to(tenant_, "shop");
    EXPECT_TRUE(becomes([&] { return raised_of(tenant_) == 1; }));
    EXPECT_EQ(tarpits_.held, 2);
}

}  // namespace
}  // namespace syncline::testing
