#include <rapidcheck.h>

#include "books.hpp"
#include "quickbooks/encode/text.hpp"

namespace syncline::quickbooks {
namespace {

Money minor(std::int64_t units, const Currency& of) {
    return Money{units, of};
}

rc::Gen<std::int64_t> amounts(std::int64_t max) {
    return rc::gen::weightedOneOf<std::int64_t>(
        {{8, rc::gen::inRange<std::int64_t>(0, max)},
         {1, rc::gen::just<std::int64_t>(0)},
         {1, rc::gen::inRange<std::int64_t>(0, 100)}}
    );
}

LineItem any_line(int number, const Currency& of) {
    LineItem line;
    line.id = std::to_string(number);
    line.product_id = std::to_string(1000 + number);
    line.sku = *rc::gen::arbitrary<bool>() ? "S" + line.id : "";
    line.name = *rc::gen::string<std::string>();
    const bool broken = *rc::gen::weightedElement<bool>({{9, false}, {1, true}});
    line.quantity = broken ? Decimal{*rc::gen::inRange<std::int64_t>(1, 90'000), 3}
                           : Decimal{
                                 *rc::gen::weightedOneOf<std::int64_t>(
                                     {{9, rc::gen::inRange<std::int64_t>(1, 500)},
                                      {1, rc::gen::inRange<std::int64_t>(1, 2'000'000)}}
                                 ),
                                 0};
    line.total = line.subtotal = minor(*amounts(5'000'000), of);
    const bool taxed = *rc::gen::arbitrary<bool>();
    line.total_tax = line.subtotal_tax = minor(taxed ? *amounts(100'000) : 0, of);
    if (*rc::gen::weightedElement<bool>({{2, false}, {1, true}})) {
        line.subtotal += minor(*amounts(5'000'000), of);
        line.subtotal_tax += minor(taxed ? *amounts(100'000) : 0, of);
    }
    return line;
}

// A cart of 1 to 60 lines, a third of them with a coupon, with shipping, fees of both signs and a
// rounding difference, in a currency of 0, 2 or 3 decimals.
Order any_order(const Currency& of) {
    Order order = paid_order();
    order.currency = of;
    order.lines.clear();
    order.shipping_lines.clear();
    const int count = *rc::gen::inRange(1, 60);
    for (int i = 0; i < count; ++i) {
        order.lines.push_back(any_line(i, of));
    }
    for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
        const Money total = minor(*amounts(10'000), of);
        // Free shipping makes no line that could carry its tax.
        const bool taxed = *rc::gen::arbitrary<bool>() && !total.is_zero();
        order.shipping_lines.push_back(
            {std::to_string(i),
             "m",
             *rc::gen::string<std::string>(),
             total,
             minor(taxed ? *amounts(900) : 0, of),
             {}}
        );
    }
    for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
        order.fees.push_back(
            {std::to_string(i),
             *rc::gen::string<std::string>(),
             minor(*rc::gen::inRange<std::int64_t>(-3'000, 5'000), of),
             minor(0, of),
             {}}
        );
    }
    balanced(order);
    order.total += minor(*rc::gen::inRange<std::int64_t>(-3, 4), of);
    order.number = *rc::gen::string<std::string>();
    order.customer_note = *rc::gen::string<std::string>();
    order.transaction_id = *rc::gen::string<std::string>();
    return order;
}

// As the host does before a write.
Json with_ids(const Json& body) {
    if (body.is_object() && body.contains("$need")) {
        return "17";
    }
    Json out = body;
    if (out.is_structured()) {
        for (auto& child : out) {
            child = with_ids(child);
        }
    }
    return out;
}

void check_lines(const Json& body, int exponent) {
    for (const auto& line : body.at("Line")) {
        if (text_at(line, "DetailType") == "DiscountLineDetail") {
            continue;
        }
        const Json& detail = line.at("SalesItemLineDetail");
        const auto quantity = number_at(detail, "Qty");
        if (quantity) {
            const Decimal price = *number_at(detail, "UnitPrice");
            RC_ASSERT(price.normalized().scale() <= 7);
            const Decimal product = *quantity->times(price);
            RC_ASSERT(*product.rounded(exponent) == *number_at(line, "Amount"));
        }
        RC_ASSERT(code_points(text_at(line, "Description")) <= 4000u);
    }
}

Decimal discount_of(const Order& order) {
    Decimal sum;
    for (const auto& line : order.lines) {
        sum = *sum.plus((line.subtotal - line.total).decimal());
    }
    return sum;
}

// With the choice `line` everything the coupons took off stands on one line, or on none with a
// warning.
void check_discount(const Books& books, const Order& order, const Encoded& encoded) {
    std::vector<Json> discounts;
    for (const auto& line : encoded.documents.front().body.at("Line")) {
        if (text_at(line, "DetailType") == "DiscountLineDetail") {
            discounts.push_back(line);
        }
    }
    const bool warned =
        std::any_of(encoded.warnings.begin(), encoded.warnings.end(), [](const Reason& warning) {
            return warning.code == "DISCOUNT_NET";
        });
    const bool wanted = books.settings.at("discounts") == "line" && !discount_of(order).is_zero();
    RC_ASSERT(discounts.size() == (wanted && !warned ? 1u : 0u));
    RC_ASSERT(!warned || wanted);
    RC_ASSERT(books.facts.allow_discount || discounts.empty());
    if (!discounts.empty()) {
        RC_ASSERT(*number_at(discounts.front(), "Amount") == discount_of(order));
    }
    RC_CLASSIFY(!discounts.empty(), "discount line");
    RC_CLASSIFY(warned, "net with a warning");
}

TEST(EncodeProperty, EveryDocumentAddsUpToItsOrder) {
    const bool holds = rc::check("documents add up", [] {
        const Currency of = currency(*rc::gen::element<std::string>("USD", "JPY", "KWD"));
        Books books;
        books.keep_in(std::string(of.code()));
        books.facts.allow_shipping = *rc::gen::arbitrary<bool>();
        books.settings["document_choice"] = {
            {"*",
             *rc::gen::element<std::string>("sales_receipt", "invoice", "invoice_and_payment")}};
        books.settings["discounts"] = *rc::gen::element<std::string>("net", "line");
        books.facts.discount_account_id = "86";
        books.facts.allow_discount = *rc::gen::weightedElement<bool>({{4, true}, {1, false}});
        const Order order = any_order(of);
        const Encoded encoded = books.order(order);
        if (encoded.documents.empty()) {
            const std::string code = Books::hold_code(encoded) + Books::skip_code(encoded);
            RC_ASSERT(
                code == "NEGATIVE_TOTAL" || code == "ZERO_TOTAL" || code == "NO_LINES" ||
                code == "TAX_EXCEEDS_LINES"
            );
            return;
        }
        const Json& body = encoded.documents.front().body;
        RC_ASSERT(sum_of(body) == order.total.decimal());
        RC_ASSERT(
            *number_at(child_at(body, "TxnTaxDetail"), "TotalTax") == order.tax_total.decimal()
        );
        check_lines(body, of.exponent());
        check_discount(books, order, encoded);
        RC_ASSERT(code_points(text_at(body, "DocNumber")) <= 21u);
        RC_ASSERT(code_points(text_at(body, "PrivateNote")) <= 4000u);
        RC_ASSERT(code_points(text_at(body, "PaymentRefNum")) <= 21u);
        RC_ASSERT(print_wire(with_ids(body)).has_value());
        RC_ASSERT(to_json(encoded) == to_json(books.order(order)));
    });
    EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace syncline::quickbooks
