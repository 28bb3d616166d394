// Pages of a list: opaque cursors, the Link header, and the same rows as CSV. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
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
Result<PageRequest> page_request(const Request& request, std::int64_t limit = kPageDefault);

// {"items": [...], "next_cursor": "..."}, and a Link header to the next page and, from any but the
// first, to the first one. `next` is where this page ended, or null after the last one. Members of
// `more` stand beside the items.
Response page_response(
    const Request& request, Json items, const PageCursor* next, const Json& more = Json::object()
);

// Leaves of a list that is in memory whole the page that is asked for, in the order of
// `key_of(item)`, a text that no two items share; answers where it ended, if there is more. A page
// has kPageMax items unless "limit" says otherwise.
template <class Item, class KeyOf>
Result<std::optional<PageCursor>> cut_page(
    const Request& request, std::vector<Item>& items, const KeyOf& key_of
) {
    SYNCLINE_ASSIGN_OR_RETURN(const PageRequest page, page_request(request, kPageMax));
    std::sort(items.begin(), items.end(), [&](const Item& a, const Item& b) {
        return key_of(a) < key_of(b);
    });
    const auto first = std::find_if(items.begin(), items.end(), [&](const Item& item) {
        return page.after.at_ms == 0 || key_of(item) > page.after.id;
    });
    items.erase(items.begin(), first);
    if (static_cast<std::int64_t>(items.size()) <= page.limit) {
        return std::optional<PageCursor>();
    }
    items.erase(items.begin() + page.limit, items.end());
    return std::optional<PageCursor>({1, key_of(items.back())});
}

// Where a list whose rows are numbered goes on: the last row's number, 0 for the first page.
// Errors: kInvalid for a cursor of another list.
Result<std::int64_t> row_of_cursor(const PageRequest& page);

// A list is read with one row more than the page has, which tells that there is a next page: leaves
// the page, and answers where it ended, if there is more.
template <class Row, class CursorOf>
std::optional<PageCursor> cut_extra_row(
    const PageRequest& page, std::vector<Row>& rows, const CursorOf& cursor_of
) {
    if (static_cast<std::int64_t>(rows.size()) <= page.limit) {
        return std::nullopt;
    }
    rows.erase(rows.begin() + page.limit, rows.end());
    return cursor_of(rows.back());
}

// A number as a text that sorts as the number does.
std::string sort_key(std::int64_t number);

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
