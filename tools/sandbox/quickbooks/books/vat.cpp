#include <algorithm>
#include <set>

#include "quickbooks/books/sales_tax.hpp"
#include "quickbooks/books/tax_groups.hpp"

// Outside the United States: a code on every line, one TaxLine per rate.
namespace sandbox::quickbooks {
namespace {

Decimal code_percent(const Company& company, const std::string& code) {
    Decimal percent;
    for (const CodeRate& rate : rates_of_code(company, code)) percent += rate.effective;
    return percent;
}

// With inclusive prices Amount is net and TaxInclusiveAmt what the buyer pays; the two may differ
// from the rate by a rounding of one minor unit. Where it is not given it is computed.
void settle_gross(const TaxCase& tax_case, SaleLines& lines, Errors& errors) {
    const int places = tax_case.rules.places;
    for (TaxedLine& line : lines.taxed) {
        const Decimal percent = code_percent(tax_case.company, line.code);
        const Decimal factor = Decimal(1) + percent * Decimal(1, 2);
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
        return share(group.net(), percent, rules.places);
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
        for (const CodeRate& rate : rates_of_code(tax_case.company, group.code))
            uses.push_back({rate.id, rate.percent, rate.effective, group.net(), {}});
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
        for (RateUse& use : all) use.tax = share(use.net, use.effective, rules.places);
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
    const Json* total = member(given, "TotalTax");
    if (named.size() != rates.size())
        errors.push_back(business_rule("There must be one tax line for every rate in use."));
    else if (!total || decimal(*total).value_or(Decimal()) != sum_of(rates))
        errors.push_back(business_rule("TotalTax must be the sum of the tax lines."));
}

}  // namespace

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

}  // namespace sandbox::quickbooks
