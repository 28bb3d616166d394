#include "trial.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "quickbooks/encode/order.hpp"
#include "quickbooks/wire.hpp"

namespace books {
namespace {

using namespace syncline;
namespace qbo = syncline::quickbooks;

Json parsed(const std::string& text) {
    auto json = parse_json(text);
    if (!json) {
        throw std::invalid_argument(json.error().message);
    }
    return *std::move(json);
}

std::vector<Json> rows(const Ledger& ledger, const std::string& entity) {
    std::vector<Json> all;
    for (const auto& row : ledger.list(entity)) {
        all.push_back(parsed(row));
    }
    return all;
}

std::string percent_text(std::int64_t percent_e4) {
    return Decimal{percent_e4, 4}.normalized().to_string();
}

// What the host does before a write: placeholders become ids.
void give_ids(Json& body, const Ledger& ledger) {
    if (body.is_object() && body.contains("$need")) {
        const bool customer = body.at("$need").get<std::string>().rfind("customer:", 0) == 0;
        body = customer ? ledger.customer() : ledger.item();
    } else if (body.is_structured()) {
        for (auto& child : body) {
            give_ids(child, ledger);
        }
    }
}

Decimal number(const std::string& text) {
    return *Decimal::parse(text);
}

// The tax that stands on a line of its own.
Decimal tax_as_line(const Json& body) {
    Decimal sum;
    for (const auto& line : body.at("Line")) {
        if (qbo::text_at(line, "Description") == "Sales tax") {
            sum = *sum.plus(*qbo::number_at(line, "Amount"));
        }
    }
    return sum;
}

std::map<std::string, Decimal> by_percent(const std::vector<PostedRate>& rates) {
    std::map<std::string, Decimal> sums;
    for (const auto& rate : rates) {
        auto& sum = sums[rate.percent];
        sum = *sum.plus(number(rate.amount));
    }
    return sums;
}

// Outside the US the books hold each rate's tax; the shop's own rates need not add up to its total.
std::string wrong_rate(const Order& order, const Posted& posted) {
    auto left = by_percent(posted.rates);
    Decimal rates_total;
    for (const auto& rate : order.tax_lines) {
        const Money amount = rate.amount + rate.shipping_amount;
        auto& one = left[rate.percent.normalized().to_string()];
        one = *one.minus(amount.decimal());
        rates_total = *rates_total.plus(amount.decimal());
    }
    const Decimal missing = order.tax_total.decimal().minus(rates_total)->abs();
    for (const auto& [percent, rest] : left) {
        if (rest.abs() > missing) {
            return "the tax at " + percent + " % is apart by " + rest.to_string();
        }
    }
    return {};
}

std::string wrong_amounts(
    const Bench& bench, const Order& order, const Json& body, const Posted& posted
) {
    if (number(posted.total) != order.total.decimal()) {
        return "the total is " + posted.total + ", the order's " + order.total.to_string();
    }
    const bool off = bench.mode() == Mode::kOff;
    const Decimal tax = off ? tax_as_line(body) : number(posted.tax);
    if (tax != order.tax_total.decimal()) {
        return "the tax is " + tax.to_string() + ", the order's " + order.tax_total.to_string();
    }
    if (off && !number(posted.tax).is_zero()) {
        return "a company without sales tax shows a tax of " + posted.tax;
    }
    return bench.mode() == Mode::kElsewhere ? wrong_rate(order, posted) : std::string();
}

std::vector<std::string> forms_of(const Json& body, const std::vector<Reason>& warnings) {
    std::vector<std::string> forms;
    for (const auto& line : body.at("Line")) {
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

}  // namespace

Bench::Bench(Mode mode, const Shop& shop, bool shipping_line)
    : mode_(mode), shop_(shop), ledger_(mode, shop.currency, shipping_line) {
    host_.on_local_date = [](const std::string&, Timestamp instant) {
        return instant.to_string().substr(0, 10);
    };
    context_.entity = "order";
    context_.source = "woocommerce:shop";
    add_codes();
    learn_company();
    choices.sales_tax_item = "id:" + ledger_.item();
    choices.discount_account = "86";
    choices.doc_number_format = "{number}";
}

// A code per class; in the US one also for every combination of classes on one document.
void Bench::add_codes() {
    if (mode_ == Mode::kUsAutomated || mode_ == Mode::kOff) {
        return;
    }
    std::set<std::set<std::size_t>> sets;
    const std::size_t taxed = shop_.classes.size() - 1;
    for (std::size_t pick = 1; pick < (std::size_t{1} << taxed); ++pick) {
        std::set<std::size_t> rates;
        for (std::size_t i = 0; i < taxed; ++i) {
            if ((pick >> i & 1U) != 0) {
                rates.insert(shop_.classes[i].begin(), shop_.classes[i].end());
            }
        }
        sets.insert(rates);
    }
    for (const auto& rates : sets) {
        std::set<std::int64_t> ids;
        std::vector<CodeRate> levied;
        for (const std::size_t at : rates) {
            const Rate& rate = shop_.rates[at];
            ids.insert(rate.id);
            levied.push_back({percent_text(rate.percent_e4), rate.compound});
        }
        std::string key;
        for (const std::int64_t id : ids) {
            key += (key.empty() ? "" : "+") + std::to_string(id);
        }
        choices.tax_code_mappings[key] = ledger_.add_code("shop " + key, levied);
    }
    if (mode_ == Mode::kElsewhere) {
        choices.zero_tax_code_id = "0.0% Z";
    }
}

void Bench::learn_company() {
    facts = qbo::company_facts(parsed(ledger_.company_info()), parsed(ledger_.preferences()));
    qbo::add_accounts(facts, rows(ledger_, "Account"));
    qbo::add_terms(facts, rows(ledger_, "Term"));
    qbo::add_tax_codes(facts, rows(ledger_, "TaxCode"), rows(ledger_, "TaxRate"));
}

Encoded Bench::encode(const Order& order) {
    const auto home = Currency::parse(facts.home_currency);
    const qbo::Scope scope{host_.handle(), context_, choices, facts, *home};
    return qbo::encode_order(scope, order, {});
}

Verdict try_order(Bench& bench, const Order& order) {
    const Encoded encoded = bench.encode(order);
    Verdict verdict;
    if (encoded.hold || encoded.skip) {
        verdict.held = encoded.hold ? encoded.hold->code : encoded.skip->code;
        if (verdict.held == "ENCODE_BUG") {
            verdict.broken = encoded.hold->message;
        }
        return verdict;
    }
    const Document& sale = encoded.documents.at(0);
    Json body = sale.body;
    give_ids(body, bench.ledger());
    const auto wire = qbo::print_wire(body);
    if (!wire) {
        verdict.broken = wire.error().message;
        return verdict;
    }
    const std::string entity = sale.entity == "invoice" ? "Invoice" : "SalesReceipt";
    const Posted posted = bench.ledger().create(entity, *wire);
    verdict.own_tax = posted.own_tax;
    if (!posted.refused.empty()) {
        verdict.broken = "the books refuse it: " + posted.refused;
        return verdict;
    }
    verdict.total = number(posted.total);
    verdict.broken = wrong_amounts(bench, order, sale.body, posted);
    verdict.forms = forms_of(sale.body, encoded.warnings);
    return verdict;
}

namespace {

// What goes back, in the form of an order; what the lines do not explain is a line of its own.
Order credit_of(const Order& order, const Refund& refund) {
    Order credit = order;
    credit.id += ":refund:" + refund.id;
    credit.number += "-R" + refund.id;
    credit.lines = refund.lines;
    credit.fees = refund.fees;
    credit.shipping_lines = refund.shipping_lines;
    credit.discounts.clear();
    credit.total = refund.amount;
    credit.tax_total = Money{0, order.currency};
    Money parts{0, order.currency};
    for (auto& rate : credit.tax_lines) {
        rate.amount = rate.shipping_amount = Money{0, order.currency};
    }
    const auto add = [&](const auto& lines) {
        for (const auto& line : lines) {
            parts += line.total + line.total_tax;
            credit.tax_total += line.total_tax;
            for (const auto& share : line.taxes) {
                for (auto& rate : credit.tax_lines) {
                    rate.amount += rate.rate_id == share.rate_id
                                       ? *Money::from_decimal(share.amount, order.currency)
                                       : Money{0, order.currency};
                }
            }
        }
    };
    add(credit.lines);
    add(credit.fees);
    add(credit.shipping_lines);
    if (!(parts == refund.amount)) {
        FeeLine adjustment;
        adjustment.name = "Refund adjustment";
        adjustment.total = refund.amount - parts;
        adjustment.total_tax = Money{0, order.currency};
        credit.fees.push_back(std::move(adjustment));
    }
    return credit;
}

}  // namespace

std::string try_refunds(
    Bench& bench,
    const Order& order,
    const std::vector<Refund>& refunds,
    std::map<std::string, std::int64_t>& held
) {
    Decimal left = order.total.decimal();
    Decimal shown = order.total.decimal();
    for (const auto& refund : refunds) {
        const Verdict verdict = try_order(bench, credit_of(order, refund));
        if (!verdict.broken.empty()) {
            return "refund " + refund.id + ": " + verdict.broken;
        }
        if (!verdict.held.empty()) {
            ++held[verdict.held];
            continue;
        }
        left = *left.minus(refund.amount.decimal());
        shown = *shown.minus(verdict.total);
    }
    if (left.is_negative() || left != shown) {
        return "the documents come to " + shown.to_string() + ", the order to " + left.to_string();
    }
    return {};
}

}  // namespace books
