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
            const Place& place =
                state.places.try_emplace(run.id, Place{state.turns, false}).first->second;
            const int priority = reading_priority(run, place.continues);
            const int aged = static_cast<int>((state.turns - place.since) / kTurnsPerRank);
            turns.push_back({run, priority, place.continues, now_ms});
            startable.push_back({run.tenant, priority, place.since, aged});
        }
        const auto chosen = state.share.choose(startable, now_ms);
        if (!chosen) {
            return std::nullopt;
        }
        ++state.turns;
        state.reading.insert(turns[*chosen].run.id);
        return std::move(turns[*chosen]);
    });
}

void ReadingSlots::note_begun(const RunId& run) {
    state_.with([&](State& state) { state.places[run].continues = true; });
}

void ReadingSlots::give_back(const ReadingTurn& turn, bool ended, std::int64_t now_ms) {
    state_.with([&](State& state) {
        state.share.end(turn.run.tenant, turn.priority, now_ms - turn.started_ms);
        state.reading.erase(turn.run.id);
        if (ended) {
            state.places.erase(turn.run.id);
        } else {
            state.places[turn.run.id].since = state.turns;
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
