// check, discover and oauth_refresh: what concerns the account and not its records.
#pragma once

#include <syncline/plugin.hpp>

#include "quickbooks/remote/api.hpp"
#include "quickbooks/settings.hpp"

namespace syncline::quickbooks {

Result<CheckReport> check(const Api& api, const Endpoint& endpoint);

// Three requests: company, preferences, and one batch for accounts, terms, tax codes and their
// rates, payment methods; and one each for classes and locations where the company tracks by them.
Result<Catalog> discover(const Api& api, const Endpoint& endpoint);

// Trades the refresh token for new tokens, which are only returned: the host stores them. Errors:
// kAuth "auth.invalid_grant" when the company must be connected again, kConfig
// "auth.invalid_client" for wrong app credentials.
Result<Tokens> refresh_tokens(
    const plugin::Host& host, const std::string& token_url, const std::string& client_id
);

}  // namespace syncline::quickbooks
