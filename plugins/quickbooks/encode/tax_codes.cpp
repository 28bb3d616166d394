#include "quickbooks/encode/tax_codes.hpp"

#include <algorithm>

#include <syncline/record.hpp>

namespace syncline::quickbooks {
namespace {

constexpr int kFactorDecimals = 10;
const Decimal kPercentTolerance{1, 4};

// The keys under which tax_code_mappings may have these rates, the most telling first.
std::vector<std::string> keys_of(const TaxBasis& basis, std::vector<const RateTax*> rates) {
    std::sort(rates.begin(), rates.end(), [](const RateTax* a, const RateTax* b) {
        return id_less(a->rate_id, b->rate_id);
    });
    std::string ids;
    std::string percents;
    for (const RateTax* rate : rates) {
        ids += (ids.empty() ? "" : "+") + rate->rate_id;
        percents += (percents.empty() ? "" : "+") + rate->percent.normalized().to_string();
    }
    return {
        ids, basis.country + ":" + basis.state + ":" + percents, basis.country + "::" + percents};
}

const std::string* mapped(
    const Scope& scope, const TaxBasis& basis, const std::vector<const RateTax*>& rates
) {
    const auto& mappings = scope.choices.tax_code_mappings;
    for (const auto& key : keys_of(basis, rates)) {
        if (const auto found = mappings.find(key); found != mappings.end()) {
            return &found->second;
        }
    }
    return nullptr;
}

// Of several rates the code that each of them has; null if they differ.
const std::string* mapped_alike(
    const Scope& scope, const TaxBasis& basis, const std::vector<const RateTax*>& rates
) {
    const std::string* same = nullptr;
    for (const RateTax* rate : rates) {
        const std::string* one = mapped(scope, basis, {rate});
        if (one == nullptr || (same != nullptr && *same != *one)) {
            return nullptr;
        }
        same = one;
    }
    return same;
}

bool is_zero_rate(const std::vector<const RateTax*>& rates) {
    return std::all_of(rates.begin(), rates.end(), [](const RateTax* rate) {
        return rate->percent.is_zero();
    });
}

const std::string* chosen(
    const Scope& scope, const TaxBasis& basis, const std::vector<const RateTax*>& rates
) {
    const std::string* code = rates.empty() ? nullptr : mapped(scope, basis, rates);
    if (code == nullptr && rates.size() > 1) {
        code = mapped_alike(scope, basis, rates);
    }
    if (code == nullptr) {
        code = is_zero_rate(rates) ? &scope.choices.zero_tax_code_id
                                   : &scope.choices.default_tax_code_id;
    }
    return code->empty() ? nullptr : code;
}

std::string named(const std::vector<const RateTax*>& rates) {
    std::string text;
    for (const RateTax* rate : rates) {
        text += (text.empty() ? "" : " + ") + rate->percent.normalized().to_string() + " % (rate " +
                rate->rate_id + (rate->compound ? ", compound)" : ")");
    }
    return text;
}

std::string named(const TaxCode& code) {
    std::string text;
    for (const auto& rate : code.rates) {
        text += (text.empty() ? "" : " + ") + rate.percent.normalized().to_string() + " %" +
                (rate.on_tax ? " on tax" : "");
    }
    return "'" + code.name + "' (" + (text.empty() ? "no rate" : text) + ")";
}

Error unmapped(const TaxBasis& basis, const std::vector<const RateTax*>& rates) {
    if (is_zero_rate(rates)) {
        return hold(
            "TAX_CODE_UNMAPPED",
            "every line needs a tax code in QuickBooks, and there is none for lines without tax; "
            "set zero_tax_code_id"
        );
    }
    return hold(
        "TAX_CODE_UNMAPPED",
        "no tax code of QuickBooks stands for the shop's tax of " + named(rates) + "; add '" +
            keys_of(basis, rates).front() + "' to tax_code_mappings"
    );
}

// Simple rates before those on tax, each by percentage.
template <class T, class OnTax>
void sort_rates(std::vector<T>& rates, OnTax on_tax) {
    std::stable_sort(rates.begin(), rates.end(), [&](const T& a, const T& b) {
        return on_tax(a).first != on_tax(b).first ? !on_tax(a).first
                                                  : on_tax(a).second < on_tax(b).second;
    });
}

Result<std::vector<RateMatch>> matched(
    const TaxCode& code, std::vector<const RateTax*> shop, bool same_bases
) {
    std::vector<SalesRate> own = code.rates;
    // A code for lines without tax may have no rate, or one of 0 %.
    if (is_zero_rate(shop) && std::all_of(own.begin(), own.end(), [](const SalesRate& rate) {
            return rate.percent.is_zero();
        })) {
        std::vector<RateMatch> all;
        for (const auto& rate : own) {
            all.push_back({shop.empty() ? std::string() : shop.front()->rate_id, rate});
        }
        return all;
    }
    sort_rates(shop, [&](const RateTax* rate) {
        return std::make_pair(same_bases && rate->compound, rate->percent);
    });
    sort_rates(own, [&](const SalesRate& rate) {
        return std::make_pair(same_bases && rate.on_tax, rate.percent);
    });
    bool same = shop.size() == own.size();
    std::vector<RateMatch> all;
    for (std::size_t i = 0; same && i < own.size(); ++i) {
        const auto apart = shop[i]->percent.minus(own[i].percent);
        same = apart && apart->abs() <= kPercentTolerance &&
               (!same_bases || shop[i]->compound == own[i].on_tax);
        all.push_back({shop[i]->rate_id, own[i]});
    }
    if (!same) {
        return hold(
            "TAX_RATE_DIFFERS",
            "the shop's tax of " + (shop.empty() ? std::string("0 %") : named(shop)) +
                " is mapped to the tax code " + named(code) +
                " of QuickBooks, which is another tax; correct tax_code_mappings, or the rate"
        );
    }
    return all;
}

}  // namespace

Result<CodeMatch> code_of(
    const Scope& scope,
    const TaxBasis& basis,
    const std::vector<const RateTax*>& rates,
    bool same_bases
) {
    const std::string* name = chosen(scope, basis, rates);
    if (name == nullptr) {
        return unmapped(basis, rates);
    }
    CodeMatch match;
    match.code = scope.company.tax_code(*name);
    if (match.code == nullptr) {
        return hold(
            "TAX_CODE_UNKNOWN",
            "QuickBooks has no tax code '" + *name +
                "'; change tax_code_mappings or the code that is named instead of one, or test "
                "the connection again"
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(match.rates, matched(*match.code, rates, same_bases));
    // As QuickBooks has them.
    std::stable_sort(match.rates.begin(), match.rates.end(), [&](const auto& a, const auto& b) {
        const auto place = [&](const RateMatch& one) {
            return std::find_if(
                match.code->rates.begin(),
                match.code->rates.end(),
                [&](const SalesRate& rate) { return rate.id == one.rate.id; }
            );
        };
        return place(a) < place(b);
    });
    return match;
}

Decimal factor_of(const TaxCode& code) {
    Decimal factor{1, 0};
    for (const auto& rate : code.rates) {
        const auto base = rate.on_tax ? factor : Decimal{1, 0};
        const auto share = base.times(rate.percent);
        const auto part = share ? share->divided_by(Decimal{100, 0}, kFactorDecimals) : share;
        const auto sum = part ? factor.plus(*part) : part;
        factor = sum ? *sum : factor;
    }
    return factor;
}

bool gross_holds(const TaxCode& code, const Money& net, const Money& with_tax) {
    const auto without =
        with_tax.decimal().divided_by(factor_of(code), with_tax.currency().exponent());
    const auto apart = without ? without->minus(net.decimal()) : without;
    return apart && apart->abs() <= Decimal{1, with_tax.currency().exponent()};
}

}  // namespace syncline::quickbooks
