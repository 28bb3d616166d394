#include <map>

#include "quickbooks/encode/proof.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

using Wrong = std::optional<std::string>;

struct Case {
    const CompanyFacts& company;
    const Json& body;
    const Money& tax;  // the shop's
};

Decimal amount_at(const Json& object, std::string_view member) {
    return number_at(object, member).value_or(Decimal{});
}

Decimal sum(const Decimal& a, const Decimal& b) {
    const auto both = a.plus(b);
    return both ? *both : Decimal{};
}

// The sales lines; the discount line has no code.
std::vector<const Json*> sales_of(const Json& body) {
    std::vector<const Json*> lines;
    for (const auto& line : child_at(body, "Line")) {
        if (text_at(line, "DetailType") == "SalesItemLineDetail") {
            lines.push_back(&line);
        }
    }
    return lines;
}

std::string code_of(const Json& line) {
    return reference_at(child_at(line, "SalesItemLineDetail"), "TaxCodeRef");
}

bool has_discount(const Json& body) {
    return sales_of(body).size() != child_at(body, "Line").size();
}

Wrong disprove_total(const Case& one) {
    const Decimal total = amount_at(child_at(one.body, "TxnTaxDetail"), "TotalTax");
    if (total != one.tax.decimal()) {
        return "the document's tax is " + total.to_string() + ", the shop's " + one.tax.to_string();
    }
    return std::nullopt;
}

Wrong disprove_us(const Case& one) {
    if (one.body.contains("GlobalTaxCalculation")) {
        return std::string("a document of a US company names a way of calculating tax");
    }
    Decimal taxed;
    for (const Json* line : sales_of(one.body)) {
        const std::string code = code_of(*line);
        if (code != "TAX" && code != "NON") {
            return "a line has the tax code '" + code + "', which is none of a US company";
        }
        taxed = code == "TAX" ? sum(taxed, amount_at(*line, "Amount")) : taxed;
    }
    const Decimal tax = one.tax.decimal();
    if (tax.is_zero() != taxed.is_zero() && !has_discount(one.body) && tax > taxed) {
        return "a tax of " + tax.to_string() + " on " + taxed.to_string();
    }
    const std::string code = reference_at(child_at(one.body, "TxnTaxDetail"), "TxnTaxCodeRef");
    const bool manual = one.company.tax_mode == TaxMode::kUsManual;
    if (manual && !tax.is_zero() && one.company.tax_code(code) == nullptr) {
        return std::string("the document has tax, but no tax code of the company");
    }
    return disprove_total(one);
}

Wrong disprove_off(const Case& one, const std::string& item) {
    if (one.body.contains("TxnTaxDetail")) {
        return std::string("the company keeps no sales tax, and would drop what it is told");
    }
    Decimal left = one.tax.decimal();
    int found = 0;
    for (const Json* line : sales_of(one.body)) {
        if (!code_of(*line).empty()) {
            return std::string("a line has a tax code, but the company keeps no sales tax");
        }
        if (text_at(*line, "Description") == "Sales tax" && amount_at(*line, "Amount") == left) {
            ++found;
        }
    }
    if (!left.is_zero() && (item.empty() || found == 0)) {
        return "no line holds the tax of " + left.to_string();
    }
    return std::nullopt;
}

// Net amounts under each rate, by the codes of the lines.
std::map<std::string, Decimal> bases_of(const Case& one) {
    std::map<std::string, Decimal> bases;
    for (const Json* line : sales_of(one.body)) {
        const TaxCode* code = one.company.tax_code(code_of(*line));
        for (const auto& rate : code == nullptr ? std::vector<SalesRate>() : code->rates) {
            bases[rate.id] = sum(bases[rate.id], amount_at(*line, "Amount"));
        }
    }
    return bases;
}

Wrong disprove_tax_line(const Case& one, const Json& line, const Decimal& base) {
    const Json& detail = child_at(line, "TaxLineDetail");
    const Decimal amount = amount_at(line, "Amount");
    const Decimal net = amount_at(detail, "NetAmountTaxable");
    if (net != base && !has_discount(one.body)) {
        return "the tax lines have a base of " + net.to_string() + " for lines of " +
               base.to_string();
    }
    const bool other_sign = !amount.is_zero() && amount.is_negative() != net.is_negative();
    if (other_sign || amount.abs() > net.abs()) {
        return "a tax of " + amount.to_string() + " on " + net.to_string();
    }
    return std::nullopt;
}

