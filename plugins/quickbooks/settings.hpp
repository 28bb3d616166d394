// The connection's settings: how to reach the company, and the choices that rules leave to the
// tenant.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <syncline/json_fields.hpp>
#include <syncline/spec.hpp>

#include "quickbooks/remote/api.hpp"
#include "quickbooks/rules.hpp"

namespace syncline::quickbooks {

// A request for tokens that has this header is told when the grant ends for good.
inline constexpr const char* kAsksHardExpiry = "x-include-refresh-token-hard-expires-in";
// Members of the token endpoint's answer, in seconds.
inline constexpr const char* kRefreshExpires = "x_refresh_token_expires_in";
inline constexpr const char* kHardExpires = "x_refresh_token_hard_expires_in";

// What a paid order becomes (accounting.md 4.14). An unpaid one is an invoice.
enum class DocumentChoice { kSalesReceipt, kInvoice, kInvoiceAndPayment };
// Which of the order's times dates a sales receipt (4.24).
enum class DateChoice { kPaid, kCompleted, kCreated };
// Whose customer in the books a buyer is (4.17).
enum class CustomerChoice { kEach, kGuestsTogether, kAllTogether };
enum class ItemType { kNonInventory, kService };
enum class StatusChoice { kPost, kSkip };
// How a sale shows what coupons took off (4.10).
enum class DiscountChoice { kNet, kLine };
// What becomes of a document whose date lies in the closed books (4.24).
enum class ClosedBooksChoice { kHold, kFirstOpenDay };
// What becomes of the documents of an order that is cancelled (4.22).
enum class CancelledChoice { kHold, kVoid };
// What a refund of a paid order becomes when the gateway did not return the money itself (4.20).
enum class ManualRefundChoice { kRefundReceipt, kCreditMemo, kHold };
// An order that is refunded although the shop has no refund of it (4.21).
enum class RefundedChoice { kHold, kFullRefund };
// When the money of a paid order counts as received (4.18).
enum class ConfirmedChoice { kPaid, kCompleted, kByHand };
// A customer or an item that QuickBooks does not have yet (4.15, 4.27).
enum class MissingChoice { kCreate, kHold };
// One that is inactive there.
enum class InactiveChoice { kHold, kReactivate };

}  // namespace syncline::quickbooks

