// The statements of docs/supabase-schema.sql that bring back what a project lacks, so that nobody
// has to look for them. Each ends with ';' and stands on one line.
#pragma once

#include <string>
#include <string_view>

namespace syncline::supabase {

inline constexpr std::string_view kSchemaFile = "docs/supabase-schema.sql";

// All that makes the table, its rights included; empty for a table that is not documented.
std::string table_statements(std::string_view schema, std::string_view table);

// "alter table public.orders add column if not exists refunds jsonb not null default '[]';" Rows
// may be there already, so a column without a default comes without NOT NULL. Empty for a column
// that is not documented.
std::string column_statement(
    std::string_view schema, std::string_view table, std::string_view column
);

// The unique key that upserts need; empty for a table that is not documented.
std::string unique_key_statement(std::string_view schema, std::string_view table);

// The rights the connector needs, for any table.
std::string grant_statement(std::string_view schema, std::string_view table);

// Tells the Data API of what was changed.
inline constexpr std::string_view kReloadStatement = "notify pgrst, 'reload schema';";

}  // namespace syncline::supabase
