// The runs that read now, and which of those that wait reads next: fair over tenants
// (fair_share.hpp), a few pages at a time. A run that has had its turn and is not through waits for
// the next one; its scan goes on where it stopped. [any thread]
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/guarded.hpp"
#include "engine/fair_share.hpp"
#include "storage/run_store.hpp"

namespace syncline::engine {

// The right to read some pages of a run; taken once, given back once.
struct ReadingTurn {
    storage::Run run;
    int priority = 2;
    bool continues = false;  // the run has had a turn before
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
    // The turn is over. `put_back`: the run has more to read.
    void give_back(const ReadingTurn& turn, bool put_back, std::int64_t now_ms);
    bool reads(const RunId& run) const;
    bool all_free() const;

private:
    struct State {
        explicit State(std::int64_t slots) : share(slots) {}
        FairShare share;
        std::set<RunId> reading;
        std::map<RunId, std::uint64_t> last_turn;  // of runs that were put back
        std::uint64_t turns = 0;
    };
    Guarded<State> state_;
};

}  // namespace syncline::engine
