// The tables of docs/supabase-schema.sql as this connector uses them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/json.hpp>

namespace syncline::supabase {

enum class ColumnKind { kText, kNumber, kInteger, kCount, kBoolean, kTime, kDate, kJson };

struct Column {
    std::string_view name;
    ColumnKind kind = ColumnKind::kText;
};

struct Table {
    std::string_view name;           // "orders"
    std::string_view entity;         // canonical entity, "order"; of order_lines none of its own
    std::string_view parent_table;   // of rows that belong to another row; empty: there are none
    std::string_view parent_column;  // holds the parent's source_id
    std::vector<Column> columns;     // that the connector writes, key columns first
    bool marks = false;              // has deleted_at, which marks rows that are gone at the source
    bool of_host = false;            // Syncline's own records: written, never read
    // Columns that know a row in a table of the tenant's own; empty: those of kKeyColumns.
    std::vector<std::string_view> own_key = {};

    bool is_own() const { return !own_key.empty(); }
    // The on_conflict target of upserts.
    std::string key_columns() const;
    const Column* column(std::string_view wanted) const;
    bool has_money() const { return column("total") != nullptr && column("tax_total") != nullptr; }
};

// The columns that know a row: on_conflict target of every upsert.
inline constexpr std::string_view kKeyColumns = "tenant_id,source_system,source_id";

// In the order in which they are written: parents before children.
const std::vector<Table>& all_tables();

// Of rows that are kept although their record is gone at its source: when that was noticed.
inline constexpr std::string_view kMarkColumn = "deleted_at";

// By table name or canonical entity; nullptr when there is none.
const Table* find_table(std::string_view name);

// "id,tenant_id,...": the connector's columns for select=, numbers as exact text.
std::string select_list(const Table& table);

// The type of a column in SQL.
std::string_view sql_type(ColumnKind kind);

// A row as PostgREST gave it, with times in the form encode() makes them
// ("2026-11-21T07:34:11.000Z"). Members that are no columns of the connector's are left out.
Json canonical_row(const Table& table, const Json& row);

struct RowKey {
    std::string tenant;
    std::string source_system;
    std::string source_id;

    friend auto operator<=>(const RowKey&, const RowKey&) = default;
};

// The key of a row of this table. Of a table of the tenant's own it has the columns and their
// values as source_id, "order_no=730", and no other part.
std::optional<RowKey> key_in(const Table& table, const Json& row);

// The key of a row or a document's body; nullopt when a part is missing or no text.
std::optional<RowKey> row_key(const Json& row);

// A text member; empty when it is absent or something else.
std::string text_of(const Json& object, std::string_view member);

}  // namespace syncline::supabase
