#include "woocommerce/shop.hpp"
#include "woocommerce/shop_address.hpp"

namespace syncline::woocommerce {
namespace {

Auth auth_named(const std::string& name, bool tls) {
    if (name == "basic") {
        return Auth::kBasic;
    }
    if (name == "query") {
        return Auth::kQuery;
    }
    return name == "oauth1" || !tls ? Auth::kOAuth1 : Auth::kBasic;
}

}  // namespace

ShopSettings ShopSettings::from_json(const Json& json) {
    ShopSettings settings;
    const std::string url = json.value("store_url", std::string());
    settings.store_url = normal_store_url(url);
    settings.page_size = json.value("page_size", settings.page_size);
    const bool tls = settings.store_url.rfind("https://", 0) == 0;
    settings.auth = auth_named(json.value("auth", std::string("auto")), tls);
    const auto authority = url.substr(0, url.find('/', url.find("://") + 3));
    if (authority.find('@') != std::string::npos) {
        settings.error = Error{
            ErrorCode::kConfig,
            "store_url must not hold a user name or password; remove what stands before the '@'",
            "woo.store_url"};
    }
    if (settings.auth == Auth::kBasic && !tls) {
        settings.error = Error{
            ErrorCode::kConfig,
            "auth \"basic\" over http would send the consumer secret in clear, and WooCommerce does"
            " not take it there; use an https store_url, or auth \"auto\"",
            "woo.basic_over_http"};
    }
    return settings;
}

}  // namespace syncline::woocommerce
