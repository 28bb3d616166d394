// Days on the shop's clock, found with what the host offers: the local date of an instant.
#pragma once

#include <string>

#include <syncline/plugin/host.hpp>

namespace syncline::woocommerce {

// True if the local day that holds `at` is longer than 24 hours, as in autumn. False for a zone the
// host does not know.
bool day_repeats_an_hour(const plugin::Host& host, const std::string& zone, Timestamp at);

}  // namespace syncline::woocommerce
