// Programs of mappings that were compiled for a connection before, so that a delivery of one order
// does not compile its mapping anew. Nothing is ever out of date in here: a program is found by the
// hash of its definition and by what the connection's account has of the entity, as they are now,
// so that what is published, brought back or discovered is in force at once. [any thread]
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/guarded.hpp"
#include "core/ids.hpp"
#include "core/mapping/program.hpp"

namespace syncline::engine {

class CompiledMappings {
public:
    // Beyond it the one that was not used for the longest time is dropped.
    static constexpr std::size_t kKept = 128;

    // `hash`: of the definition's stored form; `entities`: what was discovered, as it is stored.
    // Nothing: it was not kept, or the account's entity is another one now.
    std::optional<mapping::Program> find(
        const std::string& hash, ConnectionId target, const Json& entities
    ) const;
    // Nothing is kept when `entities` do not have the program's.
    void keep(
        const std::string& hash,
        ConnectionId target,
        const Json& entities,
        const mapping::Program& program
    );

private:
    struct Entry {
        std::optional<mapping::Program> program;
        std::shared_ptr<const Json> entity;  // it was compiled against
        std::uint64_t used = 0;
    };
    struct Kept {
        std::map<std::pair<std::string, ConnectionId>, Entry> entries;
        std::uint64_t uses = 0;
    };

    mutable Guarded<Kept> kept_;
};

}  // namespace syncline::engine
