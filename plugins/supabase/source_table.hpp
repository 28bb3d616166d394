// Tables as they are read: the documented ones, or tables of the tenant's own that the setting
// "tables" describes.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <syncline/result.hpp>

#include "supabase/tables.hpp"

namespace syncline::supabase {

struct SourceTable {
    std::string name;  // "catalog"
    std::string id = "id";
    std::string changed = "updated_at";
    std::string deleted;  // marks rows that count as deleted: a time, or true; empty: none is
    // Our columns to those of the table. Empty: the table has ours.
    std::map<std::string, std::string> columns;
    Json values =
        Json::object();  // of our columns that the table does not have: {"currency": "USD"}
    const Table* ours = nullptr;

    bool is_documented() const { return columns.empty(); }
    bool has(std::string_view column) const;
    // select= with everything that is read, numbers as exact text.
    std::string select_list() const;
    // A row as it came, with our columns' names.
    Json renamed(const Json& row) const;
    bool is_deleted(const Json& row) const;
    // For requests and errors. Refers to `name`.
    Table rest_table() const;
};

// A name that PostgREST takes in select= and filters without quotes.
bool is_plain_name(std::string_view name);

using SourceTables = std::map<std::string, SourceTable, std::less<>>;  // by canonical entity

// Of all entities, with what the setting "tables" changes:
//   {"product": {"table": "catalog", "id": "article_id", "updated_at": "changed_at",
//                "deleted": "removed_at", "columns": {"sku": "article_no", "price": "net"},
//                "values": {"currency": "USD"}}}
// Errors: kConfig, naming the place and what can stand there.
Result<SourceTables> source_tables(const Json& setting);

}  // namespace syncline::supabase