Wrong disprove_tax_lines(const Case& one) {
    auto bases = bases_of(one);
    Decimal total;
    for (const auto& line : child_at(child_at(one.body, "TxnTaxDetail"), "TaxLine")) {
        const Json& detail = child_at(line, "TaxLineDetail");
        const auto base = bases.find(reference_at(detail, "TaxRateRef"));
        if (base == bases.end()) {
            return std::string("a tax line names a rate that no line uses, or one twice");
        }
        bool percent = false;
        for (const auto& code : one.company.tax_codes) {
            for (const auto& rate : code.rates) {
                percent = percent || (rate.id == base->first &&
                                      rate.percent == amount_at(detail, "TaxPercent"));
            }
        }
        if (!percent) {
            return std::string("a tax line has another percentage than its rate");
        }
        if (auto wrong = disprove_tax_line(one, line, base->second)) {
            return wrong;
        }
        total = sum(total, amount_at(line, "Amount"));
        bases.erase(base);
    }
    if (!bases.empty()) {
        return std::string("a rate that lines use has no tax line");
    }
    if (total != one.tax.decimal()) {
        return "the tax lines add up to " + total.to_string() + ", the shop's tax is " +
               one.tax.to_string();
    }
    return std::nullopt;
}

// Each price with tax must be its net amount and the code's tax, to a minor unit.
Wrong disprove_with_tax(const Case& one, const Json& line, const TaxCode& code, Decimal& sum_with) {
    const Json& detail = child_at(line, "SalesItemLineDetail");
    const auto with_tax = number_at(detail, "TaxInclusiveAmt");
    if (!with_tax) {
        return std::string("a line of a document with inclusive prices has none");
    }
    Decimal simple;
    Decimal factor{1, 0};
    for (const auto& rate : code.rates) {
        const auto hundredth = (rate.on_tax ? factor : Decimal{1, 0}).times(rate.percent);
        const auto part =
            hundredth ? hundredth->divided_by(Decimal{100, 0}, 9) : Result<Decimal>(simple);
        factor = sum(factor, part ? *part : simple);
    }
    const int exponent = one.tax.currency().exponent();
    const auto net = with_tax->divided_by(factor, exponent);
    const auto apart = net ? net->minus(amount_at(line, "Amount")) : net;
    if (!apart || apart->abs() > Decimal{1, exponent}) {
        return "the price with tax " + with_tax->to_string() + " is not that of " +
               amount_at(line, "Amount").to_string();
    }
    sum_with = sum(sum_with, *with_tax);
    return std::nullopt;
}

Wrong disprove_non_us(const Case& one) {
    const std::string calculation = text_at(one.body, "GlobalTaxCalculation");
    if (calculation != "TaxExcluded" && calculation != "TaxInclusive") {
        return std::string("the document does not say how its tax is calculated");
    }
    Decimal net;
    Decimal with_tax;
    for (const Json* line : sales_of(one.body)) {
        const TaxCode* code = one.company.tax_code(code_of(*line));
        if (code == nullptr || code->id != code_of(*line)) {
            return "a line has the tax code '" + code_of(*line) + "', which the company has not";
        }
        net = sum(net, amount_at(*line, "Amount"));
        if (calculation == "TaxInclusive") {
            if (auto wrong = disprove_with_tax(one, *line, *code, with_tax)) {
                return wrong;
            }
        }
    }
    if (calculation == "TaxInclusive" && with_tax != sum(net, one.tax.decimal())) {
        return "the prices with tax add up to " + with_tax.to_string() + ", lines and tax to " +
               sum(net, one.tax.decimal()).to_string();
    }
    if (auto wrong = disprove_total(one)) {
        return wrong;
    }
    return disprove_tax_lines(one);
}

}  // namespace

std::optional<std::string> disprove_tax(const Scope& scope, const Json& body, const Money& tax) {
    const Case one{scope.company, body, tax};
    switch (scope.company.tax_mode) {
        case TaxMode::kUsAst:
        case TaxMode::kUsManual:
            return disprove_us(one);
        case TaxMode::kNonUs:
            return disprove_non_us(one);
        case TaxMode::kOff:
            return disprove_off(one, scope.choices.sales_tax_item);
        case TaxMode::kUsAstNotSetUp:
        case TaxMode::kUnknown:
            break;
    }
    return std::string("the company's way of keeping tax is not known");
}

}  // namespace syncline::quickbooks
