#include "quickbooks/encode/documents.hpp"

#include "quickbooks/encode/counted.hpp"
#include "quickbooks/encode/currency.hpp"
#include "quickbooks/encode/dates.hpp"
#include "quickbooks/encode/dimensions.hpp"
#include "quickbooks/encode/discount.hpp"
#include "quickbooks/encode/lines.hpp"
#include "quickbooks/encode/parties.hpp"
#include "quickbooks/encode/proof.hpp"
#include "quickbooks/encode/tax.hpp"
#include "quickbooks/encode/terms.hpp"
#include "quickbooks/encode/text.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

Json reference_to(std::string_view id) {
    return Json{{"value", std::string(id)}};
}

// Note, references and addresses that every document of the order has alike.
std::string private_note(const Scope& scope, const Order& order, const PostingDate& dates) {
    // Right behind the marker, where nothing is cut off.
    std::string note = marker_of(scope, order.id) + original_date_note(dates);
    note += "\nOrder " + one_line(order.number);
    const std::string title = one_line(order.payment_title);
    note += title.empty() ? "" : ", " + title;
    const std::string transaction = one_line(order.transaction_id);
    note += transaction.empty() ? "" : "\nTransaction " + transaction;
    const std::string subscription = renewed_subscription(order);
    note += subscription.empty() ? "" : "\nRenewal of subscription " + subscription;
    return note;
}

// By gateway and currency, else by gateway; the gateway's own entry goes before that of all others.
const std::string* deposit_choice(const Scope& scope, const Order& order) {
    const auto& accounts = scope.choices.deposit_accounts;
    const std::string currency = ":" + std::string(order.currency.code());
    for (const std::string& key : {order.payment_method + currency, order.payment_method}) {
        if (const auto found = accounts.find(key); found != accounts.end()) {
            return &found->second;
        }
    }
    return choice_for(accounts, "*" + currency);
}

Result<const Account*> deposit_account(const Scope& scope, const Order& order) {
    const std::string* wanted = deposit_choice(scope, order);
    const Account* account =
        wanted != nullptr ? scope.company.account(*wanted) : scope.company.undeposited_funds();
    if (wanted != nullptr && account == nullptr) {
        return hold(
            "ACCOUNT_UNKNOWN",
            "QuickBooks has no account '" + *wanted + "'; change deposit_accounts"
        );
    }
    const bool other = account != nullptr && !account->currency.empty() &&
                       account->currency != order.currency.code() &&
                       account->currency != scope.home.code();
    if (other) {
        return hold(
            "ACCOUNT_CURRENCY",
            "the account '" + account->name + "' is kept in " + account->currency +
                ", the order is in " + std::string(order.currency.code()) +
                "; name another one under '" + order.payment_method + ":" +
                std::string(order.currency.code()) + "' in deposit_accounts"
        );
    }
    return account;
}

}  // namespace

Result<void> add_deposit(const Scope& scope, const Order& order, Json& body) {
    SYNCLINE_ASSIGN_OR_RETURN(const Account* account, deposit_account(scope, order));
    if (account != nullptr) {
        body["DepositToAccountRef"] = reference_to(account->id);
    }
    const std::string* named = choice_for(scope.choices.payment_methods, order.payment_method);
    const NamedId* method = named != nullptr ? scope.company.payment_method(*named)
                                             : scope.company.payment_method(order.payment_title);
    if (named != nullptr && method == nullptr) {
        return hold(
            "PAYMENT_METHOD_UNKNOWN",
            "QuickBooks has no payment method '" + *named + "'; change payment_methods"
        );
    }
    if (method == nullptr && !order.payment_method.empty()) {
        method = scope.company.payment_method(order.payment_method);
    }
    if (method != nullptr) {
        body["PaymentMethodRef"] = reference_to(method->id);
    }
    // The note has the whole of it.
    const std::string transaction = one_line(order.transaction_id);
    if (!transaction.empty()) {
        body["PaymentRefNum"] = scope.host.truncate(transaction, limits::kPaymentRef);
    }
    return {};
}

void add_addresses(const Scope& scope, Draft& draft, const Order& order, Json& body) {
    if (Json billing = address_of(scope, draft, order.billing); !billing.empty()) {
        body["BillAddr"] = std::move(billing);
    }
    // Automated sales tax would take the company's own address for a missing one.
    const Address& ship_to = order.shipping.empty() ? order.billing : order.shipping;
    if (Json shipping = address_of(scope, draft, ship_to); !shipping.empty()) {
        body["ShipAddr"] = std::move(shipping);
    }
    const std::string email = normalized_email(order.billing.email);
    if (!email.empty() && code_points(email) <= limits::kEmail) {
        body["BillEmail"] = {{"Address", email}};
    }
    Json memo = Json::object();
    put_text(scope, draft, memo, {"value", limits::kMemo}, without_html(order.customer_note));
    if (!memo.empty()) {
        body["CustomerMemo"] = std::move(memo);
    }
}

Result<Json> customer_reference(const Scope& scope, Draft& draft, const Order& order) {
    SYNCLINE_ASSIGN_OR_RETURN(Json reference, draft.reference(customer_need(scope, order)));
    return Json{{"value", std::move(reference)}};
}

void add_common(
    const Scope& scope,
    Draft& draft,
    const Order& order,
    const PostingDate& dates,
    Document& document
) {
    document.natural_key = scope.context.source + ":" + order.id;
    document.marker = marker_of(scope, order.id);
    document.body["TxnDate"] = dates.date;
    put_text(
        scope,
        draft,
        document.body,
        {"PrivateNote", limits::kNote},
        private_note(scope, order, dates)
    );
}

