#include "quickbooks/encode/lines.hpp"

#include <algorithm>
#include <set>

#include "quickbooks/encode/items.hpp"
#include "quickbooks/encode/text.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

constexpr int kPriceDecimals = 7;
constexpr std::int64_t kRoundingMin = 3;

bool has_tax(const Money& tax, const std::vector<LineTax>& shares) {
    return !tax.is_zero() || std::any_of(shares.begin(), shares.end(), [](const LineTax& share) {
        return !share.amount.is_zero();
    });
}

void take_taxes(SalesLine& line, const Money& tax, const std::vector<LineTax>& shares) {
    line.tax += tax;
    line.rates.insert(line.rates.end(), shares.begin(), shares.end());
}

// Where each line needs a code one line cannot have the rates of several.
bool can_be_one(const Scope& scope, const std::vector<ShippingLine>& shipping) {
    if (scope.company.tax_mode != TaxMode::kNonUs) {
        return true;
    }
    std::optional<std::set<std::string>> of_all;
    for (const auto& line : shipping) {
        std::set<std::string> rates;
        for (const auto& share : line.taxes) {
            if (!share.amount.is_zero()) {
                rates.insert(share.rate_id);
            }
        }
        if (!line.total.is_zero() && of_all.value_or(rates) != rates) {
            return false;
        }
        of_all = line.total.is_zero() ? of_all : rates;
    }
    return true;
}

std::string coupon_codes(const Order& order) {
    std::string codes;
    for (const auto& discount : order.discounts) {
        codes += (codes.empty() ? "" : ", ") + one_line(discount.code);
    }
    return codes;
}

std::string line_description(const Order& order, const LineItem& line) {
    std::string text = one_line(line.name);
    const std::string codes = coupon_codes(order);
    if (!codes.empty() && !(line.subtotal == line.total)) {
        text += " (coupon " + codes + ")";
    }
    return text;
}

Result<void> add_products(
    const Scope& scope, Draft& draft, const Order& order, std::vector<SalesLine>& lines
) {
    for (const auto& line : order.lines) {
        if (line.quantity.is_zero()) {
            if (line.total.is_zero()) {
                continue;
            }
            return hold(
                "QUANTITY_ZERO",
                "line '" + line.name + "' costs " + line.total.to_string() +
                    " but has the quantity 0; correct the order in the shop"
            );
        }
        // A line of 0.00 stays: it may carry stock.
        SalesLine sales;
        SYNCLINE_ASSIGN_OR_RETURN(sales.item, item_of_line(scope, draft, line));
        sales.description = line_description(order, line);
        sales.amount = line.total;
        sales.quantity = line.quantity;
        sales.carries_tax = has_tax(line.total_tax, line.taxes);
        take_taxes(sales, line.total_tax, line.taxes);
        if (!line.subtotal.currency().empty() && !(line.subtotal == line.total)) {
            sales.before_coupons = line.subtotal;
            sales.carried_tax = !line.subtotal_tax.is_zero();
        }
        lines.push_back(std::move(sales));
    }
    return {};
}

Result<void> add_fees(
    const Scope& scope, Draft& draft, const Order& order, std::vector<SalesLine>& lines
) {
    for (const auto& fee : order.fees) {
        if (fee.total.is_zero()) {
            continue;
        }
        const std::string* choice = choice_for(scope.choices.fee_items, fee.name);
        SalesLine sales;
        SYNCLINE_ASSIGN_OR_RETURN(
            sales.item,
            item_of_choice(draft, choice != nullptr ? *choice : std::string(), "Web store fee")
        );
        sales.description = one_line(fee.name);
        sales.amount = fee.total;
        sales.quantity = Decimal{1, 0};
        sales.carries_tax = has_tax(fee.total_tax, fee.taxes);
        take_taxes(sales, fee.total_tax, fee.taxes);
        lines.push_back(std::move(sales));
    }
    return {};
}

