// Tenants beside each other on one engine: who has much to do does not hold up who has little.
#include <chrono>
#include <condition_variable>
#include <set>
#include <thread>

#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

// Calls of the books: each takes 5 s of the fake clock, or waits until the gate opens.
struct SlowBooks {
    struct Start {
        std::string tenant;
        std::string connection;
    };
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Start> starts;
    std::map<std::string, int> inside;  // by tenant
    bool gate_open = true;

    bool wait_for_inside(const std::string& tenant, int count) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(20), [&] {
            return inside[tenant] >= count;
        });
    }
    int inside_now(const std::string& tenant) {
        const std::lock_guard lock(mutex);
        return inside[tenant];
    }
    void open_gate() {
        {
            const std::lock_guard lock(mutex);
            gate_open = true;
        }
        changed.notify_all();
    }
};

class SlowBooksConnector : public FakeBooksConnector {
public:
    SlowBooksConnector(
        FakeBooks& books, SlowBooks& slow, FakeClock& clock, connectors::ConnectionIdentity who
    )
        : FakeBooksConnector(books), slow_(slow), clock_(clock), who_(std::move(who)) {}

    Result<std::vector<Result<Written>>> write(
        const WriteRequest& request, const connectors::CallContext& call
    ) override {
        {
            std::unique_lock lock(slow_.mutex);
            slow_.starts.push_back({who_.tenant, who_.connection});
            ++slow_.inside[who_.tenant];
            slow_.changed.notify_all();
            slow_.changed.wait(lock, [&] { return slow_.gate_open; });
            --slow_.inside[who_.tenant];
        }
        clock_.advance(std::chrono::milliseconds(5'000));
        return FakeBooksConnector::write(request, call);
    }

private:
    SlowBooks& slow_;
    FakeClock& clock_;
    const connectors::ConnectionIdentity who_;
};

class SlowBooksSource : public FakeConnectorSource {
public:
    SlowBooksSource(FakeShop& shop, FakeBooks& books, SlowBooks& slow, FakeClock& clock)
        : FakeConnectorSource(shop, books), books_(books), slow_(slow), clock_(clock) {}
    Result<std::unique_ptr<connectors::Connector>> create(
        const std::string& platform,
        const connectors::ConnectionIdentity& who,
        const Json& settings,
        connectors::ConnectionServices& services
    ) override {
        if (platform != "books") {
            return FakeConnectorSource::create(platform, who, settings, services);
        }
        return std::unique_ptr<connectors::Connector>(
            new SlowBooksConnector(books_, slow_, clock_, who)
        );
    }

private:
    FakeBooks& books_;
    SlowBooks& slow_;
    FakeClock& clock_;
};

class Fairness : public EngineTest {
protected:
    engine::ConnectorSource& source() override { return slow_source_; }
    void TearDown() override {
        slow_.open_gate();
        engine().dispatcher.stop(20'000);
    }

    // A tenant with a flow to each of `companies` companies.
    std::vector<Flow> add_tenant(const std::string& name, int companies) {
        auto& stores = engine().stores;
        const TenantId tenant = stores.tenants.ensure(name, 1).value();
        EXPECT_TRUE(stores.vault.prepare_tenant(tenant, 1).has_value());
        EXPECT_TRUE(stores.connections.put({tenant, "shop", "shop"}, 1).has_value());
        std::vector<Flow> flows;
        for (int i = 0; i < companies; ++i) {
            FlowDefinition definition;
            definition.name = "flow-" + std::to_string(i);
            definition.entity = "order";
            definition.source.connection = "shop";
            definition.target.connection = "company-" + std::to_string(i);
            EXPECT_TRUE(stores.connections.put({tenant, definition.target.connection, "books"}, 1)
                            .has_value());
            flows.push_back(stores.flows.put(tenant, definition, false, 1).value());
        }
        return flows;
    }
    // Due jobs for new orders.
    void queue(const Flow& flow, int count, int priority = 2) {
        const auto queued = engine().stores.database.write([&](storage::Sql& sql) -> Result<void> {
            for (int i = 0; i < count; ++i) {
                const std::string id = std::to_string(++last_order_);
                shop_.put(last_order_, "10.00", "ann@x.example");
                engine().stores.jobs.raise(
                    sql,
                    flow,
                    {id, "order:#" + id, "hash", std::nullopt, priority, false},
                    std::nullopt,
                    clock_.now().ms
                );
            }
            return {};
        });
        ASSERT_TRUE(queued.has_value());
    }
    // Companies of other tenants that were written to before the first of `tenant`.
    std::size_t companies_before(const std::string& tenant) {
        std::set<std::string> others;
        for (const auto& start : slow_.starts) {
            if (start.tenant == tenant) {
                return others.size();
            }
            others.insert(start.connection);
        }
        ADD_FAILURE() << tenant << " was never served";
        return others.size();
    }

    SlowBooks slow_;
    SlowBooksSource slow_source_{shop_, books_, slow_, clock_};
    std::int64_t last_order_ = 0;
};

TEST_F(Fairness, ATenantWithOneJobStartsWithinOneRoundOfATenantWithTenThousand) {
    for (const Flow& flow : add_tenant("a", 20)) {
        queue(flow, 500);
    }
    queue(add_tenant("b", 1).front(), 1);
    ASSERT_TRUE(engine().dispatcher.run_once().has_value());
    EXPECT_LE(companies_before("b"), 1u);
}

TEST_F(Fairness, AnInteractiveJobGoesBeforeTheSchedulesOfItsTenant) {
    const auto flows = add_tenant("a", 10);
    for (std::size_t i = 0; i + 1 < flows.size(); ++i) {
        queue(flows[i], 50);
    }
    queue(flows.back(), 1, 0);
    ASSERT_TRUE(engine().dispatcher.run_once().has_value());
    EXPECT_EQ(slow_.starts.front().connection, "company-9");
}

TEST_F(Fairness, ABackfillDoesNotTravelWithUrgentRecords) {
    const Flow flow = add_tenant("a", 1).front();
    queue(flow, 100, 3);
    queue(flow, 3, 1);
    ASSERT_TRUE(engine().dispatcher.run_once().has_value());
    EXPECT_EQ(books_.count("invoice"), 3u);
    ASSERT_TRUE(engine().dispatcher.run_once().has_value());
    EXPECT_GT(books_.count("invoice"), 3u);
}

TEST_F(Fairness, UrgentRecordsWhoseLanesAreBusyDoNotHoldUpABackfill) {
    const Flow flow = add_tenant("a", 1).front();
    queue(flow, 1, 1);
    const std::string lane = "order:#" + std::to_string(last_order_);
    ASSERT_TRUE(engine().stores.jobs.acquire_lanes(flow.target, {lane}, 99).has_value());
    queue(flow, 5, 3);
    ASSERT_TRUE(engine().dispatcher.run_once().has_value());
    ASSERT_TRUE(engine().dispatcher.run_once().has_value());
    EXPECT_EQ(books_.count("invoice"), 5u);
}

TEST_F(Fairness, ANewcomerStartsWhileEveryOtherCallStillHangs) {
    config_.deliveries_max = 8;
    config_.tick_ms = 10;
    restart();
    for (const Flow& flow : add_tenant("a", 12)) {
        queue(flow, 5);
    }
    slow_.gate_open = false;
    engine().dispatcher.start();
    ASSERT_TRUE(slow_.wait_for_inside("a", 7));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_EQ(slow_.inside_now("a"), 7);
    queue(add_tenant("b", 1).front(), 1);
    engine().dispatcher.wake();
    EXPECT_TRUE(slow_.wait_for_inside("b", 1));
    EXPECT_EQ(slow_.inside_now("a"), 7);
}

}  // namespace
}  // namespace syncline::testing
