// Syncline's own id mappings and runs as rows.
#include "supabase/host_rows.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "supabase/encode.hpp"
#include "supabase/tables.hpp"

namespace syncline::supabase {
namespace {

EncodeContext own_context(const std::string& entity) {
    EncodeContext context;
    context.entity = entity;
    context.tenant = "acme";
    context.source = "syncline:host";
    return context;
}

IdMappingRecord one_mapping() {
    IdMappingRecord mapping;
    mapping.source = "woocommerce:shop";
    mapping.entity = "order";
    mapping.record_id = "a/b";
    mapping.target = "quickbooks:books";
    mapping.role = "invoice";
    mapping.target_entity = "invoice";
    mapping.target_id = "145";
    mapping.created_at = Timestamp::parse("2026-11-01T00:00:00Z").value();
    mapping.updated_at = Timestamp::parse("2026-11-02T00:00:00Z").value();
    return mapping;
}

TEST(SupabaseHostRows, AMappingStandsBesideTheRecordItIsAbout) {
    const auto encoded = encode_records({own_context("id_mapping"), {to_json(one_mapping())}, {}});
    ASSERT_TRUE(encoded) << encoded.error().message;
    const Document& document = encoded->at(0).documents.at(0);
    EXPECT_EQ(document.entity, "id_mappings");
    EXPECT_EQ(document.body["tenant_id"], "acme");
    EXPECT_EQ(document.body["source_system"], "woocommerce:shop");
    EXPECT_EQ(document.body["source_id"], "order/a%2Fb/quickbooks:books/invoice");
    EXPECT_EQ(document.body["record_id"], "a/b");
    EXPECT_EQ(document.body["target_system"], "quickbooks:books");
    EXPECT_EQ(document.body["target_id"], "145");
    EXPECT_EQ(document.body["target_version"], Json());
    EXPECT_EQ(document.body["source_updated_at"], "2026-11-02T00:00:00.000Z");
    EXPECT_EQ(document.body["raw"]["target_entity"], "invoice");
}

TEST(SupabaseHostRows, ARunHasItsFlowAndItsCounts) {
    SyncLogRecord log;
    log.id = "0190-run";
    log.flow = "shop-books-orders";
    log.source = "woocommerce:shop";
    log.target = "quickbooks:books";
    log.entity = "order";
    log.mode = "incremental";
    log.status = "partial";
    log.read = 5;
    log.created = 1;
    log.updated = 2;
    log.skipped = 0;
    log.held = 1;
    log.failed = 1;
    log.message = "m";
    log.created_at = Timestamp::parse("2026-11-01T00:00:00Z").value();
    log.finished_at = Timestamp::parse("2026-11-01T00:01:00Z").value();
    const auto encoded = encode_records({own_context("sync_log"), {to_json(log)}, {}});
    ASSERT_TRUE(encoded) << encoded.error().message;
    const Json& row = encoded->at(0).documents.at(0).body;
    EXPECT_EQ(row["source_system"], "woocommerce:shop");
    EXPECT_EQ(row["source_id"], "0190-run");
    EXPECT_EQ(row["flow"], "shop-books-orders");
    EXPECT_EQ(row["status"], "partial");
    EXPECT_EQ(row["records_read"], 5);
    EXPECT_EQ(row["records_created"], 1);
    EXPECT_EQ(row["records_updated"], 2);
    EXPECT_EQ(row["records_held"], 1);
    EXPECT_EQ(row["records_failed"], 1);
    EXPECT_EQ(row["started_at"], Json());
    EXPECT_EQ(row["finished_at"], "2026-11-01T00:01:00.000Z");
}

TEST(SupabaseHostRows, TheirRowsAreWholeAndNotForMappingRulesToChange) {
    for (const auto* entity : {"id_mapping", "sync_log"}) {
        const Table* table = find_table(entity);
        ASSERT_NE(table, nullptr);
        const auto paths = owned_paths(entity);
        for (const auto& column : table->columns) {
            const std::string path = "/" + std::string(column.name);
            EXPECT_NE(std::find(paths.begin(), paths.end(), path), paths.end()) << path;
        }
    }
}

}  // namespace
}  // namespace syncline::supabase
