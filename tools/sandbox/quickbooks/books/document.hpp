#pragma once

#include "quickbooks/books/company.hpp"
#include "quickbooks/fault.hpp"

namespace sandbox::quickbooks {

// A document on its way into the books. `doc` holds the checked writable members; the rules below
// complete it with what the server derives and add what is wrong to `errors`.
struct DocumentDraft {
    Company& company;
    Entity entity;
    std::int64_t id;
    const Record* before;  // null for a new one
    Json& doc;
    Millis now;
    bool by_hand;              // a person at the screen: closed periods do not stop them here
    bool duplicate_number_ok;  // include=allowduplicatedocnum
    Errors& errors;
};

// TxnDate, today by default; 6210 when it lies in a closed period.
void settle_date(DocumentDraft& draft);

// DocNumber by the company's setting: its own numbering, the caller's, or none; 6140 when taken.
void settle_number(DocumentDraft& draft);

// CurrencyRef, ExchangeRate: the currency is that of the customer or vendor; refused if they
// differ. `party` is "CustomerRef" or "VendorRef". Returns the decimals of its amounts.
int settle_document_currency(DocumentDraft& draft, Entity party_entity, const char* party);

// HomeTotalAmt (and HomeBalance) for companies with several currencies.
void fill_home_amounts(DocumentDraft& draft);

// DueDate from the term: its days after TxnDate; TxnDate without a term.
void settle_due_date(DocumentDraft& draft);

// The account money goes to or comes from is kept in the home or the document's currency.
void check_account_currency(DocumentDraft& draft, const char* account_ref);

// Whether a date lies in a closed period.
bool in_closed_period(const Company& company, const std::string& date);

}  // namespace sandbox::quickbooks
