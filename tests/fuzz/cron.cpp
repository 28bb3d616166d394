// Cron texts of five fields in several zones, against a look at every minute.
#include "core/cron.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

#include "fuzz/target.hpp"

namespace syncline::fuzz {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::array<const char*, 4> kZones{
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"};

std::vector<std::string> split(const std::string& text, const std::string& separators) {
    std::vector<std::string> parts{""};
    for (const char c : text) {
        if (separators.find(c) != std::string::npos) {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

int value_of(std::string text) {
    static const std::map<std::string, int> kNames{
        {"jan", 1},
        {"feb", 2},
        {"mar", 3},
        {"apr", 4},
        {"may", 5},
        {"jun", 6},
        {"jul", 7},
        {"aug", 8},
        {"sep", 9},
        {"oct", 10},
        {"nov", 11},
        {"dec", 12},
        {"sun", 0},
        {"mon", 1},
        {"tue", 2},
        {"wed", 3},
        {"thu", 4},
        {"fri", 5},
        {"sat", 6}};
    for (char& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    const auto name = kNames.find(text);
    return name == kNames.end() ? std::stoi(text) : name->second;
}

// Whether a field that was accepted holds the value.
bool holds(const std::string& field, int value, int max) {
    for (const auto& part : split(field, ",")) {
        const auto range_and_step = split(part, "/");
        const int step = range_and_step.size() > 1 ? std::stoi(range_and_step[1]) : 1;
        const auto ends = split(range_and_step[0], "-");
        const bool all = ends[0] == "*";
        const int first = all ? value - value % step : value_of(ends[0]);
        int last = ends.size() > 1                    ? value_of(ends[1])
                   : all || range_and_step.size() > 1 ? max
                                                      : first;
        if (all && (max == 31 || max == 12)) {  // the fields that begin with 1
            if ((value - 1) % step == 0) {
                return true;
            }
            continue;
        }
        last = last < first ? 7 : last;  // fri-sun
        if (value >= first && value <= last && (value - first) % step == 0) {
            return true;
        }
    }
    return false;
}

struct Fields {
    std::vector<std::string> texts;

    explicit Fields(const std::string& text) {
        for (auto& word : split(text, " \t")) {
            if (!word.empty()) {
                texts.push_back(std::move(word));
            }
        }
    }
    // `at` in UTC, a whole minute.
    bool match(Timestamp at) const {
        const std::string shown = at.to_string();  // 2026-11-21T14:00...
        const auto part = [&](std::size_t from) { return std::stoi(shown.substr(from, 2)); };
        const int weekday = static_cast<int>((at.ms / 86'400'000 + 4) % 7);
        const bool of_month = holds(texts[2], part(8), 31);
        const bool of_week = holds(texts[4], weekday, 7) ||
                             (weekday == 0 && texts[4][0] != '*' && holds(texts[4], 7, 7));
        const bool either = texts[2].front() != '*' && texts[4].front() != '*';
        return holds(texts[0], part(14), 59) && holds(texts[1], part(11), 23) &&
               holds(texts[3], part(5), 12) && (either ? of_month || of_week : of_month && of_week);
    }
};

void look_at_minutes(const std::string& text, Timestamp after, Timestamp next) {
    const Fields fields(text);
    require(next.ms % kMinuteMs == 0, "a time is a whole minute");
    require(fields.match(next), "a time is one that the fields name");
    Timestamp at{after.ms - after.ms % kMinuteMs + kMinuteMs};
    for (int i = 0; i < 200 && at < next; ++i, at.ms += kMinuteMs) {
        require(!fields.match(at), "no time is passed over");
    }
}

}  // namespace

void cron(std::string_view input) {
    Feed feed(input);
    const std::string zone_name = kZones[feed.byte() % kZones.size()];
    const Timestamp after{static_cast<std::int64_t>(feed.number(4)) * 1000 + feed.byte()};
    const std::string text(feed.rest());
    const TimeZone zone = TimeZone::find(zone_name).value();
    const auto parsed = Cron::parse(text, zone);
    if (!parsed) {
        require(!parsed.error().message.empty(), "a refusal says why");
        return;
    }
    const auto next = parsed->next(after);
    require(next.has_value(), "a time comes");
    require(*next > after, "the next time is later");
    require(parsed->next(Timestamp{next->ms - 1}) == next, "asked a moment before, it is the same");
    const Timestamp between{after.ms + (next->ms - after.ms) / 2};
    require(between == *next || parsed->next(between) == next, "asked on the way, it is the same");
    if (zone_name == "UTC") {
        look_at_minutes(text, after, *next);
    }
}

}  // namespace syncline::fuzz
