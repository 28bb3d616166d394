#include "quickbooks/source/position.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace syncline::quickbooks {
namespace {

constexpr std::array<std::pair<ScanKind, std::string_view>, 3> kKinds{{
    {ScanKind::kChanges, "changes"},
    {ScanKind::kDeletes, "deletes"},
    {ScanKind::kQuery, "query"},
}};

// What stands before the next '/', which is taken off with it.
std::string_view take_part(std::string_view& text) {
    const auto slash = text.find('/');
    const std::string_view part = text.substr(0, slash);
    text.remove_prefix(slash == std::string_view::npos ? text.size() : slash + 1);
    return part;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = failure == std::errc() && end == text.data() + text.size() && number >= 0;
    return whole ? std::optional<std::int64_t>(number) : std::nullopt;
}

}  // namespace

std::string Position::to_string() const {
    const auto named = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& entry) {
        return entry.first == kind;
    });
    return std::string(named->second) + "/" + time.to_string() + "/" + std::to_string(place) + "/" +
           id;
}

Result<Position> Position::parse(std::string_view text) {
    const std::string whole(text.substr(0, 80));
    const std::string_view name = take_part(text);
    const auto named = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& entry) {
        return entry.second == name;
    });
    const auto time = Timestamp::parse(take_part(text));
    const auto place = whole_number(take_part(text));
    if (named == kKinds.end() || !time || !place) {
        return Error{
            ErrorCode::kStaleCursor,
            "'" + whole +
                "' is no place in a scan of QuickBooks; reset the flow's cursor to begin anew",
            "qbo.bad_position"};
    }
    return Position{named->first, *time, std::string(text), *place};
}

}  // namespace syncline::quickbooks
