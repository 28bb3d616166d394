// The documents an order becomes: the sale (a sales receipt or an invoice) and its payment.
#pragma once

#include <string>
#include <string_view>

#include <syncline/model/order.hpp>

#include "quickbooks/encode/dates.hpp"
#include "quickbooks/encode/scope.hpp"

namespace syncline::quickbooks {

// Roles of an order's documents.
inline constexpr std::string_view kInvoice = "invoice";
inline constexpr std::string_view kReceipt = "sales_receipt";
inline constexpr std::string_view kPayment = "payment";

struct SaleKind {
    bool receipt = false;  // else an invoice
    // As it is in QuickBooks already, or null. Then closed books do not matter unless it changed.
    const KnownDocument* posted = nullptr;
};

// The money has arrived, and we know when.
bool is_paid(const Order& order);

// Errors (all of both): kHold, with the rule's name; the message says the way out.
Result<Document> sale_of(const Scope& scope, Draft& draft, const Order& order, SaleKind kind);
// Of the whole total, applied to the order's invoice; only for paid orders.
Result<Document> payment_of(
    const Scope& scope, Draft& draft, const Order& order, const KnownDocument* posted
);

// The order's number in the tenant's format; over 21 characters its tail and a hash of all of it.
std::string document_number(const Scope& scope, const Order& order);

// ---- what sales and refunds have alike ---------------------------------------------------------
// Of a refund `order` is the form of it that credit_of() makes.

// The lines, what was taken off them, and the tax, which is returned as the document shows it.
// Errors: kHold, as sale_of().
Result<Money> add_lines(const Scope& scope, Draft& draft, const Order& order, Json& body);

// Account, payment method and the gateway's number. Errors: kHold ACCOUNT_UNKNOWN,
// ACCOUNT_CURRENCY, PAYMENT_METHOD_UNKNOWN.
Result<void> add_deposit(const Scope& scope, const Order& order, Json& body);

Result<Json> customer_reference(const Scope& scope, Draft& draft, const Order& order);

// Keys, marker, note, date and currency.
void add_common(
    const Scope& scope,
    Draft& draft,
    const Order& order,
    const PostingDate& dates,
    Document& document
);

// Addresses, e-mail and the memo that the customer sees.
void add_addresses(const Scope& scope, Draft& draft, const Order& order, Json& body);

}  // namespace syncline::quickbooks
