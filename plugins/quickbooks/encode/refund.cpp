#include "quickbooks/encode/refund.hpp"

#include <algorithm>

#include <syncline/record.hpp>

#include "quickbooks/encode/counted.hpp"
#include "quickbooks/encode/currency.hpp"
#include "quickbooks/encode/dates.hpp"
#include "quickbooks/encode/dimensions.hpp"
#include "quickbooks/encode/documents.hpp"
#include "quickbooks/encode/lines.hpp"
#include "quickbooks/encode/order.hpp"
#include "quickbooks/encode/proof.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

// What a refund is to become.
struct Shape {
    bool memo = false;  // a credit; else the money went back
    bool use = false;   // the credit pays for the order's open invoice
};

// How a document of this file differs from another one.
struct Kind {
    std::string_view role;
    std::string number;  // behind the order's
    const KnownDocument* posted = nullptr;
};

template <class Part>
Money sum_of_taxes(const std::vector<Part>& parts, Money sum) {
    for (const auto& part : parts) {
        sum += part.total_tax;
    }
    return sum;
}

FeeLine fee(std::string name, const Money& total, const Currency& currency) {
    FeeLine line;
    line.name = std::move(name);
    line.total = total;
    line.total_tax = Money{0, currency};
    return line;
}

// A part of a line's price was given back, but none of the goods.
FeeLine fee_of_line(const LineItem& line) {
    FeeLine own;
    own.id = line.id;
    own.name = line.name;
    own.total = line.total;
    own.total_tax = line.total_tax;
    own.taxes = line.taxes;
    return own;
}

// Of one rate, on all parts; the shop's shares may have more decimals than money has.
template <class Part>
Decimal tax_under(const std::string& rate_id, const std::vector<Part>& parts, Decimal sum) {
    for (const auto& part : parts) {
        for (const auto& share : part.taxes) {
            const auto more = share.rate_id == rate_id ? sum.plus(share.amount) : sum;
            sum = more ? *more : sum;
        }
    }
    return sum;
}

// By rate. Some shops list a refund's rates, all know those of its order.
std::vector<TaxLine> tax_lines_of(const Order& order, const Refund& refund, const Order& credit) {
    if (!refund.tax_lines.empty()) {
        return refund.tax_lines;
    }
    std::vector<TaxLine> rates;
    for (TaxLine rate : order.tax_lines) {
        const Decimal on_lines = tax_under(rate.rate_id, credit.lines, Decimal{});
        const Decimal on_fees = tax_under(rate.rate_id, credit.fees, on_lines);
        const Decimal on_shipping = tax_under(rate.rate_id, credit.shipping_lines, Decimal{});
        const auto amount = Money::rounded(on_fees, order.currency);
        const auto shipping = Money::rounded(on_shipping, order.currency);
        rate.amount = amount ? *amount : Money{0, order.currency};
        rate.shipping_amount = shipping ? *shipping : Money{0, order.currency};
        if (!rate.amount.is_zero() || !rate.shipping_amount.is_zero()) {
            rates.push_back(std::move(rate));
        }
    }
    return rates;
}

// Of several refunds the earlier ones count, so that one too many does not hold them all.
Money refunded_until(const Order& order, const Refund& refund) {
    Money sum = refund.amount;
    for (const auto& other : order.refunds) {
        sum += id_less(other.id, refund.id) ? other.amount : Money{0, order.currency};
    }
    return sum;
}

// The amounts of a refund in the place of its order's; no sums are made.
Order parts_of(const Order& order, const Refund& refund) {
    Order parts = order;
    parts.lines = refund.lines;
    parts.fees = refund.fees;
    parts.shipping_lines = refund.shipping_lines;
    return parts;
}

Result<Order> order_of(const Scope& scope, const Refund& refund) {
    if (!refund.order) {
        return hold(
            "ORDER_UNKNOWN",
            "the order " + refund.order_id +
                " of this refund cannot be read at its source; enter the refund by hand"
        );
    }
    const Order& order = *refund.order;
    if (!has_one_currency(order) || !has_one_currency(parts_of(order, refund)) ||
        !(refund.amount.currency() == order.currency)) {
        return hold(
            "CURRENCY_MIXED",
            "some amounts of the refund or its order are not in the order's currency " +
                std::string(order.currency.code())
        );
    }
    const Money sum = refunded_until(order, refund);
    if (sum.minor() > order.total.minor()) {
        return hold(
            "REFUNDS_EXCEED_ORDER",
            "with this refund of " + refund.amount.to_string() + " the order's refunds come to " +
                sum.to_string() + ", but its total is " + order.total.to_string() +
                "; correct them in the shop"
        );
    }
    return counted(scope, order);
}

