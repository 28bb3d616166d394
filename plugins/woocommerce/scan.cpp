#include "woocommerce/scan.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace syncline::woocommerce {
namespace {

constexpr int kAttemptsMax = 12;

// Rows that may not be read leave holes; looking at a few at a time looks past them.
constexpr std::int64_t kFewRows = 10;

constexpr std::int64_t kOffsetMax = 1'000'000'000;

class Scan {
public:
    Scan(const FetchRows& fetch, const ScanStart& start, std::int64_t after_id)
        : fetch_(fetch),
          start_(start),
          after_id_(after_id),
          count_(std::clamp(start.limit + 1, std::min(kFewRows, start.page_max), start.page_max)) {}

    Result<ScanPage> page();

private:
    Result<Rows> fetch(std::int64_t offset, std::int64_t count, Detail detail);
    Result<std::int64_t> first_offset();
    Result<bool> seen_at(std::int64_t offset);
    Result<std::int64_t> locate(std::int64_t guess);
    Result<bool> at_end(const Rows& found, std::int64_t offset);
    Result<ScanPage> finish(Rows found, std::int64_t offset, bool end);

    // By the first row that has an id: a row without one proves nothing.
    bool starts_seen(const Rows& found) const;
    bool ends_new(const Rows& found) const;

    const FetchRows& fetch_;
    const ScanStart& start_;
    const std::int64_t after_id_;
    const std::int64_t count_;
    std::optional<Timestamp> date_;
};

Result<Rows> Scan::fetch(std::int64_t offset, std::int64_t count, Detail detail) {
    SYNCLINE_ASSIGN_OR_RETURN(Rows found, fetch_(offset, count, detail));
    if (!date_) {
        date_ = found.date;
    }
    std::int64_t previous = 0;
    for (const auto& row : found.rows) {
        const auto id = row_id(row);
        if (!id) {
            continue;
        }
        if (*id < previous) {
            return Error{
                ErrorCode::kUnsupported,
                "the shop does not list in order of ids (" + std::to_string(*id) + " after " +
                    std::to_string(previous) + "): a plugin of it changes 'orderby'; turn that off",
                "woo.not_in_order"};
        }
        previous = *id;
    }
    return found;
}

bool Scan::starts_seen(const Rows& found) const {
    const auto first = std::find_if(found.rows.begin(), found.rows.end(), row_id);
    return first != found.rows.end() && *row_id(*first) <= after_id_;
}

bool Scan::ends_new(const Rows& found) const {
    const auto last = std::find_if(found.rows.rbegin(), found.rows.rend(), row_id);
    return last != found.rows.rend() && *row_id(*last) > after_id_;
}

Result<bool> Scan::seen_at(std::int64_t offset) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const Rows found, fetch(offset, std::min(kFewRows, start_.page_max), Detail::kIdOnly)
    );
    return starts_seen(found);
}

// The offset of a row that was seen, with the first new row less than a page behind it, as far as
// the list stands still meanwhile; 0 if no row was seen. Doubling steps away from `guess`, then
// halving.
Result<std::int64_t> Scan::locate(std::int64_t guess) {
    const std::int64_t slack = std::max<std::int64_t>(1, count_ / 2);
    std::int64_t low = guess;
    std::int64_t high = guess;
    SYNCLINE_ASSIGN_OR_RETURN(bool seen_low, seen_at(guess));
    if (seen_low) {
        bool seen_high = true;
        for (std::int64_t step = slack; seen_high; step *= 2) {
            low = high;
            high = low + step;
            if (high > kOffsetMax) {
                return Error{
                    ErrorCode::kUnsupported,
                    "the shop answers every 'offset' with the same rows: a plugin or cache of it"
                    " drops that parameter; turn that off",
                    "woo.offset_ignored"};
            }
            SYNCLINE_ASSIGN_OR_RETURN(seen_high, seen_at(high));
        }
    }
    for (std::int64_t step = 1; low > 0 && !seen_low; step *= 2) {
        high = low;
        low = std::max<std::int64_t>(0, low - step);
        SYNCLINE_ASSIGN_OR_RETURN(seen_low, seen_at(low));
    }
    while (high - low > slack) {
        const std::int64_t middle = low + (high - low) / 2;
        SYNCLINE_ASSIGN_OR_RETURN(const bool seen_middle, seen_at(middle));
        (seen_middle ? low : high) = middle;
    }
    return low;
}

