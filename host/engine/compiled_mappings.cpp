#include "engine/compiled_mappings.hpp"

#include <algorithm>

namespace syncline::engine {
namespace {

// nullptr: there is none of that name.
const Json* entity_in(const Json& entities, const std::string& name) {
    if (!entities.is_array()) {
        return nullptr;
    }
    for (const auto& entity : entities) {
        const Json* found = syncline::detail::member_of(entity, "name");
        if (found != nullptr && found->is_string() &&
            found->get_ref<const std::string&>() == name) {
            return &entity;
        }
    }
    return nullptr;
}

}  // namespace

std::optional<mapping::Program> CompiledMappings::find(
    const std::string& hash, ConnectionId target, const Json& entities
) const {
    const Entry entry = kept_.with([&](Kept& kept) {
        const auto found = kept.entries.find({hash, target});
        if (found == kept.entries.end()) {
            return Entry{};
        }
        found->second.used = ++kept.uses;
        return found->second;
    });
    if (!entry.program) {
        return std::nullopt;
    }
    const Json* entity = entity_in(entities, entry.program->definition().target_entity);
    return entity != nullptr && *entity == *entry.entity ? entry.program : std::nullopt;
}

void CompiledMappings::keep(
    const std::string& hash,
    ConnectionId target,
    const Json& entities,
    const mapping::Program& program
) {
    const Json* entity = entity_in(entities, program.definition().target_entity);
    if (entity == nullptr) {
        return;
    }
    auto own = std::make_shared<const Json>(*entity);
    kept_.with([&](Kept& kept) {
        kept.entries[{hash, target}] = Entry{program, std::move(own), ++kept.uses};
        if (kept.entries.size() > kKept) {
            kept.entries.erase(std::min_element(
                kept.entries.begin(),
                kept.entries.end(),
                [](const auto& a, const auto& b) { return a.second.used < b.second.used; }
            ));
        }
    });
}

}  // namespace syncline::engine
