// The host as a source of its own id mappings and runs.
#include "engine/own_records.hpp"

#include <map>

#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

class OwnRecordsTest : public EngineTest {
protected:
    // Answers secrets and the like, which this source asks nobody for.
    struct Unused : connectors::ConnectionServices {
        Result<std::string> secret(std::string_view) override { return std::string(); }
        std::optional<std::string> kv_get(std::string_view) override { return std::nullopt; }
        Result<void> kv_put(std::string_view, std::string_view) override { return {}; }
    };

    std::unique_ptr<connectors::Connector> own(const std::string& tenant = "default") {
        engine::WithOwnRecords source(source_, engine().database.get(), clock_);
        auto made = source.create("syncline", {tenant, "host"}, Json::object(), unused_);
        EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
        return made ? std::move(*made) : nullptr;
    }

    // All pages of a window, by key.
    std::map<std::string, Record> read_all(
        const std::string& entity,
        std::int64_t limit,
        std::optional<Timestamp> from = std::nullopt,
        const std::string& tenant = "default"
    ) {
        const auto connector = own(tenant);
        ReadRequest request;
        request.entity = entity;
        request.limit = limit;
        request.window.from = from;
        std::map<std::string, Record> records;
        bool more = true;
        for (int pages = 0; more && pages < 100; ++pages) {
            const auto page = connector->read(request, {});
            EXPECT_TRUE(page.has_value()) << (page ? "" : page.error().message);
            if (!page) {
                return records;
            }
            EXPECT_LE(page->records.size(), static_cast<std::size_t>(limit));
            for (const auto& record : page->records) {
                records[record.key] = record;
            }
            more = page->more;
            request.after_id = page->last_id;
        }
        EXPECT_FALSE(more) << "the scan has no end";
        return records;
    }

    void three_orders() {
        for (const int id : {1, 2, 3}) {
            shop_.put(id, "10.00", "ann" + std::to_string(id) + "@x.example");
        }
        run_ = run().id;
    }
    void sql(const char* text) {
        ASSERT_TRUE(engine().database->write([&](storage::Sql& sql) -> Result<void> {
            sql.run(text);
            return {};
        }));
    }
    static std::string key(const std::string& record, const std::string& role = "invoice") {
        return "shop:shop/order/" + record + "/books:books/" + role;
    }

    Unused unused_;
    RunId run_;
};

TEST_F(OwnRecordsTest, EveryMappingComesOnceWhateverThePagesSize) {
    three_orders();
    const auto all = read_all("id_mapping", 100);
    ASSERT_EQ(all.count(key("1")), 1u);
    for (const std::int64_t limit : {1, 2, 3, 7}) {
        const auto paged = read_all("id_mapping", limit);
        EXPECT_EQ(paged.size(), all.size()) << limit;
    }
    const auto mapping = from_json<IdMappingRecord>(parse_json(all.at(key("2")).json).value());
    ASSERT_TRUE(mapping.has_value()) << mapping.error().message;
    EXPECT_EQ(mapping->source, "shop:shop");
    EXPECT_EQ(mapping->target, "books:books");
    EXPECT_EQ(mapping->record_id, "2");
    EXPECT_EQ(mapping->role, "invoice");
    EXPECT_FALSE(mapping->target_id.empty());
}

TEST_F(OwnRecordsTest, AWindowHasWhatChangedInIt) {
    three_orders();
    clock_.advance(std::chrono::hours(1));
    const Timestamp later = clock_.now();
    EXPECT_TRUE(read_all("id_mapping", 10, later).empty());
    EXPECT_TRUE(read_all("sync_log", 10, later).empty());
    shop_.now_ms = later.ms;
    shop_.put(2, "11.00", "ann2@x.example");
    run();
    const auto changed = read_all("id_mapping", 10, later);
    EXPECT_EQ(changed.count(key("2")), 1u);
    EXPECT_EQ(changed.count(key("1")), 0u);
    EXPECT_EQ(read_all("sync_log", 10, later).size(), 1u);
    EXPECT_EQ(read_all("sync_log", 10).size(), 2u);
}

TEST_F(OwnRecordsTest, ARunHasItsCounts) {
    three_orders();
    const auto runs = read_all("sync_log", 10);
    ASSERT_EQ(runs.size(), 1u);
    const auto log = from_json<SyncLogRecord>(parse_json(runs.at(run_).json).value());
    ASSERT_TRUE(log.has_value()) << log.error().message;
    EXPECT_EQ(log->flow, "shop-books-orders");
    EXPECT_EQ(log->source, "shop:shop");
    EXPECT_EQ(log->target, "books:books");
    EXPECT_EQ(log->status, "completed");
    EXPECT_EQ(log->read, 3);
    EXPECT_EQ(log->created, 3);
    EXPECT_TRUE(log->finished_at.has_value());
}

