// An engine over a real SQLite file, a fake shop and fake books. restart() tears the engine down,
// as a crash would, and builds it anew over the same file.
#pragma once

#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "engine/collect.hpp"
#include "engine/conflict_control.hpp"
#include "engine/deliver.hpp"
#include "engine/dispatcher.hpp"
#include "engine/failure_control.hpp"
#include "engine/recover.hpp"
#include "engine/sync_control.hpp"
#include "storage/migrator.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_platform.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {

class EngineTest : public ::testing::Test {
protected:
    struct Engine {
        Engine(
            const std::string& file,
            const storage::Key& key,
            engine::ConnectorSource& source,
            const Clock& clock,
            engine::EngineConfig config
        )
            : database(
                  storage::Database::open({file, std::chrono::milliseconds(5), 4, "FULL"}).value()
              ),
              stores(*database, key),
              pool(stores, source, clock, config),
              writer(stores, clock, "test"),
              needs(stores, writer),
              collector(stores, pool, clock, config),
              deliverer(stores, pool, writer, clock, config),
              recoverer(stores, pool, writer, clock, config),
              dispatcher(stores, collector, deliverer, recoverer, clock, config),
              preview(stores, pool, needs, clock, config),
              control(stores, preview, clock, [this] { dispatcher.wake(); }),
              failures(stores, clock, [this] { dispatcher.wake(); }),
              conflicts(stores, clock, [this] { dispatcher.wake(); }) {}

        std::unique_ptr<storage::Database> database;
        engine::Stores stores;
        engine::ConnectionPool pool;
        engine::Writer writer;
        engine::NeedResolver needs;
        engine::Collector collector;
        engine::Deliverer deliverer;
        engine::Recoverer recoverer;
        engine::Dispatcher dispatcher;
        engine::Preview preview;
        engine::SyncControl control;
        engine::FailureControl failures;
        engine::ConflictControl conflicts;
    };

    void SetUp() override {
        restart();
        tenant_ = engine().stores.tenants.ensure("default", 1).value();
        ASSERT_TRUE(engine().stores.vault.prepare_tenant(tenant_, 1));
        add_connection("shop", "shop");
        add_connection("books", "books");
        add_flow("shop-books-orders");
    }

    void add_connection(const std::string& name, const std::string& platform) {
        storage::NewConnection connection;
        connection.tenant = tenant_;
        connection.name = name;
        connection.platform = platform;
        ASSERT_TRUE(engine().stores.connections.put(connection, 1).has_value());
    }

    // A flow whose runs need no confirmation.
    void add_flow(
        const std::string& name, Filters filters = {}, const std::string& source = "shop"
    ) {
        FlowDefinition definition;
        definition.name = name;
        definition.entity = "order";
        definition.source.connection = source;
        definition.source.filters = std::move(filters);
        definition.target.connection = "books";
        definition.approval.exempt = {Starter::kApi, Starter::kSchedule, Starter::kWebhook};
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    }

    void restart() {
        engine_.reset();
        engine_.emplace(dir_.file("test.db"), key_, source(), clock_, config_);
        ASSERT_TRUE(storage::migrate(*engine_->database, storage::embedded_migrations(), 1));
        ASSERT_TRUE(engine_->dispatcher.recover_state());
    }

    Engine& engine() { return *engine_; }

    // What the engine gets its connectors from.
    virtual engine::ConnectorSource& source() { return source_; }

    // Starts the flow and works until nothing is due.
    storage::Run run(SyncMode mode = SyncMode::kIncremental, storage::RunOptions options = {}) {
        const std::string id = start(mode, std::move(options));
        work();
        return status(id);
    }
    std::string start(SyncMode mode = SyncMode::kIncremental, storage::RunOptions options = {}) {
        engine::StartRequest request;
        request.entity = "order";
        request.mode = mode;
        request.options = std::move(options);
        const auto started = engine().control.start(tenant_, request);
        EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().message);
        return started ? started->sync_id : "";
    }
    storage::Run status(const std::string& id) {
        return engine().control.status(tenant_, id).value().front();
    }
    // Until nothing is due any more.
    void work() {
        for (int i = 0; i < 1000; ++i) {
            const auto any = engine().dispatcher.run_once();
            ASSERT_TRUE(any.has_value()) << any.error().message;
            if (!*any) {
                return;
            }
        }
        FAIL() << "the engine never comes to rest";
    }
    // Lets `ms` pass and works.
    void later(std::int64_t ms) {
        clock_.advance(std::chrono::milliseconds(ms));
        shop_.now_ms += ms;
        work();
    }
    static void expect_adds_up(const storage::Run& run) {
        const auto& c = run.counts;
        EXPECT_EQ(
            c.read, c.created + c.updated + c.skipped + c.held + c.conflict + c.waiting + c.failed
        );
    }

    TempDir dir_;
    FakeClock clock_;
    FakeShop shop_;
    FakeBooks books_;
    FakeConnectorSource source_{shop_, books_};
    engine::EngineConfig config_;
    storage::Key key_ = storage::Key::from_bytes(std::string(32, 'k')).value();
    TenantId tenant_;
    std::optional<Engine> engine_;
};

}  // namespace syncline::testing