Result<Money> add_lines(const Scope& scope, Draft& draft, const Order& order, Json& body) {
    SYNCLINE_ASSIGN_OR_RETURN(auto lines, sales_lines(scope, draft, order));
    if (lines.empty()) {
        return hold("NO_LINES", "the order has no lines; a document needs at least one");
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Money tax, apply_tax(scope, draft, tax_basis(order), lines, body)
    );
    SYNCLINE_ASSIGN_OR_RETURN(const Json discount, take_discount(scope, draft, order, lines, body));
    Json& all = body["Line"] = Json::array();
    bool open = !discount.is_null();
    for (const auto& line : lines) {
        if (open && !line.quantity) {
            all.push_back(discount);  // before the shipping line, as QuickBooks has it
            open = false;
        }
        SYNCLINE_RETURN_IF_ERROR(append_line(scope, draft, line, all));
    }
    if (open) {
        all.push_back(discount);
    }
    if (!discount.is_null()) {
        // The shop's tax is on what is left; the default of QuickBooks is on the full amounts.
        body["ApplyTaxAfterDiscount"] = true;
    }
    if (auto wrong = disprove_tax(scope, body, tax_basis(order).total)) {
        return hold("ENCODE_BUG", *wrong + "; this is a defect of the QuickBooks connector");
    }
    return tax;
}

bool is_paid(const Order& order) {
    return order.payment_status != PaymentStatus::kUnpaid && order.paid_at.has_value();
}

Result<Document> sale_of(const Scope& scope, Draft& draft, const Order& order, SaleKind kind) {
    Document document;
    document.role = kind.receipt ? kReceipt : kInvoice;
    document.entity = kind.receipt ? "salesreceipt" : "invoice";
    Json& body = document.body;
    SYNCLINE_ASSIGN_OR_RETURN(const Money tax, add_lines(scope, draft, order, body));
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::string own_date,
        kind.receipt ? receipt_date(scope, order) : invoice_date(scope, order)
    );
    SYNCLINE_ASSIGN_OR_RETURN(
        const PostingDate dates, posting_date(scope, draft, own_date, kind.posted)
    );
    SYNCLINE_ASSIGN_OR_RETURN(body["CustomerRef"], customer_reference(scope, draft, order));
    if (kind.receipt) {
        SYNCLINE_RETURN_IF_ERROR(add_deposit(scope, order, body));
    } else {
        SYNCLINE_RETURN_IF_ERROR(add_terms(scope, order, dates, body));
    }
    add_common(scope, draft, order, dates, document);
    SYNCLINE_RETURN_IF_ERROR(add_currency(scope, order, kind.posted, body));
    SYNCLINE_RETURN_IF_ERROR(add_dimensions(scope, draft, order, body));
    add_addresses(scope, draft, order, body);
    if (scope.company.custom_txn_numbers) {
        body["DocNumber"] = document_number(scope, order);
    }
    document.money = DocumentMoney{Money{order.total.minor(), order.currency}, tax};
    if (auto wrong = disprove_sale(body, *document.money)) {
        return hold("ENCODE_BUG", *wrong + "; this is a defect of the QuickBooks connector");
    }
    return document;
}

Result<Document> payment_of(
    const Scope& scope, Draft& draft, const Order& order, const KnownDocument* posted
) {
    Document document;
    document.role = kPayment;
    document.entity = "payment";
    Json& body = document.body;
    body["TotalAmt"] = plain(order.total.decimal());
    body["Line"] = Json::array(
        {{{"Amount", plain(order.total.decimal())},
          {"LinkedTxn",
           Json::array(
               {{{"TxnId", {{"$need", "document:" + std::string(kInvoice)}}},
                 {"TxnType", "Invoice"}}}
           )}}}
    );
    SYNCLINE_ASSIGN_OR_RETURN(const std::string own_date, company_date(scope, *order.paid_at));
    SYNCLINE_ASSIGN_OR_RETURN(
        const PostingDate dates, posting_date(scope, draft, own_date, posted)
    );
    SYNCLINE_ASSIGN_OR_RETURN(body["CustomerRef"], customer_reference(scope, draft, order));
    SYNCLINE_RETURN_IF_ERROR(add_deposit(scope, order, body));
    add_common(scope, draft, order, dates, document);
    SYNCLINE_RETURN_IF_ERROR(add_currency(scope, order, posted, body));
    document.money =
        DocumentMoney{Money{order.total.minor(), order.currency}, Money{0, order.currency}};
    if (auto wrong = disprove_payment(body, *document.money)) {
        return hold("ENCODE_BUG", *wrong + "; this is a defect of the QuickBooks connector");
    }
    return document;
}

std::string document_number(const Scope& scope, const Order& order) {
    std::string number = scope.choices.doc_number_format;
    const std::string shown = one_line(order.number.empty() ? order.id : order.number);
    const auto at = number.find("{number}");
    number = at == std::string::npos ? number + shown : number.replace(at, 8, shown);
    const std::size_t length = code_points(number);
    if (length <= limits::kDocNumber) {
        return number;
    }
    constexpr std::size_t kTail = limits::kDocNumber - 5;
    std::size_t start = 0;
    for (std::size_t dropped = 0; dropped < length - kTail; ++dropped) {
        ++start;
        while ((static_cast<unsigned char>(number[start]) & 0xC0U) == 0x80U) {
            ++start;
        }
    }
    return number.substr(start) + "-" + short_hash(number).substr(0, 4);
}

}  // namespace syncline::quickbooks
