// What the company already has (accounting.md 4.13, 4.15, 4.27).
#pragma once

#include <string>
#include <vector>

#include <syncline/operations.hpp>

#include "quickbooks/entities.hpp"
#include "quickbooks/remote/api.hpp"

namespace syncline::quickbooks {

// By id one by one (a version read from a list has been reported wrong); customers by e-mail, items
// by SKU, either by name where the key says "name:"; documents by number, or among those made since
// `request.since`, in both cases only with our marker.
Result<std::vector<Found>> find(const Api& api, const FindRequest& request);

// What a row is to us: to be used, or held with the reason.
Found found_row(const EntityFacts& facts, const FindKey& key, const Json& row);

// Chooses among the rows that match a key by e-mail or SKU; nothing if there are none.
std::optional<Found> choose(
    const EntityFacts& facts, const FindKey& key, const std::vector<const Json*>& rows
);

}  // namespace syncline::quickbooks
