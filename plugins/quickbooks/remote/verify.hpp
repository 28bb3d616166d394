// Does QuickBooks show what it was sent? (accounting.md 4.3)
#pragma once

#include <optional>
#include <string>

#include <syncline/operations.hpp>

namespace syncline::quickbooks {

struct Difference {
    std::string text;       // with both figures, for people
    bool only_tax = false;  // giving the tax once more may mend it
};

// Compares total, tax (and that of each rate it was given for), number of lines and currency of an
// answered document with `money` and the body that was sent; nothing if they agree.
std::optional<Difference> difference(
    const Json& answered, const Json& sent, const DocumentMoney& money
);

// It was voided: amounts of 0 and "Voided" in the note.
bool is_voided(const Json& answered);

}  // namespace syncline::quickbooks
