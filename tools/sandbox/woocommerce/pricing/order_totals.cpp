#include "woocommerce/pricing/order_totals.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace sandbox::woo {
namespace {

constexpr int kAmountDigits = 6;

Decimal rounded_tax(const Shop& shop, Decimal tax) {
    return tax.rounded(shop.decimals, shop.tax_rounding());
}

Decimal rounded_sum(const Shop& shop, const std::vector<TaxAmount>& taxes) {
    Decimal sum;
    for (const TaxAmount& tax : taxes) sum += rounded_tax(shop, tax.amount);
    return sum;
}

// {"id", "total", "subtotal"} per rate; fees and shipping have no subtotal.
Json taxes_json(const std::vector<TaxAmount>& totals, const std::vector<TaxAmount>* subtotals) {
    Json list = Json::array();
    for (std::size_t i = 0; i < totals.size(); ++i)
        list.push_back({
            {"id", totals[i].rate},
            {"total", amount_text(totals[i].amount)},
            {"subtotal", subtotals ? amount_text((*subtotals)[i].amount) : ""},
        });
    return list;
}

// A binary number, with the noise real shops print.
Json unit_price(const Json& line) {
    const double quantity = std::strtod(text_of(line, "quantity").c_str(), nullptr);
    if (quantity == 0)
        return 0;
    const double price = std::strtod(text_of(line, "total").c_str(), nullptr) / quantity;
    const auto whole = static_cast<std::int64_t>(price);
    return price == static_cast<double>(whole) ? Json(whole) : Json(price);
}

void tax_line_item(const Shop& shop, Json& line, const TaxPlace& place) {
    const auto rates = line_is_taxable(shop, line)
                           ? tax_rates_for(shop, text_of(line, "tax_class"), place)
                           : std::vector<TaxRate>();
    const auto totals = tax_on_net(amount_of(line, "total"), rates);
    const auto subtotals = tax_on_net(amount_of(line, "subtotal"), rates);
    line["total_tax"] = amount_text(rounded_sum(shop, totals));
    line["subtotal_tax"] = amount_text(rounded_sum(shop, subtotals));
    line["taxes"] = taxes_json(totals, &subtotals);
    line["price"] = unit_price(line);
}

// Tax classes of the taxable lines, the standard class first, then by name.
std::vector<std::string> classes_of_lines(const Shop& shop, const Json& order) {
    std::set<std::string> classes;
    for (const Json& line : member(order, "line_items"))
        if (line_is_taxable(shop, line))
            classes.insert(text_of(line, "tax_class"));
    return {classes.begin(), classes.end()};
}

// Shipping "inherits" its class from the lines; with no taxable line it is not taxed.
void tax_shipping_line(const Shop& shop, Json& line, const Json& order, const TaxPlace& place) {
    const auto classes = classes_of_lines(shop, order);
    const bool taxable = text_of(line, "tax_status") != "none" && !classes.empty();
    const auto taxes =
        taxable ? tax_on_net(
                      amount_of(line, "total"), tax_rates_for(shop, classes.front(), place, true)
                  )
                : std::vector<TaxAmount>();
    line["total_tax"] = amount_text(rounded_sum(shop, taxes));
    line["taxes"] = taxes_json(taxes, nullptr);
}

// What the order costs per tax class; "-" stands for what is not taxed. Only costs above zero.
std::vector<std::pair<std::string, Decimal>> costs_by_class(const Shop& shop, const Json& order) {
    std::vector<std::pair<std::string, Decimal>> costs;
    const auto add = [&](const std::string& tax_class, Decimal cost) {
        if (cost < Decimal())
            return;
        const auto it = std::find_if(costs.begin(), costs.end(), [&](const auto& entry) {
            return entry.first == tax_class;
        });
        if (it == costs.end())
            costs.emplace_back(tax_class, cost);
        else
            it->second += cost;
    };
    const auto inherited = classes_of_lines(shop, order);
    for (const Json& line : member(order, "line_items"))
        add(line_is_taxable(shop, line) ? text_of(line, "tax_class") : "-",
            amount_of(line, "total"));
    for (const Json& fee : member(order, "fee_lines"))
        add(text_of(fee, "tax_status") == "taxable" ? text_of(fee, "tax_class") : "-",
            amount_of(fee, "total"));
    for (const Json& line : member(order, "shipping_lines"))
        add(inherited.empty() ? "-" : inherited.front(), amount_of(line, "total"));
    return costs;
}

// A discount given as a negative fee takes tax off in proportion to what it is taken from.
std::vector<TaxAmount> tax_of_negative_fee(
    const Shop& shop, Decimal fee, const Json& order, const TaxPlace& place
) {
    const auto costs = costs_by_class(shop, order);
    Decimal all;
    for (const auto& [tax_class, cost] : costs) all += cost;
    std::vector<TaxAmount> taxes;
    if (all == Decimal())
        return taxes;
    for (const auto& [tax_class, cost] : costs) {
        if (tax_class == "-")
            continue;
        for (const TaxAmount& tax :
             tax_on_net(fee * cost / all, tax_rates_for(shop, tax_class, place)))
            taxes.push_back(tax);
    }
    return taxes;
}

void tax_fee_line(const Shop& shop, Json& fee, const Json& order, const TaxPlace& place) {
    const Decimal total = amount_of(fee, "total");
    std::vector<TaxAmount> taxes;
    if (total < Decimal())
        taxes = tax_of_negative_fee(shop, total, order, place);
    else if (text_of(fee, "tax_status") == "taxable")
        taxes = tax_on_net(total, tax_rates_for(shop, text_of(fee, "tax_class"), place));
    fee["total_tax"] = amount_text(rounded_sum(shop, taxes));
    fee["taxes"] = taxes_json(taxes, nullptr);
}

struct TaxLineSums {
    Decimal cart, shipping;
};

// One tax line per rate, in the order in which rates appear; known lines keep their ids.
Json tax_lines(Shop& shop, const Json& order) {
    std::vector<std::pair<std::int64_t, TaxLineSums>> sums;
    const auto sum_for = [&](std::int64_t rate) -> TaxLineSums& {
        for (auto& [id, sum] : sums)
            if (id == rate)
                return sum;
        return sums.emplace_back(rate, TaxLineSums{}).second;
    };
    for (const char* lines : {"line_items", "fee_lines"})
        for (const Json& line : member(order, lines))
            for (const Json& tax : member(line, "taxes"))
                sum_for(integer_of(tax, "id")).cart += rounded_tax(shop, amount_of(tax, "total"));
    for (const Json& line : member(order, "shipping_lines"))
        for (const Json& tax : member(line, "taxes"))
            sum_for(integer_of(tax, "id")).shipping += rounded_tax(shop, amount_of(tax, "total"));
    std::map<std::int64_t, std::int64_t> known;
    for (const Json& line : member(order, "tax_lines"))
        known[integer_of(line, "rate_id")] = integer_of(line, "id");
    Json list = Json::array();
    for (const auto& [rate_id, sum] : sums)
        list.push_back(tax_line(
            shop,
            rate_id,
            sum.cart,
            sum.shipping,
            known.count(rate_id) ? known[rate_id] : shop.ids.item++
        ));
    return list;
}

Decimal sum_of_lines(const Json& order, const char* lines, const char* name) {
    Decimal sum;
    for (const Json& line : member(order, lines)) sum += amount_of(line, name);
    return sum;
}

Decimal rounded_sum_of_lines(const Shop& shop, const Json& order, const char* name) {
    Decimal sum;
    for (const Json& line : member(order, "line_items"))
        sum += amount_of(line, name).rounded(shop.decimals);
    return sum;
}

// A discount given as a fee takes off no more than what stands before it.
void cap_negative_fees(const Shop& shop, Json& order) {
    Decimal before =
        rounded_sum_of_lines(shop, order, "total") + sum_of_lines(order, "shipping_lines", "total");
    for (Json& fee : order["fee_lines"]) {
        const Decimal most = -before.rounded(shop.decimals);
        if (amount_of(fee, "total") < most && most < Decimal())
            fee["total"] = amount_text(most);
        before += amount_of(fee, "total");
    }
}

Decimal discount_tax(const Shop& shop, const Json& order) {
    Decimal difference;
    for (const Json& line : member(order, "line_items"))
        for (const Json& tax : member(line, "taxes"))
            difference += amount_of(tax, "subtotal") - amount_of(tax, "total");
    return rounded_tax(shop, difference);
}

}  // namespace

