#include "core/reconcile.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "core/reconcile_match.hpp"

namespace syncline {
namespace {

std::string shown(const Money& money) {
    return money.to_string() + " " + std::string(money.currency().code());
}

bool is_sale(PostedKind kind) {
    return kind == PostedKind::kSale || kind == PostedKind::kPaidSale;
}

// ---- sums
// ----------------------------------------------------------------------------------------

void add(DaySums& sums, PostedKind kind, const Money& total, const Money& tax) {
    if (is_sale(kind)) {
        sums.gross += total;
        sums.tax += tax;
    } else if (kind == PostedKind::kRefund) {
        sums.refunds += total;
    }
    if (kind == PostedKind::kPayment || kind == PostedKind::kPaidSale) {
        sums.payments += total;
    }
    sums.count += kind == PostedKind::kPayment ? 0 : 1;
}

DayRow& row_of(DayRows& days, const std::string& day, const Money& money) {
    auto [row, first] = days.try_emplace({day, std::string(money.currency().code())});
    if (first) {
        const Money none{0, money.currency()};
        for (DaySums* sums : {&row->second.source, &row->second.target}) {
            sums->gross = sums->tax = sums->refunds = sums->payments = none;
        }
    }
    return row->second;
}

// ---- findings
// ------------------------------------------------------------------------------------

// How much more the books show of sales and refunds because of a document.
Money weight(PostedKind kind, const Money& money) {
    return kind == PostedKind::kPayment  ? Money{0, money.currency()}
           : kind == PostedKind::kRefund ? -money
                                         : money;
}

Finding about(DriftKind kind, const SourceFact* source, const TargetFact* target) {
    Finding finding;
    finding.kind = kind;
    if (target != nullptr) {
        finding.entity = target->entity;
        finding.record_id = target->record_id;
        finding.target_entity = target->target_entity;
        finding.target_id = target->target_id;
        finding.day = target->day;
        finding.currency = target->total.currency().code();
        finding.difference = Money{0, target->total.currency()};
    }
    if (source != nullptr) {
        finding.entity = source->entity;
        finding.record_id = source->record_id;
        finding.flow = source->flow;
        finding.target_entity = target != nullptr ? target->target_entity : source->target_entity;
        finding.target_id = target != nullptr ? target->target_id : source->mapped_id;
        finding.day = source->day.empty() ? finding.day : source->day;
        if (source->has_money) {
            finding.currency = source->total.currency().code();
            finding.difference = Money{0, source->total.currency()};
        }
    }
    return finding;
}

std::string document_name(const Finding& finding) {
    return finding.target_entity + (finding.target_id.empty() ? "" : " " + finding.target_id);
}

class Comparison {
public:
    Comparison(const DayWindow& window, Reconciled& result) : window_(window), result_(result) {}

    void matched(const SourceFact& source, const TargetFact& target) {
        const bool counts = window_.has(source.day) || window_.has(target.day);
        const bool expected = count_source(source, &target);
        count_target(target);
        if (!counts) {
            return;
        }
        if (is_explained(source)) {
            explain(source);
        }
        if (target.voided || !expected) {
            status(source, target, expected);
            return;
        }
        const std::size_t before = result_.findings.size();
        if (source.has_money) {
            amounts(source, target);
        }
        if (source.expectation == Expectation::kPosted) {
            day_and_customer(source, target);
        }
        if (result_.findings.size() == before && target.edited) {
            edited(source, target);
        }
    }

    void source_alone(const SourceFact& source) {
        if (!window_.has(source.day)) {
            return;
        }
        count_source(source, nullptr);
        if (is_explained(source)) {
            explain(source);
        }
        const bool was_posted = !source.mapped_id.empty();
        const bool wanted = source.expectation == Expectation::kPosted ||
                            (source.expectation == Expectation::kHeld && source.live && was_posted);
        if (!wanted) {
            return;
        }
        Finding finding =
            about(was_posted ? DriftKind::kDeletedTarget : DriftKind::kMissingTarget, &source, {});
        finding.expected = source.has_money ? shown(source.total) : source.target_entity;
        finding.found = "none";
        if (source.has_money) {
            finding.difference = -weight(source.kind, source.total);
        }
        finding.healable = !was_posted;
        finding.message = was_posted ? "the " + document_name(finding) +
                                           " that was written for it is not in the books any more"
                                     : "the books have no " + source.target_entity + " for it";
        result_.findings.push_back(std::move(finding));
    }

