// All seven tables are filled, with the source's own form beside the columns.
#include "../support/both_projects.hpp"

namespace syncline::test {
namespace {

EncodeContext of_host(const std::string& entity) {
    EncodeContext context;
    context.entity = entity;
    context.tenant = "acme";
    context.source = "syncline:host";
    return context;
}

TEST_P(SupabaseConnectorOn, FillsAllSevenTablesAndKeepsTheSourcesOwnForm) {
    Connected connected(project_);
    const Order order = make_order("730", 2);
    Product product = make_product("17", {"171", "172"});
    product.raw = {{"id", 17}, {"type", "variable"}};
    const std::pair<std::vector<WriteItem>, std::size_t> writes[] = {
        {connected.encode("order", {to_json(order)}), 2},
        {connected.encode("product", {to_json(product)}), 2},
        {connected.encode(
             "customer", {{{"id", "7"}, {"email", "Ann@Shop.example"}, {"raw", {{"id", 7}}}}}
         ),
         1},
        {connected.encode("invoice", {to_json(make_invoice("145"))}), 1},
        {connected.encode_in(of_host("id_mapping"), {to_json(make_mapping("730"))}), 1},
        {connected.encode_in(of_host("sync_log"), {to_json(make_log("run-1"))}), 1},
    };
    for (const auto& [items, count] : writes) {
        expect_all_done(connected.write(items), count);
    }
    const std::pair<const char*, std::size_t> counts[] = {
        {"orders", 1},
        {"order_lines", 3},
        {"products", 3},
        {"customers", 1},
        {"invoices", 1},
        {"id_mappings", 1},
        {"sync_logs", 1}};
    for (const auto& [table, count] : counts) {
        const auto rows = project_.get("/" + std::string(table) + "?select=tenant_id");
        EXPECT_EQ(rows.size(), count) << table;
    }
    EXPECT_EQ(project_.get("/orders?select=raw")[0]["raw"], order.raw);
    EXPECT_EQ(
        project_.get("/products?select=raw&source_id=eq.17")[0]["raw"],
        Json({{"id", 17}, {"type", "variable"}})
    );
    EXPECT_EQ(project_.get("/customers?select=raw")[0]["raw"], Json({{"id", 7}}));
    EXPECT_EQ(
        project_.get("/invoices?select=raw")[0]["raw"], Json({{"Id", "145"}, {"TotalAmt", "24.30"}})
    );
    EXPECT_EQ(
        project_.get("/id_mappings?select=source_system,source_id,record_id,target_system,role,"
                     "target_id,target_version"),
        Json::parse(R"([{"source_system": "woocommerce:shop",
                         "source_id": "order/730/quickbooks:books/invoice", "record_id": "730",
                         "target_system": "quickbooks:books", "role": "invoice",
                         "target_id": "145", "target_version": "3"}])")
    );
    EXPECT_EQ(
        project_.get("/sync_logs?select=source_system,source_id,flow,status,records_created"),
        Json::parse(R"([{"source_system": "woocommerce:shop", "source_id": "run-1",
                         "flow": "shop-books-orders", "status": "completed",
                         "records_created": 3}])")
    );
}

TEST_P(SupabaseConnectorOn, AVariationThatIsGoneFromItsProductIsRemoved) {
    Connected connected(project_);
    const auto write = [&](const std::vector<std::string>& variations) {
        expect_all_done(
            connected.write(connected.encode("product", {to_json(make_product("17", variations))})),
            2
        );
    };
    write({"171", "172", "173"});
    write({"171", "173"});
    EXPECT_EQ(
        project_.get("/products?select=source_id,parent_source_id&order=source_id"),
        Json::parse(R"([{"source_id": "17", "parent_source_id": null},
                        {"source_id": "171", "parent_source_id": "17"},
                        {"source_id": "173", "parent_source_id": "17"}])")
    );
}