Result<Shape> choose_shape(
    const Scope& scope,
    const Order& order,
    const Refund& refund,
    const std::vector<KnownDocument>& known
) {
    if (known_as(known, kRefund) != nullptr) {
        return Shape{false, false};
    }
    if (known_as(known, kCreditMemo) != nullptr) {
        return Shape{true, known_as(known, kCreditUse) != nullptr || !is_paid(order)};
    }
    if (refund.payment_returned) {
        return Shape{false, false};
    }
    if (!is_paid(order)) {
        return Shape{true, true};
    }
    const ManualRefundChoice* set = choice_for(scope.choices.manual_refunds, order.payment_method);
    const ManualRefundChoice choice = set != nullptr ? *set : ManualRefundChoice::kRefundReceipt;
    if (choice == ManualRefundChoice::kHold) {
        return hold(
            "MANUAL_REFUND",
            "the gateway '" + order.payment_method +
                "' did not return the money itself; say in manual_refunds whether refunds like "
                "this are refund_receipt or credit_memo"
        );
    }
    return Shape{choice == ManualRefundChoice::kCreditMemo, false};
}

// The order it takes back: its sale, which is the first of its documents.
Need order_need(const std::string& order_id) {
    Need need;
    need.key = "order:" + order_id;
    need.entity = "order";
    need.source_id = order_id;
    return need;
}

// `credit` is what goes back, in the form of an order.
Result<Document> refund_document(
    const Scope& scope, Draft& draft, const Order& credit, const Kind& kind
) {
    const bool memo = kind.role == kCreditMemo;
    Document document;
    document.role = kind.role;
    document.entity = memo ? "creditmemo" : "refundreceipt";
    Json& body = document.body;
    SYNCLINE_ASSIGN_OR_RETURN(const Money tax, add_lines(scope, draft, credit, body));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string own_date, company_date(scope, credit.created_at));
    SYNCLINE_ASSIGN_OR_RETURN(
        const PostingDate dates, posting_date(scope, draft, own_date, kind.posted)
    );
    SYNCLINE_ASSIGN_OR_RETURN(body["CustomerRef"], customer_reference(scope, draft, credit));
    if (!memo) {
        SYNCLINE_RETURN_IF_ERROR(add_deposit(scope, credit, body));
        body.erase("PaymentRefNum");  // that of the sale
        if (!body.contains("DepositToAccountRef")) {
            return hold(
                "ACCOUNT_UNKNOWN",
                "a refund must name the account its money comes from, and the company has no "
                "Undeposited Funds; set deposit_accounts"
            );
        }
    }
    add_common(scope, draft, credit, dates, document);
    add_kept_currency(scope, credit, kind.posted, body);
    SYNCLINE_RETURN_IF_ERROR(add_dimensions(scope, draft, credit, body));
    add_addresses(scope, draft, credit, body);
    if (scope.company.custom_txn_numbers) {
        Order numbered = credit;
        numbered.number = (credit.number.empty() ? credit.id : credit.number) + kind.number;
        body["DocNumber"] = document_number(scope, numbered);
    }
    document.money = DocumentMoney{Money{credit.total.minor(), credit.currency}, tax};
    if (auto wrong = disprove_sale(body, *document.money)) {
        return hold("ENCODE_BUG", *wrong + "; this is a defect of the QuickBooks connector");
    }
    return document;
}

// A payment of nothing, which QuickBooks links both with.
Document credit_use(
    const Scope& scope, Draft& draft, const Order& credit, const Document& memo, const Json& invoice
) {
    const std::string amount = plain(credit.total.decimal());
    const auto line = [&](const Json& id, const char* type) {
        return Json{
            {"Amount", amount},
            {"LinkedTxn", Json::array({Json{{"TxnId", id}, {"TxnType", type}}})}};
    };
    Document document;
    document.role = kCreditUse;
    document.entity = "payment";
    document.body["TotalAmt"] = "0";
    for (const char* member : {"CustomerRef", "CurrencyRef", "ExchangeRate"}) {
        if (memo.body.contains(member)) {
            document.body[member] = memo.body[member];
        }
    }
    document.body["Line"] = Json::array(
        {line(invoice, "Invoice"),
         line(Json{{"$need", "document:" + std::string(kCreditMemo)}}, "CreditMemo")}
    );
    if (!(credit.currency == scope.home)) {
        document.body["$order"] = invoice;
    }
    add_common(scope, draft, credit, {text_at(memo.body, "TxnDate"), ""}, document);
    document.money = DocumentMoney{Money{0, credit.currency}, Money{0, credit.currency}};
    return document;
}

