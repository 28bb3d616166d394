// Supabase as a source: pages of rows as canonical records.
#pragma once

#include <syncline/plugin/connector.hpp>

#include "supabase/rest_client.hpp"

namespace syncline::supabase {

// A page of the window (rows by id, changed by their column updated_at), or the rows of given ids.
// Records are known by the rows' own ids. `tenant`: only rows of this tenant_id; empty: all rows.
// The scan is at its end with the first page that is empty: a project's row cap may be lower than
// what was asked for, and cuts answers without a word.
Result<Page> read_page(
    plugin::Call& call,
    const RestClient& client,
    const std::string& tenant,
    const ReadRequest& request
);

}  // namespace syncline::supabase
