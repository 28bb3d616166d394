#include "woocommerce/local_day.hpp"

namespace syncline::woocommerce {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 24 * 60 * kMinuteMs;
constexpr std::int64_t kLongestDayMinutes = 26 * 60;

}  // namespace

bool day_repeats_an_hour(const plugin::Host& host, const std::string& zone, Timestamp at) {
    const auto today = zone.empty() ? Result<std::string>(invalid("")) : host.local_date(zone, at);
    if (!today) {
        return false;
    }
    const auto is_today = [&](std::int64_t ms) {
        const auto date = host.local_date(zone, Timestamp{ms});
        return date && *date == *today;
    };
    // Halves the minutes between one of yesterday and one of today, down to the day's first.
    const std::int64_t now = at.ms - at.ms % kMinuteMs;
    std::int64_t yesterday = kLongestDayMinutes;  // minutes before now
    std::int64_t inside = 0;
    while (yesterday - inside > 1) {
        const std::int64_t middle = (yesterday + inside) / 2;
        (is_today(now - middle * kMinuteMs) ? inside : yesterday) = middle;
    }
    return is_today(now - inside * kMinuteMs + kDayMs);
}

}  // namespace syncline::woocommerce
