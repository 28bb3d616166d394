#pragma once

#include "quickbooks/books/document.hpp"

namespace sandbox::quickbooks {

// Completes an invoice, sales receipt, credit memo, refund receipt or estimate: lines, tax and
// total computed, customer's addresses and terms filled in. `tax` is the TxnTaxDetail to honour or
// null; `tax_given` tells whether it was.
void complete_sale(DocumentDraft& draft, const Json* tax, bool& tax_given);

// Balance and LinkedTxn of an invoice, RemainingCredit of a credit memo, after what payments apply.
void fill_balance(const Company& company, Entity entity, std::int64_t id, Json& doc);

// Amounts, prices and quantities to zero, and the note saying so.
void void_sale(const Company& company, Json& doc);

// Takes what the document sells from stock (`sign` -1) or gives it back (+1).
void move_stock(Company& company, Entity entity, const Json& doc, int sign);

}  // namespace sandbox::quickbooks
