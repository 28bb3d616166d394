#pragma once

#include "quickbooks/books/document.hpp"

namespace sandbox::quickbooks {

// Completes a vendor's bill: expense lines by account or by item, their sum, the due date. Bills
// carry no tax here; nothing that Syncline posts needs it.
void complete_bill(DocumentDraft& draft);

}  // namespace sandbox::quickbooks
