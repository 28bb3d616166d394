#include "quickbooks/books/document.hpp"

#include "quickbooks/books/validation.hpp"

namespace sandbox::quickbooks {
namespace {

constexpr int kRatePlacesMax = 7;

// Invented: home units per foreign unit, the same for every date.
Decimal listed_rate(const std::string& foreign, const std::string& home) {
    const auto in_dollars = [](const std::string& code) {
        constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kDollars{
            {{"USD", "1"},
             {"EUR", "1.08"},
             {"GBP", "1.25"},
             {"CAD", "0.74"},
             {"AUD", "0.66"},
             {"CHF", "1.12"},
             {"JPY", "0.0067"},
             {"SEK", "0.095"}}};
        for (const auto& [known, rate] : kDollars)
            if (known == code)
                return *Decimal::parse(rate);
        return Decimal(1);
    };
    return Decimal::quotient(in_dollars(foreign), in_dollars(home), kRatePlacesMax);
}

bool numbers_itself(const DocumentDraft& draft, const std::string& asked) {
    if (asked == "AUTO_GENERATE")
        return draft.entity == Entity::kInvoice || draft.entity == Entity::kEstimate ||
               draft.entity == Entity::kSalesReceipt;
    return info(draft.entity).family == Family::kSale &&
           !flag_at(draft.company.preferences(), "SalesFormsPrefs.CustomTxnNumbers", false);
}

void settle_rate(DocumentDraft& draft, const std::string& currency) {
    const std::string home = draft.company.home_currency();
    const Json* given = member(draft.doc, "ExchangeRate");
    const Decimal rate = given ? decimal(*given).value_or(Decimal()) : Decimal();
    if (given && (rate <= Decimal() || rate.places() > kRatePlacesMax))
        draft.errors.push_back(invalid_number("ExchangeRate", print(*given)));
    else if (given && currency == home && rate != Decimal(1))
        draft.errors.push_back(business_rule("The exchange rate of the home currency is 1."));
    if (!draft.company.multi_currency())
        draft.doc.erase("ExchangeRate");
    else if (!given)
        draft.doc["ExchangeRate"] = number(listed_rate(currency, home));
}

}  // namespace

bool in_closed_period(const Company& company, const std::string& date) {
    const std::string closed = text_at(company.preferences(), "AccountingInfoPrefs.BookCloseDate");
    return !closed.empty() && !date.empty() && date <= closed;
}

void settle_date(DocumentDraft& draft) {
    if (!draft.doc.contains("TxnDate"))
        draft.doc["TxnDate"] = draft.company.today(draft.now);
    if (!draft.by_hand && in_closed_period(draft.company, text_at(draft.doc, "TxnDate")))
        draft.errors.push_back(period_closed());
}

void settle_number(DocumentDraft& draft) {
    const std::string asked = text_at(draft.doc, "DocNumber");
    const std::string before = draft.before ? text_at(draft.before->doc, "DocNumber") : "";
    if (numbers_itself(draft, asked)) {
        // Whether the caller's number is refused or replaced when the company numbers itself is
        // UNCONFIRMED; it is replaced.
        draft.doc["DocNumber"] = before.empty() ? draft.company.next_number() : before;
        return;
    }
    if (asked.empty() || asked == before || draft.duplicate_number_ok ||
        !draft.company.options().warn_duplicate_numbers)
        return;
    const auto [entity, id] = draft.company.number_holder(draft.entity, asked, draft.id);
    if (id != 0)
        draft.errors.push_back(duplicate_number(asked, info(entity).name, std::to_string(id)));
}

int settle_document_currency(DocumentDraft& draft, Entity party_entity, const char* party) {
    const std::string party_id = text_at(draft.doc, std::string(party) + ".value");
    const Record* owner = draft.company.find(party_entity, party_id);
    const std::string home = draft.company.home_currency();
    const std::string own = owner ? text_at(owner->doc, "CurrencyRef.value") : home;
    const std::string asked = text_at(draft.doc, "CurrencyRef.value");
    if (!asked.empty() && asked != own && owner)
        draft.errors.push_back(business_rule(
            "The transaction is in " + asked + " but " + text_at(owner->doc, "DisplayName") +
            " is kept in " + own + "."
        ));
    const std::string currency = asked.empty() ? own : asked;
    draft.doc["CurrencyRef"] = currency_ref(currency);
    settle_rate(draft, currency);
    return currency_places(currency);
}

void fill_home_amounts(DocumentDraft& draft) {
    if (!draft.company.multi_currency())
        return;
    const Decimal rate = number_at(draft.doc, "ExchangeRate");
    const int places = currency_places(draft.company.home_currency());
    draft.doc["HomeTotalAmt"] = number((number_at(draft.doc, "TotalAmt") * rate).rounded(places));
    if (draft.doc.contains("Balance"))
        draft.doc["HomeBalance"] = number((number_at(draft.doc, "Balance") * rate).rounded(places));
}

void settle_due_date(DocumentDraft& draft) {
    const std::string date = text_at(draft.doc, "TxnDate");
    if (draft.doc.contains("DueDate") || !is_date(date))
        return;
    const Record* term =
        draft.company.find(Entity::kTerm, text_at(draft.doc, "SalesTermRef.value"));
    const Decimal days = term ? number_at(term->doc, "DueDays") : Decimal();
    draft.doc["DueDate"] = add_days(date, std::stoi(days.rounded(0).text()));
}

void check_account_currency(DocumentDraft& draft, const char* account_ref) {
    const Record* account = draft.company.find(
        Entity::kAccount, text_at(draft.doc, std::string(account_ref) + ".value")
    );
    if (!account)
        return;
    const std::string currency = text_at(account->doc, "CurrencyRef.value");
    if (currency != draft.company.home_currency() &&
        currency != text_at(draft.doc, "CurrencyRef.value"))
        draft.errors.push_back(business_rule(
            "The account must be in the home currency or in that of the transaction; " +
            text_at(account->doc, "Name") + " is in " + currency + "."
        ));
}

}  // namespace sandbox::quickbooks
