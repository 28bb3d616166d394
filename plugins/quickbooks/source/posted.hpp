// What QuickBooks shows of a document, for comparing it with the record it was made of.
#pragma once

#include <string_view>

#include <syncline/model/posted.hpp>

#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {

// The fact "posted": our documents by entity (PostedForm).
Json posted_forms();

// `record` with what the document `object` shows, as its member "posted". `entity` is one of
// posted_forms(). Amounts that cannot be held exactly are 0 there; the record's issues name them.
Json with_posted(std::string_view entity, Json record, const Json& object, Currency home);

}  // namespace syncline::quickbooks
