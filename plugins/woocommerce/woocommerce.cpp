#include "woocommerce/woocommerce.hpp"

#include <algorithm>
#include <utility>

#include "woocommerce/shop_address.hpp"
#include "woocommerce/shop_facts.hpp"
#include "woocommerce/shop_lists.hpp"

namespace syncline::woocommerce {
namespace {

Result<void> require_woocommerce(const Site& site) {
    const bool present =
        std::find(site.namespaces.begin(), site.namespaces.end(), "wc/v3") != site.namespaces.end();
    if (present || site.index_closed) {
        return {};
    }
    return Error{
        ErrorCode::kConfig,
        site.store_url +
            " is a WordPress site without WooCommerce's REST API wc/v3: activate"
            " WooCommerce (3.5 or newer), or correct store_url",
        "woo.not_active"};
}

std::string account_name(const Site& site) {
    return site.name.empty() ? site.home : site.name + " (" + site.home + ")";
}

std::vector<std::string> warnings_of(
    const Shop& shop, const Site& site, const std::string& currency
) {
    std::vector<std::string> warnings;
    const bool tls = site.store_url.rfind("https://", 0) == 0;
    if (!tls) {
        warnings.push_back(
            shop.settings().auth == Auth::kQuery
                ? "the consumer secret travels unencrypted: use an https store_url"
                : "orders and customers travel unencrypted: use an https store_url"
        );
    } else if (shop.settings().auth == Auth::kQuery) {
        warnings.push_back("auth \"query\" leaves the consumer secret in the shop's access log");
    }
    if (site.index_closed) {
        warnings.push_back("the shop's REST index is closed, so its time zone is not known");
    }
    if (shop_identity(site.home) != shop_identity(site.store_url)) {
        warnings.push_back("the shop calls itself " + site.home + ", not " + site.store_url);
    }
    if (shop.prints_notices()) {
        warnings.push_back(
            "the shop prints PHP notices into its answers: set WP_DEBUG_DISPLAY to false"
        );
    }
    if (!Currency::parse(currency)) {
        warnings.push_back(
            "the shop's currency '" + currency.substr(0, 10) +
            "' is not in ISO 4217: its amounts"
            " cannot be read"
        );
    }
    return warnings;
}

Setting secret(const char* name, const char* help, bool required) {
    Setting setting;
    setting.name = name;
    setting.type = SettingType::kSecret;
    setting.help = help;
    setting.required = required;
    return setting;
}

std::vector<Setting> settings() {
    Setting store_url;
    store_url.name = "store_url";
    store_url.type = SettingType::kUrl;
    store_url.help = "Address of the shop, with its sub-directory if it has one.";
    store_url.required = true;
    Setting auth;
    auth.name = "auth";
    auth.help = "How requests are signed; auto is basic over https and oauth1 over http.";
    auth.default_value = "auto";
    auth.choices = {"auto", "basic", "query", "oauth1"};
    Setting page_size;
    page_size.name = "page_size";
    page_size.type = SettingType::kInteger;
    page_size.help =
        "Records per request; lower it for a shop that runs into its time or memory limit.";
    page_size.default_value = 100;
    page_size.min = 2;
    page_size.max = 100;
    return {
        std::move(store_url),
        secret("consumer_key", "Consumer key of the REST API, ck_...", true),
        secret("consumer_secret", "Consumer secret that belongs to the key, cs_...", true),
        secret(
            "webhook_secret", "Secret of the shop's webhooks, to check their signatures.", false
        ),
        std::move(auth),
        std::move(page_size)};
}

}  // namespace

Spec WooCommerce::spec() {
    Spec spec;
    spec.title = "WooCommerce";
    spec.summary =
        "Reads orders, customers, products and refunds of a WooCommerce shop (REST API v3).";
    spec.settings = settings();
    spec.auth = AuthKind::kKey;
    spec.host_settings = {"store_url"};
    spec.write_safety = WriteSafety::kNone;
    spec.limits.read_page_max = 100;
    spec.limits.in_flight_max = 4;
    spec.limits.requests_per_minute = 300;
    // In the repeated hour of autumn date_modified_gmt is wrong by an hour.
    spec.limits.read_overlap_clock_change_s = 75 * 60;
    return spec;
}

WooCommerce::WooCommerce(plugin::Host host, const Json& settings)
    : shop_(host, ShopSettings::from_json(settings)), reader_(shop_) {}

Result<CheckReport> WooCommerce::check(plugin::Call& call) {
    SYNCLINE_ASSIGN_OR_RETURN(const Site site, shop_.discover_site());
    SYNCLINE_RETURN_IF_ERROR(require_woocommerce(site));
    SYNCLINE_RETURN_IF_ERROR(get(call, shop_, "orders", {{"per_page", "1"}, {"_fields", "id"}}));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string currency, read_currency_code(call, shop_));
    return CheckReport{
        account_name(site), shop_identity(site.home), warnings_of(shop_, site, currency)};
}

Result<Catalog> WooCommerce::discover(plugin::Call& call) {
    SYNCLINE_ASSIGN_OR_RETURN(const Site site, shop_.discover_site());
    SYNCLINE_RETURN_IF_ERROR(require_woocommerce(site));
    Catalog catalog;
    SYNCLINE_ASSIGN_OR_RETURN(catalog.facts, read_facts(call, shop_, site));
    catalog.entities = {
        {"order", {"window", "ids", "sweep"}, {}, {}},
        {"customer", {"sweep", "ids"}, {}, {}},
        {"product", {"window", "ids", "sweep"}, {}, {}},
        {"refund", {"window", "ids", "sweep"}, {}, {}}};
    return catalog;
}

Result<Page> WooCommerce::read(plugin::Call& call, const ReadRequest& request) {
    return reader_.read(call, request);
}

}  // namespace syncline::woocommerce
