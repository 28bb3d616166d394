// Whether a project has what the connector writes to and reads from.
#pragma once

#include <vector>

#include "supabase/rest_client.hpp"

namespace syncline::supabase {

class SchemaCheck {
public:
    SchemaCheck(const RestClient& client, bool read_only)
        : client_(client), read_only_(read_only) {}

    // That the columns are there and may be read and, unless read-only, that rows may be upserted
    // and deleted; changes nothing. What is missing is collected and does not end the check.
    // Errors: whatever else the project answers.
    Result<void> look_at(const Table& table);
    // kConfig "supabase.schema_drift" with the statements to run, if anything is missing.
    Result<void> verdict() const;

private:
    // Whether the table can be asked for anything.
    Result<bool> look_for_columns(const Table& table);
    Result<void> look_for(const Table& table, const RestRequest& request);

    const RestClient& client_;
    const bool read_only_;
    std::vector<Drift> missing_;
};

}  // namespace syncline::supabase
