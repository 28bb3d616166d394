#include "entry.hpp"

#include "quickbooks/wire.hpp"

namespace books {
namespace {

using namespace syncline;
namespace qbo = syncline::quickbooks;

using Ids = std::map<std::string, std::string>;

std::string id_of(const std::string& need, const Ledger& ledger, const Ids& ids) {
    const auto known = ids.find(need);
    if (known != ids.end()) {
        return known->second;
    }
    return need.rfind("customer:", 0) == 0 ? ledger.customer() : ledger.item();
}

// What the host does before a write: placeholders become ids.
void give_ids(Json& body, const Ledger& ledger, const Ids& ids) {
    if (body.is_object() && body.contains("$need")) {
        body = id_of(body.at("$need").get<std::string>(), ledger, ids);
    } else if (body.is_structured()) {
        for (auto& child : body) {
            give_ids(child, ledger, ids);
        }
    }
}

Decimal number(const std::string& text) {
    return *Decimal::parse(text);
}

// The tax that stands on a line of its own.
Decimal tax_as_line(const Json& body) {
    Decimal sum;
    for (const auto& line : qbo::child_at(body, "Line")) {
        if (qbo::text_at(line, "Description") == "Sales tax") {
            sum = *sum.plus(*qbo::number_at(line, "Amount"));
        }
    }
    return sum;
}

// Outside the US the books hold each rate's tax; the shop's own rates need not add up to its total.
std::string wrong_rate(const Told& told, const Posted& posted) {
    std::map<std::string, Decimal> left;
    for (const auto& rate : posted.rates) {
        auto& sum = left[rate.percent];
        sum = *sum.plus(number(rate.amount));
    }
    Decimal rates_total;
    for (const auto& [percent, amount] : told.rates) {
        auto& one = left[percent];
        one = *one.minus(amount);
        rates_total = *rates_total.plus(amount);
    }
    const Decimal missing = told.tax.minus(rates_total)->abs();
    for (const auto& [percent, rest] : left) {
        if (rest.abs() > missing) {
            return "the tax at " + percent + " % is apart by " + rest.to_string();
        }
    }
    return {};
}

std::string wrong_amounts(
    const Ledger& ledger, const Told& told, const Json& body, const Posted& posted
) {
    if (number(posted.total) != told.total) {
        return "the total is " + posted.total + ", " + told.whose + " " + told.total.to_string();
    }
    const bool off = ledger.mode() == Mode::kOff;
    const Decimal tax = off ? tax_as_line(body) : number(posted.tax);
    if (tax != told.tax) {
        return "the tax is " + tax.to_string() + ", " + told.whose + " " + told.tax.to_string();
    }
    if (off && !number(posted.tax).is_zero()) {
        return "a company without sales tax shows a tax of " + posted.tax;
    }
    return ledger.mode() == Mode::kElsewhere ? wrong_rate(told, posted) : std::string();
}

std::vector<std::string> forms_of(const Json& body, const std::vector<Reason>& warnings) {
    std::vector<std::string> forms;
    for (const auto& line : qbo::child_at(body, "Line")) {
        if (qbo::text_at(line, "DetailType") == "DiscountLineDetail") {
            forms.emplace_back("discount line");
        }
        if (qbo::text_at(line, "Description") == "Rounding") {
            forms.emplace_back("rounding line");
        }
    }
    if (qbo::text_at(body, "GlobalTaxCalculation") == "TaxInclusive") {
        forms.emplace_back("prices with tax");
    }
    if (qbo::child_at(qbo::child_at(body, "TxnTaxDetail"), "TaxLine").size() > 1) {
        forms.emplace_back("several tax lines");
    }
    for (const auto& warning : warnings) {
        forms.push_back(warning.code);
    }
    return forms;
}

std::string type_of(const Document& document) {
    static const std::map<std::string, std::string> kTypes{
        {"invoice", "Invoice"},
        {"salesreceipt", "SalesReceipt"},
        {"refundreceipt", "RefundReceipt"},
        {"creditmemo", "CreditMemo"},
        {"payment", "Payment"}};
    return kTypes.at(document.entity);
}

Posted entered(Ledger& ledger, const Document& document, const Ids& ids) {
    Json body = document.body;
    give_ids(body, ledger, ids);
    const auto wire = qbo::print_wire(body);
    if (!wire) {
        Posted unprintable;
        unprintable.refused = wire.error().message;
        return unprintable;
    }
    return ledger.create(type_of(document), *wire);
}

}  // namespace

Verdict enter(Ledger& ledger, const Encoded& encoded, const Told& told, Ids ids) {
    Verdict verdict;
    if (encoded.hold || encoded.skip) {
        verdict.held = encoded.hold ? encoded.hold->code : encoded.skip->code;
        if (verdict.held == "ENCODE_BUG") {
            verdict.broken = encoded.hold->message;
        }
        return verdict;
    }
    for (const auto& document : encoded.documents) {
        const Posted posted = entered(ledger, document, ids);
        if (!posted.refused.empty()) {
            verdict.broken = "the books refuse the " + document.role + ": " + posted.refused;
            return verdict;
        }
        ids["document:" + document.role] = posted.id;
        if (!verdict.id.empty()) {
            const bool moves = !number(posted.total).is_zero();
            verdict.broken += moves ? "the " + document.role + " is of " + posted.total : "";
            continue;
        }
        verdict.id = posted.id;
        verdict.own_tax = posted.own_tax;
        verdict.total = number(posted.total);
        verdict.broken = wrong_amounts(ledger, told, document.body, posted);
        verdict.forms = forms_of(document.body, encoded.warnings);
    }
    return verdict;
}

}  // namespace books
