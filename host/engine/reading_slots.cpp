#include "engine/reading_slots.hpp"

#include <algorithm>

namespace syncline::engine {
namespace {

constexpr int kInteractive = 0;
constexpr int kWebhook = 1;
constexpr int kSchedule = 2;

bool starts_with(const std::string& text, std::string_view beginning) {
    return text.rfind(beginning, 0) == 0;
}

}  // namespace

int reading_priority(const storage::Run& run, bool continues) {
    if (run.stop_requested) {
        return kInteractive;  // there is nothing to read, only to end
    }
    if (run.mode == SyncMode::kBackfill) {
        return kBackfillPriority;
    }
    const bool by_itself =
        starts_with(run.requested_by, "schedule:") || run.requested_by == "restart";
    const int first = by_itself                                   ? kSchedule
                      : starts_with(run.requested_by, "webhook:") ? kWebhook
                                                                  : kInteractive;
    return continues ? std::max(first, kSchedule) : first;
}

void ReadingSlots::set_weights(std::map<TenantId, std::int64_t> weights) {
    state_.with([&](State& state) { state.share.set_weights(std::move(weights)); });
}

std::optional<ReadingTurn> ReadingSlots::take(
    const std::vector<storage::Run>& waiting, std::int64_t now_ms
) {
    return state_.with([&](State& state) -> std::optional<ReadingTurn> {
        std::vector<Startable> startable;
        std::vector<ReadingTurn> turns;
        for (const auto& run : waiting) {
            if (state.reading.count(run.id) != 0) {
                continue;
            }
            const auto last = state.last_turn.find(run.id);
            const bool continues = last != state.last_turn.end();
            turns.push_back({run, reading_priority(run, continues), continues, now_ms});
            startable.push_back(
                {run.tenant, turns.back().priority, continues ? last->second : std::uint64_t{0}}
            );
        }
        const auto chosen = state.share.choose(startable, now_ms);
        if (!chosen) {
            return std::nullopt;
        }
        state.reading.insert(turns[*chosen].run.id);
        return std::move(turns[*chosen]);
    });
}

void ReadingSlots::give_back(const ReadingTurn& turn, bool put_back, std::int64_t now_ms) {
    state_.with([&](State& state) {
        state.share.end(turn.run.tenant, turn.priority, now_ms - turn.started_ms);
        state.reading.erase(turn.run.id);
        if (put_back) {
            state.last_turn[turn.run.id] = ++state.turns;
        } else {
            state.last_turn.erase(turn.run.id);
        }
    });
}

bool ReadingSlots::reads(const RunId& run) const {
    return state_.with([&](const State& state) { return state.reading.count(run) != 0; });
}

bool ReadingSlots::all_free() const {
    return state_.with([](const State& state) { return state.reading.empty(); });
}

}  // namespace syncline::engine
