#include "supabase/tables.hpp"

#include <algorithm>

#include <syncline/plugin/http.hpp>
#include <syncline/timestamp.hpp>

namespace syncline::supabase {
namespace {

using enum ColumnKind;

const Table kCustomers{
    "customers",
    "customer",
    "",
    "",
    {{"tenant_id"},
     {"source_system"},
     {"source_id"},
     {"email"},
     {"first_name"},
     {"last_name"},
     {"company"},
     {"phone"},
     {"username"},
     {"role"},
     {"guest", kBoolean},
     {"active", kBoolean},
     {"billing", kJson},
     {"shipping", kJson},
     {"issues", kJson},
     {"raw", kJson},
     {"source_created_at", kTime},
     {"source_updated_at", kTime}},
    true};

const Table kProducts{
    "products",
    "product",
    "products",
    "parent_source_id",
    {{"tenant_id"},
     {"source_system"},
     {"source_id"},
     {"parent_source_id"},
     {"sku"},
     {"name"},
     {"type"},
     {"status"},
     {"active", kBoolean},
     {"description"},
     {"currency"},
     {"price", kNumber},
     {"regular_price", kNumber},
     {"sale_price", kNumber},
     {"taxable", kBoolean},
     {"tax_class"},
     {"manage_stock", kBoolean},
     {"stock_quantity", kNumber},
     {"attributes", kJson},
     {"issues", kJson},
     {"raw", kJson},
     {"source_created_at", kTime},
     {"source_updated_at", kTime}},
    true};

const Table kOrders{
    "orders",
    "order",
    "",
    "",
    {{"tenant_id"},
     {"source_system"},
     {"source_id"},
     {"number"},
     {"status"},
     {"source_status"},
     {"payment_status"},
     {"customer_source_id"},
     {"customer_email"},
     {"customer_name"},
     {"billing", kJson},
     {"shipping", kJson},
     {"currency"},
     {"prices_include_tax", kBoolean},
     {"discount_total", kNumber},
     {"shipping_total", kNumber},
     {"tax_total", kNumber},
     {"total", kNumber},
     {"refunded_total", kNumber},
     {"payment_method"},
     {"payment_title"},
     {"transaction_id"},
     {"customer_note"},
     {"discounts", kJson},
     {"tax_lines", kJson},
     {"refunds", kJson},
     {"issues", kJson},
     {"raw", kJson},
     {"paid_at", kTime},
     {"completed_at", kTime},
     {"source_created_at", kTime},
     {"source_updated_at", kTime}},
    true};

const Table kOrderLines{
    "order_lines",
    "",
    "orders",
    "order_source_id",
    {{"tenant_id"},
     {"source_system"},
     {"source_id"},
     {"order_source_id"},
     {"line_type"},
     {"position", kInteger},
     {"product_source_id"},
     {"variation_source_id"},
     {"sku"},
     {"name"},
     {"quantity", kNumber},
     {"unit_price", kNumber},
     {"currency"},
     {"subtotal", kNumber},
     {"subtotal_tax", kNumber},
     {"total", kNumber},
     {"total_tax", kNumber},
     {"tax_class"},
     {"taxes", kJson},
     {"source_created_at", kTime}}};

const Table kInvoices{
    "invoices",
    "invoice",
    "",
    "",
    {{"tenant_id"},
     {"source_system"},
     {"source_id"},
     {"number"},
     {"order_source_id"},
     {"status"},
     {"customer_source_id"},
     {"customer_name"},
     {"customer_email"},
     {"currency"},
     {"issued_on", kDate},
     {"due_on", kDate},
     {"lines", kJson},
     {"tax_total", kNumber},
     {"total", kNumber},
     {"balance", kNumber},
     {"issues", kJson},
     {"raw", kJson},
     {"source_created_at", kTime},
     {"source_updated_at", kTime}},
    true};

const Table kIdMappings{
    "id_mappings",
    "id_mapping",
    "",
    "",
    {{"tenant_id"},
     {"source_system"},
     {"source_id"},
     {"entity"},
     {"record_id"},
     {"target_system"},
     {"role"},
     {"target_id"},
     {"target_version"},
     {"raw", kJson},
     {"source_created_at", kTime},
     {"source_updated_at", kTime}},
    false,
    true};

const Table kSyncLogs{
    "sync_logs",
    "sync_log",
    "",
    "",
    {{"tenant_id"},
     {"source_system"},
     {"source_id"},
     {"flow"},
     {"entity"},
     {"status"},
     {"records_read", kCount},
     {"records_created", kCount},
     {"records_updated", kCount},
     {"records_skipped", kCount},
     {"records_held", kCount},
     {"records_failed", kCount},
     {"message"},
     {"raw", kJson},
     {"started_at", kTime},
     {"finished_at", kTime},
     {"source_created_at", kTime},
     {"source_updated_at", kTime}},
    false,
    true};

Json canonical_value(ColumnKind kind, const Json& value) {
    if (kind == kTime && value.is_string()) {
        const auto time = Timestamp::parse(value.get_ref<const std::string&>());
        return time ? Json(time->to_string()) : value;
    }
    return value;
}

}  // namespace

const Column* Table::column(std::string_view wanted) const {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& column) {
        return column.name == wanted;
    });
    return found == columns.end() ? nullptr : &*found;
}

