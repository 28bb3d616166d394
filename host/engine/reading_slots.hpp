// The runs that read now, and which of those that wait reads next: fair over tenants
// (fair_share.hpp), a few pages at a time. A run that has had its turn and is not through waits for
// the next one; its scan goes on where it stopped. A run that waits gains a rank with every
// kTurnsPerRank turns that others have, so that a stream of short runs does not keep it waiting for
// ever. [any thread]
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/guarded.hpp"
#include "engine/fair_share.hpp"
#include "storage/run_store.hpp"

namespace syncline::engine {

constexpr std::uint64_t kTurnsPerRank = 10;

// The right to read some pages of a run; taken once, given back once.
struct ReadingTurn {
    storage::Run run;
    int priority = 2;
    bool continues = false;  // the run has begun to read in a turn before
    std::int64_t started_ms = 0;
};

// sync_queue.priority of what the run reads for: what a person waits for comes before webhooks,
// these before schedules, backfills last. A run that `continues` is no short one, whoever asked for
// it: it has the rank of a schedule's then. Pure.
int reading_priority(const storage::Run& run, bool continues);

class ReadingSlots {
public:
    explicit ReadingSlots(std::int64_t slots) : state_(State(slots)) {}

    void set_weights(std::map<TenantId, std::int64_t> weights);

    // A turn for one of `waiting`, or nothing while none may start. Runs that read are left out.
    std::optional<ReadingTurn> take(const std::vector<storage::Run>& waiting, std::int64_t now_ms);
    // The run of a turn begins to read: its later turns continue it, however this one ends.
    void note_begun(const RunId& run);
    // The turn is over. `ended`: the run will not read any more, and is forgotten.
    void give_back(const ReadingTurn& turn, bool ended, std::int64_t now_ms);
    bool reads(const RunId& run) const;
    bool all_free() const;

private:
    struct Place {
        std::uint64_t since = 0;  // the number of turns when it had its own, or was first seen
        bool continues = false;
    };
    struct State {
        explicit State(std::int64_t slots) : share(slots, LastSlot::kForAnybody) {}
        FairShare share;
        std::set<RunId> reading;
        std::map<RunId, Place> places;  // of runs that have not ended
        std::uint64_t turns = 0;        // that were taken
    };
    Guarded<State> state_;
};

}  // namespace syncline::engine
