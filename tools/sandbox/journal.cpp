#include "journal.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace sandbox {
namespace {

constexpr std::size_t kEntriesMax = 5000;

}  // namespace

std::int64_t Journal::begin() {
    ++under_way_;
    return ++events_;
}

void Journal::add(JournalEntry entry) {
    --under_way_;
    entry.ended = ++events_;
    ++counters_[entry.platform];
    entries_.push_back(std::move(entry));
    if (entries_.size() > kEntriesMax)
        entries_.pop_front();
}

nlohmann::json Journal::to_json(std::size_t limit) const {
    nlohmann::json list = nlohmann::json::array();
    const std::size_t first = entries_.size() - std::min(limit, entries_.size());
    for (std::size_t i = first; i < entries_.size(); ++i) {
        const JournalEntry& entry = entries_[i];
        list.push_back({
            {"platform", entry.platform},
            {"method", entry.method},
            {"path", entry.path},
            {"query", entry.query},
            {"status", entry.status},
            {"fault", entry.fault},
            {"ms", entry.ms},
            {"time_ms", entry.time_ms},
            {"began", entry.began},
            {"ended", entry.ended},
        });
        if (!entry.body.empty())
            list.back()["body"] = entry.body;
    }
    return {{"counters", counters_}, {"under_way", under_way_}, {"requests", list}};
}

void Journal::clear() {
    entries_.clear();
    counters_.clear();
}

}  // namespace sandbox