Result<Encoded> documents_of(
    const Scope& scope, const Refund& refund, const std::vector<KnownDocument>& known
) {
    SYNCLINE_ASSIGN_OR_RETURN(const Order order, order_of(scope, refund));
    const Order credit = credit_of(order, refund);
    SYNCLINE_RETURN_IF_ERROR(check_amounts(scope, credit));
    SYNCLINE_ASSIGN_OR_RETURN(const Shape shape, choose_shape(scope, order, refund, known));
    const std::string_view role = shape.memo ? kCreditMemo : kRefund;
    Draft draft;
    SYNCLINE_ASSIGN_OR_RETURN(const Json needed, draft.reference(order_need(refund.order_id)));
    SYNCLINE_ASSIGN_OR_RETURN(
        Document document,
        refund_document(scope, draft, credit, {role, "-R" + refund.id, known_as(known, role)})
    );
    document.body["$order"] = needed;
    std::vector<Document> documents{std::move(document)};
    if (shape.use) {
        documents.push_back(credit_use(scope, draft, credit, documents.front(), needed));
    }
    return draft.finish(std::move(documents));
}

}  // namespace

Encoded encode_refund(
    const Scope& scope, const Refund& refund, const std::vector<KnownDocument>& known
) {
    Encoded encoded;
    if (refund.amount.is_zero() && refund.issues.empty()) {
        Reason reason{"ZERO_TOTAL", "nothing was given back"};
        (known.empty() ? encoded.skip : encoded.hold) = std::move(reason);
        return encoded;
    }
    auto documents = documents_of(scope, refund, known);
    if (!documents) {
        encoded.hold = Reason{documents.error().name, documents.error().message};
        return encoded;
    }
    return *std::move(documents);
}

Order credit_of(const Order& order, const Refund& refund) {
    Order credit = parts_of(order, refund);
    credit.id = order.id + ":refund:" + refund.id;
    credit.created_at = refund.created_at;
    credit.customer_note = refund.reason;
    credit.issues = refund.issues;
    credit.discounts.clear();
    credit.lines.clear();
    credit.fees.clear();
    for (const auto& line : refund.lines) {
        if (line.quantity.is_zero()) {
            credit.fees.push_back(fee_of_line(line));
        } else {
            credit.lines.push_back(line);
            credit.lines.back().subtotal = line.total;
            credit.lines.back().subtotal_tax = line.total_tax;
        }
    }
    credit.fees.insert(credit.fees.end(), refund.fees.begin(), refund.fees.end());
    credit.tax_total = sum_of_taxes(credit.lines, Money{0, order.currency});
    credit.tax_total = sum_of_taxes(credit.fees, credit.tax_total);
    credit.tax_total = sum_of_taxes(credit.shipping_lines, credit.tax_total);
    credit.tax_lines = tax_lines_of(order, refund, credit);
    credit.total = refund.amount;
    const Money missing = credit.total - sum_of_parts(credit);
    if (!missing.is_zero()) {
        const bool alone =
            credit.lines.empty() && credit.fees.empty() && credit.shipping_lines.empty();
        credit.fees.push_back(
            fee(std::string(alone ? kRefundOnly : kRefundAdjustment), missing, order.currency)
        );
    }
    return credit;
}

Result<Document> full_refund_of(
    const Scope& scope,
    Draft& draft,
    const Order& order,
    const std::string& sale,
    const KnownDocument* posted
) {
    Order credit = order;
    credit.id = order.id + ":refund:full";
    credit.customer_note.clear();
    credit.created_at = order.updated_at;
    if (posted != nullptr) {
        // Every change of the order moves that time; the refund stays where it is.
        const auto date = Timestamp::parse(text_at(posted->owned, "TxnDate") + "T12:00:00Z");
        credit.created_at = date ? *date : credit.created_at;
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        Document document, refund_document(scope, draft, credit, {kFullRefund, "-RF", posted})
    );
    document.body["$order"] = Json{{"$need", "document:" + sale}};
    return document;
}

Document without_full_refund() {
    Document document;
    document.role = kFullRefund;
    document.entity = "refundreceipt";
    document.operation = DocumentOperation::kDelete;
    return document;
}

}  // namespace syncline::quickbooks