// QuickBooks takes one line of its own kind per document; several of the shop's become one.
void add_one_shipping_line(const Order& order, std::vector<SalesLine>& lines) {
    SalesLine sales;
    sales.item = "SHIPPING_ITEM_ID";
    sales.amount = Money{0, order.currency};
    for (const auto& shipping : order.shipping_lines) {
        sales.amount += shipping.total;
        sales.carries_tax = sales.carries_tax || has_tax(shipping.total_tax, shipping.taxes);
        take_taxes(sales, shipping.total_tax, shipping.taxes);
        const std::string title = one_line(shipping.title);
        sales.description += (sales.description.empty() || title.empty() ? "" : ", ") + title;
    }
    if (!sales.amount.is_zero()) {
        lines.push_back(std::move(sales));
    }
}

Result<void> add_shipping(
    const Scope& scope, Draft& draft, const Order& order, std::vector<SalesLine>& lines
) {
    if (scope.company.allow_shipping && can_be_one(scope, order.shipping_lines)) {
        add_one_shipping_line(order, lines);
        return {};
    }
    for (const auto& shipping : order.shipping_lines) {
        if (shipping.total.is_zero()) {
            continue;
        }
        SalesLine sales;
        SYNCLINE_ASSIGN_OR_RETURN(
            sales.item, item_of_choice(draft, scope.choices.shipping_item, "Web store shipping")
        );
        sales.description = one_line(shipping.title);
        sales.amount = shipping.total;
        sales.quantity = Decimal{1, 0};
        sales.carries_tax = has_tax(shipping.total_tax, shipping.taxes);
        take_taxes(sales, shipping.total_tax, shipping.taxes);
        lines.push_back(std::move(sales));
    }
    return {};
}

// Shops that round tax at the subtotal miss their own total by a few minor units.
Result<void> add_rounding(
    const Scope& scope, Draft& draft, const Order& order, std::vector<SalesLine>& lines
) {
    const Money missing = order.total - sum_of_parts(order);
    if (missing.is_zero()) {
        return {};
    }
    const auto taxed = std::count_if(lines.begin(), lines.end(), [](const SalesLine& line) {
        return line.carries_tax;
    });
    const std::int64_t allowed = std::max<std::int64_t>(kRoundingMin, taxed);
    if (missing.minor() > allowed || missing.minor() < -allowed) {
        return hold(
            "AMOUNT_MISMATCH",
            "the order's lines, shipping, fees and tax add up to " +
                sum_of_parts(order).to_string() + ", but its total is " + order.total.to_string() +
                " " + std::string(order.currency.code()) + "; correct the order in the shop"
        );
    }
    SalesLine sales;
    SYNCLINE_ASSIGN_OR_RETURN(
        sales.item, item_of_choice(draft, scope.choices.rounding_item, "Web store rounding")
    );
    sales.description = "Rounding";
    sales.amount = missing;
    sales.quantity = Decimal{1, 0};
    insert_line(lines, std::move(sales));
    return {};
}

PricedPart part(std::int64_t quantity, std::int64_t unit_minor, const Money& like) {
    const int exponent = like.currency().exponent();
    return PricedPart{
        Decimal{quantity, 0},
        Decimal{unit_minor, exponent},
        Money{quantity * unit_minor, like.currency()}};
}

// quantity - rest units at the floor price and the rest a minor unit dearer.
Result<std::vector<PricedPart>> split(const Money& amount, std::int64_t quantity) {
    std::int64_t floor = amount.minor() / quantity;
    floor -= amount.minor() % quantity < 0 ? 1 : 0;
    const std::int64_t rest = amount.minor() - floor * quantity;
    std::vector<PricedPart> parts{part(quantity - rest, floor, amount)};
    if (rest > 0) {
        parts.push_back(part(rest, floor + 1, amount));
    }
    return parts;
}

}  // namespace

void insert_line(std::vector<SalesLine>& lines, SalesLine line) {
    const auto shipping = std::find_if(lines.begin(), lines.end(), [](const SalesLine& one) {
        return !one.quantity;
    });
    lines.insert(shipping, std::move(line));
}