Result<std::int64_t> Scan::first_offset() {
    if (start_.after_id.empty()) {
        return 0;
    }
    const auto hint = parse_id(start_.hint);
    return hint && *hint > 0 ? Result<std::int64_t>(*hint - 1) : locate(0);
}

// A page may be short because rows of it may not be read; the total tells. Where a proxy drops the
// total, more rows are asked for.
Result<bool> Scan::at_end(const Rows& found, std::int64_t offset) {
    if (static_cast<std::int64_t>(found.rows.size()) >= count_) {
        return false;
    }
    if (found.total) {
        return *found.total <= offset + count_;
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Rows behind, fetch(offset + count_, start_.page_max, Detail::kIdOnly)
    );
    return behind.rows.empty();
}

Result<ScanPage> Scan::finish(Rows found, std::int64_t offset, bool end) {
    ScanPage page;
    page.more = !end;
    page.date = date_;
    page.last_id = start_.after_id;
    std::int64_t position = offset;
    std::int64_t last = after_id_;
    for (auto& row : found.rows) {
        if (static_cast<std::int64_t>(page.rows.size()) == start_.limit) {
            page.more = true;
            break;
        }
        ++position;
        const auto id = row_id(row);
        if (!id) {
            page.without_id.push_back(std::move(row));
        } else if (*id > last) {
            last = *id;
            page.last_id = std::to_string(*id);
            page.rows.push_back(std::move(row));
        } else if (*id <= after_id_) {
            page.without_id.clear();  // what stands before a row that was seen was given with it
        }
    }
    page.next = page.more ? std::to_string(position) : std::string();
    return page;
}

Result<ScanPage> Scan::page() {
    SYNCLINE_ASSIGN_OR_RETURN(std::int64_t offset, first_offset());
    bool follows_seen = false;
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
        SYNCLINE_ASSIGN_OR_RETURN(Rows found, fetch(offset, count_, Detail::kWhole));
        const bool proven = offset == 0 || follows_seen || starts_seen(found);
        if (!proven) {
            SYNCLINE_ASSIGN_OR_RETURN(offset, locate(offset));
            continue;
        }
        SYNCLINE_ASSIGN_OR_RETURN(const bool end, at_end(found, offset));
        if (end || ends_new(found)) {
            return finish(std::move(found), offset, end);
        }
        // All of the page was seen: on to where new rows start. If it is short because the rest of
        // it may not be read, and no row behind it was seen, what follows it directly is next.
        SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t further, locate(offset + count_ - 1));
        follows_seen = further <= offset && static_cast<std::int64_t>(found.rows.size()) < count_;
        offset = follows_seen ? offset + count_ : further;
    }
    return Error{
        ErrorCode::kTransient,
        "rows of the shop's list moved " + std::to_string(kAttemptsMax) +
            " times while one page was read; it will be read again",
        "woo.rows_moving"};
}

}  // namespace

std::optional<std::int64_t> parse_id(std::string_view text) {
    std::int64_t id = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), id);
    const bool whole =
        failure == std::errc() && end == text.data() + text.size() && !text.empty() && id >= 0;
    return whole ? std::optional<std::int64_t>(id) : std::nullopt;
}

std::optional<std::int64_t> row_id(const Json& row) {
    const auto id = row.is_object() ? row.find("id") : row.end();
    if (!row.is_object() || id == row.end()) {
        return std::nullopt;
    }
    if (id->is_string()) {
        return parse_id(id->get_ref<const std::string&>());
    }
    return id->is_number_integer() ? std::optional<std::int64_t>(id->get<std::int64_t>())
                                   : std::nullopt;
}

Result<ScanPage> scan_page(const FetchRows& fetch, const ScanStart& start) {
    const auto after_id = start.after_id.empty() ? 0 : parse_id(start.after_id);
    if (!after_id) {
        return Error{
            ErrorCode::kStaleCursor,
            "the scan's last id '" + start.after_id + "' is not an id of WooCommerce",
            "woo.cursor_unreadable"};
    }
    return Scan(fetch, start, *after_id).page();
}

}  // namespace syncline::woocommerce
