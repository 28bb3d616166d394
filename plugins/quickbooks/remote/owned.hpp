// The fields we own, of an object as QuickBooks returns it, in the form encode() makes them.
#pragma once

#include <syncline/json.hpp>

#include "quickbooks/entities.hpp"

namespace syncline::quickbooks {

// Cuts `object` to the members of `body`, the document we sent or would send (null: to all members
// the entity can have). Server-made members and subtotal lines go; numbers become plain decimal
// strings; members we send only once, and our own '$' members, are taken from `body`, since what
// has become of them over there is no difference.
Json owned_part(const EntityFacts& facts, const Json& object, const Json& body);

}  // namespace syncline::quickbooks
