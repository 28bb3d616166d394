// The mappings that come with the product: config/mappings/*.json, which travel inside the program.
// Every tenant's flows may name them; nobody changes them. Loaded as data, by the same rules as a
// tenant's own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/definition.hpp"

namespace syncline::engine {

// A file of config/mappings (host/engine/CMakeLists.txt).
struct EmbeddedText {
    std::string_view name;  // without its suffix
    std::string_view text;
};
const std::vector<EmbeddedText>& embedded_mappings();

struct ShippedMapping {
    mapping::Definition definition;
    std::string text;          // JSON in the form in which a tenant's own are stored
    std::string content_hash;  // SHA-256 of it
};

// By name. A file that is no mapping, or is called otherwise than its mapping, is not among them; a
// test sees to it that there is none.
const std::vector<ShippedMapping>& shipped_mappings();

// nullptr: there is none of that name.
const ShippedMapping* find_shipped_mapping(std::string_view name);

// A definition as it is stored, hashed and exported: without members that have their default, in
// one line.
std::string stored_form(const mapping::Definition& definition);

}  // namespace syncline::engine
