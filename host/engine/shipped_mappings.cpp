#include "engine/shipped_mappings.hpp"

#include <algorithm>

#include "core/sha256.hpp"

namespace syncline::engine {

std::string stored_form(const mapping::Definition& definition) {
    return dump_json(mapping::definition_json(definition));
}

const std::vector<ShippedMapping>& shipped_mappings() {
    static const std::vector<ShippedMapping> kMappings = [] {
        std::vector<ShippedMapping> all;
        for (const auto& file : embedded_mappings()) {
            const auto json = parse_json(std::string(file.text));
            auto definition =
                json ? mapping::parse_definition(*json) : Result<mapping::Definition>(json.error());
            if (!definition || definition->name != file.name) {
                continue;
            }
            std::string text = stored_form(*definition);
            const std::string hash = sha256_hex(text);
            all.push_back({std::move(*definition), std::move(text), hash});
        }
        return all;
    }();
    return kMappings;
}

const ShippedMapping* find_shipped_mapping(std::string_view name) {
    const auto& all = shipped_mappings();
    const auto found = std::find_if(all.begin(), all.end(), [&](const ShippedMapping& one) {
        return one.definition.name == name;
    });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace syncline::engine