namespace syncline {

template <>
struct EnumNames<quickbooks::DocumentChoice> {
    static constexpr std::array<std::pair<quickbooks::DocumentChoice, std::string_view>, 3> kNames{{
        {quickbooks::DocumentChoice::kSalesReceipt, "sales_receipt"},
        {quickbooks::DocumentChoice::kInvoice, "invoice"},
        {quickbooks::DocumentChoice::kInvoiceAndPayment, "invoice_and_payment"},
    }};
};
template <>
struct EnumNames<quickbooks::DateChoice> {
    static constexpr std::array<std::pair<quickbooks::DateChoice, std::string_view>, 3> kNames{{
        {quickbooks::DateChoice::kPaid, "paid"},
        {quickbooks::DateChoice::kCompleted, "completed"},
        {quickbooks::DateChoice::kCreated, "created"},
    }};
};
template <>
struct EnumNames<quickbooks::CustomerChoice> {
    static constexpr std::array<std::pair<quickbooks::CustomerChoice, std::string_view>, 3> kNames{{
        {quickbooks::CustomerChoice::kEach, "each"},
        {quickbooks::CustomerChoice::kGuestsTogether, "guests_together"},
        {quickbooks::CustomerChoice::kAllTogether, "all_together"},
    }};
};
template <>
struct EnumNames<quickbooks::ItemType> {
    static constexpr std::array<std::pair<quickbooks::ItemType, std::string_view>, 2> kNames{{
        {quickbooks::ItemType::kNonInventory, "NonInventory"},
        {quickbooks::ItemType::kService, "Service"},
    }};
};
template <>
struct EnumNames<quickbooks::StatusChoice> {
    static constexpr std::array<std::pair<quickbooks::StatusChoice, std::string_view>, 2> kNames{{
        {quickbooks::StatusChoice::kPost, "post"},
        {quickbooks::StatusChoice::kSkip, "skip"},
    }};
};
template <>
struct EnumNames<quickbooks::DiscountChoice> {
    static constexpr std::array<std::pair<quickbooks::DiscountChoice, std::string_view>, 2> kNames{{
        {quickbooks::DiscountChoice::kNet, "net"},
        {quickbooks::DiscountChoice::kLine, "line"},
    }};
};
template <>
struct EnumNames<quickbooks::ClosedBooksChoice> {
    static constexpr std::array<std::pair<quickbooks::ClosedBooksChoice, std::string_view>, 2>
        kNames{{
            {quickbooks::ClosedBooksChoice::kHold, "hold"},
            {quickbooks::ClosedBooksChoice::kFirstOpenDay, "first_open_day"},
        }};
};
template <>
struct EnumNames<quickbooks::CancelledChoice> {
    static constexpr std::array<std::pair<quickbooks::CancelledChoice, std::string_view>, 2> kNames{
        {
            {quickbooks::CancelledChoice::kHold, "hold"},
            {quickbooks::CancelledChoice::kVoid, "void"},
        }};
};
template <>
struct EnumNames<quickbooks::ManualRefundChoice> {
    static constexpr std::array<std::pair<quickbooks::ManualRefundChoice, std::string_view>, 3>
        kNames{{
            {quickbooks::ManualRefundChoice::kRefundReceipt, "refund_receipt"},
            {quickbooks::ManualRefundChoice::kCreditMemo, "credit_memo"},
            {quickbooks::ManualRefundChoice::kHold, "hold"},
        }};
};
template <>
struct EnumNames<quickbooks::RefundedChoice> {
    static constexpr std::array<std::pair<quickbooks::RefundedChoice, std::string_view>, 2> kNames{{
        {quickbooks::RefundedChoice::kHold, "hold"},
        {quickbooks::RefundedChoice::kFullRefund, "full_refund"},
    }};
};
template <>
struct EnumNames<quickbooks::ConfirmedChoice> {
    static constexpr std::array<std::pair<quickbooks::ConfirmedChoice, std::string_view>, 3> kNames{
        {
            {quickbooks::ConfirmedChoice::kPaid, "paid"},
            {quickbooks::ConfirmedChoice::kCompleted, "completed"},
            {quickbooks::ConfirmedChoice::kByHand, "by_hand"},
        }};
};
template <>
struct EnumNames<quickbooks::MissingChoice> {
    static constexpr std::array<std::pair<quickbooks::MissingChoice, std::string_view>, 2> kNames{{
        {quickbooks::MissingChoice::kCreate, "create"},
        {quickbooks::MissingChoice::kHold, "hold"},
    }};
};
template <>
struct EnumNames<quickbooks::InactiveChoice> {
    static constexpr std::array<std::pair<quickbooks::InactiveChoice, std::string_view>, 2> kNames{{
        {quickbooks::InactiveChoice::kHold, "hold"},
        {quickbooks::InactiveChoice::kReactivate, "reactivate"},
    }};
};

namespace quickbooks {

// Choices of the tenant; each may be set for all its connections (transformer_config), for the
// connection, which wins over that, and for a flow, which wins over both; as a whole. Maps go from
// a gateway's id ("stripe"), a status or a fee's name to the choice; "*" stands for all others.
// Items are named "id:42", "sku:GIFT-WRAP" or "name:Gift wrap".
struct Choices {
    std::map<std::string, DocumentChoice> document_choice;
    std::string doc_number_format = "WOO-{number}";
    DateChoice txn_date = DateChoice::kPaid;
    ClosedBooksChoice closed_books = ClosedBooksChoice::kHold;
    std::string time_zone;  // empty: the company's
    CustomerChoice customers = CustomerChoice::kEach;
    std::string web_sales_customer = "Web sales";
    ItemType item_type = ItemType::kNonInventory;
    std::string income_account;  // id or name; empty: the first for product income
    std::string fallback_item;   // for products that were deleted; empty: such orders are held
    std::string shipping_item;   // when the company's shipping line is off
    std::map<std::string, std::string> fee_items;
    std::string rounding_item;
    DiscountChoice discounts = DiscountChoice::kNet;
    std::string discount_account;  // id or name; empty: the company's default
    // The shop's tax rates to tax codes (id or name): "7", "2+3" for rates that are levied
    // together, or "US:NY:8.875" (country, state, percent).
    std::map<std::string, std::string> tax_code_mappings;
    std::string default_tax_code_id;  // for rates without an entry, if its percentages are theirs
    std::string zero_tax_code_id;     // of lines without tax, where every line needs a code
    std::string sales_tax_item;       // takes the tax where QuickBooks keeps none
    // Gateway, or gateway and currency ("stripe:EUR"), to account.
    std::map<std::string, std::string> deposit_accounts;
    std::map<std::string, std::string> payment_methods;  // gateway to payment method
    std::map<std::string, std::string> terms;            // gateway to term, for unpaid orders
    std::map<std::string, StatusChoice> other_statuses;  // the shop's own statuses
    bool post_zero_total = false;
    std::string shipping_item_id;  // shipping_item by its id alone
    // For unpaid orders that no rule and no gateway gives a term; absent: the company's term.
    std::optional<std::int64_t> default_payment_terms_days;
    Rules term_rules;
    Rules class_rules;
    Rules location_rules;
    std::map<std::string, std::string> custom_field_mappings;  // definition id to order_text()
    std::string exchange_rate_meta;  // the order's metadata that has the rate; empty: QuickBooks'
    MissingChoice missing_customers = MissingChoice::kCreate;
    MissingChoice missing_items = MissingChoice::kCreate;
    InactiveChoice inactive_records = InactiveChoice::kHold;
    // YYYY-MM-DD in the company's zone; orders from before are left out. Empty: the day the company
    // was connected.
    std::string start_date;
    CancelledChoice cancelled = CancelledChoice::kHold;
    std::map<std::string, ManualRefundChoice> manual_refunds;  // by gateway
    RefundedChoice refunded_without_refund = RefundedChoice::kHold;
    std::map<std::string, ConfirmedChoice> payment_confirmed;  // by gateway
    std::map<std::string, std::string> product_items;          // SKU or name to item

