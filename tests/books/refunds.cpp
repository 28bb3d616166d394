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
        Refund refund;
        refund.id = order_.id + std::to_string(number);
        refund.order_id = order_.id;
        refund.reason = "returned";
        refund.payment_returned = dice.percent(60);
        refund.created_at = order_.created_at;
        if (!all && dice.percent(10)) {
            refund.amount = Money{dice.between(0, left_ / 2), order_.currency};
        } else {
            take_lines(refund, all, dice);
            settle(refund, all, dice);
        }
        left_ -= refund.amount.minor();
        return refund;
    }

private:
    void take_lines(Refund& refund, bool all, Dice& dice) {
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            Rest& rest = lines_[i];
            if (rest.pieces > 0 && (all || dice.percent(50))) {
                LineItem line = order_.lines[i];
                const std::int64_t pieces = all ? rest.pieces : dice.between(1, rest.pieces);
                take(rest, pieces, line);
                line.quantity = Decimal{pieces, 0};
                line.subtotal = line.total;
                line.subtotal_tax = line.total_tax;
                refund.lines.push_back(std::move(line));
            }
        }
        for (std::size_t i = 0; i < shipping_.size(); ++i) {
            if (shipping_[i].pieces > 0 && (all || dice.percent(20))) {
                refund.shipping_lines.push_back(order_.shipping_lines[i]);
                take(shipping_[i], 1, refund.shipping_lines.back());
            }
        }
        for (std::size_t i = 0; i < fees_.size(); ++i) {
            if (fees_[i].pieces > 0 && (all || dice.percent(20))) {
                refund.fees.push_back(order_.fees[i]);
                take(fees_[i], 1, refund.fees.back());
            }
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
    return refunds;
}

}  // namespace books
