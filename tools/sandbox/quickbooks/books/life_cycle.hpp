#pragma once

#include <string>

#include "quickbooks/books/company.hpp"
#include "quickbooks/fault.hpp"

namespace sandbox::quickbooks {

enum class Action { kCreate, kUpdate, kDelete, kVoid };

// One write, however it came in: alone, in a batch, or from a person at the screen.
struct Write {
    Action action = Action::kCreate;
    Entity entity = Entity::kCustomer;
    Json body;
    bool duplicate_number_ok = false;  // include=allowduplicatedocnum
    // A change made in the product itself: sparse, whatever the version, closed periods allowed.
    bool by_hand = false;
};

// Carries it out, with all its consequences on other objects, or leaves everything as it was.
// The value is the object as it is now, or {"status": "Deleted", "domain", "Id"}.
Outcome carry_out(Company& company, const Write& write, Millis now);

// Gives an object the version and the time of a change made now.
void renew(Json& doc, Millis now);

// Merges `changes` into the preferences (RFC 7386) and renews their version.
void change_preferences(Company& company, const Json& changes, Millis now);

}  // namespace sandbox::quickbooks
