// Canonical records to rows of the tables; pure.
//
// A document's body is either one row ({"tenant_id": ..., "total": "12.30", ...}), or the set of
// rows that belong to another row and replace what it had before:
//   {"tenant_id": ..., "source_system": ..., "parent_source_id": "730", "rows": [...]}
// A row for a table of the tenant's own (own_table.hpp) says by which columns it is known:
//   {"order_no": "730", "gross": "12.30", "$key": ["order_no"]}
#pragma once

#include <vector>

#include <syncline/operations.hpp>

namespace syncline::supabase {

inline constexpr const char* kRowsMember = "rows";
inline constexpr const char* kParentMember = "parent_source_id";

// Errors: kUnsupported for an entity without a table, kData for a record that is not its model.
Result<std::vector<Encoded>> encode_records(const EncodeRequest& request);

// Paths of the documents that mapping rules must leave alone: keys, money, references.
std::vector<std::string> owned_paths(std::string_view entity);

}  // namespace syncline::supabase