const std::vector<Table>& all_tables() {
    static const std::vector<Table> kAll{
        kCustomers, kProducts, kOrders, kOrderLines, kInvoices, kIdMappings, kSyncLogs};
    return kAll;
}

const Table* find_table(std::string_view name) {
    for (const auto& table : all_tables()) {
        if (!name.empty() && (table.name == name || table.entity == name)) {
            return &table;
        }
    }
    return nullptr;
}

std::string Table::key_columns() const {
    std::string list;
    for (const auto column : own_key) {
        list += (list.empty() ? "" : ",") + std::string(column);
    }
    return list.empty() ? std::string(kKeyColumns) : list;
}

std::string select_list(const Table& table) {
    std::string list = "id";
    for (const auto& column : table.columns) {
        list += "," + std::string(column.name) + (column.kind == kNumber ? "::text" : "");
    }
    return list;
}

std::string_view sql_type(ColumnKind kind) {
    switch (kind) {
        case kNumber:
            return "numeric";
        case kInteger:
            return "integer";
        case kCount:
            return "bigint";
        case kBoolean:
            return "boolean";
        case kTime:
            return "timestamptz";
        case kDate:
            return "date";
        case kJson:
            return "jsonb";
        case kText:
            break;
    }
    return "text";
}

Json canonical_row(const Table& table, const Json& row) {
    Json canonical = Json::object();
    for (const auto& column : table.columns) {
        const auto value = row.find(column.name);
        canonical[std::string(column.name)] =
            value == row.end() ? Json() : canonical_value(column.kind, *value);
    }
    return canonical;
}

std::string text_of(const Json& object, std::string_view member) {
    if (!object.is_object()) {
        return {};
    }
    const auto found = object.find(member);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<RowKey> key_in(const Table& table, const Json& row) {
    if (!table.is_own()) {
        return row_key(row);
    }
    std::string id;
    for (const auto column : table.own_key) {
        const auto value = row.find(column);
        if (value == row.end() || value->is_null() || value->is_structured()) {
            return std::nullopt;
        }
        const std::string text = value->is_string() ? value->get<std::string>() : dump_json(*value);
        id += (id.empty() ? "" : "&") + std::string(column) + "=" + plugin::url_encode(text);
    }
    return RowKey{"", "", std::move(id)};
}

std::optional<RowKey> row_key(const Json& row) {
    RowKey key{text_of(row, "tenant_id"), text_of(row, "source_system"), text_of(row, "source_id")};
    const bool whole = !key.tenant.empty() && !key.source_system.empty() && !key.source_id.empty();
    return whole ? std::optional(std::move(key)) : std::nullopt;
}

}  // namespace syncline::supabase
