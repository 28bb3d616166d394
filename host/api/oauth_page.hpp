// What a person sees in the browser after the platform sent them back: a small page of its own,
// without scripts, links or anything from elsewhere. Pure.
#pragma once

#include <string>

#include "api/http/message.hpp"
#include "engine/oauth_control.hpp"

namespace syncline::api {

Response connected_page(const engine::Connected& connected);
// The same error as problem() would tell, for a browser.
Response refused_page(const Error& error, const std::string& request_id);

// The address has the state and the code in it: nothing may learn it from the page.
void keep_address_secret(Response& response);

}  // namespace syncline::api
