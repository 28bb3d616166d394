#include <algorithm>

#include "quickbooks/books/profile.hpp"
#include "quickbooks/books/sales_tax.hpp"
#include "quickbooks/books/tax_groups.hpp"

// United States: lines say TAX or NON, and one set of rates holds for the whole document.
namespace sandbox::quickbooks {
namespace {

std::string customer_member(const TaxCase& tax_case, const char* path) {
    const Record* customer =
        tax_case.company.find(Entity::kCustomer, text_at(tax_case.doc, "CustomerRef.value"));
    return customer ? text_at(customer->doc, path) : "";
}

bool customer_exempt(const TaxCase& tax_case) {
    const Record* customer =
        tax_case.company.find(Entity::kCustomer, text_at(tax_case.doc, "CustomerRef.value"));
    return customer && !flag_at(customer->doc, "Taxable", true);
}

// Where the goods go decides; without an address it is the company's own. None while the company
// has not set its tax up (PartnerTaxEnabled false).
std::string automated_code(const TaxCase& tax_case) {
    if (!flag_at(tax_case.company.preferences(), "TaxPrefs.PartnerTaxEnabled", false))
        return "";
    const Json& company = tax_case.company.table(Entity::kCompanyInfo).at(1).doc;
    const Json* given = member(tax_case.doc, "ShipAddr");
    const Json& address = given ? *given : company["CompanyAddr"];
    const std::string country = text_at(address, "Country");
    const bool domestic = country.empty() || country == "USA";
    return domestic ? state_tax_code(tax_case.company, text_at(address, "CountrySubDivisionCode"))
                    : "";
}

std::string manual_code(const TaxCase& tax_case, Errors& errors) {
    const std::string asked = tax_case.given ? text_at(*tax_case.given, "TxnTaxCodeRef.value") : "";
    const std::string code =
        asked.empty() ? customer_member(tax_case, "DefaultTaxCodeRef.value") : asked;
    if (!code.empty() && !tax_case.company.find(Entity::kTaxCode, code))
        errors.push_back(invalid_reference("TaxCodes", code));
    return code;
}

Decimal taxable_net(const SaleLines& lines, bool after_discount, int places) {
    std::vector<Group> groups = grouped(lines);
    if (after_discount)
        spread_discount(groups, lines, places);
    Decimal net;
    for (const Group& group : groups)
        if (group.code == "TAX")
            net += group.net();
    return net;
}

std::vector<RateUse> levied(const TaxCase& tax_case, const std::string& code, const Decimal& net) {
    std::vector<RateUse> rates;
    const bool exempt = customer_exempt(tax_case);
    for (const CodeRate& rate : rates_of_code(tax_case.company, code)) {
        const Decimal tax = exempt ? Decimal() : share(net, rate.effective, tax_case.rules.places);
        rates.push_back({rate.id, rate.percent, rate.effective, net, tax});
    }
    return rates;
}

// The caller's TotalTax in place of the computed one.
Decimal take_total(
    const TaxCase& tax_case,
    const std::string& code,
    std::vector<RateUse>& rates,
    const Decimal& net,
    Errors& errors
) {
    const Decimal total = number_at(*tax_case.given, "TotalTax");
    check_total(total, net, errors);
    if (tax_case.rules.tax == TaxMode::kUsManual && code.empty() && !total.is_zero())
        errors.push_back(business_rule("TotalTax needs a TxnTaxCodeRef."));
    spread_total(rates, total, tax_case.rules.places);
    return total;
}

}  // namespace

Json us_tax(const TaxCase& tax_case, const SaleLines& lines, bool& kept, Errors& errors) {
    const bool automated = tax_case.rules.tax == TaxMode::kUsAutomated;
    const bool after_discount = flag_at(tax_case.doc, "ApplyTaxAfterDiscount", true);
    const bool any_taxed =
        std::any_of(lines.taxed.begin(), lines.taxed.end(), [](const TaxedLine& line) {
            return line.code == "TAX";
        });
    const std::string code = automated ? automated_code(tax_case) : manual_code(tax_case, errors);
    // With every line NON a given total is not honoured; the document simply has no tax.
    if (!any_taxed)
        return {{"TotalTax", 0}};
    const Decimal net = taxable_net(lines, after_discount, tax_case.rules.places);
    std::vector<RateUse> rates = levied(tax_case, code, net);
    kept = tax_case.given && member(*tax_case.given, "TotalTax");
    const Decimal total = kept ? take_total(tax_case, code, rates, net, errors) : sum_of(rates);
    Json detail = Json::object();
    if (!code.empty())
        detail["TxnTaxCodeRef"] = {{"value", code}};
    detail["TotalTax"] = number(total);
    if (!rates.empty())
        detail["TaxLine"] = tax_lines(rates);
    return detail;
}

}  // namespace sandbox::quickbooks
