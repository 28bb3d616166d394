#include "quickbooks/encode/dates.hpp"

#include <algorithm>

#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::string_view kOriginalDate = "\nOriginal date ";

Timestamp midnight(const std::string& date) {
    const auto parsed = Timestamp::parse(date + "T00:00:00Z");
    return parsed ? *parsed : Timestamp{};
}

std::string plus_days(const std::string& date, std::int64_t days) {
    return Timestamp{midnight(date).ms + days * kDayMs}.to_string().substr(0, 10);
}

// The given day of the month `months` after that of `date`, or that month's last day.
std::string day_of_month(const std::string& date, std::int64_t months, std::int64_t day) {
    std::string first = date.substr(0, 8) + "01";
    for (std::int64_t i = 0; i < months; ++i) {
        first = plus_days(first, 32).substr(0, 8) + "01";
    }
    const std::string next_first = plus_days(first, 32).substr(0, 8) + "01";
    return std::min(plus_days(first, day - 1), plus_days(next_first, -1));
}

bool is_closed(const Scope& scope, const std::string& date) {
    const std::string& closed = scope.company.book_close_date;
    return !closed.empty() && date <= closed;
}

// The books may have been closed further since, or opened again: a document that was moved once
// must not wander.
PostingDate posted_date(
    const Scope& scope, const std::string& own_date, const KnownDocument& posted
) {
    const std::string note = text_at(posted.owned, "PrivateNote");
    const std::string given = text_at(posted.owned, "TxnDate");
    const auto at = note.find(kOriginalDate);
    if (at == std::string::npos || given.empty()) {
        return {own_date, ""};
    }
    const bool same = note.compare(at + kOriginalDate.size(), own_date.size(), own_date) == 0;
    return same || is_closed(scope, own_date) ? PostingDate{given, own_date}
                                              : PostingDate{own_date, ""};
}

}  // namespace

Result<std::string> company_date(const Scope& scope, Timestamp at) {
    const std::string& zone =
        scope.choices.time_zone.empty() ? scope.company.time_zone : scope.choices.time_zone;
    if (zone.empty()) {
        return hold(
            "TIME_ZONE_UNKNOWN", "QuickBooks names no time zone for the company; set time_zone"
        );
    }
    auto date = scope.host.local_date(zone, at);
    if (!date) {
        return hold("TIME_ZONE_UNKNOWN", date.error().message + "; set time_zone");
    }
    return date;
}

Result<std::optional<Reason>> before_start(const Scope& scope, const Order& order) {
    const bool chosen = !scope.choices.start_date.empty();
    const std::string& start = chosen ? scope.choices.start_date : scope.company.start_day;
    if (start.empty()) {
        return std::optional<Reason>();
    }
    SYNCLINE_ASSIGN_OR_RETURN(const std::string ordered, company_date(scope, order.created_at));
    if (ordered >= start) {
        return std::optional<Reason>();
    }
    return std::optional<Reason>(Reason{
        "BEFORE_START",
        "it is of " + ordered + ", and " +
            (chosen ? "start_date says to post nothing before " + start
                    : "the company was connected on " + start +
                          "; set start_date to post what is older")});
}

Result<std::string> receipt_date(const Scope& scope, const Order& order) {
    const Timestamp paid = order.paid_at.value_or(order.created_at);
    switch (scope.choices.txn_date) {
        case DateChoice::kCompleted:
            return company_date(scope, order.completed_at.value_or(paid));
        case DateChoice::kCreated:
            return company_date(scope, order.created_at);
        case DateChoice::kPaid:
            break;
    }
    return company_date(scope, paid);
}

Result<std::string> invoice_date(const Scope& scope, const Order& order) {
    const bool completed = scope.choices.txn_date == DateChoice::kCompleted;
    return company_date(
        scope, completed ? order.completed_at.value_or(order.created_at) : order.created_at
    );
}

std::string due_date(const Term& term, const std::string& date) {
    if (term.day_of_month == 0) {
        return plus_days(date, term.due_days);
    }
    const std::string this_month = day_of_month(date, 0, term.day_of_month);
    return plus_days(date, term.next_month_days) <= this_month
               ? this_month
               : day_of_month(date, 1, term.day_of_month);
}

Result<PostingDate> posting_date(
    const Scope& scope, Draft& draft, const std::string& own_date, const KnownDocument* posted
) {
    if (posted != nullptr) {
        return posted_date(scope, own_date, *posted);
    }
    if (!is_closed(scope, own_date)) {
        return PostingDate{own_date, ""};
    }
    const std::string& closed = scope.company.book_close_date;
    const std::string open = plus_days(closed, 1);
    // A closing date that is no date gives no day after it.
    if (scope.choices.closed_books == ClosedBooksChoice::kHold || is_closed(scope, open)) {
        return hold(
            "CLOSED_PERIOD",
            "its date " + own_date + " lies in the closed books (closed until " + closed +
                "); open the period in QuickBooks, set closed_books to first_open_day, or leave "
                "the order out"
        );
    }
    draft.warn(
        "DATE_MOVED",
        "its date " + own_date + " lies in the closed books (closed until " + closed +
            "); it is dated " + open
    );
    return PostingDate{open, own_date};
}

std::string original_date_note(const PostingDate& dates) {
    return dates.original.empty() ? std::string()
                                  : std::string(kOriginalDate) + dates.original + " (books closed)";
}

}  // namespace syncline::quickbooks
