#include "shop.hpp"

#include <algorithm>
#include <map>

namespace books {
namespace {

using namespace syncline;

__extension__ using Wide = __int128;

// Amounts here are in 10^-12 of the currency's unit.
constexpr int kFineDecimals = 12;
constexpr Wide kPercentUnit = 10'000;        // percent_e4 of one percent
constexpr Wide kWhole = 100 * kPercentUnit;  // of one hundred

Wide power(int exponent) {
    Wide value = 1;
    for (int i = 0; i < exponent; ++i) {
        value *= 10;
    }
    return value;
}

// Half away from zero; half towards zero where `down`.
Wide divide(Wide numerator, Wide denominator, bool down = false) {
    const bool negative = numerator < 0;
    const Wide size = negative ? -numerator : numerator;
    const Wide twice = size % denominator * 2;
    const Wide up = twice > denominator || (twice == denominator && !down) ? 1 : 0;
    const Wide quotient = size / denominator + up;
    return negative ? -quotient : quotient;
}

// Amounts per rate, by place in Shop::rates.
using Taxes = std::map<std::size_t, Wide>;

struct Till {
    const Shop& shop;
    Currency currency;

    Wide unit() const { return power(kFineDecimals - shop.decimals); }
    Wide of_minor(std::int64_t minor) const { return Wide{minor} * unit(); }
    std::int64_t shown(Wide fine) const { return static_cast<std::int64_t>(divide(fine, unit())); }
    Money money(Wide fine) const { return Money{shown(fine), currency}; }
    // A line's tax: WooCommerce rounds halves down where prices include it.
    Wide line_tax(Wide fine) const {
        return shop.round_at_subtotal ? fine : divide(fine, unit(), shop.prices_with_tax) * unit();
    }

    Taxes on_net(Wide net, const TaxClass& levied) const {
        Taxes taxes;
        Wide before = 0;
        for (const std::size_t at : levied) {
            const Rate& rate = shop.rates[at];
            const Wide base = rate.compound ? net + before : net;
            taxes[at] = divide(base * rate.percent_e4, kWhole);
            before += taxes[at];
        }
        return taxes;
    }

    // Compound rates are taken out of the price first, the last one first of all.
    Taxes in_gross(Wide gross, const TaxClass& levied) const {
        Taxes taxes;
        Wide left = gross;
        Wide sum = 0;
        for (auto at = levied.rbegin(); at != levied.rend(); ++at) {
            const Rate& rate = shop.rates[*at];
            if (rate.compound) {
                taxes[*at] = left - divide(left * kWhole, kWhole + rate.percent_e4);
                left -= taxes[*at];
            } else {
                sum += rate.percent_e4;
            }
        }
        for (const std::size_t at : levied) {
            const Rate& rate = shop.rates[at];
            if (!rate.compound) {
                taxes[at] = divide(left * rate.percent_e4, kWhole + sum);
            }
        }
        return taxes;
    }

    Taxes rounded(Taxes taxes) const {
        for (auto& [at, tax] : taxes) {
            tax = line_tax(tax);
        }
        return taxes;
    }

