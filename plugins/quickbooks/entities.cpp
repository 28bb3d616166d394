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
         {"/DisplayName", "/PrimaryEmailAddr"}},
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
