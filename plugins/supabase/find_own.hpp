// Which rows a table of the tenant's own has already.
#pragma once

#include <syncline/plugin/connector.hpp>

#include "supabase/rest_client.hpp"

namespace syncline::supabase {

// By the key that each body names, else by the remote id; one request for each. `owned` has the
// body's columns, values that mean the same in the body's form.
Result<std::vector<Found>> find_in_own_table(
    plugin::Call& call, const RestClient& client, const FindRequest& request
);

}  // namespace syncline::supabase