    static constexpr auto fields() {
        return field_list(
            field("document_choice", &Choices::document_choice),
            field("doc_number_format", &Choices::doc_number_format),
            field("txn_date", &Choices::txn_date),
            field("closed_books", &Choices::closed_books),
            field("time_zone", &Choices::time_zone),
            field("customers", &Choices::customers),
            field("web_sales_customer", &Choices::web_sales_customer),
            field("item_type", &Choices::item_type),
            field("income_account", &Choices::income_account),
            field("fallback_item", &Choices::fallback_item),
            field("shipping_item", &Choices::shipping_item),
            field("fee_items", &Choices::fee_items),
            field("rounding_item", &Choices::rounding_item),
            field("discounts", &Choices::discounts),
            field("discount_account", &Choices::discount_account),
            field("tax_code_mappings", &Choices::tax_code_mappings),
            field("default_tax_code_id", &Choices::default_tax_code_id),
            field("zero_tax_code_id", &Choices::zero_tax_code_id),
            field("sales_tax_item", &Choices::sales_tax_item),
            field("deposit_accounts", &Choices::deposit_accounts),
            field("payment_methods", &Choices::payment_methods),
            field("terms", &Choices::terms),
            field("other_statuses", &Choices::other_statuses),
            field("post_zero_total", &Choices::post_zero_total),
            field("cancelled", &Choices::cancelled),
            field("manual_refunds", &Choices::manual_refunds),
            field("refunded_without_refund", &Choices::refunded_without_refund),
            field("payment_confirmed", &Choices::payment_confirmed),
            field("product_items", &Choices::product_items),
            field("shipping_item_id", &Choices::shipping_item_id),
            field("default_payment_terms_days", &Choices::default_payment_terms_days),
            field("term_rules", &Choices::term_rules),
            field("class_rules", &Choices::class_rules),
            field("location_rules", &Choices::location_rules),
            field("custom_field_mappings", &Choices::custom_field_mappings),
            field("exchange_rate_meta", &Choices::exchange_rate_meta),
            field("missing_customers", &Choices::missing_customers),
            field("missing_items", &Choices::missing_items),
            field("inactive_records", &Choices::inactive_records),
            field("start_date", &Choices::start_date)
        );
    }
};

// The entry for `key`, else that for "*", else nullptr.
template <class T>
const T* choice_for(const std::map<std::string, T>& choices, const std::string& key) {
    const auto found = choices.find(key);
    if (found != choices.end()) {
        return &found->second;
    }
    const auto other = choices.find("*");
    return other == choices.end() ? nullptr : &other->second;
}

Spec connector_spec();

// Where the company's API and its token endpoint are.
struct Addresses {
    Endpoint api;
    std::string token_url;
};
Addresses addresses_of(const Json& settings);

// The connection's settings with the flow's on top; the host has put the tenant's below both.
// Errors: kConfig, naming the setting.
Result<Choices> choices_of(const Json& connection_settings, const Json& flow_settings);

// A tenant's settings by themselves, strictly read. Errors: kConfig "settings.invalid", the message
// begins with the pointer of what is wrong.
Result<Choices> tenant_choices(const Json& tenant_settings);

}  // namespace quickbooks
}  // namespace syncline
