// Monthly read budgets: counted per app, warned about, and polling stops before they are used up.
#include "engine/read_budgets.hpp"

#include "core/log.hpp"
#include "engine/schedule_control.hpp"
#include "engine/scheduler.hpp"
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

// A shop whose every page is one GET.
class MeteredShopConnector : public FakeShopConnector {
public:
    MeteredShopConnector(FakeShop& shop, connectors::ConnectionServices& services)
        : FakeShopConnector(shop), services_(services) {}
    Result<Page> read(const ReadRequest& request, const connectors::CallContext& call) override {
        const connectors::OutgoingRequest get{"GET", "https://shop.example/orders"};
        SYNCLINE_ASSIGN_OR_RETURN(const auto began, services_.begin_request(get, &call));
        services_.end_request(get, began, 200);
        // What is written costs nothing.
        const connectors::OutgoingRequest post{"POST", "https://shop.example/orders"};
        SYNCLINE_ASSIGN_OR_RETURN(const auto posted, services_.begin_request(post, &call));
        services_.end_request(post, posted, 201);
        return FakeShopConnector::read(request, call);
    }

private:
    connectors::ConnectionServices& services_;
};

class MeteredSource : public FakeConnectorSource {
public:
    MeteredSource(FakeShop& shop, FakeBooks& books)
        : FakeConnectorSource(shop, books), shop_(shop) {
        spec_ = *FakeConnectorSource::spec("shop");
        spec_.limits.reads_per_month = 100;
        spec_.limits.requests_per_minute = 100'000;
    }
    const Spec* spec(const std::string& platform) const override {
        return platform == "shop" ? &spec_ : FakeConnectorSource::spec(platform);
    }
    Result<std::unique_ptr<connectors::Connector>> create(
        const std::string& platform,
        const connectors::ConnectionIdentity& who,
        const Json& settings,
        connectors::ConnectionServices& services
    ) override {
        if (platform != "shop") {
            return FakeConnectorSource::create(platform, who, settings, services);
        }
        return std::unique_ptr<connectors::Connector>(new MeteredShopConnector(shop_, services));
    }

private:
    FakeShop& shop_;
    Spec spec_;
};

class ReadBudgetsTest : public EngineTest {
protected:
    engine::ConnectorSource& source() override { return metered_; }

    void SetUp() override {
        EngineTest::SetUp();
        clock_.set(Timestamp::parse("2026-11-30T12:00:00Z").value());
        shop_.now_ms = clock_.now().ms;
        log::configure({log::Level::kInfo, log::Format::kText, [this](std::string_view line) {
                            lines_.with([&](auto& lines) { lines.emplace_back(line); });
                        }});
    }
    void TearDown() override { log::configure({}); }

    storage::Connection shop() { return engine().stores.connections.find(tenant_, "shop").value(); }
    engine::ReadBudgets& budgets() { return engine().pool.budgets(); }
    std::int64_t used() { return budgets().list(tenant_).value().at(0).used; }
    void use(std::int64_t reads) {
        budgets().count(shop(), reads);
        budgets().flush(shop());
    }
    int lines_with(const std::string& text) {
        return lines_.with([&](const auto& lines) {
            return static_cast<int>(std::count_if(
                lines.begin(),
                lines.end(),
                [&](const auto& line) { return line.find(text) != std::string::npos; }
            ));
        });
    }

    MeteredSource metered_{shop_, books_};
    Guarded<std::vector<std::string>> lines_;
};

TEST_F(ReadBudgetsTest, EveryReadOfARunIsCounted) {
    for (int i = 1; i <= 25; ++i) {
        shop_.put(i, "10.00", "ann@x.example");
    }
    run();
    EXPECT_EQ(used(), shop_.reads);
    EXPECT_GE(used(), 3);
}

TEST_F(ReadBudgetsTest, TenantsOfOneAppShareItsBudgetAndOtherAppsDoNot) {
    auto& stores = engine().stores;
    const TenantId other = stores.tenants.ensure("other", 1).value();
    const auto connect = [&](TenantId tenant, const std::string& name, const std::string& app) {
        storage::NewConnection wanted{tenant, name, "shop", Json{{"client_id", app}}, false};
        return stores.connections.put(wanted, 1).value();
    };
    const auto mine = connect(tenant_, "one", "app-1");
    const auto theirs = connect(other, "two", "app-1");
    const auto apart = connect(other, "three", "app-2");
    for (const auto& [connection, reads] : {std::pair{mine, 30}, {theirs, 65}, {apart, 1}}) {
        budgets().count(connection, reads);
        budgets().flush(connection);
    }
    EXPECT_EQ(budgets().allow_polling(mine).error().name, "budget.polling_stopped");
    EXPECT_TRUE(budgets().allow_polling(apart).has_value());
    EXPECT_TRUE(budgets().allow_polling(shop()).has_value());
    const auto seen = budgets().list(tenant_).value();
    ASSERT_EQ(seen.size(), 2u);  // the connection without an app, and app-1
    EXPECT_EQ(seen[1].used, 95);
    EXPECT_EQ(seen[1].used_by_tenant, 30);
    EXPECT_EQ(seen[1].state(), "polling_stopped");
}

