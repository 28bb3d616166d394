#pragma once

#include <string_view>

#include "quickbooks/books/company.hpp"
#include "quickbooks/fault.hpp"

namespace sandbox::quickbooks {

// Runs a statement; the value is what "QueryResponse" holds: {} when nothing matches. 4000 for what
// is no statement, 4001 for unknown entities, members that cannot be filtered or sorted by
// (PrivateNote, Notes, Line.*, PrimaryEmailAddr.Address ...), values of the wrong kind and limits.
//
// Text compares case-sensitively, names of members too. Without ORDERBY documents come newest first
// and lists in the order of their making (UNCONFIRMED): who pages must order.
Outcome run_query(const Company& company, std::string_view statement);

}  // namespace sandbox::quickbooks
