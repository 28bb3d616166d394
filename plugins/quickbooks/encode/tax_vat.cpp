#include <algorithm>
#include <map>

#include "quickbooks/encode/tax.hpp"
#include "quickbooks/encode/tax_codes.hpp"
#include "quickbooks/encode/tax_split.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

// A rate of the company that some line uses.
struct RateUse {
    SalesRate rate;
    Money net;
    Money amount;
};

// What one rate of the shop has under one rate of the company, as its lines say.
struct Share {
    std::size_t use = 0;
    Decimal amount;
};

struct Levied {
    std::vector<CodeMatch> codes;                      // of each line
    std::vector<RateUse> uses;                         // in the order QuickBooks meets them
    std::map<std::string, std::vector<Share>> shares;  // by the shop's rate
};

std::string key_of(const std::vector<const RateTax*>& rates) {
    std::string key;
    for (const RateTax* rate : rates) {
        key += rate->rate_id + "+";
    }
    return key;
}

Decimal tax_on(const SalesLine& line, const std::string& rate_id) {
    Decimal sum;
    for (const auto& share : line.rates) {
        const auto more = share.rate_id == rate_id ? sum.plus(share.amount) : sum;
        sum = more ? *more : sum;
    }
    return sum;
}

std::size_t use_of(Levied& levied, const SalesRate& rate, const Currency& currency) {
    const auto found =
        std::find_if(levied.uses.begin(), levied.uses.end(), [&](const RateUse& use) {
            return use.rate.id == rate.id;
        });
    if (found != levied.uses.end()) {
        return static_cast<std::size_t>(found - levied.uses.begin());
    }
    levied.uses.push_back({rate, Money{0, currency}, Money{0, currency}});
    return levied.uses.size() - 1;
}

void note_line(Levied& levied, const CodeMatch& match, const SalesLine& line) {
    for (const auto& one : match.rates) {
        const std::size_t at = use_of(levied, one.rate, line.amount.currency());
        levied.uses[at].net += line.amount;
        auto& shares = levied.shares[one.rate_id];
        const auto known = std::find_if(shares.begin(), shares.end(), [&](const Share& share) {
            return share.use == at;
        });
        Share& share = known != shares.end() ? *known : shares.emplace_back();
        share.use = at;
        const auto sum = share.amount.plus(tax_on(line, one.rate_id));
        share.amount = sum ? *sum : share.amount;
    }
}

Result<Levied> levied_on(const Scope& scope, const TaxBasis& basis, std::vector<SalesLine>& lines) {
    Levied levied;
    std::map<std::string, CodeMatch> found;
    for (auto& line : lines) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto rates, rates_on(line, basis));
        const std::string key = key_of(rates);
        if (found.count(key) == 0) {
            SYNCLINE_ASSIGN_OR_RETURN(found[key], code_of(scope, basis, rates, true));
        }
        const CodeMatch& match = found[key];
        line.tax_code = match.code->id;
        line.taxed = !rates.empty();
        note_line(levied, match, line);
        levied.codes.push_back(match);
    }
    return levied;
}

// A rate of the shop under several rates of the company (alone on one line, together with another
// on the next): what the lines say; the largest takes the rest.
void share_out(const Money& amount, std::vector<Share>& shares, std::vector<RateUse>& uses) {
    const auto largest =
        std::max_element(shares.begin(), shares.end(), [](const Share& a, const Share& b) {
            return a.amount.abs() < b.amount.abs();
        });
    Money left = amount;
    for (auto& share : shares) {
        if (&share == &*largest) {
            continue;
        }
        const auto rounded = Money::rounded(share.amount, amount.currency());
        const Money part = rounded ? *rounded : Money{0, amount.currency()};
        uses[share.use].amount += part;
        left = left - part;
    }
    uses[largest->use].amount += left;
}

Error without_line(const Money& amount, const std::string& of) {
    return hold(
        "TAX_WITHOUT_LINE",
        "the order has " + amount.to_string() + " of tax" + of +
            ", but no line that it is levied on; QuickBooks would drop it"
    );
}

