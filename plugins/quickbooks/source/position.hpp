// How far a scan has come, as the text the host keeps for us (Page::last_id). QuickBooks answers no
// "id greater than", so a scan goes by the time of change, and a position holds all it takes to go
// on after any page: no state is kept here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <syncline/result.hpp>
#include <syncline/timestamp.hpp>

namespace syncline::quickbooks {

enum class ScanKind {
    kChanges,  // change data capture, in order of (time, id)
    kDeletes,  // the same, but only what was deleted; a query scan follows
    kQuery,    // query pages, in order of time
};

// kQuery: the row number `place` among those changed at `time` or later was the row `id`. A place
// of 0 is the start: no row has been read yet.
struct Position {
    ScanKind kind = ScanKind::kQuery;
    Timestamp time;
    std::string id;
    std::int64_t place = 0;

    std::string to_string() const;  // "query/2026-09-14T14:15:20.000Z/3/9120"
    // Errors: kStaleCursor for a text that to_string() did not make.
    static Result<Position> parse(std::string_view text);
};

}  // namespace syncline::quickbooks
