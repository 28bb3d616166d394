#include "woocommerce/pricing/order_coupons.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "woocommerce/pricing/order_totals.hpp"
#include "woocommerce/resources/listing.hpp"
#include "woocommerce/wire/rest.hpp"

namespace sandbox::woo {
namespace {

// All amounts here are whole minor units (cents), as in the shop's own computation.
using Cents = std::int64_t;

struct Item {
    std::size_t line = 0;  // index in line_items
    std::int64_t quantity = 0;
    Cents price = 0;     // of the whole line, with tax where prices include it
    Cents discount = 0;  // by all coupons so far
    Cents of_this = 0;   // by the coupon being applied
    Cents left() const { return price - discount; }
};

Cents power(int decimals) {
    Cents one = 1;
    while (decimals-- > 0) one *= 10;
    return one;
}

Cents to_cents(const Shop& shop, Decimal amount) {
    return (amount.rounded(shop.decimals) * Decimal::from_integer(power(shop.decimals))).whole();
}

Decimal from_cents(const Shop& shop, Cents cents) {
    return Decimal::from_integer(cents) / Decimal::from_integer(power(shop.decimals));
}

void give(Item& item, Cents amount) {
    item.discount += amount;
    item.of_this += amount;
}

Cents give_remainder(std::vector<Item>& items, Cents amount) {
    Cents given = 0;
    for (Item& item : items)
        for (std::int64_t unit = 0; unit < item.quantity && given < amount; ++unit) {
            const Cents cent = std::min<Cents>(item.left(), 1);
            give(item, cent);
            given += cent;
        }
    return given;
}

// In binary arithmetic, as the shop does it: 33.3 % of 100.00 are 33.29.
double share(Cents price, double percent) {
    return static_cast<double>(price) * (percent / 100);
}

void give_percent(std::vector<Item>& items, double percent) {
    Cents given = 0;
    Cents cart = 0;
    for (Item& item : items) {
        const Cents cents =
            std::min(item.left(), static_cast<Cents>(std::floor(share(item.price, percent))));
        cart += item.price;
        given += cents;
        give(item, cents);
    }
    const auto due = static_cast<Cents>(std::ceil(share(cart, percent) - 0.5));  // half down
    if (given < due)
        give_remainder(items, due - given);
}

Cents give_per_unit(std::vector<Item>& items, Cents amount) {
    Cents given = 0;
    for (Item& item : items) {
        const Cents cents = std::min(item.left(), amount * item.quantity);
        give(item, cents);
        given += cents;
    }
    return given;
}

void give_to_cart(std::vector<Item>& items, Cents amount) {
    while (amount > 0) {
        std::int64_t units = 0;
        for (const Item& item : items) units += item.left() > 0 ? item.quantity : 0;
        if (units == 0)
            return;
        const Cents per_unit = amount / units;
        const Cents given =
            per_unit > 0 ? give_per_unit(items, per_unit) : give_remainder(items, amount);
        if (given == 0)
            return;
        amount -= given;
    }
}

std::vector<Item> items_of(const Shop& shop, const Json& order) {
    std::vector<Item> items;
    std::size_t index = 0;
    for (const Json& line : member(order, "line_items")) {
        Decimal price = amount_of(line, "subtotal");
        if (member(order, "prices_include_tax") == true)
            price += amount_of(line, "subtotal_tax");
        items.push_back({index++, integer_of(line, "quantity"), to_cents(shop, price)});
    }
    std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
        return a.price * b.quantity > b.price * a.quantity;  // the dearest unit first
    });
    return items;
}

const Json& coupon_of(const Shop& shop, const std::string& code) {
    for (const auto& [id, record] : shop.coupons)
        if (text_of(*record.document, "code") == code)
            return *record.document;
    fail(
        400,
        "woocommerce_rest_invalid_coupon",
        "Coupon &quot;" + code + "&quot; cannot be applied because it does not exist."
    );
}

std::vector<TaxAmount> taxes_of_discount(
    const Shop& shop, const Json& order, const Json& line, Decimal discount
) {
    const auto rates = tax_rates_for(shop, text_of(line, "tax_class"), tax_place(shop, order));
    return member(order, "prices_include_tax") == true ? tax_within_gross(discount, rates)
                                                       : tax_on_net(discount, rates);
}

Json coupon_line(
    Shop& shop, const Json& order, const Json& coupon, const std::vector<Item>& items
) {
    Decimal discount;
    Decimal tax;
    for (const Item& item : items) {
        const Json& line = order["line_items"][item.line];
        const Decimal amount = from_cents(shop, item.of_this);
        discount += amount;
        if (item.of_this == 0 || !line_is_taxable(shop, line))
            continue;
        const Decimal removed = sum_of(taxes_of_discount(shop, order, line, amount))
                                    .rounded(shop.decimals, shop.tax_rounding());
        tax += removed;
        if (member(order, "prices_include_tax") == true)
            discount -= removed;
    }
    const std::string type = text_of(coupon, "discount_type");
    const Json amount = number_json(Decimal::parse_or_zero(text_of(coupon, "amount")));
    const Json info = Json::array(
        {integer_of(coupon, "id"),
         text_of(coupon, "code"),
         type == "fixed_cart" ? Json() : Json(type),
         amount}
    );
    const std::int64_t meta = shop.ids.meta++;
    return {
        {"id", shop.ids.item++},
        {"code", text_of(coupon, "code")},
        {"discount", discount.to_trimmed()},
        {"discount_tax", tax.to_trimmed()},
        {"meta_data",
         Json::array({{
             {"id", meta},
             {"key", "coupon_info"},
             {"value", info.dump()},
             {"display_key", "coupon_info"},
             {"display_value", info.dump()},
         }})},
        {"discount_type", type},
        {"nominal_amount", amount},
        {"free_shipping", member(coupon, "free_shipping") == true},
    };
}

void discount_lines(const Shop& shop, Json& order, const std::vector<Item>& items) {
    for (const Item& item : items) {
        Json& line = order["line_items"][item.line];
        Decimal amount = from_cents(shop, item.discount);
        if (member(order, "prices_include_tax") == true && line_is_taxable(shop, line))
            amount -= sum_of(taxes_of_discount(shop, order, line, amount));
        const Decimal total = amount_of(line, "subtotal") - amount;
        line["total"] = amount_text(std::max(total, Decimal()));
    }
}

}  // namespace

void apply_coupons(Shop& shop, Json& order, const Json& requested) {
    std::vector<const Json*> coupons;
    for (const Json& line : requested) {
        const std::string code = lower_case(text_of(line, "code"));
        if (code.empty())
            fail(400, "woocommerce_rest_invalid_coupon", "Coupon code is required.");
        coupons.push_back(&coupon_of(shop, code));
    }
    std::vector<Item> items = items_of(shop, order);
    order["coupon_lines"] = Json::array();
    for (const Json* coupon : coupons) {
        for (Item& item : items) item.of_this = 0;
        const Decimal amount = amount_of(*coupon, "amount");
        const std::string type = text_of(*coupon, "discount_type");
        if (type == "percent")
            give_percent(items, std::strtod(amount.to_trimmed().c_str(), nullptr));
        else if (type == "fixed_product")
            give_per_unit(items, to_cents(shop, amount));
        else
            give_to_cart(items, to_cents(shop, amount));
        order["coupon_lines"].push_back(coupon_line(shop, order, *coupon, items));
    }
    discount_lines(shop, order, items);
    calculate_totals(shop, order);
}

}  // namespace sandbox::woo
