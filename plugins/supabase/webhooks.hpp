// Database webhooks: one request per row, with a secret of the operator's in a header.
#pragma once

#include <string>
#include <string_view>

#include <syncline/operations.hpp>
#include <syncline/spec.hpp>

#include "supabase/source_table.hpp"

namespace syncline::supabase {

WebhookSpec webhook_spec();

// What a delivery announces: the row of a table that is read, by its id. Errors: kData for what is
// no database webhook, or has no id.
Result<WebhookEvent> parse_webhook(
    std::string_view body, const SourceTables& tables, const std::string& schema
);

}  // namespace syncline::supabase
