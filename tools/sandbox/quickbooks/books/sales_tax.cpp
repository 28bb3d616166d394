#include "quickbooks/books/sales_tax.hpp"

#include <algorithm>

#include "quickbooks/books/profile.hpp"

namespace sandbox::quickbooks {
namespace {

// Net amounts under one code, before and after its share of the discount.
struct Group {
    std::string code;
    Decimal items;
    Decimal shipping;
    Decimal gross;  // inclusive prices only
    Decimal discount;

    Decimal before_discount() const { return items + shipping; }
    Decimal net() const { return items + shipping - discount; }
};

// One rate in use: what it is levied on, and how much that makes.
struct RateUse {
    std::string rate_id;
    Decimal percent;
    Decimal net;
    Decimal tax;
};

constexpr int kPercent = 2;
const Decimal kHundredth{1, kPercent};

std::vector<Group> grouped(const SaleLines& lines) {
    std::vector<Group> groups;
    for (const TaxedLine& line : lines.taxed) {
        auto it = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
            return group.code == line.code;
        });
        if (it == groups.end())
            it = groups.insert(groups.end(), Group{line.code, {}, {}, {}, {}});
        (line.shipping ? it->shipping : it->items) += line.net;
        it->gross += line.gross.value_or(line.net);
    }
    return groups;
}

// The discount is spread over the item lines' codes by their amounts; the largest takes the rest.
void spread_discount(std::vector<Group>& groups, const SaleLines& lines, int places) {
    if (lines.discount.is_zero() || lines.subtotal.is_zero() || groups.empty())
        return;
    Decimal left = lines.discount;
    for (Group& group : groups) {
        group.discount = Decimal::quotient(lines.discount * group.items, lines.subtotal, places);
        left -= group.discount;
    }
    const auto largest =
        std::max_element(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
            return a.items < b.items;
        });
    largest->discount += left;
}

Decimal percent_of(const Company& company, const std::string& rate_id) {
    const Record* rate = company.find(Entity::kTaxRate, rate_id);
    return rate ? number_at(rate->doc, "RateValue") : Decimal();
}

std::vector<std::string> rates_of_code(const Company& company, const std::string& code) {
    std::vector<std::string> ids;
    const Record* record = company.find(Entity::kTaxCode, code);
    const Json* details = record ? member(record->doc, "SalesTaxRateList.TaxRateDetail") : nullptr;
    for (const Json& detail : details ? *details : Json::array())
        ids.push_back(text_at(detail, "TaxRateRef.value"));
    return ids;
}

Json tax_lines(const std::vector<RateUse>& rates) {
    Json list = Json::array();
    for (const RateUse& use : rates)
        list.push_back(
            {{"Amount", number(use.tax)},
             {"DetailType", "TaxLineDetail"},
             {"TaxLineDetail",
              {{"TaxRateRef", {{"value", use.rate_id}}},
               {"PercentBased", true},
               {"TaxPercent", number(use.percent)},
               {"NetAmountTaxable", number(use.net)}}}}
        );
    return list;
}

Decimal sum_of(const std::vector<RateUse>& rates) {
    Decimal sum;
    for (const RateUse& use : rates) sum += use.tax;
    return sum;
}

// Lets the rates add up to `total`, each in proportion to its percentage; the last takes the rest.
void spread_total(std::vector<RateUse>& rates, const Decimal& total, int places) {
    Decimal percents;
    for (const RateUse& use : rates) percents += use.percent;
    Decimal left = total;
    for (RateUse& use : rates) {
        const bool last = &use == &rates.back();
        use.tax = last || percents.is_zero()
                      ? left
                      : Decimal::quotient(total * use.percent, percents, places);
        left -= use.tax;
    }
}

// ---- United States: lines say TAX or NON, one set of rates for the whole document ----

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

