// Lines whose tax is that of several parts of the order at once.
#pragma once

#include <vector>

#include "quickbooks/encode/tax.hpp"

namespace syncline::quickbooks {

// A shop spreads a negative fee over the tax classes of what it comes off, by their amounts: 19 %
// on one part of it, 7 % on another. Such a line becomes one per combination of rates that the
// other lines have, in their proportion; amounts and taxes stay the same together.
// Errors: those of rates_on().
Result<void> split_mixed_lines(const TaxBasis& basis, std::vector<SalesLine>& lines);

}  // namespace syncline::quickbooks
