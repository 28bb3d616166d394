// A table of the tenant's own as a flow's target: which of our columns go into which of its.
//
//   "target": {"connection": "warehouse", "entity": "sales",
//              "options": {"table": {"columns": {"number": "order_no", "total": "gross"},
//                                    "values": {"origin": "shop"}, "key": ["order_no"]}}}
#pragma once

#include <map>
#include <string>
#include <vector>

#include <syncline/operations.hpp>

#include "supabase/tables.hpp"

namespace syncline::supabase {

struct OwnTable {
    std::string name;
    // Our columns to the table's. Empty: it has ours, under the same names.
    std::map<std::string, std::string> columns;
    Json values = Json::object();  // constants for further columns of the table
    // Columns of the table that know a row; it must have a unique key of exactly these.
    std::vector<std::string> key;
};

// The member of a document's body that names the key's columns; no column begins with '$'.
inline constexpr const char* kOwnKeyMember = "$key";

// From the flow's target; nullopt when it names a documented table or none. Errors: kConfig naming
// the place below /target/options/table.
Result<std::optional<OwnTable>> own_table(const EncodeContext& context);

// The documents of a record for its documented tables as one for the tenant's own. Its lines or
// variations are the column "lines" or "variations", for those who name them. A record without a
// value for a key column is held.
Encoded for_own_table(const OwnTable& table, Encoded encoded);

// What write() and find() make of such a document. The views point into `item_entity` and `body`.
std::optional<Table> own_table_of(std::string_view item_entity, const Json& body);
// Of one that is to go, whose body nobody knows any more: from "order_no=730".
std::optional<Table> own_table_of_id(std::string_view item_entity, std::string_view remote_id);
// "order_no=730&shop=a" as columns and values.
std::vector<std::pair<std::string, std::string>> parse_own_id(std::string_view remote_id);

}  // namespace syncline::supabase