    std::vector<LineTax> listed(const Taxes& taxes) const {
        constexpr int kShown = 6;
        std::vector<LineTax> list;
        for (const auto& [at, tax] : taxes) {
            const Wide units = divide(tax, power(kFineDecimals - kShown));
            list.push_back(
                {std::to_string(shop.rates[at].id),
                 Decimal{static_cast<std::int64_t>(units), kShown}.normalized()}
            );
        }
        return list;
    }
};

Wide sum_of(const Taxes& taxes) {
    Wide sum = 0;
    for (const auto& [at, tax] : taxes) {
        sum += tax;
    }
    return sum;
}

// An order while it is rung up.
struct Sums {
    Wide net = 0;
    Wide tax = 0;
    Taxes items;
    Taxes shipping;
    std::vector<Wide> by_class;  // of what is sold, for negative fees
    Wide sold = 0;
};

void add(Taxes& to, const Taxes& taxes) {
    for (const auto& [at, tax] : taxes) {
        to[at] += tax;
    }
}

struct Priced {
    Wide net = 0;
    Taxes taxes;
};

Priced priced(const Till& till, Wide entered, const TaxClass& levied) {
    if (!till.shop.prices_with_tax) {
        return {entered, till.rounded(till.on_net(entered, levied))};
    }
    Taxes taxes = till.rounded(till.in_gross(entered, levied));
    return {entered - sum_of(taxes), std::move(taxes)};
}

void ring_line(
    const Till& till,
    Order& order,
    Sums& sums,
    Position position,
    std::size_t tax_class,
    std::int64_t taken_off
) {
    const TaxClass& levied = till.shop.classes[tax_class];
    const Wide entered = till.of_minor(position.price * position.quantity);
    const Priced before = priced(till, entered, levied);
    const Priced after = priced(till, entered - till.of_minor(taken_off), levied);
    LineItem line;
    line.id = std::to_string(order.lines.size() + 1);
    line.product_id = std::to_string(1000 + order.lines.size());
    line.name = "Product " + line.id;
    line.sku = "S-" + line.id;
    line.quantity = Decimal{position.quantity, 0};
    line.subtotal = till.money(before.net);
    line.subtotal_tax = till.money(sum_of(before.taxes));
    line.total = till.money(after.net);
    line.total_tax = till.money(sum_of(after.taxes));
    line.taxes = till.listed(after.taxes);
    order.lines.push_back(std::move(line));
    sums.net += after.net;
    sums.tax += sum_of(after.taxes);
    add(sums.items, after.taxes);
    sums.by_class[tax_class] += after.net;
    sums.sold += after.net;
}

void ring_shipping(
    const Till& till, Order& order, Sums& sums, std::int64_t price, std::size_t tax_class
) {
    const Wide net = till.of_minor(price);
    const Taxes taxes = till.rounded(till.on_net(net, till.shop.classes[tax_class]));
    order.shipping_lines.push_back(
        {std::to_string(100 + order.shipping_lines.size()),
         "flat_rate",
         "Flat rate",
         till.money(net),
         till.money(sum_of(taxes)),
         till.listed(taxes)}
    );
    sums.net += net;
    sums.tax += sum_of(taxes);
    add(sums.shipping, taxes);
    sums.by_class[tax_class] += net;
    sums.sold += net;
}

// A rebate has the tax of what it comes off: each class its share.
Taxes taxes_of_fee(const Till& till, const Sums& sums, Wide net, std::size_t tax_class) {
    if (net >= 0 || sums.sold == 0) {
        return till.rounded(till.on_net(net, till.shop.classes[tax_class]));
    }
    Taxes taxes;
    for (std::size_t one = 0; one < till.shop.classes.size(); ++one) {
        // In whole minor units first, as the product would leave 128 bits.
        const Wide share = divide(
            net / till.unit() * (sums.by_class[one] / (till.unit() / 100)),
            sums.sold / till.unit() == 0 ? 1 : sums.sold / till.unit()
        );
        add(taxes, till.on_net(share * (till.unit() / 100), till.shop.classes[one]));
    }
    return till.rounded(taxes);
}

void ring_fee(
    const Till& till, Order& order, Sums& sums, std::int64_t amount, std::size_t tax_class
) {
    const Wide net = till.of_minor(amount);
    const Taxes taxes = taxes_of_fee(till, sums, net, tax_class);
    order.fees.push_back(
        {std::to_string(200 + order.fees.size()),
         amount < 0 ? "Rebate" : "Gift wrap",
         till.money(net),
         till.money(sum_of(taxes)),
         till.listed(taxes)}
    );
    sums.net += net;
    sums.tax += sum_of(taxes);
    add(sums.items, taxes);
    if (amount > 0) {
        sums.by_class[tax_class] += net;
        sums.sold += net;
    }
}

void finish(const Till& till, Order& order, const Sums& sums) {
    for (std::size_t at = 0; at < till.shop.rates.size(); ++at) {
        const auto items = sums.items.find(at);
        const auto shipping = sums.shipping.find(at);
        if (items == sums.items.end() && shipping == sums.shipping.end()) {
            continue;
        }
        const Rate& rate = till.shop.rates[at];
        order.tax_lines.push_back(
            {std::to_string(rate.id),
             "Tax " + std::to_string(rate.id),
             Decimal{rate.percent_e4, 4}.normalized(),
             rate.compound,
             till.money(items == sums.items.end() ? Wide{0} : items->second),
             till.money(shipping == sums.shipping.end() ? Wide{0} : shipping->second)}
        );
    }
    order.tax_total = till.money(sums.tax);
    order.total = till.money(sums.net + sums.tax);
}

Order empty_order(const Till& till, std::int64_t number) {
    Order order;
    order.id = order.number = std::to_string(number);
    order.status = OrderStatus::kProcessing;
    order.source_status = "processing";
    order.payment_status = PaymentStatus::kPaid;
    order.currency = till.currency;
    order.created_at = *Timestamp::parse("2026-11-21T12:00:00Z");
    order.updated_at = order.created_at;
    order.paid_at = order.created_at;
    order.billing.first_name = "Ines";
    order.billing.last_name = "Okafor";
    order.billing.email = "ines@example.test";
    order.billing.country = "US";
    order.billing.state = "MN";
    order.prices_include_tax = till.shop.prices_with_tax;
    order.payment_method = "stripe";
    return order;
}

Till till_of(const Shop& shop) {
    return Till{shop, *Currency::parse(shop.currency)};
}

std::int64_t random_price(Dice& dice) {
    const std::int64_t kind = dice.between(1, 20);
    if (kind == 1) {
        return dice.between(0, 9);
    }
    return kind < 15 ? dice.between(50, 9'999) : dice.between(10'000, 500'000);
}

std::int64_t random_quantity(Dice& dice) {
    const std::int64_t kind = dice.between(1, 20);
    return kind == 1 ? dice.between(20, 900) : dice.between(1, kind < 12 ? 3 : 20);
}

// What coupons take off a line of this price: nothing, a percentage, all of it.
std::int64_t random_discount(Dice& dice, std::int64_t price, int percent) {
    if (percent == 0 || dice.percent(10)) {
        return 0;
    }
    return static_cast<std::int64_t>(divide(Wide{price} * (dice.percent(4) ? 100 : percent), 100));
}

void random_fees(const Till& till, Order& order, Sums& sums, Trap trap, Dice& dice) {
    const auto last = static_cast<std::int64_t>(till.shop.classes.size()) - 1;
    if (dice.percent(20)) {
        const auto tax_class = static_cast<std::size_t>(dice.between(0, last));
        ring_fee(till, order, sums, dice.between(1, 900), tax_class);
    }
    const std::int64_t sold = till.shown(sums.sold);
    if (trap == Trap::kFeeTooLarge) {
        ring_fee(till, order, sums, -2 * sold - 1'000, 0);
    } else if (dice.percent(15) && sold > 0) {
        ring_fee(till, order, sums, -dice.between(1, std::max<std::int64_t>(1, sold / 3)), 0);
    }
}

}  // namespace

Shop random_shop(Dice& dice) {
    Shop shop;
    shop.currency = dice.one_of<const char*>({"USD", "USD", "GBP", "EUR", "JPY", "KWD"});
    shop.decimals = shop.currency == "JPY" ? 0 : shop.currency == "KWD" ? 3 : 2;
    shop.prices_with_tax = dice.percent(50);
    shop.round_at_subtotal = dice.percent(30);
    shop.shipping_taxed = dice.percent(70);
    const std::int64_t count = dice.between(0, 4);
    for (std::int64_t i = 0; i < count; ++i) {
        const auto percent = dice.one_of<std::int64_t>(
            {50'000,
             70'000,
             72'500,
             88'750,
             100'000,
             120'000,
             12'500,
             190'000,
             200'000,
             99'750,
             210'000,
             5'000,
             48'750,
             250'000}
        );
        shop.rates.push_back({i + 1, percent, count > 1 && i + 1 == count && dice.percent(40)});
    }
    // One class has the first of the rates, another the others or all of them.
    const auto split = static_cast<std::size_t>(count == 0 ? 0 : dice.between(1, count));
    TaxClass first;
    TaxClass second;
    for (std::size_t at = 0; at < shop.rates.size(); ++at) {
        (at < split ? first : second).push_back(at);
    }
    if (dice.percent(30)) {
        second.insert(second.begin(), first.begin(), first.end());
    }
    for (const auto& one : {first, second}) {
        if (!one.empty()) {
            shop.classes.push_back(one);
        }
    }
    shop.classes.emplace_back();
    return shop;
}

Cart random_cart(const Shop& shop, std::int64_t number, Dice& dice) {
    const Till till = till_of(shop);
    Cart cart;
    cart.trap = Trap::kNone;
    if (dice.percent(2)) {
        cart.trap = dice.one_of(
            {Trap::kTotalOff, Trap::kFeeTooLarge, Trap::kRateDiffers, Trap::kRateUnmapped}
        );
    }
    cart.order = empty_order(till, number);
    Sums sums;
    sums.by_class.resize(shop.classes.size());
    const auto last = static_cast<std::int64_t>(shop.classes.size()) - 1;
    const int off = dice.percent(30) ? static_cast<int>(dice.one_of({5, 10, 15, 20, 33, 50})) : 0;
    const std::int64_t lines = dice.percent(70) ? dice.between(1, 8) : dice.between(1, 60);
    for (std::int64_t i = 0; i < lines; ++i) {
        const Position position{random_price(dice), random_quantity(dice)};
        const std::int64_t taken = random_discount(dice, position.price * position.quantity, off);
        const auto tax_class =
            static_cast<std::size_t>(dice.percent(60) ? 0 : dice.between(0, last));
        ring_line(till, cart.order, sums, position, tax_class, taken);
    }
    for (std::int64_t i = dice.between(0, 5); i > 3; --i) {
        const std::size_t tax_class = shop.shipping_taxed ? 0 : static_cast<std::size_t>(last);
        ring_shipping(till, cart.order, sums, dice.between(0, 2'000), tax_class);
    }
    if (off != 0) {
        cart.order.discounts.push_back({"SAVE", Money{0, till.currency}, Money{0, till.currency}});
    }
    random_fees(till, cart.order, sums, cart.trap, dice);
    finish(till, cart.order, sums);
    if (cart.trap == Trap::kTotalOff) {
        cart.order.total += Money{dice.between(100, 500), till.currency};
    } else if (cart.trap == Trap::kRateDiffers) {
        for (auto& rate : cart.order.tax_lines) {
            rate.percent = *rate.percent.plus(Decimal{5, 1});
        }
    } else if (cart.trap == Trap::kRateUnmapped) {
        for (auto& rate : cart.order.tax_lines) {
            rate.rate_id += "9";
        }
        for (auto& line : cart.order.lines) {
            for (auto& share : line.taxes) {
                share.rate_id += "9";
            }
        }
    }
    return cart;
}

Order order_of(const Shop& shop, const std::vector<Position>& positions) {
    const Till till = till_of(shop);
    Order order = empty_order(till, 1);
    Sums sums;
    sums.by_class.resize(shop.classes.size());
    for (const auto& position : positions) {
        ring_line(till, order, sums, position, 0, 0);
    }
    finish(till, order, sums);
    return order;
}

}  // namespace books