TEST_F(OwnRecordsTest, AnotherTenantSeesNothingOfIt) {
    three_orders();
    ASSERT_TRUE(engine().stores.tenants.ensure("globex", 1).has_value());
    EXPECT_TRUE(read_all("id_mapping", 10, std::nullopt, "globex").empty());
    EXPECT_TRUE(read_all("sync_log", 10, std::nullopt, "globex").empty());
    ReadRequest request;
    const auto globex = own("globex");
    for (const auto& [entity, id] :
         {std::pair<std::string, std::string>{"id_mapping", key("1")}, {"sync_log", run_}}) {
        request.entity = entity;
        request.ids = {id};
        EXPECT_EQ(own()->read(request, {}).value().records.size(), 1u) << entity;
        EXPECT_TRUE(globex->read(request, {}).value().records.empty()) << entity;
    }
}

TEST_F(OwnRecordsTest, RecordsAreFoundByTheirIds) {
    three_orders();
    ReadRequest request;
    request.entity = "id_mapping";
    request.ids = {key("3"), key("4"), "no key", key("1")};
    const auto page = own()->read(request, {});
    ASSERT_TRUE(page.has_value()) << page.error().message;
    ASSERT_EQ(page->records.size(), 2u);
    EXPECT_EQ(page->records[0].key, key("3"));
    EXPECT_EQ(page->records[1].key, key("1"));
}

TEST_F(OwnRecordsTest, AMappingThatIsRemovedIsADeletedRecordUntilItIsThereAgain) {
    three_orders();
    sql("CREATE TEMP TABLE kept AS SELECT * FROM id_mappings");
    sql("DELETE FROM id_mappings WHERE source_id = '2' AND role = 'invoice'");
    const auto removed = read_all("id_mapping", 2);
    ASSERT_EQ(removed.count(key("2")), 1u);
    EXPECT_EQ(removed.at(key("2")).operation, RecordOperation::kDelete);
    EXPECT_TRUE(removed.at(key("2")).json.empty());
    EXPECT_EQ(removed.at(key("1")).operation, RecordOperation::kUpsert);
    ASSERT_TRUE(engine().stores.tenants.ensure("globex", 1).has_value());
    EXPECT_TRUE(read_all("id_mapping", 2, std::nullopt, "globex").empty());
    sql("INSERT INTO id_mappings SELECT * FROM kept WHERE source_id = '2' AND role = 'invoice'");
    EXPECT_EQ(read_all("id_mapping", 2).at(key("2")).operation, RecordOperation::kUpsert);
}

// Else each of its runs would make news for the next one.
TEST_F(OwnRecordsTest, WhatAFlowOfItsOwnDoesIsLeftOut) {
    three_orders();
    add_connection("host", "syncline");
    sql("INSERT INTO id_mappings (id, tenant_id, source_connection_id, entity, source_id, role, "
        "identity_key, target_connection_id, target_entity, target_id, target_version, "
        "written_hash, owned, created_at_ms, updated_at_ms) SELECT 999, tenant_id, (SELECT id FROM "
        "connections WHERE name = "
        "'host'), 'id_mapping', source_id, role, identity_key, target_connection_id, "
        "target_entity, target_id, target_version, written_hash, owned, created_at_ms, "
        "updated_at_ms FROM id_mappings WHERE source_id = '1' AND role = 'invoice'");
    add_flow("host-books", {}, "host");
    sql("INSERT INTO sync_runs (id, sync_id, tenant_id, flow_id, mode, status, created_at_ms) "
        "SELECT 'own-run', 'own-run', tenant_id, id, 'incremental', 'running', 1 FROM flows "
        "WHERE name = 'host-books'");
    for (const auto& [record, kept] : read_all("id_mapping", 10)) {
        EXPECT_EQ(record.rfind("shop:shop/", 0), 0u) << record;
    }
    EXPECT_EQ(read_all("sync_log", 10).count("own-run"), 0u);
    ReadRequest request;
    request.entity = "sync_log";
    request.ids = {"own-run"};
    EXPECT_TRUE(own()->read(request, {}).value().records.empty());
}

TEST_F(OwnRecordsTest, NothingCanBeWrittenToIt) {
    const auto connector = own();
    EXPECT_EQ(connector->write({}, {}).error().code, ErrorCode::kUnsupported);
    EXPECT_EQ(connector->encode({}, {}, {}, {}).error().code, ErrorCode::kUnsupported);
    EXPECT_EQ(connector->find({}, {}).error().code, ErrorCode::kUnsupported);
    ReadRequest request;
    request.entity = "order";
    EXPECT_EQ(connector->read(request, {}).error().code, ErrorCode::kUnsupported);
}

TEST(OwnMappingKey, ComesBackWhateverIsInItsParts) {
    IdMappingRecord mapping;
    mapping.source = "woocommerce:shop";
    mapping.entity = "product";
    mapping.record_id = "@A/B%2F 100%/";
    mapping.target = "quickbooks:books";
    mapping.role = "";
    const auto back = engine::parse_own_mapping_key(engine::own_mapping_key(mapping));
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(to_json(*back), to_json(mapping));
    for (const auto* wrong : {"", "a/b/c/d", "a/b/c/d/e/f"}) {
        EXPECT_FALSE(engine::parse_own_mapping_key(wrong).has_value()) << wrong;
    }
}

}  // namespace
}  // namespace syncline::testing
