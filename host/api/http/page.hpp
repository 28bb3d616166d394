// Pages of a list: opaque cursors, the Link header, and the same rows as CSV. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/http/message.hpp"

namespace syncline::api {

inline constexpr std::int64_t kPageDefault = 50;
inline constexpr std::int64_t kPageMax = 500;

// Where a page ended: the last row's time, and its id among rows of the same time.
struct PageCursor {
    std::int64_t at_ms = 0;
    std::string id;
};

struct PageRequest {
    std::int64_t limit = kPageDefault;
    PageCursor after;  // at_ms 0: the first page
};

// Of the parameters "limit" and "cursor". Errors: kInvalid, also for a cursor that is none of ours.
Result<PageRequest> page_request(const Request& request);

// {"items": [...], "next_cursor": "..."}, and a Link header to the next page. `next` is where this
// page ended, or null after the last one.
Response page_response(const Request& request, Json items, const PageCursor* next);

// True if CSV is wanted: "format=csv", else by the Accept header. Errors: kInvalid for another
// format; request.not_acceptable.
Result<bool> wants_csv(const Request& request);

// RFC 4180, one line per row. A cell that a spreadsheet would run as a formula is quoted with "'".
std::string to_csv(const std::vector<std::vector<std::string>>& rows);

// The CSV of a page, with the same Link header.
Response csv_response(
    const Request& request,
    const std::vector<std::vector<std::string>>& rows,
    const PageCursor* next
);

}  // namespace syncline::api
