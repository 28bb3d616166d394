#include "refunds.hpp"

#include <algorithm>
#include <map>

namespace books {
namespace {

using namespace syncline;

// `part` of `whole` pieces of an amount in minor units, halves away from zero.
std::int64_t share(std::int64_t amount, std::int64_t part, std::int64_t whole) {
    const std::int64_t size = amount < 0 ? -amount : amount;
    const std::int64_t rounded = (2 * size * part + whole) / (2 * whole);
    return amount < 0 ? -rounded : rounded;
}

// What is still to be given back of one line.
struct Rest {
    std::int64_t pieces = 1;
    std::int64_t total = 0;
    std::map<std::string, std::int64_t> taxes;  // by rate, as a refund has them
};

template <class Line>
Rest rest_of(const Line& line, std::int64_t pieces) {
    Rest rest{pieces, line.total.minor(), {}};
    for (const auto& tax : line.taxes) {
        rest.taxes[tax.rate_id] = Money::rounded(tax.amount, line.total.currency())->minor();
    }
    return rest;
}

// Takes so many of the pieces that are left, and writes what they cost to `line`.
template <class Line>
void take(Rest& rest, std::int64_t pieces, Line& line) {
    const Currency currency = line.total.currency();
    const std::int64_t total = share(rest.total, pieces, rest.pieces);
    rest.total -= total;
    line.total = Money{total, currency};
    line.total_tax = Money{0, currency};
    line.taxes.clear();
    for (auto& [rate, left] : rest.taxes) {
        const Money tax{share(left, pieces, rest.pieces), currency};
        left -= tax.minor();
        line.taxes.push_back({rate, tax.decimal()});
        line.total_tax += tax;
    }
    rest.pieces -= pieces;
}

// Half of the money that is left of the line, and none of its pieces.
void take_money(Rest& rest, LineItem& line) {
    Rest half{2, rest.total, rest.taxes};
    take(half, 1, line);
    rest.total = half.total;
    rest.taxes = half.taxes;
    line.quantity = Decimal{0, 0};
}

// What a refund is of, besides the last one, which may be of all that is left.
enum class Of { kLines, kAmount, kShipping };

Of random_kind(Dice& dice) {
    const std::int64_t kind = dice.between(1, 10);
    return kind == 1 ? Of::kAmount : kind == 2 ? Of::kShipping : Of::kLines;
}

class Counter {
public:
    explicit Counter(const Order& order) : order_(order), left_(order.total.minor()) {
        for (const auto& line : order.lines) {
            lines_.push_back(rest_of(line, line.quantity.normalized().units()));
        }
        for (const auto& fee : order.fees) {
            fees_.push_back(rest_of(fee, 1));
        }
        for (const auto& shipping : order.shipping_lines) {
            shipping_.push_back(rest_of(shipping, 1));
        }
    }

    Refund next(std::size_t number, bool all, Dice& dice) {
        Refund refund = begun(number);
        refund.payment_returned = order_.paid_at && dice.percent(60);
        const Of kind = all ? Of::kLines : random_kind(dice);
        if (kind == Of::kAmount) {
            refund.amount = Money{dice.between(0, left_ / 2), order_.currency};
        } else {
            if (kind == Of::kLines) {
                take_lines(refund, all, dice);
            }
            take_shipping(refund, all || kind == Of::kShipping, dice);
            settle(refund, all, dice);
        }
        if (dice.percent(50)) {
            list_rates(refund);
        }
        left_ -= refund.amount.minor();
        return refund;
    }

    // Of a minor unit more than is left.
    Refund too_much(std::size_t number) const {
        Refund refund = begun(number);
        refund.amount = Money{left_ + 1, order_.currency};
        return refund;
    }

private:
    Refund begun(std::size_t number) const {
        Refund refund;
        refund.id = order_.id + std::to_string(number);
        refund.order_id = order_.id;
        refund.reason = "returned";
        refund.created_at = order_.created_at;
        return refund;
    }
    void take_lines(Refund& refund, bool all, Dice& dice) {
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            Rest& rest = lines_[i];
            if (rest.pieces > 0 && (all || dice.percent(50))) {
                LineItem line = order_.lines[i];
                if (!all && dice.percent(10)) {
                    take_money(rest, line);
                } else {
                    const std::int64_t pieces = all ? rest.pieces : dice.between(1, rest.pieces);
                    take(rest, pieces, line);
                    line.quantity = Decimal{pieces, 0};
                }
                line.subtotal = line.total;
                line.subtotal_tax = line.total_tax;
                refund.lines.push_back(std::move(line));
            }
        }
        for (std::size_t i = 0; i < fees_.size(); ++i) {
            if (fees_[i].pieces > 0 && (all || dice.percent(20))) {
                refund.fees.push_back(order_.fees[i]);
                take(fees_[i], 1, refund.fees.back());
            }
        }
    }

    void take_shipping(Refund& refund, bool all, Dice& dice) {
        for (std::size_t i = 0; i < shipping_.size(); ++i) {
            if (shipping_[i].pieces > 0 && (all || dice.percent(20))) {
                refund.shipping_lines.push_back(order_.shipping_lines[i]);
                take(shipping_[i], 1, refund.shipping_lines.back());
            }
        }
    }

    // Some shops list a refund's rates, as they list an order's.
    void list_rates(Refund& refund) const {
        const auto sum_of = [&](const std::string& rate, const auto& lines, Money sum) {
            for (const auto& line : lines) {
                for (const auto& share : line.taxes) {
                    sum += share.rate_id == rate ? *Money::rounded(share.amount, order_.currency)
                                                 : Money{0, order_.currency};
                }
            }
            return sum;
        };
        for (TaxLine rate : order_.tax_lines) {
            const Money none{0, order_.currency};
            const Money sold = sum_of(rate.rate_id, refund.lines, none);
            rate.amount = sum_of(rate.rate_id, refund.fees, sold);
            rate.shipping_amount = sum_of(rate.rate_id, refund.shipping_lines, none);
            refund.tax_lines.push_back(std::move(rate));
        }
    }

    // What is given back wins over the lines; the last refund gives back all that is left.
    void settle(Refund& refund, bool all, Dice& dice) {
        Money sum{0, order_.currency};
        const auto add = [&](const auto& parts) {
            for (const auto& part : parts) {
                sum += part.total + part.total_tax;
            }
        };
        add(refund.lines);
        add(refund.shipping_lines);
        add(refund.fees);
        std::int64_t amount = all ? left_ : sum.minor();
        if (!all && dice.percent(10)) {
            amount -= dice.between(0, std::max<std::int64_t>(1, amount / 4));
        } else if (!all && dice.percent(10)) {
            amount += dice.between(1, 500);  // for the trouble
        }
        refund.amount = Money{std::clamp<std::int64_t>(amount, 0, left_), order_.currency};
    }

    const Order& order_;
    std::int64_t left_;
    std::vector<Rest> lines_;
    std::vector<Rest> fees_;
    std::vector<Rest> shipping_;
};

}  // namespace

std::vector<Refund> random_refunds(const Order& order, Dice& dice) {
    std::vector<Refund> refunds;
    Counter counter(order);
    const std::int64_t count = dice.between(1, 3);
    for (std::int64_t i = 0; i < count; ++i) {
        const bool all = i + 1 == count && dice.percent(60);
        refunds.push_back(counter.next(refunds.size() + 1, all, dice));
    }
    if (dice.percent(5)) {
        refunds.push_back(counter.too_much(refunds.size() + 1));
    }
    return refunds;
}

}  // namespace books
