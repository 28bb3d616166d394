#include "woocommerce/woocommerce.hpp"

#include <algorithm>
#include <utility>

#include "woocommerce/shop_address.hpp"
#include "woocommerce/shop_facts.hpp"
#include "woocommerce/shop_lists.hpp"
#include "woocommerce/target/encode.hpp"
#include "woocommerce/target/entities.hpp"
#include "woocommerce/target/find.hpp"
#include "woocommerce/target/write.hpp"
#include "woocommerce/webhooks.hpp"

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
    Setting batch_size;
    batch_size.name = "batch_size";
    batch_size.type = SettingType::kInteger;
    batch_size.help = "Records per write; the shop takes 100, a slow one runs into its time limit.";
    batch_size.default_value = 25;
    batch_size.min = 1;
    batch_size.max = 100;
    Setting write_stock;
    write_stock.name = "write_stock";
    write_stock.type = SettingType::kBoolean;
    write_stock.help = "As a target: set stock quantities, over what the shop counted itself.";
    write_stock.default_value = false;
    Setting orders_of;
    orders_of.name = "orders_of";
    orders_of.help = "As a target of order statuses: source_system of this shop's orders.";
    return {
        std::move(store_url),
        secret("consumer_key", "Consumer key of the REST API, ck_...", true),
        secret("consumer_secret", "Consumer secret that belongs to the key, cs_...", true),
        secret(
            "webhook_secret", "Secret of the shop's webhooks, to check their signatures.", false
        ),
        secret("webhook_secret_former", "The secret before it, while it may still be used.", false),
        std::move(auth),
        std::move(page_size),
        std::move(batch_size),
        std::move(write_stock),
        std::move(orders_of)};
}

}  // namespace

Spec WooCommerce::spec() {
    Spec spec;
    spec.title = "WooCommerce";
    spec.summary =
        "Reads orders, customers, products and refunds of a WooCommerce shop, and writes products, "
        "customers and order statuses (REST API v3).";
    spec.settings = settings();
    spec.auth = AuthKind::kKey;
    spec.host_settings = {"store_url"};
    spec.write_safety = WriteSafety::kNone;
    spec.limits.read_page_max = 100;
    spec.limits.in_flight_max = 4;
    spec.limits.requests_per_minute = 300;
    // In the repeated hour of autumn date_modified_gmt is wrong by an hour.
    spec.limits.read_overlap_clock_change_s = 75 * 60;
    spec.swept = {"customer"};
    spec.webhooks = webhook_spec();
    return spec;
}

WooCommerce::WooCommerce(plugin::Host host, const Json& settings)
    : settings_(settings), host_(host), shop_(host, ShopSettings::from_json(settings)), reader_(shop_) {}

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
    for (auto& entity : catalog.entities) {
        if (const TargetEntity* target = find_target(entity.name)) {
            entity.write = target->entity == "product"
                               ? std::vector<std::string>{"create", "update", "delete", "void"}
                           : target->makes ? std::vector<std::string>{"create", "update"}
                                           : std::vector<std::string>{"update", "void"};
            entity.owned_paths.assign(target->owned_paths.begin(), target->owned_paths.end());
        }
    }
    return catalog;
}

Result<Page> WooCommerce::read(plugin::Call& call, const ReadRequest& request) {
    return reader_.read(call, request);
}

Result<std::vector<Encoded>> WooCommerce::encode(
    plugin::Call& /*call*/, const EncodeRequest& request
) {
    return encode_records(settings_, request);
}

Result<std::vector<Found>> WooCommerce::find(plugin::Call& call, const FindRequest& request) {
    return find_records(call, shop_, request);
}

Result<void> WooCommerce::write(
    plugin::Call& call, const WriteRequest& request, plugin::Outcomes& outcomes
) {
    const auto batch_max = settings_.value("batch_size", std::int64_t{25});
    return write_records(
        call, {shop_, reader_, static_cast<std::size_t>(batch_max)}, request, outcomes
    );
}

Result<Json> WooCommerce::webhook_parse(plugin::Call& call, const Json& in) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto delivery, from_json<WebhookDelivery>(in));
    SYNCLINE_ASSIGN_OR_RETURN(const auto event, parse_webhook(delivery, call.attachment()));
    return to_json(event);
}

Result<Json> WooCommerce::webhook_register(plugin::Call& call, const Json& in) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto registration, from_json<WebhookRegistration>(in));
    SYNCLINE_ASSIGN_OR_RETURN(const auto secret, host_.secret("webhook_secret"));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto report, register_webhooks(call, shop_, registration, secret)
    );
    return to_json(report);
}

Result<Json> WooCommerce::webhook_unregister(plugin::Call& call, const Json& in) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto registration, from_json<WebhookRegistration>(in));
    SYNCLINE_ASSIGN_OR_RETURN(const auto report, unregister_webhooks(call, shop_, registration));
    return to_json(report);
}

}  // namespace syncline::woocommerce
