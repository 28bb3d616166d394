// The tenant's setting "reconciliation": when the books are compared by themselves. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <syncline/json_fields.hpp>

#include "core/reconcile.hpp"

namespace syncline {

struct ReconciliationSettings {
    static constexpr std::string_view kKey = "reconciliation";
    static constexpr std::string_view kSummary = "When the books are compared with the shop";

    bool nightly = true;
    std::string at = "03:00";  // local time in `zone`
    std::string zone = "UTC";
    std::int64_t days = 35;             // up to yesterday
    std::vector<std::string> entities;  // canonical; empty: all that can be compared

    static constexpr auto fields() {
        return std::make_tuple(
            field("nightly", &ReconciliationSettings::nightly),
            field("at", &ReconciliationSettings::at),
            field("zone", &ReconciliationSettings::zone),
            field("days", &ReconciliationSettings::days),
            field("entities", &ReconciliationSettings::entities)
        );
    }
};

std::vector<std::string> setting_problems(const ReconciliationSettings& settings);

// What a night compares, if one is due that nobody compared since `since_ms`. `settings` has no
// problems.
std::optional<DayWindow> night_due(
    const ReconciliationSettings& settings, Timestamp now, std::int64_t since_ms
);

// A window of days that can be compared. Errors: kInvalid naming "/window/from" or "/window/to".
Result<void> check_window(const DayWindow& window);

// The entities whose documents are compared.
bool is_reconciled(std::string_view entity);

}  // namespace syncline
