#pragma once

#include "quickbooks/books/document.hpp"

namespace sandbox::quickbooks {

// Completes a customer's payment: what it applies to which invoice (or takes from which credit
// memo), and what is left in UnappliedAmt. An invoice takes no more than its balance. Changes
// nothing but the draft.
void complete_payment(DocumentDraft& draft);

// The documents a payment is linked to: {entity, id}.
std::vector<std::pair<Entity, std::int64_t>> linked_documents(const Json& payment);

// Writes down what the stored payment applies, in place of what it applied before. The linked
// documents' balances are not touched.
void note_application(Company& company, std::int64_t payment_id, const Json& payment);

// The body of the zero-amount payment with which the company spends a new credit memo on the
// customer's oldest open invoices (preference AutoApplyCredit); null when there is none.
Json credit_application(const Company& company, std::int64_t memo_id, const Json& memo);

void void_payment(const Company& company, Json& doc);

}  // namespace sandbox::quickbooks
