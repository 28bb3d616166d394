// Lost answers of one connection are looked after beside those of another.
#include <chrono>
#include <condition_variable>
#include <thread>

#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

using namespace std::chrono_literals;

// Searches of one connection's books do not come back until the gate opens.
struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool shut = false;
    int inside = 0;

    void pass() {
        std::unique_lock lock(mutex);
        ++inside;
        changed.notify_all();
        changed.wait(lock, [&] { return !shut; });
    }
    void open() {
        {
            const std::lock_guard lock(mutex);
            shut = false;
        }
        changed.notify_all();
    }
    bool wait_for_somebody() {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, 20s, [&] { return inside > 0; });
    }
};

class HangingBooks : public FakeBooksConnector {
public:
    HangingBooks(FakeBooks& books, Gate* gate) : FakeBooksConnector(books), gate_(gate) {}

    Result<std::vector<Found>> find(const FindRequest& request, const connectors::CallContext& call)
        override {
        if (gate_ != nullptr) {
            gate_->pass();
        }
        return FakeBooksConnector::find(request, call);
    }

private:
    Gate* gate_;
};

class HangingSource : public FakeConnectorSource {
public:
    HangingSource(FakeShop& shop, FakeBooks& books, Gate& gate)
        : FakeConnectorSource(shop, books), books_(books), gate_(gate) {}

    Result<std::unique_ptr<connectors::Connector>> create(
        const std::string& platform,
        const connectors::ConnectionIdentity& who,
        const Json& settings,
        connectors::ConnectionServices& services
    ) override {
        if (platform != "books") {
            return FakeConnectorSource::create(platform, who, settings, services);
        }
        Gate* gate = who.connection == "books" ? &gate_ : nullptr;
        return std::unique_ptr<connectors::Connector>(new HangingBooks(books_, gate));
    }

private:
    FakeBooks& books_;
    Gate& gate_;
};

class RecoveryTest : public EngineTest {
protected:
    engine::ConnectorSource& source() override { return hanging_; }

    std::int64_t open_intents(const std::string& connection) {
        const auto id = engine().stores.connections.find(tenant_, connection)->id;
        return engine().stores.intents.count_open(id).value();
    }

    Gate gate_;
    HangingSource hanging_{shop_, books_, gate_};
};

TEST_F(RecoveryTest, AnAccountThatHangsHoldsUpNobodyElsesLostAnswers) {
    add_connection("books-2", "books");
    FlowDefinition definition;
    definition.name = "shop-books-2-orders";
    definition.entity = "order";
    definition.source.connection = "shop";
    definition.target.connection = "books-2";
    definition.approval.exempt = {Starter::kApi};
    ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    shop_.put(1, "10.00", "ann@x.example");
    // The customer of the one is the other's too.
    books_.faults = {WriteFault::kNone, WriteFault::kDropAfter, WriteFault::kDropAfter};
    run();
    ASSERT_EQ(open_intents("books"), 1);
    ASSERT_EQ(open_intents("books-2"), 1);

    gate_.shut = true;
    gate_.inside = 0;
    clock_.advance(10s);
    engine().dispatcher.start();
    EXPECT_TRUE(gate_.wait_for_somebody());
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (open_intents("books-2") > 0 && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(10ms);
    }
    EXPECT_EQ(open_intents("books-2"), 0);
    EXPECT_EQ(open_intents("books"), 1);
    gate_.open();
    engine().dispatcher.stop(20'000);
    EXPECT_EQ(open_intents("books"), 0);
}

}  // namespace
}  // namespace syncline::testing