bool has_one_currency(const Order& order) {
    const auto fits = [&](const Money& money) {
        return money.currency().empty() || money.currency() == order.currency;
    };
    const auto all_fit = [&](const auto& parts) {
        return std::all_of(parts.begin(), parts.end(), [&](const auto& one) {
            return fits(one.total) && fits(one.total_tax);
        });
    };
    const bool subtotals_fit =
        std::all_of(order.lines.begin(), order.lines.end(), [&](const LineItem& line) {
            return fits(line.subtotal) && fits(line.subtotal_tax);
        });
    return fits(order.total) && fits(order.tax_total) && all_fit(order.lines) &&
           all_fit(order.shipping_lines) && all_fit(order.fees) && subtotals_fit;
}

Money sum_of_parts(const Order& order) {
    Money sum = order.tax_total;
    for (const auto& line : order.lines) {
        sum += line.total;
    }
    for (const auto& shipping : order.shipping_lines) {
        sum += shipping.total;
    }
    for (const auto& fee : order.fees) {
        sum += fee.total;
    }
    return sum;
}

Result<std::vector<SalesLine>> sales_lines(const Scope& scope, Draft& draft, const Order& order) {
    std::vector<SalesLine> lines;
    SYNCLINE_RETURN_IF_ERROR(add_products(scope, draft, order, lines));
    SYNCLINE_RETURN_IF_ERROR(add_fees(scope, draft, order, lines));
    SYNCLINE_RETURN_IF_ERROR(add_shipping(scope, draft, order, lines));
    SYNCLINE_RETURN_IF_ERROR(add_rounding(scope, draft, order, lines));
    return lines;
}

bool price_holds(const Decimal& quantity, const Decimal& unit_price, const Money& amount) {
    const auto product = quantity.times(unit_price);
    const auto rounded = product ? product->rounded(amount.currency().exponent()) : product;
    // A tie may be rounded either way over there, so it does not count as holding.
    const auto down =
        product ? product->rounded(amount.currency().exponent(), Rounding::kHalfEven) : product;
    return rounded && down && *rounded == amount.decimal() && *down == amount.decimal();
}

Result<std::vector<PricedPart>> price(const Money& amount, const Decimal& quantity) {
    const Decimal count = quantity.normalized();
    const auto unit_price = amount.decimal().divided_by(count, kPriceDecimals);
    if (unit_price && price_holds(count, *unit_price, amount)) {
        return std::vector<PricedPart>{{count, unit_price->normalized(), amount}};
    }
    if (count.scale() == 0 && count.units() > 0) {
        return split(amount, count.units());
    }
    return hold(
        "LINE_ARITHMETIC",
        "no unit price of 7 decimals times " + quantity.to_string() + " gives " +
            amount.to_string() + "; enter this order by hand"
    );
}

Result<void> append_line(const Scope& scope, Draft& draft, const SalesLine& line, Json& lines) {
    Json detail{{"ItemRef", {{"value", line.item}}}};
    if (!line.tax_code.empty()) {
        detail["TaxCodeRef"] = {{"value", line.tax_code}};
    }
    if (line.with_tax) {
        detail["TaxInclusiveAmt"] = plain(line.with_tax->decimal());
    }
    Json json{{"DetailType", "SalesItemLineDetail"}};
    put_text(scope, draft, json, {"Description", limits::kDescription}, line.description);
    if (!line.quantity) {
        json["Amount"] = plain(line.amount.decimal());
        json["SalesItemLineDetail"] = std::move(detail);
        lines.push_back(std::move(json));
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto parts, price(line.amount, *line.quantity));
    for (const auto& one : parts) {
        detail["Qty"] = plain(one.quantity);
        detail["UnitPrice"] = plain(one.unit_price);
        json["Amount"] = plain(one.amount.decimal());
        json["SalesItemLineDetail"] = detail;
        lines.push_back(json);
    }
    return {};
}

}  // namespace syncline::quickbooks
