#include "woocommerce/site_time.hpp"

#include <array>
#include <cstdio>
#include <regex>

namespace sandbox::woo {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using LocalTime = date::local_time<seconds>;

template <typename TimePoint>
std::string iso(TimePoint time) {
    const auto day = date::floor<date::days>(time);
    const date::year_month_day ymd{day};
    const date::hh_mm_ss<seconds> clock{time - day};
    std::array<char, 40> text{};
    std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02uT%02d:%02d:%02d",
        static_cast<int>(ymd.year()),
        static_cast<unsigned>(ymd.month()),
        static_cast<unsigned>(ymd.day()),
        static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count())
    );
    return text.data();
}

std::optional<LocalTime> parse(const std::string& text) {
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
    if (std::sscanf(text.c_str(), "%4d-%2d-%2d%*c%2d:%2d:%2d", &y, &mo, &d, &h, &mi, &s) != 6)
        return std::nullopt;
    const date::year_month_day ymd = date::year{y} / date::month{static_cast<unsigned>(mo)} /
                                     date::day{static_cast<unsigned>(d)};
    if (!ymd.ok() || h > 23 || mi > 59 || s > 59)
        return std::nullopt;
    return date::local_days{ymd} + std::chrono::hours{h} + minutes{mi} + seconds{s};
}

LocalTime parse_or_epoch(const std::string& text) {
    return parse(text).value_or(LocalTime{});
}

date::sys_seconds as_sys(LocalTime time) {
    return date::sys_seconds{time.time_since_epoch()};
}

}  // namespace

SiteTime::SiteTime(const Clock& clock, const std::string& zone)
    : clock_(&clock), zone_name_(zone), zone_(date::locate_zone(zone)) {}

double SiteTime::offset_hours() const {
    const date::sys_seconds now{seconds{clock_->now_ms() / 1000}};
    return static_cast<double>(zone_->get_info(now).offset.count()) / 3600;
}

std::string SiteTime::now_gmt() const {
    return iso(date::sys_seconds{seconds{clock_->now_ms() / 1000}});
}

std::string SiteTime::modified_now_gmt() const {
    return to_gmt(to_local(now_gmt()));
}

std::string SiteTime::to_local(const std::string& gmt) const {
    return gmt.empty() ? gmt : iso(zone_->to_local(as_sys(parse_or_epoch(gmt))));
}

std::string SiteTime::to_gmt(const std::string& local) const {
    const LocalTime wall = parse_or_epoch(local);
    const date::local_info info = zone_->get_info(wall);
    const bool second = info.result == date::local_info::ambiguous && info.first.offset.count() > 0;
    const seconds offset = second ? info.second.offset : info.first.offset;
    return iso(date::sys_seconds{wall.time_since_epoch() - offset});
}

std::optional<std::string> SiteTime::filter_wall_clock(const std::string& text) const {
    static const std::regex kShape(
        R"(^(\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|([+-])(\d{2})(?::(\d{2}))?)?$)"
    );
    std::smatch match;
    if (!std::regex_match(text, match, kShape))
        return std::nullopt;
    const auto time = parse(match[1]);
    if (!time)
        return std::nullopt;
    if (!match[2].matched)
        return iso(*time);
    minutes offset{0};
    if (match[4].matched)
        offset = minutes{std::stoi(match[4]) * 60 + (match[5].matched ? std::stoi(match[5]) : 0)};
    if (match[3].matched && match[3] == "-")
        offset = -offset;
    return iso(zone_->to_local(as_sys(*time) - offset));
}

std::string long_date(const std::string& gmt) {
    static constexpr std::array kMonths{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const LocalTime time = parse_or_epoch(gmt);
    const auto day = date::floor<date::days>(time);
    const date::year_month_day ymd{day};
    const date::hh_mm_ss<seconds> clock{time - day};
    const int hour = static_cast<int>(clock.hours().count());
    std::array<char, 60> text{};
    std::snprintf(
        text.data(),
        text.size(),
        "%s %02u, %04d @ %02d:%02d %s",
        kMonths[static_cast<unsigned>(ymd.month()) - 1],
        static_cast<unsigned>(ymd.day()),
        static_cast<int>(ymd.year()),
        hour % 12 == 0 ? 12 : hour % 12,
        static_cast<int>(clock.minutes().count()),
        hour < 12 ? "AM" : "PM"
    );
    return text.data();
}

std::string shifted(const std::string& text, std::int64_t by) {
    return text.empty() ? text : iso(parse_or_epoch(text) + seconds{by});
}

}  // namespace sandbox::woo
