#include "quickbooks/books/tax_groups.hpp"

#include <algorithm>

namespace sandbox::quickbooks {
namespace {

constexpr int kEffectivePlaces = 9;

}  // namespace

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

Decimal share(const Decimal& amount, const Decimal& percent, int places) {
    return (amount * percent * Decimal(1, 2)).rounded(places);
}

std::vector<CodeRate> rates_of_code(const Company& company, const std::string& code) {
    std::vector<CodeRate> rates;
    const Record* record = company.find(Entity::kTaxCode, code);
    const Json* details = record ? member(record->doc, "SalesTaxRateList.TaxRateDetail") : nullptr;
    Decimal with_tax(1);
    for (const Json& detail : details ? *details : Json::array()) {
        const std::string id = text_at(detail, "TaxRateRef.value");
        const Record* rate = company.find(Entity::kTaxRate, id);
        const Decimal percent = rate ? number_at(rate->doc, "RateValue") : Decimal();
        const bool on_tax = text_at(detail, "TaxTypeApplicable") == "TaxOnAmountPlusTax";
        const Decimal effective = on_tax ? (percent * with_tax).rounded(kEffectivePlaces) : percent;
        with_tax += effective * Decimal(1, 2);
        rates.push_back({id, percent, effective});
    }
    return rates;
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

// Lets the rates add up to `total`, each in proportion to what it makes of a net amount; the last
// takes the rest.
void spread_total(std::vector<RateUse>& rates, const Decimal& total, int places) {
    Decimal percents;
    for (const RateUse& use : rates) percents += use.effective;
    Decimal left = total;
    for (RateUse& use : rates) {
        const bool last = &use == &rates.back();
        use.tax = last || percents.is_zero()
                      ? left
                      : Decimal::quotient(total * use.effective, percents, places);
        left -= use.tax;
    }
}

void check_total(const Decimal& total, const Decimal& net, Errors& errors) {
    if (total.abs() > net.abs() || (!total.is_zero() && total.is_negative() != net.is_negative()))
        errors.push_back(business_rule(
            "TotalTax " + total.text() + " cannot be the tax of a taxable amount of " + net.text() +
            "."
        ));
}

}  // namespace sandbox::quickbooks
