// What QuickBooks shows of a document, for comparing it with the record it was made of.
#pragma once

#include <string_view>

#include <syncline/model/posted.hpp>

#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {

// The fact "posted": our documents by entity (PostedForm).
Json posted_forms();

// Puts what the document `object` shows into the record made of it, as "posted". `type` is
// QuickBooks' own ("SalesReceipt"); nothing happens to what is no document. Amounts that cannot be
// held exactly are 0 there; the record's issues name them.
void add_posted(std::string_view type, const Json& object, Currency home, Json& record);

}  // namespace syncline::quickbooks
