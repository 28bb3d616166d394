#include "trial.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "quickbooks/encode/order.hpp"
#include "quickbooks/encode/refund.hpp"
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

Told told_of(const Order& order) {
    Told told;
    told.whose = "the order's";
    told.total = order.total.decimal();
    told.tax = order.tax_total.decimal();
    for (const auto& rate : order.tax_lines) {
        auto& sum = told.rates[rate.percent.normalized().to_string()];
        sum = *sum.plus((rate.amount + rate.shipping_amount).decimal());
    }
    return told;
}

// Of the refund's own lines; the percentage of a rate is known from its order.
Told told_of(const Order& order, const Refund& refund) {
    std::map<std::string, std::string> percents;
    for (const auto& rate : order.tax_lines) {
        percents[rate.rate_id] = rate.percent.normalized().to_string();
    }
    Told told;
    told.whose = "the refund's";
    told.total = refund.amount.decimal();
    const auto add = [&](const auto& lines) {
        for (const auto& line : lines) {
            told.tax = *told.tax.plus(line.total_tax.decimal());
            for (const auto& share : line.taxes) {
                auto& sum = told.rates[percents[share.rate_id]];
                sum = *sum.plus(share.amount);
            }
        }
    };
    add(refund.lines);
    add(refund.fees);
    add(refund.shipping_lines);
    for (auto& [percent, sum] : told.rates) {
        sum = Money::rounded(sum, order.currency)->decimal();
    }
    return told;
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

Encoded Bench::encode(const Refund& refund) {
    const auto home = Currency::parse(facts.home_currency);
    const qbo::Scope scope{host_.handle(), context_, choices, facts, *home};
    return qbo::encode_refund(scope, refund, {});
}

Verdict try_order(Bench& bench, const Order& order) {
    return enter(bench.ledger(), bench.encode(order), told_of(order), {});
}

namespace {

// As the host hands them to the connector: with their order, which lists all refunds it has.
Order with_refunds(const Order& order, const std::vector<Refund>& refunds) {
    Order own = order;
    own.refunds.clear();
    for (const auto& refund : refunds) {
        own.refunds.push_back({refund.id, refund.reason, refund.amount});
    }
    return own;
}

// A credit that is used for the sale's invoice leaves that much less of it to pay.
std::string wrong_balance(
    Bench& bench, const Order& order, const Verdict& sale, const Decimal& left
) {
    if (order.paid_at) {
        return {};
    }
    const Decimal open = *Decimal::parse(bench.ledger().open_amount(sale.id));
    return open == left ? std::string()
                        : "the invoice has " + open.to_string() + " left to pay, the order " +
                              left.to_string();
}

}  // namespace

std::string try_refunds(
    Bench& bench,
    const Order& order,
    const Verdict& sale,
    const std::vector<Refund>& refunds,
    RefundTally& tally
) {
    const Order own = with_refunds(order, refunds);
    Money asked{0, order.currency};
    Decimal left = order.total.decimal();
    Decimal shown = sale.total;
    for (Refund refund : refunds) {
        refund.order = own;
        asked += refund.amount;
        const bool beyond = asked.minor() > order.total.minor();
        const Verdict verdict = enter(
            bench.ledger(),
            bench.encode(refund),
            told_of(order, refund),
            {{"order:" + order.id, sale.id}}
        );
        if (!verdict.broken.empty()) {
            return "refund " + refund.id + ": " + verdict.broken;
        }
        if (beyond != (verdict.held == "REFUNDS_EXCEED_ORDER")) {
            return "refund " + refund.id + " of " + refund.amount.to_string() + " with " +
                   left.to_string() + " left is " +
                   (verdict.held.empty() ? "posted" : "held: " + verdict.held);
        }
        ++(verdict.held.empty() ? tally.posted : tally.held[verdict.held]);
        if (verdict.held.empty()) {
            left = *left.minus(refund.amount.decimal());
            shown = *shown.minus(verdict.total);
        }
    }
    if (left.is_negative() || left != shown) {
        return "the documents come to " + shown.to_string() + ", the order to " + left.to_string();
    }
    return wrong_balance(bench, order, sale, left);
}

}  // namespace books
