#pragma once

#include <string>

#include "quickbooks/books/company.hpp"
#include "quickbooks/fault.hpp"

namespace sandbox::quickbooks {

// Which of two objects of a list stays when a person merges them.
struct Merge {
    Entity entity = Entity::kCustomer;  // or an item
    std::string keeps;
    std::string goes;
};

// As merging at the screen does it: every document that names the one that goes names the other one
// from then on and is changed by that, and the one that goes leaves a tombstone for change data
// capture. That a merge leaves a tombstone, and not just an inactive record, is UNCONFIRMED; the
// webhook of a merge has a `deletedId`. The value is the object that stays.
Outcome merge_objects(Company& company, const Merge& merge, Millis now);

}  // namespace sandbox::quickbooks