TaxPlace tax_place(const Shop& shop, const Json& order) {
    for (const char* name : {"shipping", "billing"}) {
        const Json& address = member(order, name);
        if (!text_of(address, "country").empty())
            return {
                text_of(address, "country"),
                text_of(address, "state"),
                text_of(address, "postcode"),
                text_of(address, "city"),
            };
    }
    return base_place(shop);
}

void calculate_totals(Shop& shop, Json& order) {
    const TaxPlace place = tax_place(shop, order);
    cap_negative_fees(shop, order);
    for (Json& line : order["line_items"]) tax_line_item(shop, line, place);
    for (Json& line : order["shipping_lines"]) tax_shipping_line(shop, line, order, place);
    for (Json& fee : order["fee_lines"]) tax_fee_line(shop, fee, order, place);
    order["tax_lines"] = tax_lines(shop, order);
    const Decimal subtotal = rounded_sum_of_lines(shop, order, "subtotal");
    const Decimal total = rounded_sum_of_lines(shop, order, "total");
    const Decimal shipping = sum_of_lines(order, "shipping_lines", "total").rounded(shop.decimals);
    const Decimal cart_tax = sum_of_lines(order, "tax_lines", "tax_total");
    const Decimal shipping_tax = sum_of_lines(order, "tax_lines", "shipping_tax_total");
    const Decimal fees = sum_of_lines(order, "fee_lines", "total");
    order["discount_total"] = amount_text((subtotal - total).rounded(shop.decimals));
    order["discount_tax"] = amount_text(discount_tax(shop, order));
    order["shipping_total"] = amount_text(shipping);
    order["shipping_tax"] = amount_text(shipping_tax);
    order["cart_tax"] = amount_text(cart_tax);
    order["total_tax"] = amount_text(cart_tax + shipping_tax);
    order["total"] =
        amount_text((total + fees + shipping + cart_tax + shipping_tax).rounded(shop.decimals));
}

