#include "core/reconcile_setting.hpp"

#include <algorithm>
#include <array>

#include "core/time_zone.hpp"

namespace syncline {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kDaysMax = 366;

// Minutes after midnight of "03:00"; nothing: it is no such time.
std::optional<std::int64_t> minutes_of(const std::string& text) {
    const bool shaped =
        text.size() == 5 && text[2] == ':' && std::all_of(text.begin(), text.end(), [](char c) {
            return c == ':' || (c >= '0' && c <= '9');
        });
    if (!shaped || text.find(':', 3) != std::string::npos || text[0] == ':') {
        return std::nullopt;
    }
    const std::int64_t hours = std::stoll(text.substr(0, 2));
    const std::int64_t minutes = std::stoll(text.substr(3));
    return hours < 24 && minutes < 60 ? std::optional(hours * 60 + minutes) : std::nullopt;
}

std::string day_text(std::int64_t local_ms) {
    return Timestamp{local_ms}.to_string().substr(0, 10);
}

std::optional<std::int64_t> day_number(const std::string& day) {
    const auto at = Timestamp::parse(day + "T00:00:00Z");
    return at && day.size() == 10 ? std::optional(at->ms / kDayMs) : std::nullopt;
}

}  // namespace

bool is_reconciled(std::string_view entity) {
    return entity == "order" || entity == "refund";
}

std::vector<std::string> setting_problems(const ReconciliationSettings& settings) {
    std::vector<std::string> problems;
    if (!minutes_of(settings.at)) {
        problems.push_back("/at: expected a time like 03:00, found '" + settings.at + "'");
    }
    if (const auto zone = TimeZone::find(settings.zone); !zone) {
        problems.push_back("/zone: " + zone.error().message);
    }
    if (settings.days < 1 || settings.days > kDaysMax) {
        problems.push_back(
            "/days: expected 1 to " + std::to_string(kDaysMax) + ", found " +
            std::to_string(settings.days)
        );
    }
    for (std::size_t i = 0; i < settings.entities.size(); ++i) {
        if (!is_reconciled(settings.entities[i])) {
            problems.push_back(
                "/entities/" + std::to_string(i) + ": expected order or refund, found '" +
                settings.entities[i] + "'"
            );
        }
    }
    return problems;
}

std::optional<DayWindow> night_due(
    const ReconciliationSettings& settings, Timestamp now, std::int64_t since_ms
) {
    const auto zone = TimeZone::find(settings.zone);
    const auto minutes = minutes_of(settings.at);
    if (!settings.nightly || !zone || !minutes) {
        return std::nullopt;
    }
    const std::int64_t today = zone->local(now).ms / kDayMs * kDayMs;
    std::int64_t day = today;
    Timestamp slot = zone->instant({day + *minutes * 60'000});
    if (slot.ms > now.ms) {
        day -= kDayMs;
        slot = zone->instant({day + *minutes * 60'000});
    }
    if (slot.ms <= since_ms) {
        return std::nullopt;
    }
    return DayWindow{day_text(day - settings.days * kDayMs), day_text(day - kDayMs)};
}

Result<void> check_window(const DayWindow& window) {
    const auto from = day_number(window.from);
    const auto to = day_number(window.to);
    if (!from || !to) {
        return Error{
            ErrorCode::kInvalid,
            std::string(from ? "/window/to" : "/window/from") +
                ": expected a day like 2026-11-01, found '" +
                (from ? window.to : window.from).substr(0, 40) + "'"};
    }
    if (*to < *from || *to - *from >= kDaysMax) {
        return Error{
            ErrorCode::kInvalid,
            "/window/to: expected a day from " + window.from + " on, at most " +
                std::to_string(kDaysMax) + " days in all, found '" + window.to + "'"};
    }
    return {};
}

}  // namespace syncline
