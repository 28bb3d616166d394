#pragma once

#include <string>
#include <vector>

#include "woocommerce/pricing/decimal.hpp"
#include "woocommerce/shop.hpp"

namespace sandbox::woo {

struct TaxPlace {
    std::string country, state, postcode, city;
};

struct TaxRate {
    std::int64_t id = 0;
    std::string code;   // "US-CA-CA STATE-1"
    std::string label;  // "CA State"
    Decimal percent;
    bool compound = false;
    bool on_shipping = false;
    int priority = 1;
};

struct TaxAmount {
    std::int64_t rate = 0;
    Decimal amount;
};

TaxRate to_rate(const Json& document);

// The rates of a tax class ("" is the standard one) that apply at a place: per priority the most
// specific one. With `shipping` only those that tax shipping.
std::vector<TaxRate> tax_rates_for(
    const Shop& shop, const std::string& tax_class, const TaxPlace& place, bool shipping = false
);

// Tax on a price by each rate, six decimals; compound rates also tax the taxes before them.
std::vector<TaxAmount> tax_on_net(Decimal net, const std::vector<TaxRate>& rates);
// The tax contained in a price that includes it.
std::vector<TaxAmount> tax_within_gross(Decimal gross, const std::vector<TaxRate>& rates);
Decimal sum_of(const std::vector<TaxAmount>& taxes);

// Where the shop itself is.
TaxPlace base_place(const Shop& shop);

}  // namespace sandbox::woo
