// A scan over a list of the shop in order of ids. The API knows no "id greater than": it has only
// `offset`, which shifts when rows come and go. So an offset is a guess that must be proven by the
// rows themselves: a page counts only if its first row has been seen before (or the page starts at
// offset 0), since then nothing can lie between what was seen and what the page shows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <syncline/json.hpp>
#include <syncline/result.hpp>
#include <syncline/timestamp.hpp>

namespace syncline::woocommerce {

struct Rows {
    std::vector<Json> rows;
    std::optional<std::int64_t> total;  // rows of the whole list, if the shop says so
    std::optional<Timestamp> date;
};

enum class Detail { kWhole, kIdOnly };

// Fetches rows [offset, offset + count) of the list in order of ids. Rows that the key may not read
// are missing from them.
using FetchRows =
    std::function<Result<Rows>(std::int64_t offset, std::int64_t count, Detail detail)>;

struct ScanStart {
    std::string after_id;  // the scan has come up to here; empty: the start
    // ScanPage::next of the page before; may be stale, wrong or empty.
    std::string hint;
    std::int64_t limit = 100;     // new rows, at most
    std::int64_t page_max = 100;  // rows per request, at least 2
};

struct ScanPage {
    std::vector<Json> rows;  // with ids greater than after_id, in order, none left out
    // Rows without an id from among those; one of them may come with two pages.
    std::vector<Json> without_id;
    bool more = false;
    std::string last_id;  // of the last row; after_id if there is none
    std::string next;
    std::optional<Timestamp> date;  // of the first answer: nothing that changed later is missed
};

// Errors: those of `fetch`; kStaleCursor if after_id is no number; kTransient if rows move faster
// than they can be read; kUnsupported if the shop does not order by id.
Result<ScanPage> scan_page(const FetchRows& fetch, const ScanStart& start);

// The id of a row; nullopt if it has none.
std::optional<std::int64_t> row_id(const Json& row);

// A number as text ("58"); nullopt for any other text.
std::optional<std::int64_t> parse_id(std::string_view text);

}  // namespace syncline::woocommerce
