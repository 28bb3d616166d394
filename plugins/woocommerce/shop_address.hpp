// Addresses of a shop and its REST API. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "woocommerce/shop.hpp"

namespace syncline::woocommerce {

// "HTTPS://Shop.example/sub/wp-json/wc/v3/?x#y" -> "https://shop.example/sub"
std::string normal_store_url(std::string_view url);

// Names a shop whatever its scheme and with or without www: "shop.example/sub".
std::string shop_identity(std::string_view home);

// URL without query, and the parameters that belong to it, of a path below the REST root, which is
// "https://shop.example/wp-json/" or "https://shop.example/?rest_route=/".
std::pair<std::string, QueryParameters> resource_address(
    const std::string& root, const std::string& path
);

// The URL as the shop rebuilds it to check a signature: the host of its configured home in place of
// the one we used, and no slash where its path is empty.
std::string signed_address(const std::string& url, const std::string& home);

// The target of rel="https://api.w.org/" in a Link header; empty if there is none.
std::string api_link(std::string_view header);

// `url` with scheme and host of `base`: connections go to the host the settings name, and nowhere
// else.
std::string at_same_host(std::string_view url, std::string_view base);

Site site_from_index(const Json& index, const std::string& store_url, const std::string& root);

}  // namespace syncline::woocommerce
