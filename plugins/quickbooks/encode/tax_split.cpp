#include "quickbooks/encode/tax_split.hpp"

#include <algorithm>

namespace syncline::quickbooks {
namespace {

using Rates = std::vector<const RateTax*>;

constexpr int kShareDecimals = 8;
// Of what a rate makes of a line's amount: rounding of the shop's, per rate.
constexpr std::int64_t kTaxTolerance = 1;

// What is sold under one combination of rates.
struct Part {
    Rates rates;
    Money amount;
};

bool has(const Rates& rates, const std::string& id) {
    return std::any_of(rates.begin(), rates.end(), [&](const RateTax* rate) {
        return rate->rate_id == id;
    });
}

std::vector<Part> parts_of(
    const std::vector<SalesLine>& lines, const std::vector<Rates>& rates, Currency currency
) {
    std::vector<Part> parts;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].amount.is_zero() || lines[i].amount.is_negative()) {
            continue;
        }
        const auto known = std::find_if(parts.begin(), parts.end(), [&](const Part& part) {
            return part.rates == rates[i];
        });
        Part& part = known != parts.end() ? *known : parts.emplace_back();
        part.rates = rates[i];
        part.amount = (known != parts.end() ? part.amount : Money{0, currency}) + lines[i].amount;
    }
    return parts;
}

// The whole line is under all its rates: then each has its percentage of it. (A compound rate has
// more, and is taken to be right.)
bool is_uniform(const SalesLine& line, const Rates& rates) {
    return std::all_of(rates.begin(), rates.end(), [&](const RateTax* rate) {
        const int exponent = line.amount.currency().exponent();
        const auto product = line.amount.decimal().times(rate->percent);
        const auto whole = product ? product->divided_by(Decimal{100, 0}, exponent) : product;
        Decimal tax;
        for (const auto& share : line.rates) {
            const auto sum = share.rate_id == rate->rate_id ? tax.plus(share.amount) : tax;
            tax = sum ? *sum : tax;
        }
        const auto apart = whole ? whole->minus(tax) : whole;
        return rate->compound || (apart && apart->abs() <= Decimal{kTaxTolerance, exponent});
    });
}

Decimal proportion(const Decimal& whole, const Money& part, const Money& of, int scale) {
    const auto product = whole.times(part.decimal());
    const auto share =
        product ? product->divided_by(of.decimal(), scale) : Result<Decimal>(Decimal{});
    return share ? *share : Decimal{};
}

// Each rate's tax goes to the parts that have the rate.
void share_taxes(
    const SalesLine& line, const std::vector<Part>& parts, std::vector<SalesLine>& out
) {
    for (const auto& tax : line.rates) {
        Money base{0, line.amount.currency()};
        std::size_t last = parts.size();
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (has(parts[i].rates, tax.rate_id)) {
                base += parts[i].amount;
                last = i;
            }
        }
        Decimal left = tax.amount;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (!has(parts[i].rates, tax.rate_id)) {
                continue;
            }
            const Decimal share =
                i == last ? left : proportion(tax.amount, parts[i].amount, base, kShareDecimals);
            const auto rest = left.minus(share);
            left = rest ? *rest : left;
            out[i].rates.push_back({tax.rate_id, share});
        }
    }
}

Money tax_of(const SalesLine& line) {
    Decimal sum;
    for (const auto& share : line.rates) {
        const auto more = sum.plus(share.amount);
        sum = more ? *more : sum;
    }
    const auto money = Money::rounded(sum, line.amount.currency());
    return money ? *money : Money{0, line.amount.currency()};
}

std::vector<SalesLine> split(const SalesLine& line, const std::vector<Part>& parts) {
    const Currency currency = line.amount.currency();
    Money sold{0, currency};
    for (const auto& part : parts) {
        sold += part.amount;
    }
    std::vector<SalesLine> out(parts.size(), line);
    Money left = line.amount;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Decimal share =
            proportion(line.amount.decimal(), parts[i].amount, sold, currency.exponent());
        const auto money = Money::rounded(share, currency);
        out[i].amount = i + 1 == parts.size() || !money ? left : *money;
        left = left - out[i].amount;
        out[i].rates.clear();
    }
    share_taxes(line, parts, out);
    Money tax_left = line.tax;
    SalesLine* taxed = nullptr;
    for (auto& one : out) {
        one.tax = tax_of(one);
        one.carries_tax = !one.rates.empty();
        tax_left = tax_left - one.tax;
        taxed = one.rates.empty() ? taxed : &one;
    }
    if (taxed != nullptr) {
        taxed->tax += tax_left;
    }
    out.erase(
        std::remove_if(
            out.begin(), out.end(), [](const SalesLine& one) { return one.amount.is_zero(); }
        ),
        out.end()
    );
    return out;
}

}  // namespace

Result<void> split_mixed_lines(const TaxBasis& basis, std::vector<SalesLine>& lines) {
    std::vector<Rates> rates;
    for (const auto& line : lines) {
        SYNCLINE_ASSIGN_OR_RETURN(auto levied, rates_on(line, basis));
        rates.push_back(std::move(levied));
    }
    const std::vector<Part> parts = parts_of(lines, rates, basis.currency);
    std::vector<SalesLine> all;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool mixed = lines[i].amount.is_negative() && !rates[i].empty() && parts.size() > 1 &&
                           !is_uniform(lines[i], rates[i]);
        if (!mixed) {
            all.push_back(lines[i]);
            continue;
        }
        for (auto& one : split(lines[i], parts)) {
            all.push_back(std::move(one));
        }
    }
    lines = std::move(all);
    return {};
}

}  // namespace syncline::quickbooks
