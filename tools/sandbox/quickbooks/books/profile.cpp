#include "quickbooks/books/profile.hpp"

#include <algorithm>

#include "quickbooks/books/validation.hpp"

namespace sandbox::quickbooks {
namespace {

struct AccountSeed {
    std::int64_t id;
    std::string_view name;
    std::string_view type;
    std::string_view sub_type;
    std::string_view classification;
};
constexpr std::array<AccountSeed, 12> kAccounts{{
    {4, "Undeposited Funds", "Other Current Asset", "UndepositedFunds", "Asset"},
    {33, "Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable", "Liability"},
    {34, "Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable", "Asset"},
    {35, "Stripe clearing", "Other Current Asset", "OtherCurrentAssets", "Asset"},
    {36, "Checking", "Bank", "Checking", "Asset"},
    {79, "Sales of Product Income", "Income", "SalesOfProductIncome", "Revenue"},
    {80, "Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs", "Expense"},
    {81, "Inventory Asset", "Other Current Asset", "Inventory", "Asset"},
    {86, "Discounts given", "Income", "DiscountsRefundsGiven", "Revenue"},
    {87, "Shipping Income", "Income", "ServiceFeeIncome", "Revenue"},
    {90, "Sales Tax Payable", "Other Current Liability", "SalesTaxPayable", "Liability"},
    {92, "Freight", "Expense", "ShippingFreightDelivery", "Expense"},
}};

struct StateSeed {
    std::string_view state;
    std::string_view agency_rate;  // the state's
    std::string_view local_rate;   // the city's; "" when there is none
};
constexpr std::array<StateSeed, 9> kStates{{
    {"MN", "8.25", ""},
    {"CA", "6", "1.25"},
    {"NY", "4", "4.875"},
    {"TX", "6.25", "2"},
    {"WA", "6.5", "3.6"},
    {"FL", "6", ""},
    {"IL", "6.25", "1"},
    {"PA", "6", ""},
    {"OR", "0", ""},
}};

struct CodeSeed {
    std::int64_t id;
    std::string_view name;
    std::string_view rate;
};
constexpr std::array<CodeSeed, 8> kVatCodes{{
    {4, "20.0% S", "20"},
    {5, "5.0% R", "5"},
    {6, "0.0% Z", "0"},
    {7, "Exempt", "0"},
    {8, "19.0%", "19"},
    {9, "7.0%", "7"},
    {10, "10.0% GST", "10"},
    {11, "12.0%", "12"},
}};

Json address(bool us) {
    return us ? Json{{"Id", "1"}, {"Line1", "1 Dock St"}, {"City", "Duluth"}, {"Country", "USA"},
                     {"CountrySubDivisionCode", "MN"}, {"PostalCode", "55802"}}
              : Json{{"Id", "1"}, {"Line1", "1 Dock St"}, {"City", "Bristol"}, {"Country", "GBR"},
                     {"PostalCode", "BS1 4DJ"}};
}

Json company_info(bool us) {
    return {
        {"CompanyName", "Harbour Traders"},
        {"LegalName", us ? "Harbour Traders LLC" : "Harbour Traders Ltd"},
        {"CompanyAddr", address(us)},
        {"LegalAddr", address(us)},
        {"PrimaryPhone", Json::object()},
        {"CompanyStartDate", "2024-02-01"},
        {"FiscalYearStartMonth", "January"},
        {"Country", us ? "US" : "GB"},
        {"Email", {{"Address", "books@example.test"}}},
        {"WebAddr", Json::object()},
        {"SupportedLanguages", "en"},
        {"DefaultTimeZone", us ? "America/Chicago" : "Europe/London"},
        {"NameValue",
         Json::array(
             {{{"Name", "IndustryType"}, {"Value", "Retail"}},
              {{"Name", "SubscriptionStatus"}, {"Value", "PAID"}},
              {{"Name", "OfferingSku"}, {"Value", "QuickBooks Online Plus"}}}
         )}};
}

Json sales_forms() {
    return {
        {"CustomField",
         Json::array(
             {{{"CustomField",
                Json::array(
                    {{{"Name", "SalesFormsPrefs.UseSalesCustom1"},
                      {"Type", "BooleanType"},
                      {"BooleanValue", true}}}
                )}},
              {{"CustomField",
                Json::array(
                    {{{"Name", "SalesFormsPrefs.SalesCustomName1"},
                      {"Type", "StringType"},
                      {"StringValue", "Web order"}}}
                )}}}
         )},
        {"CustomTxnNumbers", true},
        {"AllowDeposit", false},
        {"AllowDiscount", true},
        {"DefaultDiscountAccount", "86"},
        {"AllowEstimates", true},
        {"AllowServiceDate", false},
        {"AllowShipping", true},
        {"DefaultShippingAccount", "87"},
        {"DefaultTerms", {{"value", "3"}}},
        {"AutoApplyCredit", false}};
}

Json preferences(const std::string& profile) {
    Json tax{{"UsingSalesTax", profile != "tax_off"}};
    if (profile == "us_ast")
        tax["PartnerTaxEnabled"] = true;
    return {
        {"AccountingInfoPrefs",
         {{"TrackDepartments", false},
          {"ClassTrackingPerTxn", false},
          {"ClassTrackingPerTxnLine", false},
          {"CustomerTerminology", "Customers"}}},
        {"ProductAndServicesPrefs",
         {{"ForSales", true},
          {"ForPurchase", true},
          {"QuantityWithPriceAndRate", true},
          {"QuantityOnHand", true}}},
        {"SalesFormsPrefs", sales_forms()},
        {"TaxPrefs", std::move(tax)},
        {"CurrencyPrefs",
         {{"MultiCurrencyEnabled", profile == "non_us"},
          {"HomeCurrency", {{"value", profile == "non_us" ? "GBP" : "USD"}}}}}};
}

Json tax_rate(const std::string& name, const Decimal& percent, Millis now) {
    const Json value = number(percent);
    return {
        {"Name", name},
        {"Description", name},
        {"Active", true},
        {"RateValue", value},
        {"AgencyRef", {{"value", "1"}}},
        {"SpecialTaxType", "NONE"},
        {"DisplayType", "ReadOnly"},
        {"EffectiveTaxRate",
         Json::array({{{"RateValue", value}, {"EffectiveDate", server_time(now)}}})}};
}

Json tax_code(const std::string& name, const Json& rate_details, bool taxable) {
    return {
        {"Name", name},
        {"Description", name},
        {"Active", true},
        {"Hidden", false},
        {"Taxable", taxable},
        {"TaxGroup", taxable},
        {"SalesTaxRateList", {{"TaxRateDetail", rate_details}}},
        {"PurchaseTaxRateList", {{"TaxRateDetail", Json::array()}}}};
}

void seed_lists(Company& company, Millis now) {
    for (const AccountSeed& seed : kAccounts) {
        const Json doc{
            {"Name", seed.name},
            {"SubAccount", false},
            {"FullyQualifiedName", seed.name},
            {"Active", true},
            {"Classification", seed.classification},
            {"AccountType", seed.type},
            {"AccountSubType", seed.sub_type},
            {"CurrentBalance", 0},
            {"CurrentBalanceWithSubAccounts", 0},
            {"CurrencyRef", currency_ref(company.home_currency())}};
        put_first(company, Entity::kAccount, seed.id, doc, now);
    }
    constexpr std::array<std::pair<std::string_view, int>, 4> kTerms{
        {{"Due on receipt", 0}, {"Net 15", 15}, {"Net 30", 30}, {"Net 60", 60}}};
    for (const auto& [name, days] : kTerms)
        put_first(
            company,
            Entity::kTerm,
            company.next_id(Entity::kTerm),
            {{"Name", name},
             {"Active", true},
             {"Type", "STANDARD"},
             {"DueDays", days},
             {"DiscountDays", 0}},
            now
        );
    for (const std::string_view name : {"Cash", "Check", "Credit Card", "Stripe", "PayPal"})
        put_first(
            company,
            Entity::kPaymentMethod,
            company.next_id(Entity::kPaymentMethod),
            {{"Name", name},
             {"Active", true},
             {"Type", name == "Credit Card" ? "CREDIT_CARD" : "NON_CREDIT_CARD"}},
            now
        );
}

void seed_us_taxes(Company& company, Millis now) {
    // TAX and NON are the only codes a line may name in the US.
    for (const std::string_view name : {"TAX", "NON"}) {
        Json code = tax_code(std::string(name), Json::array(), name == "TAX");
        code["Id"] = name;
        put_first(company, Entity::kTaxCode, company.next_id(Entity::kTaxCode), code, now);
    }
    for (const StateSeed& seed : kStates) {
        std::vector<Decimal> rates{*Decimal::parse(seed.agency_rate)};
        if (!seed.local_rate.empty())
            rates.push_back(*Decimal::parse(seed.local_rate));
        add_tax_code(company, std::string(seed.state), rates, now);
    }
}

void seed_vat(Company& company, Millis now) {
    std::int64_t rate_id = 8;
    for (const CodeSeed& seed : kVatCodes) {
        const std::string name(seed.name);
        put_first(
            company,
            Entity::kTaxRate,
            ++rate_id,
            tax_rate(name, *Decimal::parse(seed.rate), now),
            now
        );
        const Json detail = Json::array(
            {{{"TaxRateRef", {{"value", std::to_string(rate_id)}, {"name", name}}},
              {"TaxTypeApplicable", "TaxOnAmount"},
              {"TaxOrder", 0}}}
        );
        put_first(company, Entity::kTaxCode, seed.id, tax_code(name, detail, true), now);
    }
}

}  // namespace

const std::vector<std::string_view>& profile_names() {
    static const std::vector<std::string_view> names{"us_ast", "us_manual", "non_us", "tax_off"};
    return names;
}

bool is_profile(std::string_view name) {
    const auto& names = profile_names();
    return std::find(names.begin(), names.end(), name) != names.end();
}

void put_first(Company& company, Entity entity, std::int64_t id, Json doc, Millis now) {
    Json record{
        {"domain", "QBO"},
        {"sparse", false},
        {"Id", std::to_string(id)},
        {"SyncToken", "0"},
        {"MetaData", {{"CreateTime", server_time(now)}, {"LastUpdatedTime", server_time(now)}}}};
    record.update(doc);
    company.put(entity, id, Record{std::move(record), now, false, false, false, false});
}

std::int64_t add_tax_code(
    Company& company, const std::string& name, const std::vector<Decimal>& rates, Millis now
) {
    Json details = Json::array();
    for (const Decimal& percent : rates) {
        const std::int64_t id = company.next_id(Entity::kTaxRate);
        const std::string rate_name = name + " " + percent.text() + "%";
        put_first(company, Entity::kTaxRate, id, tax_rate(rate_name, percent, now), now);
        details.push_back(
            {{"TaxRateRef", {{"value", std::to_string(id)}, {"name", rate_name}}},
             {"TaxTypeApplicable", "TaxOnAmount"},
             {"TaxOrder", 0}}
        );
    }
    const std::int64_t id = company.next_id(Entity::kTaxCode);
    put_first(company, Entity::kTaxCode, id, tax_code(name, details, true), now);
    return id;
}

std::string state_tax_code(const Company& company, std::string_view state) {
    for (const StateSeed& seed : kStates)
        if (seed.state == state)
            for (const auto& [id, record] : company.table(Entity::kTaxCode))
                if (text_at(record.doc, "Name") == state)
                    return std::to_string(id);
    return "";
}

Company founded_company(const std::string& realm, const std::string& profile, Millis now) {
    const bool us = profile != "non_us";
    Company company(realm, profile);
    company.options().time_zone = us ? "America/Chicago" : "Europe/London";
    put_first(company, Entity::kCompanyInfo, 1, company_info(us), now);
    put_first(company, Entity::kPreferences, 1, preferences(profile), now);
    seed_lists(company, now);
    if (us)
        seed_us_taxes(company, now);
    else
        seed_vat(company, now);
    return company;
}

}  // namespace sandbox::quickbooks
