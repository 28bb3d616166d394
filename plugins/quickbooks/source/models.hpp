// QuickBooks' objects as canonical records, one row per entity that can be read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/money.hpp>

#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {

struct SourceEntity {
    std::string_view entity;  // canonical: "product"
    std::string_view type;    // QuickBooks' own: "Item"
    bool transaction;         // can be deleted; all others only become inactive
    // The model's JSON; nothing for what is no such record (a category among the items).
    std::optional<Json> (*record)(const Json& object, Currency home);
    bool has_active = true;  // of name lists: can be inactive
    bool in_changes = true;  // change data capture knows it
};

// {"status": "Deleted"} in place of an object.
bool is_deleted(const Json& object);

// The text of a record as it is pushed, empty for what was deleted; nothing for what is no record.
std::optional<std::string> record_text(
    const SourceEntity& entity, const Json& object, Currency home
);

const std::vector<SourceEntity>& source_entities();

// nullptr if QuickBooks has no such entity to read.
const SourceEntity* find_source_entity(std::string_view entity);

}  // namespace syncline::quickbooks