// Where the goods go decides; without an address it is the company's own.
std::vector<std::string> automated_rates(const TaxCase& tax_case) {
    const Json* address = member(tax_case.doc, "ShipAddr");
    const Json& company = tax_case.company.table(Entity::kCompanyInfo).at(1).doc;
    if (!address)
        address = member(company, "CompanyAddr");
    const std::string country = address ? text_at(*address, "Country") : "";
    const bool domestic = country.empty() || country == "USA";
    const std::string state = address ? text_at(*address, "CountrySubDivisionCode") : "";
    return domestic && !state.empty() ? state_rate_ids(tax_case.company, state)
                                      : std::vector<std::string>();
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

// An explicit total may differ from what the rates make, but it cannot exceed what it is levied on
// nor have the other sign.
void check_total(const Decimal& total, const Decimal& net, Errors& errors) {
    if (total.abs() > net.abs() || (!total.is_zero() && total.is_negative() != net.is_negative()))
        errors.push_back(business_rule(
            "TotalTax " + total.text() + " cannot be the tax of a taxable amount of " + net.text() +
            "."
        ));
}

Json us_tax(const TaxCase& tax_case, const SaleLines& lines, bool& kept, Errors& errors) {
    const int places = tax_case.rules.places;
    const bool automated = tax_case.rules.tax == TaxMode::kUsAutomated;
    const bool after_discount = flag_at(tax_case.doc, "ApplyTaxAfterDiscount", true);
    const Decimal net = taxable_net(lines, after_discount, places);
    const bool any_taxed =
        std::any_of(lines.taxed.begin(), lines.taxed.end(), [](const TaxedLine& line) {
            return line.code == "TAX";
        });
    const std::string code = automated ? "" : manual_code(tax_case, errors);
    std::vector<RateUse> rates;
    for (const std::string& id :
         automated ? automated_rates(tax_case) : rates_of_code(tax_case.company, code)) {
        const Decimal percent = percent_of(tax_case.company, id);
        const Decimal tax = (net * percent * kHundredth).rounded(places);
        rates.push_back({id, percent, net, customer_exempt(tax_case) ? Decimal() : tax});
    }
    Decimal total = sum_of(rates);
    // With every line NON a given total is not honoured; the document simply has no tax.
    kept = any_taxed && tax_case.given && member(*tax_case.given, "TotalTax");
    if (kept) {
        total = number_at(*tax_case.given, "TotalTax");
        check_total(total, net, errors);
        if (!automated && code.empty() && !total.is_zero())
            errors.push_back(business_rule("TotalTax needs a TxnTaxCodeRef."));
        spread_total(rates, total, places);
    }
    Json detail = Json::object();
    if (!code.empty())
        detail["TxnTaxCodeRef"] = {{"value", code}};
    detail["TotalTax"] = number(any_taxed ? total : Decimal());
    if (any_taxed && !rates.empty())
        detail["TaxLine"] = tax_lines(rates);
    return detail;
}

// ---- elsewhere: a code on every line, one TaxLine per rate ----

Decimal code_percent(const Company& company, const std::string& code) {
    Decimal percent;
    for (const std::string& id : rates_of_code(company, code)) percent += percent_of(company, id);
    return percent;
}

// With inclusive prices Amount is net and TaxInclusiveAmt what the buyer pays; the two may differ
// from the rate by a rounding of one minor unit. Where it is not given it is computed.
void settle_gross(const TaxCase& tax_case, SaleLines& lines, Errors& errors) {
    const int places = tax_case.rules.places;
    for (TaxedLine& line : lines.taxed) {
        const Decimal percent = code_percent(tax_case.company, line.code);
        const Decimal factor = Decimal(1) + percent * kHundredth;
        const Decimal computed = (line.net * factor).rounded(places);
        if (!tax_case.rules.inclusive || !line.gross)
            line.gross = computed;
        const Decimal net = Decimal::quotient(*line.gross, factor, places);
        if ((net - line.net).abs() > Decimal(1, places))
            errors.push_back(business_rule(
                "TaxInclusiveAmt " + line.gross->text() + " at " + percent.text() + " % is net " +
                net.text() + ", not " + line.net.text() + "."
            ));
        if (line.at < lines.lines.size())
            lines.lines[line.at]["SalesItemLineDetail"]["TaxInclusiveAmt"] = number(*line.gross);
    }
}

Decimal group_tax(const Group& group, const Decimal& percent, const LineRules& rules) {
    if (!rules.inclusive)
        return (group.net() * percent * kHundredth).rounded(rules.places);
    const Decimal tax = group.gross - group.before_discount();
    return group.discount.is_zero()
               ? tax
               : Decimal::quotient(tax * group.net(), group.before_discount(), rules.places);
}

// Exclusive prices: per rate, on the sum over all codes that use it. Inclusive prices: what the
// buyer pays is fixed, so the tax of a code is the difference, split between its rates.
std::vector<RateUse> rates_in_use(const TaxCase& tax_case, const std::vector<Group>& groups) {
    std::vector<RateUse> all;
    const LineRules& rules = tax_case.rules;
    for (const Group& group : groups) {
        std::vector<RateUse> uses;
        for (const std::string& id : rates_of_code(tax_case.company, group.code))
            uses.push_back({id, percent_of(tax_case.company, id), group.net(), {}});
        if (rules.inclusive && !uses.empty())
            spread_total(
                uses,
                group_tax(group, code_percent(tax_case.company, group.code), rules),
                rules.places
            );
        for (const RateUse& use : uses) {
            const auto known = std::find_if(all.begin(), all.end(), [&](const RateUse& other) {
                return other.rate_id == use.rate_id;
            });
            if (known == all.end()) {
                all.push_back(use);
                continue;
            }
            known->net += use.net;
            known->tax += use.tax;
        }
    }
    if (!rules.inclusive)
        for (RateUse& use : all)
            use.tax = (use.net * use.percent * kHundredth).rounded(rules.places);
    return all;
}

// One given TaxLine against the rate it names; takes its amount.
void take_tax_line(RateUse& use, const Json& line, const Decimal& tolerance, Errors& errors) {
    const Decimal amount = number_at(line, "Amount");
    const Json* percent = member(line, "TaxLineDetail.TaxPercent");
    const Json* net = member(line, "TaxLineDetail.NetAmountTaxable");
    if (percent && decimal(*percent).value_or(Decimal()) != use.percent)
        errors.push_back(business_rule(
            "TaxPercent of rate " + use.rate_id + " is " + use.percent.text() + ", not " +
            print(*percent) + "."
        ));
    if (net && (decimal(*net).value_or(Decimal()) - use.net).abs() > tolerance)
        errors.push_back(business_rule(
            "NetAmountTaxable of rate " + use.rate_id + " is " + use.net.text() + ", not " +
            print(*net) + "."
        ));
    check_total(amount, use.net, errors);
    use.tax = amount;
}

// An override names every rate in use once, and its lines add up to TotalTax. Whether a live
// company takes it so is UNCONFIRMED; this is what the reference says.
void take_override(
    std::vector<RateUse>& rates, const Json& given, const Decimal& tolerance, Errors& errors
) {
    const Json& lines = *member(given, "TaxLine");
    std::set<std::string> named;
    for (const Json& line : lines) {
        const std::string id = text_at(line, "TaxLineDetail.TaxRateRef.value");
        const auto use = std::find_if(rates.begin(), rates.end(), [&](const RateUse& rate) {
            return rate.rate_id == id;
        });
        if (use == rates.end() || !named.insert(id).second)
            errors.push_back(business_rule(
                "The tax lines name rate " + id + ", which no line uses or which is named twice."
            ));
        else
            take_tax_line(*use, line, tolerance, errors);
    }
    if (named.size() != rates.size())
        errors.push_back(business_rule("There must be one tax line for every rate in use."));
    const Json* total = member(given, "TotalTax");
    if (!total || decimal(*total).value_or(Decimal()) != sum_of(rates))
        errors.push_back(business_rule("TotalTax must be the sum of the tax lines."));
}

Json vat(const TaxCase& tax_case, SaleLines& lines, bool& kept, Errors& errors) {
    settle_gross(tax_case, lines, errors);
    std::vector<Group> groups = grouped(lines);
    spread_discount(groups, lines, tax_case.rules.places);
    std::vector<RateUse> rates = rates_in_use(tax_case, groups);
    const Json* override_lines = tax_case.given ? member(*tax_case.given, "TaxLine") : nullptr;
    // TotalTax alone is ignored.
    kept = override_lines && override_lines->is_array() && !override_lines->empty();
    if (kept) {
        const Decimal unit(1, tax_case.rules.places);
        const bool discounted = !lines.discount.is_zero();
        const auto count = static_cast<std::int64_t>(lines.taxed.size());
        take_override(
            rates, *tax_case.given, discounted ? unit * Decimal(count) : Decimal(), errors
        );
    }
    return {{"TotalTax", number(sum_of(rates))}, {"TaxLine", tax_lines(rates)}};
}

}  // namespace

Json settle_tax(const TaxCase& tax_case, SaleLines& lines, bool& kept, Errors& errors) {
    kept = false;
    if (tax_case.given && !tax_case.given->is_object()) {
        errors.push_back(unknown_property("TxnTaxDetail"));
        return nullptr;
    }
    if (tax_case.rules.tax == TaxMode::kOff)
        return nullptr;  // what was given is ignored and not stored
    if (tax_case.rules.not_applicable) {
        if (tax_case.given && !number_at(*tax_case.given, "TotalTax").is_zero())
            errors.push_back(other_fault(
                6170,
                "Invalid TxnTaxDetail",
                "TxnTaxDetail is not allowed when GlobalTaxCalculation is NotApplicable."
            ));
        return nullptr;
    }
    return tax_case.rules.tax == TaxMode::kElsewhere ? vat(tax_case, lines, kept, errors)
                                                     : us_tax(tax_case, lines, kept, errors);
}

}  // namespace sandbox::quickbooks
