// Which documents the project has already.
#pragma once

#include <syncline/plugin/connector.hpp>

#include "supabase/rest_client.hpp"

namespace syncline::supabase {

// By remote id, else by the key in the body, else by the natural key (then over all tenants; more
// than one hit is held). `owned` is the document's body as it would have to be to show what is
// there.
Result<std::vector<Found>> find_documents(
    plugin::Call& call, const RestClient& client, const FindRequest& request
);

}  // namespace syncline::supabase
