#pragma once

#include "quickbooks/books/company.hpp"
#include "quickbooks/fault.hpp"

namespace sandbox::quickbooks {

// The rules of name-list objects: customers, vendors, employees, items, accounts, terms, payment
// methods, classes, departments.

// Completes `doc`, which holds the checked writable members, with what the server derives, and adds
// what is wrong to `errors`: names that are taken (6240) or missing (6080), kinds of accounts,
// what an inventory item needs, currencies that would change. `before` is null for a new object.
void complete_list_object(
    const Company& company,
    Entity entity,
    std::int64_t id,
    const Record* before,
    Json& doc,
    Errors& errors
);

}  // namespace sandbox::quickbooks
