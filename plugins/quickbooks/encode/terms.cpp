#include "quickbooks/encode/terms.hpp"

#include <algorithm>

#include "quickbooks/encode/documents.hpp"
#include "quickbooks/rules.hpp"

namespace syncline::quickbooks {
namespace {

struct WantedTerm {
    const std::string* name = nullptr;
    const char* choice = "";
};

WantedTerm wanted_term(const Scope& scope, const Order& order) {
    if (const Rule* rule = rule_for(scope.choices.term_rules, order)) {
        return {&rule->use, "term_rules"};
    }
    return {choice_for(scope.choices.terms, order.payment_method), "terms"};
}

void put_term(const Term& term, const std::string& date, Json& body) {
    body["SalesTermRef"] = {{"value", term.id}};
    body["DueDate"] = due_date(term, date);
}

// A number of days is a term of QuickBooks only if it has one of so many days.
void put_days(const Scope& scope, std::int64_t days, const std::string& date, Json& body) {
    Term counted;
    counted.due_days = days;
    body["DueDate"] = due_date(counted, date);
    const auto& terms = scope.company.terms;
    const auto same = std::find_if(terms.begin(), terms.end(), [&](const Term& term) {
        return term.day_of_month == 0 && term.due_days == days;
    });
    if (same != terms.end()) {
        body["SalesTermRef"] = {{"value", same->id}};
    }
}

}  // namespace

Result<void> add_terms(
    const Scope& scope, const Order& order, const PostingDate& dates, Json& body
) {
    const std::string& date = dates.date;
    body["DueDate"] = date;
    if (is_paid(order)) {
        // Paid when it was ordered: due at once. Paid later: the invoice was out under its term,
        // and stays. Closed books change nothing about which of them it was.
        SYNCLINE_ASSIGN_OR_RETURN(const std::string paid_on, company_date(scope, *order.paid_at));
        if (paid_on <= (dates.original.empty() ? date : dates.original)) {
            return {};
        }
    }
    const WantedTerm wanted = wanted_term(scope, order);
    if (wanted.name == nullptr && scope.choices.default_payment_terms_days) {
        put_days(scope, *scope.choices.default_payment_terms_days, date, body);
        return {};
    }
    const Term* term =
        scope.company.term(wanted.name != nullptr ? *wanted.name : scope.company.default_term_id);
    if (wanted.name != nullptr && term == nullptr) {
        return hold(
            "TERM_UNKNOWN", "QuickBooks has no term '" + *wanted.name + "'; change " + wanted.choice
        );
    }
    if (term != nullptr) {
        put_term(*term, date, body);
    }
    return {};
}

}  // namespace syncline::quickbooks
