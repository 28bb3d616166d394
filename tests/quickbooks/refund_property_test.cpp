// Whatever is refunded, in whatever order: the documents sum to the order's net.
#include <rapidcheck.h>

#include "refunds.hpp"

namespace syncline::quickbooks {
namespace {

Money some(std::int64_t most, const Currency& of) {
    return Money{*rc::gen::inRange<std::int64_t>(0, most + 1), of};
}

Order sold(const Currency& of) {
    Order order = paid_order();
    order.currency = of;
    order.lines.clear();
    order.shipping_lines.clear();
    const int count = *rc::gen::inRange(1, 12);
    for (int i = 0; i < count; ++i) {
        LineItem line = product_line(std::to_string(i), "0.00", "0.00", "1");
        line.quantity = Decimal{*rc::gen::inRange<std::int64_t>(1, 20), 0};
        line.total = line.subtotal = Money{*rc::gen::inRange<std::int64_t>(100, 500'000), of};
        line.total_tax = line.subtotal_tax = some(*rc::gen::arbitrary<bool>() ? 99 : 0, of);
        order.lines.push_back(line);
    }
    if (*rc::gen::arbitrary<bool>()) {
        order.shipping_lines = {
            {"9",
             "m",
             "Post",
             Money{*rc::gen::inRange<std::int64_t>(100, 2'000), of},
             some(99, of),
             {}}};
    }
    return balanced(order);
}

// A part of a line: goods with or without money, money with or without goods.
LineItem part_of(const LineItem& line) {
    LineItem part = line;
    const std::int64_t pieces = line.quantity.units();
    part.quantity = Decimal{*rc::gen::inRange<std::int64_t>(0, pieces + 1), 0};
    part.total = part.subtotal = some(line.total.minor(), line.total.currency());
    const bool taxed = !part.total.is_zero();
    part.total_tax = part.subtotal_tax = some(
        taxed ? std::min(line.total_tax.minor(), part.total.minor()) : 0, line.total.currency()
    );
    return part;
}

Refund any_refund(const Order& order, int number) {
    Refund refund = refund_of(order, std::to_string(200 + number), "0");
    for (const auto& line : order.lines) {
        if (*rc::gen::weightedElement<bool>({{2, false}, {1, true}})) {
            refund.lines.push_back(part_of(line));
        }
    }
    if (*rc::gen::weightedElement<bool>({{3, false}, {1, true}})) {
        refund.shipping_lines = order.shipping_lines;
    }
    Money parts{0, order.currency};
    for (const auto& line : refund.lines) {
        parts += line.total + line.total_tax;
    }
    for (const auto& line : refund.shipping_lines) {
        parts += line.total + line.total_tax;
    }
    // Mostly what the parts come to; else whatever somebody typed.
    const bool typed = *rc::gen::weightedElement<bool>({{2, false}, {1, true}});
    refund.amount = typed ? some(order.total.minor(), order.currency) : parts;
    return refund;
}

Decimal tax_of_parts(const Refund& refund) {
    Decimal sum;
    for (const auto& line : refund.lines) {
        sum = *sum.plus(line.total_tax.decimal());
    }
    for (const auto& line : refund.shipping_lines) {
        sum = *sum.plus(line.total_tax.decimal());
    }
    return sum;
}

TEST(RefundProperty, TheDocumentsSumToTheNetOfTheOrder) {
    const bool holds = rc::check("documents sum to the net", [] {
        const Currency of = currency(*rc::gen::element<std::string>("USD", "JPY", "KWD"));
        Books books;
        books.facts.home_currency = std::string(of.code());
        books.facts.allow_shipping = *rc::gen::arbitrary<bool>();
        for (auto& account : books.facts.accounts) {
            account.currency = std::string(of.code());
        }
        const Order order = sold(of);
        Decimal net = sum_of(books.body(order));
        Order now = order;
        Money refunded{0, of};
        for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
            Refund refund = any_refund(now, 10 - i);
            refund.order->refunds.back().amount = refund.amount;
            const Encoded one = encoded(books, refund);
            if ((refunded + refund.amount).minor() > order.total.minor()) {
                RC_ASSERT(Books::hold_code(one) == "REFUNDS_EXCEED_ORDER");
                continue;
            }
            now.refunds = refund.order->refunds;
            refunded += refund.amount;
            if (one.documents.empty()) {
                RC_ASSERT(Books::skip_code(one) == "ZERO_TOTAL");
                continue;
            }
            RC_ASSERT(one.documents.size() == 1u);
            const Json& body = one.documents[0].body;
            RC_ASSERT(*number_at(body.at("TxnTaxDetail"), "TotalTax") == tax_of_parts(refund));
            net = *net.minus(sum_of(body));
            RC_CLASSIFY(dump_json(body).find("Refund adjustment") != std::string::npos, "adjusted");
        }
        RC_ASSERT(net == (order.total - refunded).decimal());
        RC_CLASSIFY(refunded == order.total, "all of it");
    });
    EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace syncline::quickbooks
