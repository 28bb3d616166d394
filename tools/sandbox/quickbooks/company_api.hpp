#pragma once

#include <string>
#include <vector>

#include "platform.hpp"
#include "quickbooks/realm.hpp"

namespace sandbox::quickbooks {

// Answers a request below /v3/company/{realm}/ whose token has been accepted. `path` is what
// follows the realm: {"invoice", "12"}. Limits, `Accept`, replay by `requestid`, then the call
// itself:
//
//   GET  {entity}/{id}, companyinfo/{realm}, preferences, query?query=, cdc?entities=&changedSince=
//   POST {entity}[?operation=delete|void|update][&include=void|allowduplicatedocnum], query, batch
Response answer_company_call(
    Realm& realm,
    const WireOptions& options,
    const Request& request,
    const std::vector<std::string>& path,
    Millis now
);

}  // namespace sandbox::quickbooks
