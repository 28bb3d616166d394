#include "connectors/text.hpp"

#include <date/tz.h>
#include <utf8proc.h>

namespace syncline::connectors {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Length of the code point at the start of `text`, which is put into `code_point`; 0 if it is not
// UTF-8.
std::size_t take_code_point(std::string_view text, utf8proc_int32_t& code_point) {
    const auto length = utf8proc_iterate(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()),
        &code_point
    );
    return length > 0 ? static_cast<std::size_t>(length) : 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
    utf8proc_int32_t code_point = 0;
    while (!text.empty()) {
        const std::size_t length = take_code_point(text, code_point);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

std::string clean_utf8(std::string_view text) {
    std::string result;
    utf8proc_int32_t code_point = 0;
    while (!text.empty()) {
        const std::size_t length = take_code_point(text, code_point);
        result += length == 0 ? kReplacement : text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return result;
}

std::string one_line(std::string_view text, std::size_t bytes_max) {
    const std::string clean = clean_utf8(text);
    std::string_view rest = clean;
    std::string result;
    utf8proc_int32_t code_point = 0;
    while (!rest.empty()) {
        const std::size_t length = take_code_point(rest, code_point);
        const bool is_control = code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
        const std::string_view shown = is_control ? std::string_view(" ") : rest.substr(0, length);
        if (result.size() + shown.size() > bytes_max) {
            break;
        }
        result += shown;
        rest.remove_prefix(length);
    }
    return result;
}

std::string truncate(std::string_view text, std::uint32_t characters_max) {
    const std::string clean = clean_utf8(text);
    std::string_view rest = clean;
    std::size_t last_boundary = 0;
    std::size_t at = 0;
    utf8proc_int32_t before = 0;
    utf8proc_int32_t state = 0;
    for (std::uint32_t count = 0; !rest.empty(); ++count) {
        utf8proc_int32_t code_point = 0;
        const std::size_t length = take_code_point(rest, code_point);
        if (at == 0 || utf8proc_grapheme_break_stateful(before, code_point, &state)) {
            last_boundary = at;
        }
        if (count == characters_max) {
            return clean.substr(0, last_boundary);
        }
        before = code_point;
        at += length;
        rest.remove_prefix(length);
    }
    return clean;
}

Result<std::string> local_date(std::string_view zone, Timestamp at) {
    constexpr std::int64_t kYear1 = -62'135'596'800'000;
    constexpr std::int64_t kYear10000 = 253'402'300'800'000;
    constexpr std::int64_t kDay = 86'400'000;
    if (at.ms < kYear1 + kDay || at.ms >= kYear10000 - kDay) {
        return Error{ErrorCode::kData, "the time is not within the years 1 to 9999", "time.range"};
    }
    try {
        const date::sys_time<std::chrono::milliseconds> instant{std::chrono::milliseconds(at.ms)};
        const auto local = date::locate_zone(std::string(zone))->to_local(instant);
        // Written as if it were UTC, the local time shows its own date.
        return Timestamp{local.time_since_epoch().count()}.to_string().substr(0, 10);
    } catch (const std::exception&) {
        return Error{
            ErrorCode::kData,
            "'" + one_line(zone, 64) + "' is not an IANA time zone (as Europe/Berlin)",
            "zone.unknown"};
    }
}

}  // namespace syncline::connectors
