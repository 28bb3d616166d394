// What mappings of a tenant may set in QuickBooks documents, with QuickBooks' limits:
// CatalogEntity::mappable.
#pragma once

#include <string_view>
#include <vector>

#include <syncline/operations.hpp>

namespace syncline::quickbooks {

// `facts` is Catalog::facts of the company: references are those it has, custom fields those it
// uses. Empty for entities that no mapping adjusts.
std::vector<MappablePath> mappable_paths(std::string_view entity, const Json& facts);

}  // namespace syncline::quickbooks