    // A document nobody expects. `known`: the source has the record.
    void target_alone(const TargetFact& target, bool duplicate, bool known) {
        count_target(target);
        if (target.voided || !window_.has(target.day)) {
            return;
        }
        Finding finding =
            about(duplicate ? DriftKind::kDuplicate : DriftKind::kOrphanTarget, {}, &target);
        finding.expected = "none";
        finding.found = shown(target.total);
        finding.difference = weight(target.kind, target.total);
        finding.message = duplicate ? "the record has another document of that kind in the books"
                          : known   ? "the source has the record, but no such document comes of it"
                                    : "the source does not have the record it was made for";
        result_.findings.push_back(std::move(finding));
    }

private:
    static bool is_explained(const SourceFact& source) {
        return source.expectation == Expectation::kHeld ||
               source.expectation == Expectation::kSkipped;
    }

    void explain(const SourceFact& source) {
        if (!explained_.insert(source.entity + "/" + source.record_id).second) {
            return;
        }
        Explained& entry = result_.explained[source.reason];
        if (entry.records++ == 0) {
            entry.example_id = source.record_id;
            entry.explanation = source.explanation;
        }
        if (source.has_money) {
            const std::string currency(source.total.currency().code());
            entry.totals.try_emplace(currency, Money{0, source.total.currency()}).first->second +=
                source.total;
        }
    }

    // Whether the books are to show the document. What is held although it was posted counts as it
    // stands in the books, with the source's figures where it has some.
    bool count_source(const SourceFact& source, const TargetFact* target) {
        if (source.expectation == Expectation::kPosted) {
            if (window_.has(source.day)) {
                add(row_of(result_.days, source.day, source.total).source,
                    source.kind,
                    source.total,
                    source.tax);
            }
            return true;
        }
        if (source.expectation != Expectation::kHeld || !source.live || target == nullptr) {
            return false;
        }
        if (!target->voided && window_.has(target->day)) {
            const Money& total = source.has_money ? source.total : target->total;
            const Money& tax = source.has_money ? source.tax : target->tax;
            add(row_of(result_.days, target->day, total).source, target->kind, total, tax);
        }
        return true;
    }

    void count_target(const TargetFact& target) {
        if (!target.voided && window_.has(target.day)) {
            add(row_of(result_.days, target.day, target.total).target,
                target.kind,
                target.total,
                target.tax);
        }
    }

    void status(const SourceFact& source, const TargetFact& target, bool expected) {
        if (target.voided != expected) {
            return;  // void, as it should be
        }
        Finding finding = about(DriftKind::kStatusDiff, &source, &target);
        finding.expected = expected ? "live" : "void";
        finding.found = target.voided ? "void" : "live";
        if (expected && source.has_money) {
            finding.difference = -weight(source.kind, source.total);
        } else if (!expected) {
            finding.currency = target.total.currency().code();
            finding.difference = weight(target.kind, target.total);
        }
        finding.healable = source.stale && source.expectation != Expectation::kHeld &&
                           source.expectation != Expectation::kSkipped;
        finding.message = expected ? "the " + document_name(finding) +
                                         " is void in the books, and the source counts the record"
                                   : "the source does not count the record any more, and the " +
                                         document_name(finding) + " still stands in the books";
        if (!source.explanation.empty()) {
            finding.message += " (" + source.reason + ": " + source.explanation + ")";
        }
        result_.findings.push_back(std::move(finding));
    }

    void amounts(const SourceFact& source, const TargetFact& target) {
        const bool total = !(source.total == target.total);
        if (!total && (source.tax == target.tax || target.kind == PostedKind::kPayment)) {
            return;
        }
        Finding finding =
            about(total ? DriftKind::kAmountDiff : DriftKind::kTaxDiff, &source, &target);
        const Money& wanted = total ? source.total : source.tax;
        const Money& there = total ? target.total : target.tax;
        finding.expected = shown(wanted);
        finding.found = shown(there);
        if (total && source.total.currency() == target.total.currency()) {
            finding.difference = weight(target.kind, target.total - source.total);
        }
        finding.message = std::string(total ? "the total" : "the tax") + " of the " +
                          document_name(finding) + " is " + shown(there) + " instead of " +
                          shown(wanted);
        if (total && !(source.tax == target.tax)) {
            finding.message +=
                "; its tax is " + shown(target.tax) + " instead of " + shown(source.tax);
        }
        push(std::move(finding), source);
    }

    void day_and_customer(const SourceFact& source, const TargetFact& target) {
        if (source.day != target.day) {
            Finding finding = about(DriftKind::kDateDiff, &source, &target);
            finding.expected = source.day;
            finding.found = target.day;
            finding.message = "the " + document_name(finding) + " is dated " + target.day +
                              " instead of " + source.day;
            push(std::move(finding), source);
        }
        if (!source.customer.empty() && source.customer != target.customer) {
            Finding finding = about(DriftKind::kCustomerDiff, &source, &target);
            finding.expected = "customer " + source.customer;
            finding.found = target.customer.empty() ? "none" : "customer " + target.customer;
            finding.message = "the " + document_name(finding) + " is of " + finding.found +
                              " instead of " + finding.expected;
            push(std::move(finding), source);
        }
    }

