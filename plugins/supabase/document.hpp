// A document as write() and find() get it: which table, one row or a set, and which key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <syncline/operations.hpp>

#include "supabase/tables.hpp"

namespace syncline::supabase {

// Undoes url_encode().
std::string url_decoded(std::string_view text);

// A set's remote id holds its key, since it has no row of its own: "acme/woocommerce%3Ashop/730".
std::string set_remote_id(const RowKey& parent);
std::optional<RowKey> parse_set_remote_id(const std::string& remote_id);

// Whether the body (or, without one, the remote id) is that of a set of rows; see encode.hpp.
bool is_set(const Json& body, const std::string& remote_id);

// Of a set the parent's key, of a row its own; from the body, else from a set's remote id.
std::optional<RowKey> document_key(const Json& body, const std::string& remote_id);

// "woocommerce:shop:730" to source system and source id; the tenant stays empty.
std::optional<RowKey> parse_natural_key(const std::string& natural_key);

}  // namespace syncline::supabase
