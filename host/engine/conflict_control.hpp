// What the API and the command line can do with the inbox of conflicts: look at the three sides,
// and decide. A decision is durable when it is taken; the next delivery of the record does it,
// once, and only if the sides are still those it was about. Everything is within one tenant.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/merge.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

// A conflict with its sides, opened; null where they cannot be read any more.
struct OpenedConflict {
    storage::Conflict conflict;
    Json sides;  // {"base", "source", "target", "fields": [{"path", "base", "source", "target"}]}
    Json decision;  // FieldDecision by path
};

// Either one side for all fields, or one for each.
struct Resolution {
    struct Field {
        MergeSide keep = MergeSide::kSource;
        Json value;  // of kValue
    };
    std::optional<MergeSide> keep;  // kSource or kTarget
    std::map<std::string, Field> fields;
    std::string reason;
    std::optional<std::int64_t> revision;  // that was looked at; absent: as it is now
};

class ConflictControl {
public:
    ConflictControl(Stores& stores, const Clock& clock, std::function<void()> wake)
        : stores_(stores), clock_(clock), wake_(std::move(wake)) {}

    // Errors: kNotFound.
    Result<OpenedConflict> open(TenantId tenant, ConflictId id);

    // Errors: kNotFound; kInvalid, with the place in the request; kExists "conflict.decided",
    // "conflict.closed", "conflict.changed".
    Result<OpenedConflict> resolve(
        TenantId tenant, ConflictId id, const Resolution& resolution, const std::string& actor
    );

private:
    Stores& stores_;
    const Clock& clock_;
    const std::function<void()> wake_;
};

}  // namespace syncline::engine
