// Records as the shop takes them: products, customers, and the status of orders. Pure.
#pragma once

#include <vector>

#include <syncline/operations.hpp>

namespace syncline::woocommerce {

// `settings`: the connection's, on which EncodeContext::settings go. Errors: kUnsupported for any
// other entity; what is wrong with one record is its hold.
Result<std::vector<Encoded>> encode_records(const Json& settings, const EncodeRequest& request);

}  // namespace syncline::woocommerce