TEST_F(ReadBudgetsTest, PollingStopsAtNinetyFivePerCentAndOtherWorkGoesOn) {
    shop_.put(1, "10.00", "ann@x.example");
    use(94);
    EXPECT_EQ(run().status, storage::RunStatus::kCompleted);  // the 95th read
    const auto reads = shop_.reads;
    const storage::Run stopped = run();
    EXPECT_EQ(stopped.status, storage::RunStatus::kFailed);
    EXPECT_EQ(stopped.error_code, "budget.polling_stopped");
    EXPECT_NE(stopped.error_message.find("2026-12-01T00:00:00.000Z"), std::string::npos)
        << stopped.error_message;
    EXPECT_EQ(shop_.reads, reads);
    EXPECT_EQ(shop().state, storage::ConnectionState::kActive);
    storage::RunOptions ids;
    ids.ids = {"1"};
    EXPECT_EQ(run(SyncMode::kIds, ids).status, storage::RunStatus::kCompleted);
    later(12 * 3'600'000);
    EXPECT_EQ(run().status, storage::RunStatus::kCompleted);
}

TEST_F(ReadBudgetsTest, AScanThatMeetsTheEndOfTheBudgetGoesOnWhereItStopped) {
    for (int i = 1; i <= 45; ++i) {
        shop_.put(i, "10.00", "ann@x.example");
    }
    use(93);
    EXPECT_EQ(run().error_code, "budget.polling_stopped");
    EXPECT_EQ(used(), 95);
    EXPECT_EQ(books_.count("invoice"), 20u);
    later(12 * 3'600'000);
    EXPECT_EQ(run().status, storage::RunStatus::kCompleted);
    EXPECT_EQ(books_.count("invoice"), 45u);
    EXPECT_EQ(used(), 3);  // of the new month
}

TEST_F(ReadBudgetsTest, EachThresholdIsToldOnce) {
    for (int i = 0; i < 90; ++i) {
        use(1);
        if (i == 69 || i == 84) {
            restart();
        }
    }
    EXPECT_EQ(lines_with("percent=70"), 1);
    EXPECT_EQ(lines_with("percent=85"), 1);
    EXPECT_EQ(lines_with("polling stops"), 0);
    use(10);
    use(10);
    EXPECT_EQ(lines_with("polling stops"), 1);
}

TEST_F(ReadBudgetsTest, AnOperatorsBudgetGoesBeforeTheConnectors) {
    use(95);
    EXPECT_FALSE(budgets().allow_polling(shop()).has_value());
    budgets().set_budgets({{{"shop", ""}, 1'000}});
    EXPECT_TRUE(budgets().allow_polling(shop()).has_value());
    budgets().set_budgets({{{"shop", ""}, 0}});
    EXPECT_TRUE(budgets().list(tenant_)->empty());
}

TEST_F(ReadBudgetsTest, AScheduleLeavesItsSlotsOutAndSaysWhy) {
    engine::Scheduler scheduler(
        engine().stores, engine().control, clock_, &engine().pool.budgets()
    );
    engine::ScheduleControl schedules(engine().stores, clock_);
    ScheduleDefinition often;
    often.name = "often";
    often.flow = "shop-books-orders";
    often.interval_s = 300;
    often.jitter_s = 0;
    ASSERT_TRUE(schedules.create(tenant_, often).has_value());
    use(95);
    clock_.advance(std::chrono::seconds(300));
    EXPECT_EQ(scheduler.step().value(), 0u);
    EXPECT_TRUE(engine().stores.runs.open_runs()->empty());
    const auto schedule = engine().stores.schedules.find(tenant_, "often").value();
    EXPECT_NE(schedule.last_error.find("polling stops"), std::string::npos) << schedule.last_error;
    clock_.advance(std::chrono::hours(12));
    EXPECT_EQ(scheduler.step().value(), 1u);
}

}  // namespace
}  // namespace syncline::testing