    void edited(const SourceFact& source, const TargetFact& target) {
        Finding finding = about(DriftKind::kEditedTarget, &source, &target);
        finding.expected = "as it was written";
        finding.found = target.edited_paths.empty() ? "changed" : target.edited_paths;
        finding.message = "somebody changed the " + document_name(finding) + " in the books" +
                          (target.edited_paths.empty() ? "" : ": " + target.edited_paths);
        result_.findings.push_back(std::move(finding));
    }

    void push(Finding finding, const SourceFact& source) {
        finding.healable = source.stale && source.expectation == Expectation::kPosted;
        if (!source.explanation.empty()) {
            finding.message += " (" + source.reason + ": " + source.explanation + ")";
        }
        result_.findings.push_back(std::move(finding));
    }

    const DayWindow& window_;
    Reconciled& result_;
    std::unordered_set<std::string> explained_;
};

bool finding_less(const Finding& a, const Finding& b) {
    return std::tie(a.day, a.entity, a.record_id, a.kind, a.target_id) <
           std::tie(b.day, b.entity, b.record_id, b.kind, b.target_id);
}

}  // namespace

LookUps look_ups(
    const DayWindow& window,
    const std::vector<SourceFact>& source,
    const std::vector<TargetFact>& target
) {
    const ReconcileMatch match(source, target);
    LookUps wanted;
    for (std::size_t i = 0; i < target.size(); ++i) {
        const TargetFact& fact = target[i];
        if (window.has(fact.day) && !fact.voided && !match.source_of(i) && !match.knows(fact)) {
            wanted.records[fact.entity].push_back(fact.record_id);
        }
    }
    for (std::size_t i = 0; i < source.size(); ++i) {
        const SourceFact& fact = source[i];
        if (!fact.mapped_id.empty() && window.has(fact.day) && !match.is_mapped(i)) {
            wanted.documents[fact.target_entity].push_back(fact.mapped_id);
        }
    }
    for (auto* ids : {&wanted.records, &wanted.documents}) {
        for (auto& [entity, list] : *ids) {
            std::sort(list.begin(), list.end());
            list.erase(std::unique(list.begin(), list.end()), list.end());
        }
    }
    return wanted;
}

Reconciled reconcile(
    const DayWindow& window,
    const std::vector<SourceFact>& source,
    const std::vector<TargetFact>& target
) {
    const ReconcileMatch match(source, target);
    Reconciled result;
    Comparison comparison(window, result);
    for (std::size_t i = 0; i < target.size(); ++i) {
        if (const auto of = match.source_of(i)) {
            comparison.matched(source[*of], target[i]);
        } else {
            comparison.target_alone(target[i], match.is_duplicate(i), match.knows(target[i]));
        }
    }
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (!match.is_matched(i)) {
            comparison.source_alone(source[i]);
        }
    }
    std::sort(result.findings.begin(), result.findings.end(), finding_less);
    return result;
}

std::map<std::string, DayRow> sums_by_currency(const DayRows& days) {
    std::map<std::string, DayRow> all;
    const auto take = [](DaySums& to, const DaySums& from) {
        to.count += from.count;
        to.gross += from.gross;
        to.tax += from.tax;
        to.refunds += from.refunds;
        to.payments += from.payments;
    };
    for (const auto& [key, row] : days) {
        DayRow& sums = all[key.second];
        take(sums.source, row.source);
        take(sums.target, row.target);
    }
    return all;
}

Money net_difference(const DayRow& row) {
    return (row.target.gross - row.target.refunds) - (row.source.gross - row.source.refunds);
}

std::string_view advice(DriftKind kind) {
    switch (kind) {
        case DriftKind::kMissingTarget:
            return "heal delivers it; if it stays missing, look at it under failures";
        case DriftKind::kOrphanTarget:
            return "find out why the shop lost the record; void the document if the sale is none";
        case DriftKind::kDuplicate:
            return "void one of the documents in the books, the one that nothing is applied to";
        case DriftKind::kAmountDiff:
        case DriftKind::kTaxDiff:
        case DriftKind::kDateDiff:
        case DriftKind::kCustomerDiff:
            return "heal delivers what the shop changed since; what was changed in the books is "
                   "put "
                   "right there, or in the shop";
        case DriftKind::kStatusDiff:
            return "void the document in the books, or put the order back in the shop";
        case DriftKind::kEditedTarget:
            return "the sums agree; keep the change, or put it back in the books";
        case DriftKind::kDeletedTarget:
            break;
    }
    return "ask who deleted it; forget its id mapping to have it posted anew";
}

}  // namespace syncline
