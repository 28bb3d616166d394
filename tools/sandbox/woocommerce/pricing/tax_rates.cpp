#include "woocommerce/pricing/tax_rates.hpp"

#include <algorithm>

namespace sandbox::woo {
namespace {

constexpr int kTaxDigits = 6;
const Decimal kHundred = Decimal::from_integer(100);

std::string upper_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
    return text;
}

// A rule's list is empty (everywhere) or names the value, perhaps with a '*' at the end.
bool listed(const Json& list, const std::string& value) {
    if (list.empty())
        return true;
    return std::any_of(list.begin(), list.end(), [&](const Json& entry) {
        const std::string pattern = upper_case(entry.get<std::string>());
        if (!pattern.empty() && pattern.back() == '*')
            return upper_case(value).rfind(pattern.substr(0, pattern.size() - 1), 0) == 0;
        return pattern == upper_case(value);
    });
}

bool applies(const Json& rate, const std::string& tax_class, const TaxPlace& place) {
    const std::string rate_class = text_of(rate, "class");
    const std::string country = text_of(rate, "country");
    const std::string state = text_of(rate, "state");
    return (rate_class == "standard" ? "" : rate_class) == tax_class &&
           (country.empty() || country == place.country) &&
           (state.empty() || state == place.state) &&
           listed(member(rate, "postcodes"), place.postcode) &&
           listed(member(rate, "cities"), place.city);
}

int specificity(const Json& rate) {
    return (text_of(rate, "country").empty() ? 0 : 8) + (text_of(rate, "state").empty() ? 0 : 4) +
           (member(rate, "postcodes").empty() ? 0 : 2) + (member(rate, "cities").empty() ? 0 : 1);
}

}  // namespace

TaxRate to_rate(const Json& document) {
    TaxRate rate;
    rate.id = integer_of(document, "id");
    rate.label = text_of(document, "name");
    rate.percent = Decimal::parse_or_zero(text_of(document, "rate"));
    rate.compound = member(document, "compound") == true;
    rate.on_shipping = member(document, "shipping") == true;
    rate.priority = static_cast<int>(integer_of(document, "priority", 1));
    for (const std::string& part :
         {text_of(document, "country"), text_of(document, "state"), upper_case(rate.label)})
        rate.code += part.empty() ? "" : part + "-";
    rate.code += std::to_string(rate.priority);
    return rate;
}

std::vector<TaxRate> tax_rates_for(
    const Shop& shop, const std::string& tax_class, const TaxPlace& place, bool shipping
) {
    std::vector<const Json*> candidates;
    for (const auto& [id, record] : shop.taxes)
        if (applies(*record.document, tax_class, place))
            candidates.push_back(record.document.get());
    std::stable_sort(candidates.begin(), candidates.end(), [](const Json* a, const Json* b) {
        const auto x = integer_of(*a, "priority", 1);
        const auto y = integer_of(*b, "priority", 1);
        return x != y ? x < y : specificity(*a) > specificity(*b);
    });
    std::vector<TaxRate> rates;
    int last_priority = -1;
    for (const Json* candidate : candidates) {
        TaxRate rate = to_rate(*candidate);
        if (rate.priority == last_priority)
            continue;
        last_priority = rate.priority;
        if (!shipping || rate.on_shipping)
            rates.push_back(std::move(rate));
    }
    return rates;
}

std::vector<TaxAmount> tax_on_net(Decimal net, const std::vector<TaxRate>& rates) {
    std::vector<TaxAmount> taxes;
    Decimal before_compound;
    for (const TaxRate& rate : rates)
        if (!rate.compound) {
            const Decimal tax = net * rate.percent / kHundred;
            taxes.push_back({rate.id, tax.rounded(kTaxDigits)});
            before_compound += tax;
        }
    for (const TaxRate& rate : rates)
        if (rate.compound) {
            const Decimal tax = (net + before_compound) * rate.percent / kHundred;
            taxes.push_back({rate.id, tax.rounded(kTaxDigits)});
            before_compound += tax;
        }
    return taxes;
}

std::vector<TaxAmount> tax_within_gross(Decimal gross, const std::vector<TaxRate>& rates) {
    std::vector<TaxAmount> taxes;
    Decimal rest = gross;
    for (auto rate = rates.rbegin(); rate != rates.rend(); ++rate)
        if (rate->compound) {
            const Decimal net = rest / (Decimal::from_integer(1) + rate->percent / kHundred);
            taxes.push_back({rate->id, (rest - net).rounded(kTaxDigits)});
            rest = net;
        }
    Decimal percent;
    for (const TaxRate& rate : rates) percent += rate.compound ? Decimal() : rate.percent;
    const Decimal net = rest / (Decimal::from_integer(1) + percent / kHundred);
    for (const TaxRate& rate : rates)
        if (!rate.compound)
            taxes.push_back({rate.id, (net * rate.percent / kHundred).rounded(kTaxDigits)});
    return taxes;
}

Decimal sum_of(const std::vector<TaxAmount>& taxes) {
    Decimal sum;
    for (const TaxAmount& tax : taxes) sum += tax.amount;
    return sum;
}

TaxPlace base_place(const Shop& shop) {
    return {text_of(shop.site, "country"), text_of(shop.site, "state"), "", ""};
}

}  // namespace sandbox::woo