// The shop rounds its total and each rate by itself; the largest rate takes what is between them.
Result<void> reconcile(const TaxBasis& basis, std::vector<RateUse>& uses) {
    Money sum{0, basis.currency};
    for (const auto& use : uses) {
        sum += use.amount;
    }
    const Money missing = basis.total - sum;
    if (missing.is_zero()) {
        return {};
    }
    const auto allowed = std::max<std::int64_t>(1, static_cast<std::int64_t>(basis.rates.size()));
    if (missing.minor() > allowed || missing.minor() < -allowed) {
        return hold(
            "TAX_RATES_MISMATCH",
            "the order's tax is " + basis.total.to_string() +
                ", but that of its rates adds up to " + sum.to_string() +
                "; recalculate the order in the shop"
        );
    }
    RateUse* largest = nullptr;
    for (auto& use : uses) {
        const bool larger =
            largest == nullptr || use.amount.decimal().abs() > largest->amount.decimal().abs();
        largest = larger && !use.rate.percent.is_zero() ? &use : largest;
    }
    if (largest == nullptr) {
        return without_line(missing, "");
    }
    largest->amount += missing;
    return {};
}

Result<void> give_amounts(const TaxBasis& basis, Levied& levied) {
    for (const auto& rate : basis.rates) {
        if (rate.amount.is_zero()) {
            continue;
        }
        const auto shares = levied.shares.find(rate.rate_id);
        if (shares == levied.shares.end()) {
            return without_line(rate.amount, " under rate " + rate.rate_id);
        }
        share_out(rate.amount, shares->second, levied.uses);
    }
    SYNCLINE_RETURN_IF_ERROR(reconcile(basis, levied.uses));
    for (const auto& use : levied.uses) {
        if (!fits_base(use.amount, use.net)) {
            return hold(
                "TAX_EXCEEDS_LINES",
                "the order's tax of " + use.amount.to_string() + " at " +
                    use.rate.percent.to_string() + " % is on lines of " + use.net.to_string() +
                    "; QuickBooks takes no tax that is more than what it is levied on"
            );
        }
    }
    return {};
}

Json tax_lines_of(const std::vector<RateUse>& uses) {
    Json all = Json::array();
    for (const auto& use : uses) {
        all.push_back(
            {{"Amount", plain(use.amount.decimal())},
             {"DetailType", "TaxLineDetail"},
             {"TaxLineDetail",
              {{"TaxRateRef", {{"value", use.rate.id}}},
               {"PercentBased", true},
               {"TaxPercent", plain(use.rate.percent)},
               {"NetAmountTaxable", plain(use.net.decimal())}}}}
        );
    }
    return all;
}

// Prices with tax can be shown when each line's is what its code makes of it, and all of them are
// the document's total.
bool can_show_with_tax(
    const TaxBasis& basis, const Levied& levied, const std::vector<SalesLine>& lines
) {
    Money tax{0, basis.currency};
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const SalesLine& line = lines[i];
        tax += line.tax;
        if (!gross_holds(*levied.codes[i].code, line.amount, line.amount + line.tax)) {
            return false;
        }
        const auto parts = line.quantity ? price(line.amount, *line.quantity)
                                         : Result<std::vector<PricedPart>>(invalid(""));
        if (line.quantity && (!parts || parts->size() != 1)) {
            return false;
        }
    }
    return tax == basis.total;
}

}  // namespace

Result<Money> apply_vat(
    const Scope& scope,
    Draft& draft,
    const TaxBasis& basis,
    std::vector<SalesLine>& lines,
    Json& body
) {
    SYNCLINE_RETURN_IF_ERROR(split_mixed_lines(basis, lines));
    SYNCLINE_ASSIGN_OR_RETURN(Levied levied, levied_on(scope, basis, lines));
    SYNCLINE_RETURN_IF_ERROR(give_amounts(basis, levied));
    const bool with_tax = basis.inclusive && can_show_with_tax(basis, levied, lines);
    for (auto& line : lines) {
        line.with_tax = with_tax ? std::optional<Money>(line.amount + line.tax) : std::nullopt;
    }
    if (basis.inclusive && !with_tax) {
        draft.warn(
            "TAX_SHOWN_APART",
            "the shop's prices include tax, but some line's rounding does not fit the tax code of "
            "QuickBooks; the document shows its lines without tax, and the same tax and total"
        );
    }
    body["GlobalTaxCalculation"] = with_tax ? "TaxInclusive" : "TaxExcluded";
    body["TxnTaxDetail"] = Json{{"TotalTax", plain(basis.total.decimal())}};
    if (!levied.uses.empty()) {
        body["TxnTaxDetail"]["TaxLine"] = tax_lines_of(levied.uses);
    }
    return basis.total;
}

}  // namespace syncline::quickbooks