bool line_is_taxable(const Shop& shop, const Json& line) {
    const std::int64_t variation = integer_of(line, "variation_id");
    const std::int64_t id = variation != 0 ? variation : integer_of(line, "product_id");
    const Record* product = shop.product_or_variation(id);
    return !product || text_of(*product->document, "tax_status") == "taxable";
}

Json tax_line(
    const Shop& shop, std::int64_t rate_id, Decimal cart, Decimal shipping, std::int64_t id
) {
    TaxRate rate;
    const auto record = shop.taxes.find(rate_id);
    if (record != shop.taxes.end())
        rate = to_rate(*record->second.document);
    return {
        {"id", id},
        {"rate_code", rate.code},
        {"rate_id", rate_id},
        {"label", rate.label},
        {"compound", rate.compound},
        {"tax_total", amount_text(cart)},
        {"shipping_tax_total", amount_text(shipping)},
        {"rate_percent", number_json(rate.percent)},
        {"meta_data", Json::array()},
    };
}

std::string amount_text(Decimal amount) {
    return amount.to_string(kAmountDigits);
}

Decimal amount_of(const Json& object, const char* name) {
    return Decimal::parse_or_zero(text_of(object, name));
}

Json number_json(Decimal value) {
    const std::string text = value.to_trimmed();
    if (text.find('.') == std::string::npos)
        return std::atoll(text.c_str());
    return std::strtod(text.c_str(), nullptr);
}

}  // namespace sandbox::woo
