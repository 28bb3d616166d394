// Supabase as a source: pages of rows as canonical records.
#pragma once

#include <syncline/plugin/connector.hpp>

#include "supabase/rest_client.hpp"
#include "supabase/source_table.hpp"

namespace syncline::supabase {

// A page of the window (rows by id, changed by their column updated_at), or the rows of given ids.
// Records are known by the rows' own ids; a row marked as deleted is a record with kDelete.
// A row that changes during the scan keeps its place, and rows that share a time of change have
// each their own, so none is lost. `tenant`: only rows of this tenant_id; empty: all rows. The scan
// is at its end with the first page that is empty: a project's row cap may be lower than what was
// asked for, and cuts answers without a word.
Result<Page> read_page(
    plugin::Call& call,
    const RestClient& client,
    const SourceTables& tables,
    const std::string& tenant,
    const ReadRequest& request
);

}  // namespace syncline::supabase
