#include "quickbooks/books/schema.hpp"

#include <algorithm>

namespace sandbox::quickbooks {
namespace {

constexpr std::array<EntityInfo, kEntities> kInfo{{
    {Entity::kCustomer, "Customer", "customer", "Names", Family::kList},
    {Entity::kVendor, "Vendor", "vendor", "Names", Family::kList},
    {Entity::kEmployee, "Employee", "employee", "Names", Family::kList},
    {Entity::kItem, "Item", "item", "Items", Family::kList},
    {Entity::kAccount, "Account", "account", "Accounts", Family::kList},
    {Entity::kTaxCode, "TaxCode", "taxcode", "TaxCodes", Family::kReadOnly, VoidBy::kNever, false},
    {Entity::kTaxRate, "TaxRate", "taxrate", "TaxRates", Family::kReadOnly, VoidBy::kNever, false},
    {Entity::kTerm, "Term", "term", "Terms", Family::kList},
    {Entity::kPaymentMethod, "PaymentMethod", "paymentmethod", "PaymentMethods", Family::kList},
    {Entity::kClass, "Class", "class", "Classes", Family::kList},
    {Entity::kDepartment, "Department", "department", "Departments", Family::kList},
    {Entity::kInvoice, "Invoice", "invoice", "Txns", Family::kSale, VoidBy::kOperation},
    {Entity::kSalesReceipt,
     "SalesReceipt",
     "salesreceipt",
     "Txns",
     Family::kSale,
     VoidBy::kInclude},
    {Entity::kCreditMemo, "CreditMemo", "creditmemo", "Txns", Family::kSale},
    {Entity::kRefundReceipt, "RefundReceipt", "refundreceipt", "Txns", Family::kSale},
    {Entity::kEstimate, "Estimate", "estimate", "Txns", Family::kSale},
    {Entity::kPayment, "Payment", "payment", "Txns", Family::kOther, VoidBy::kInclude},
    {Entity::kBill, "Bill", "bill", "Txns", Family::kOther},
    {Entity::kPreferences, "Preferences", "preferences", "Preferences", Family::kReadOnly},
    {Entity::kCompanyInfo, "CompanyInfo", "companyinfo", "Companies", Family::kReadOnly},
}};

using Members = std::vector<Member>;

Member text(std::string_view name, std::size_t length_max) {
    return {name, Type::kText, length_max};
}
Member of_type(std::string_view name, Type type) {
    return {name, type};
}
Member limited(std::string_view name, Type type, std::size_t length_max) {
    return {name, type, length_max};
}
Member choice(std::string_view name, std::string_view choices) {
    return {name, Type::kEnum, 0, choices};
}
Member ref(std::string_view name, Entity target) {
    return {name, Type::kRef, 0, {}, target};
}
Member required(Member member) {
    member.need = Need::kRequired;
    return member;
}

Members joined(std::initializer_list<Members> parts) {
    Members all;
    for (const Members& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

Members server_owned(std::initializer_list<std::string_view> names) {
    Members all;
    for (const auto name : names) all.push_back(of_type(name, Type::kServer));
    return all;
}

const Members& everywhere() {
    static const Members list =
        server_owned({"domain", "sparse", "Id", "SyncToken", "MetaData", "status"});
    return list;
}

// The reference gives 25 and 100 for the parts of a person's name; 100 is the newer one. For
// DisplayName it gives 500 and import tools 100; 100 is the one that works everywhere.
Members person() {
    return joined(
        {everywhere(),
         {text("Title", 16),
          text("GivenName", 100),
          text("MiddleName", 100),
          text("FamilyName", 100),
          text("Suffix", 16),
          text("CompanyName", 100),
          text("DisplayName", 100),
          text("PrintOnCheckName", 110),
          of_type("Active", Type::kFlag),
          limited("PrimaryPhone", Type::kPhone, 21),
          limited("AlternatePhone", Type::kPhone, 21),
          limited("Mobile", Type::kPhone, 21),
          limited("Fax", Type::kPhone, 21),
          limited("PrimaryEmailAddr", Type::kEmail, 100),
          limited("WebAddr", Type::kUri, 1000),
          of_type("BillAddr", Type::kAddress),
          text("Notes", 2000),
          of_type("CurrencyRef", Type::kCurrency)},
         server_owned({"V4IDPseudonym", "ClientEntityId", "FullyQualifiedName"})}
    );
}

Members customer() {
    return joined(
        {person(),
         {of_type("ShipAddr", Type::kAddress),
          of_type("Taxable", Type::kFlag),
          ref("DefaultTaxCodeRef", Entity::kTaxCode),
          text("TaxExemptionReasonId", 16),
          text("ResaleNum", 16),
          text("PrimaryTaxIdentifier", 30),
          text("AcctNum", 99),
          ref("SalesTermRef", Entity::kTerm),
          ref("PaymentMethodRef", Entity::kPaymentMethod),
          ref("ParentRef", Entity::kCustomer),
          of_type("Job", Type::kFlag),
          of_type("BillWithParent", Type::kFlag),
          choice("PreferredDeliveryMethod", "Print|Email|None"),
          of_type("CustomField", Type::kCustomFields)},
         server_owned({"Balance", "BalanceWithJobs", "IsProject", "Level"})}
    );
}

Members vendor() {
    return joined(
        {person(),
         {text("AcctNum", 99),
          text("TaxIdentifier", 20),
          of_type("Vendor1099", Type::kFlag),
          ref("TermRef", Entity::kTerm)},
         server_owned({"Balance"})}
    );
}

Members item() {
    return joined(
        {everywhere(),
         {required(text("Name", 100)),
          text("Sku", 100),
          text("Description", 4000),
          text("PurchaseDesc", 4000),
          of_type("Active", Type::kFlag),
          required(choice("Type", "Inventory|NonInventory|Service|Category")),
          of_type("Taxable", Type::kFlag),
          of_type("SalesTaxIncluded", Type::kFlag),
          of_type("UnitPrice", Type::kAmount),
          of_type("PurchaseCost", Type::kAmount),
          ref("SalesTaxCodeRef", Entity::kTaxCode),
          ref("PurchaseTaxCodeRef", Entity::kTaxCode),
          ref("IncomeAccountRef", Entity::kAccount),
          ref("ExpenseAccountRef", Entity::kAccount),
          ref("AssetAccountRef", Entity::kAccount),
          of_type("TrackQtyOnHand", Type::kFlag),
          of_type("QtyOnHand", Type::kAmount),
          of_type("ReorderPoint", Type::kAmount),
          of_type("InvStartDate", Type::kDate),
          ref("ParentRef", Entity::kItem),
          of_type("SubItem", Type::kFlag),
          ref("PrefVendorRef", Entity::kVendor),
          ref("ClassRef", Entity::kClass)},
         server_owned({"FullyQualifiedName", "Level"})}
    );
}

constexpr std::string_view kAccountTypes =
    "Bank|Other Current Asset|Fixed Asset|Other Asset|Accounts Receivable|Equity|Expense|"
    "Other Expense|Cost of Goods Sold|Accounts Payable|Credit Card|Long Term Liability|"
    "Other Current Liability|Income|Other Income";

Members account() {
    return joined(
        {everywhere(),
         {required(text("Name", 100)),
          text("AcctNum", 20),
          text("Description", 4000),
          of_type("Active", Type::kFlag),
          choice("AccountType", kAccountTypes),
          text("AccountSubType", 50),
          of_type("SubAccount", Type::kFlag),
          ref("ParentRef", Entity::kAccount),
          of_type("CurrencyRef", Type::kCurrency)},
         server_owned(
             {"FullyQualifiedName",
              "Classification",
              "CurrentBalance",
              "CurrentBalanceWithSubAccounts"}
         )}
    );
}

Members term() {
    return joined(
        {everywhere(),
         {required(text("Name", 31)),
          of_type("Active", Type::kFlag),
          of_type("DueDays", Type::kAmount),
          of_type("DiscountDays", Type::kAmount),
          of_type("DiscountPercent", Type::kAmount),
          of_type("DayOfMonthDue", Type::kAmount),
          of_type("DueNextMonthDays", Type::kAmount),
          of_type("DiscountDayOfMonth", Type::kAmount)},
         server_owned({"Type"})}
    );
}

Members payment_method() {
    return joined(
        {everywhere(),
         {required(text("Name", 31)),
          of_type("Active", Type::kFlag),
          choice("Type", "CREDIT_CARD|NON_CREDIT_CARD")}}
    );
}

Members tree(std::string_view below, Entity parent) {
    return joined(
        {everywhere(),
         {required(text("Name", 100)),
          of_type("Active", Type::kFlag),
          of_type(below, Type::kFlag),
          ref("ParentRef", parent)},
         server_owned({"FullyQualifiedName"})}
    );
}

Members document() {
    return joined(
        {everywhere(),
         {text("DocNumber", 21),
          of_type("TxnDate", Type::kDate),
          ref("DepartmentRef", Entity::kDepartment),
          of_type("CurrencyRef", Type::kCurrency),
          of_type("ExchangeRate", Type::kAmount),
          text("PrivateNote", 4000)},
         server_owned({"TotalAmt", "HomeTotalAmt", "LinkedTxn", "RecurDataRef", "TxnSource"})}
    );
}

Members sale() {
    return joined(
        {document(),
         {of_type("CustomField", Type::kCustomFields),
          of_type("Line", Type::kLines),
          of_type("TxnTaxDetail", Type::kTaxDetail),
          ref("CustomerRef", Entity::kCustomer),
          limited("CustomerMemo", Type::kMemo, 1000),
          of_type("BillAddr", Type::kAddress),
          of_type("ShipAddr", Type::kAddress),
          of_type("ShipFromAddr", Type::kAddress),
          of_type("FreeFormAddress", Type::kFlag),
          limited("ShipMethodRef", Type::kFreeRef, 30),
          of_type("ShipDate", Type::kDate),
          text("TrackingNum", 31),
          ref("ClassRef", Entity::kClass),
          choice("GlobalTaxCalculation", "TaxExcluded|TaxInclusive|NotApplicable"),
          of_type("ApplyTaxAfterDiscount", Type::kFlag),
          choice("PrintStatus", "NotSet|NeedToPrint|PrintComplete"),
          choice("EmailStatus", "NotSet|NeedToSend|EmailSent"),
          limited("BillEmail", Type::kEmail, 100),
          limited("BillEmailCc", Type::kEmail, 200),
          limited("BillEmailBcc", Type::kEmail, 200)},
         server_owned({"Balance", "HomeBalance", "DeliveryInfo", "TaxExemptionRef"})}
    );
}

Members invoice() {
    return joined(
        {sale(),
         {ref("SalesTermRef", Entity::kTerm),
          of_type("DueDate", Type::kDate),
          of_type("AllowIPNPayment", Type::kFlag),
          of_type("AllowOnlinePayment", Type::kFlag),
          of_type("AllowOnlineCreditCardPayment", Type::kFlag),
          of_type("AllowOnlineACHPayment", Type::kFlag)},
         server_owned({"InvoiceLink", "EInvoiceStatus"})}
    );
}

// PaymentRefNum: 21 is what the product's own form takes; the published schema states no limit.
Members paid_sale() {
    return joined(
        {sale(),
         {ref("PaymentMethodRef", Entity::kPaymentMethod),
          text("PaymentRefNum", 21),
          ref("DepositToAccountRef", Entity::kAccount)},
         server_owned({"PaymentType", "RemainingCredit"})}
    );
}

Members estimate() {
    return joined(
        {sale(),
         {ref("SalesTermRef", Entity::kTerm),
          of_type("DueDate", Type::kDate),
          of_type("ExpirationDate", Type::kDate),
          of_type("AcceptedDate", Type::kDate),
          text("AcceptedBy", 100),
          choice("TxnStatus", "Pending|Accepted|Closed|Rejected|Converted")}}
    );
}

Members payment() {
    return joined(
        {everywhere(),
         {required(ref("CustomerRef", Entity::kCustomer)),
          required(of_type("TotalAmt", Type::kAmount)),
          of_type("TxnDate", Type::kDate),
          ref("DepositToAccountRef", Entity::kAccount),
          ref("ARAccountRef", Entity::kAccount),
          ref("PaymentMethodRef", Entity::kPaymentMethod),
          text("PaymentRefNum", 21),
          of_type("ProcessPayment", Type::kFlag),
          of_type("CurrencyRef", Type::kCurrency),
          of_type("ExchangeRate", Type::kAmount),
          of_type("Line", Type::kLines),
          text("PrivateNote", 4000)},
         server_owned({"UnappliedAmt", "LinkedTxn", "HomeTotalAmt", "TxnSource"})}
    );
}

Members bill() {
    return joined(
        {document(),
         {required(ref("VendorRef", Entity::kVendor)),
          of_type("Line", Type::kLines),
          of_type("DueDate", Type::kDate),
          ref("SalesTermRef", Entity::kTerm),
          ref("APAccountRef", Entity::kAccount),
          choice("GlobalTaxCalculation", "TaxExcluded|TaxInclusive|NotApplicable")},
         server_owned({"Balance", "HomeBalance", "VendorAddr"})}
    );
}

Members of(Entity entity) {
    switch (entity) {
        case Entity::kCustomer:
            return customer();
        case Entity::kVendor:
            return vendor();
        case Entity::kEmployee:
            return person();
        case Entity::kItem:
            return item();
        case Entity::kAccount:
            return account();
        case Entity::kTerm:
            return term();
        case Entity::kPaymentMethod:
            return payment_method();
        case Entity::kClass:
            return tree("SubClass", Entity::kClass);
        case Entity::kDepartment:
            return tree("SubDepartment", Entity::kDepartment);
        case Entity::kInvoice:
            return invoice();
        case Entity::kSalesReceipt:
        case Entity::kCreditMemo:
        case Entity::kRefundReceipt:
            return paid_sale();
        case Entity::kEstimate:
            return estimate();
        case Entity::kPayment:
            return payment();
        case Entity::kBill:
            return bill();
        case Entity::kTaxCode:
        case Entity::kTaxRate:
        case Entity::kPreferences:
        case Entity::kCompanyInfo:
            break;
    }
    return everywhere();
}

std::array<Members, kEntities> all_members() {
    std::array<Members, kEntities> all;
    for (const EntityInfo& entity : kInfo)
        all[static_cast<std::size_t>(entity.entity)] = of(entity.entity);
    return all;
}

}  // namespace

const std::array<EntityInfo, kEntities>& all_entities() {
    return kInfo;
}

const EntityInfo& info(Entity entity) {
    return kInfo[static_cast<std::size_t>(entity)];
}

const EntityInfo* entity_named(std::string_view name) {
    const auto* it = std::find_if(kInfo.begin(), kInfo.end(), [&](const EntityInfo& entity) {
        return entity.name == name;
    });
    return it == kInfo.end() ? nullptr : it;
}

const EntityInfo* entity_at_path(std::string_view path) {
    const auto* it = std::find_if(kInfo.begin(), kInfo.end(), [&](const EntityInfo& entity) {
        return entity.path == path;
    });
    return it == kInfo.end() ? nullptr : it;
}

const std::vector<Member>& members(Entity entity) {
    static const auto all = all_members();
    return all[static_cast<std::size_t>(entity)];
}

}  // namespace sandbox::quickbooks
