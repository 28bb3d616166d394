#include "quickbooks/entities.hpp"

#include <algorithm>

namespace syncline::quickbooks {
namespace {

constexpr std::string_view kSalesShape = R"json({
    "DocNumber": "", "TxnDate": "", "DueDate": "", "SalesTermRef": {"value": ""},
    "CustomerRef": {"value": ""}, "CurrencyRef": {"value": ""}, "BillEmail": {"Address": ""},
    "BillAddr": {"Line1": "", "Line2": "", "City": "", "CountrySubDivisionCode": "", "PostalCode": "",
                 "Country": ""},
    "ShipAddr": {"Line1": "", "Line2": "", "City": "", "CountrySubDivisionCode": "", "PostalCode": "",
                 "Country": ""},
    "CustomerMemo": {"value": ""}, "PrivateNote": "", "PaymentMethodRef": {"value": ""},
    "PaymentRefNum": "", "DepositToAccountRef": {"value": ""}, "TxnTaxDetail": {"TotalTax": ""},
    "GlobalTaxCalculation": "", "ApplyTaxAfterDiscount": true,
    "Line": [{"Amount": "", "DetailType": "", "Description": "",
              "SalesItemLineDetail": {"ItemRef": {"value": ""}, "Qty": "", "UnitPrice": "",
                                      "TaxCodeRef": {"value": ""}},
              "DiscountLineDetail": {"PercentBased": false, "DiscountAccountRef": {"value": ""}}}]
})json";

constexpr std::string_view kPaymentShape = R"json({
    "TotalAmt": "", "TxnDate": "", "CustomerRef": {"value": ""}, "CurrencyRef": {"value": ""},
    "PaymentMethodRef": {"value": ""}, "PaymentRefNum": "", "DepositToAccountRef": {"value": ""},
    "PrivateNote": "", "Line": [{"Amount": "", "LinkedTxn": [{"TxnId": "", "TxnType": ""}]}]
})json";

constexpr std::string_view kCustomerShape = R"json({
    "GivenName": "", "FamilyName": "", "CompanyName": "", "PrimaryEmailAddr": {"Address": ""},
    "PrimaryPhone": {"FreeFormNumber": ""}, "CurrencyRef": {"value": ""},
    "BillAddr": {"Line1": "", "Line2": "", "City": "", "CountrySubDivisionCode": "", "PostalCode": "",
                 "Country": ""},
    "ShipAddr": {"Line1": "", "Line2": "", "City": "", "CountrySubDivisionCode": "", "PostalCode": "",
                 "Country": ""}
})json";

constexpr std::string_view kItemShape = R"json({
    "Name": "", "Sku": "", "Description": "", "UnitPrice": "", "Taxable": false
})json";

// Of native documents what was sent is compared, and nothing else.
constexpr std::string_view kNativeShape = "{}";

const std::vector<std::string_view> kSalesOwned{
    "/Line",
    "/TxnTaxDetail",
    "/GlobalTaxCalculation",
    "/CustomerRef",
    "/CurrencyRef",
    "/PrivateNote",
    "/DocNumber"};

// A refund also names the account that the money leaves.
std::vector<std::string_view> refund_owned() {
    std::vector<std::string_view> paths = kSalesOwned;
    paths.push_back("/DepositToAccountRef");
    return paths;
}

EntityFacts native_list(
    std::string_view entity,
    std::string_view canonical,
    std::string_view type,
    std::vector<std::string_view> owned
) {
    EntityFacts facts{
        entity, canonical, type, false, Removal::kDeactivate, Search::kName, {}, kNativeShape, {}};
    facts.owned_paths = std::move(owned);
    facts.name_member = "DisplayName";
    facts.native = true;
    return facts;
}

EntityFacts native_document(
    std::string_view entity,
    std::string_view canonical,
    std::string_view type,
    std::vector<std::string_view> owned
) {
    EntityFacts facts{
        entity, canonical, type, true, Removal::kDelete, Search::kMarker, {}, kNativeShape, {}};
    facts.owned_paths = std::move(owned);
    facts.native = true;
    return facts;
}

EntityFacts read_only(std::string_view entity, std::string_view canonical, std::string_view type) {
    EntityFacts facts = native_list(entity, canonical, type, {});
    facts.name_member = "Name";
    facts.writable = false;
    return facts;
}

EntityFacts without_changes(EntityFacts facts) {
    facts.in_changes = false;
    return facts;
}

// There is one of it, which is never inactive.
EntityFacts single(EntityFacts facts) {
    facts.has_active = false;
    return without_changes(std::move(facts));
}

}  // namespace

const std::vector<EntityFacts>& entities() {
    static const std::vector<EntityFacts> kEntities{
        {"customer",
         "customer",
         "Customer",
         false,
         Removal::kDeactivate,
         Search::kEmail,
         {"DisplayName", "CurrencyRef"},
         kCustomerShape,
         {"/DisplayName", "/PrimaryEmailAddr"},
         "DisplayName"},
        {"item",
         "product",
         "Item",
         false,
         Removal::kDeactivate,
         Search::kSku,
         {"Type", "IncomeAccountRef"},
         kItemShape,
         {"/Sku", "/Type", "/IncomeAccountRef"}},
        {"invoice",
         "invoice",
         "Invoice",
         true,
         Removal::kVoidOperation,
         Search::kDocNumber,
         {},
         kSalesShape,
         kSalesOwned},
        {"salesreceipt",
         "sales_receipt",
         "SalesReceipt",
         true,
         Removal::kVoidByUpdate,
         Search::kDocNumber,
         {},
         kSalesShape,
         kSalesOwned},
        {"refundreceipt",
         "refund",
         "RefundReceipt",
         true,
         Removal::kDelete,
         Search::kDocNumber,
         {},
         kSalesShape,
         refund_owned()},
        {"creditmemo",
         "credit_memo",
         "CreditMemo",
         true,
         Removal::kDelete,
         Search::kDocNumber,
         {},
         kSalesShape,
         kSalesOwned},
        {"payment",
         "payment",
         "Payment",
         true,
         Removal::kVoidByUpdate,
         Search::kMarker,
         {},
         kPaymentShape,
         {"/TotalAmt", "/Line", "/CustomerRef", "/CurrencyRef", "/PrivateNote"}},
        native_list("vendor", "vendor", "Vendor", {"/DisplayName", "/CurrencyRef"}),
        native_document(
            "bill",
            "bill",
            "Bill",
            {"/Line", "/VendorRef", "/CurrencyRef", "/PrivateNote", "/DocNumber"}
        ),
        native_document("estimate", "estimate", "Estimate", kSalesOwned),
        read_only("account", "account", "Account"),
        read_only("term", "term", "Term"),
        read_only("paymentmethod", "payment_method", "PaymentMethod"),
        read_only("class", "class", "Class"),
        read_only("department", "department", "Department"),
        without_changes(read_only("taxcode", "tax_code", "TaxCode")),
        single(read_only("companyinfo", "company_info", "CompanyInfo")),
        single(read_only("preferences", "preferences", "Preferences")),
    };
    return kEntities;
}

const EntityFacts* find_entity(std::string_view name) {
    const auto& all = entities();
    const auto found = std::find_if(all.begin(), all.end(), [&](const EntityFacts& facts) {
        return facts.entity == name || facts.canonical == name;
    });
    return found == all.end() ? nullptr : &*found;
}

const std::vector<std::string_view>& numbered_types() {
    static const std::vector<std::string_view> kTypes{
        "Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt"};
    return kTypes;
}

}  // namespace syncline::quickbooks
