#pragma once

#include <set>
#include <string>
#include <vector>

#include "platform.hpp"
#include "woocommerce/pricing/decimal.hpp"
#include "woocommerce/records.hpp"
#include "woocommerce/site_time.hpp"

namespace sandbox::woo {

// The next number of each kind that the shop hands out.
struct NextIds {
    std::int64_t post = 1;  // orders, refunds, products, variations and coupons share one space
    std::int64_t user = 1;
    std::int64_t item = 1;  // lines of orders
    std::int64_t meta = 1;
    std::int64_t webhook = 1;
};

// Ways in which real shops differ from the recorded one; all off at first.
struct Oddities {
    std::set<std::string> ignored_parameters;  // as an older version ignores modified_after
    std::set<std::string> dropped_headers;     // as a proxy drops X-WP-Total
    std::set<std::int64_t> unreadable;         // counted, but missing from pages
    bool strip_authorization = false;          // the web server eats the header
    bool any_shows_drafts = false;             // status=any before 10.8
    bool shuffle_ties = false;                 // equal dates change places between requests
    bool shuffle_refunds = false;              // refunds[] of an order in changing order
    bool query_keys_over_http = true;          // a real shop refuses them; see README
    bool gateway_refunds = false;              // api_refund succeeds for paid orders
    std::int64_t broken_batches = 0;           // so many batches to come break at every second item
};

// "$" for "USD"; the code itself for currencies the sandbox has no sign for.
std::string currency_sign(const std::string& currency);

// All that the shop knows. Handlers change it under the platform's lock.
struct Shop {
    // Loads the folder of one recorded shop. Throws std::runtime_error naming what is missing.
    Shop(const PlatformOptions& options, const std::string& folder);

    void add_refund(const Record& refund);
    void erase_refund(std::int64_t id);
    // Ids of an order's refunds, newest first.
    std::vector<std::int64_t> refunds_of(std::int64_t order) const;
    void erase_order(std::int64_t id);  // with its refunds
    // The product or variation of that SKU or id; nullptr when there is none.
    const Record* product_of_sku(const std::string& sku) const;
    const Record* product_or_variation(std::int64_t id) const;
    // Value of a setting of the groups "general" and "tax", "" when unknown.
    std::string setting(const std::string& id) const;
    bool prices_include_tax() const { return setting("woocommerce_prices_include_tax") == "yes"; }
    Rounding tax_rounding() const {
        return prices_include_tax() ? Rounding::kHalfDown : Rounding::kHalfUp;
    }

    const Clock& clock;
    Json site;  // name, zone, base country, tax classes: what the recordings do not say elsewhere
    Json system_status;
    Json settings;  // {"general": [...], "tax": [...]}
    SiteTime time;
    std::string currency;
    int decimals = 2;

    Records orders, products, variations, customers, coupons, taxes, webhooks;
    Records refunds;  // changed by add_refund and erase_refund only
    NextIds ids;
    Oddities odd;
    std::int64_t requests = 0;  // what shuffling turns on

private:
    std::map<std::int64_t, std::set<std::int64_t>> refunds_by_order_;
};

}  // namespace sandbox::woo