TEST_P(SupabaseConnectorOn, AMappingAndARunAreWrittenOverWhenTheyChange) {
    Connected connected(project_);
    IdMappingRecord mapping = make_mapping("730");
    SyncLogRecord log = make_log("run-1");
    log.status = "running";
    const auto write = [&] {
        auto items = connected.encode_in(of_host("id_mapping"), {to_json(mapping)});
        expect_all_done(connected.write(items), 1);
        items = connected.encode_in(of_host("sync_log"), {to_json(log)});
        expect_all_done(connected.write(items), 1);
    };
    write();
    mapping.target_version = "4";
    log.status = "failed";
    log.failed = 2;
    write();
    EXPECT_EQ(
        project_.get("/id_mappings?select=target_version"),
        Json::parse(R"([{"target_version": "4"}])")
    );
    EXPECT_EQ(
        project_.get("/sync_logs?select=status,records_failed"),
        Json::parse(R"([{"status": "failed", "records_failed": 2}])")
    );
}

// As the host sends it: what is gone has no body, only the ids of its documents.
std::vector<WriteItem> gone(
    const Connected::Outcome& written, std::vector<WriteItem> items, DocumentOperation operation
) {
    for (auto& item : items) {
        item.remote_id = written.done.at(item.index).remote_id;
        item.operation = operation;
        item.body = Json::object();
        item.natural_key.clear();
        item.money.reset();
    }
    return items;
}

TEST_P(SupabaseConnectorOn, WhatIsGoneAtItsSourceIsDeletedByItsIds) {
    Connected connected(project_);
    const auto items = connected.encode("order", orders(2, 2));
    const auto written = connected.write(items);
    expect_all_done(written, 4);
    const std::vector<WriteItem> first(items.begin(), items.begin() + 2);
    const auto voided = connected.write(gone(written, first, DocumentOperation::kVoid));
    ASSERT_EQ(voided.failed.size(), 2U);
    for (const auto& [index, error] : voided.failed) {
        EXPECT_EQ(error.code, ErrorCode::kUnsupported) << error.message;
    }
    expect_all_done(connected.write(gone(written, first, DocumentOperation::kDelete)), 2);
    EXPECT_EQ(project_.get("/orders?select=source_id"), Json::parse(R"([{"source_id": "701"}])"));
    for (const auto& line : project_.get("/order_lines?select=order_source_id")) {
        EXPECT_EQ(line["order_source_id"], "701");
    }
}

TEST_P(SupabaseConnectorOn, WhatIsGoneAtItsSourceIsMarkedAndComesBackUnmarked) {
    Connected connected(project_, Connected::KeyStyle::kSecret, {{"deleted_rows", "mark"}});
    const auto orders_items = connected.encode("order", orders(2, 2));
    const auto products_items =
        connected.encode("product", {to_json(make_product("17", {"171", "172"}))});
    const auto orders_written = connected.write(orders_items);
    const auto products_written = connected.write(products_items);
    expect_all_done(orders_written, 4);
    expect_all_done(products_written, 2);
    const auto marked = [&](const std::string& table) {
        return project_.get("/" + table + "?select=source_id&deleted_at=not.is.null").size();
    };
    const std::vector<WriteItem> first(orders_items.begin(), orders_items.begin() + 2);
    expect_all_done(connected.write(gone(orders_written, first, DocumentOperation::kVoid)), 2);
    expect_all_done(
        connected.write(gone(products_written, products_items, DocumentOperation::kVoid)), 2
    );
    EXPECT_EQ(marked("orders"), 1U);
    EXPECT_EQ(marked("products"), 3U);
    EXPECT_EQ(project_.get("/order_lines?select=id").size(), 6U);

    Connected reader(project_);
    ReadRequest request;
    request.entity = "order";
    const auto page = reader.connector().read(reader.call(), request);
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->records.size(), 2U);
    EXPECT_EQ(page->records[0].operation, RecordOperation::kDelete);
    EXPECT_EQ(page->records[1].operation, RecordOperation::kUpsert);

    expect_all_done(connected.write(first), 2);
    expect_all_done(
        connected.write(connected.encode("product", {to_json(make_product("17", {"171"}))})), 2
    );
    EXPECT_EQ(marked("orders"), 0U);
    EXPECT_EQ(marked("products"), 1U) << "the variation that did not come back";
}

}  // namespace
}  // namespace syncline::test
