// Do the books agree with the shop? Two lists of facts in, the sums of each day and what is wrong
// with single records out. Pure: who reads the facts is engine/reconciliation_sides.hpp.
//
// A record can have several documents in the target (an invoice and its payment); each is a fact
// of its own on both sides. Two facts belong together when the id mapping says so, else when the
// target's document names the record (its marker).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/model/posted.hpp>

namespace syncline {

enum class DriftKind {
    kMissingTarget,
    kOrphanTarget,
    kDuplicate,
    kAmountDiff,
    kTaxDiff,
    kDateDiff,
    kStatusDiff,
    kCustomerDiff,
    kEditedTarget,
    kDeletedTarget,
};
template <>
struct EnumNames<DriftKind> {
    static constexpr std::array<std::pair<DriftKind, std::string_view>, 10> kNames{{
        {DriftKind::kMissingTarget, "MISSING_TARGET"},
        {DriftKind::kOrphanTarget, "ORPHAN_TARGET"},
        {DriftKind::kDuplicate, "DUPLICATE"},
        {DriftKind::kAmountDiff, "AMOUNT_DIFF"},
        {DriftKind::kTaxDiff, "TAX_DIFF"},
        {DriftKind::kDateDiff, "DATE_DIFF"},
        {DriftKind::kStatusDiff, "STATUS_DIFF"},
        {DriftKind::kCustomerDiff, "CUSTOMER_DIFF"},
        {DriftKind::kEditedTarget, "EDITED_TARGET"},
        {DriftKind::kDeletedTarget, "DELETED_TARGET"},
    }};
};

// Days, as "2026-11-01", both inclusive.
struct DayWindow {
    std::string from;
    std::string to;

    bool has(std::string_view day) const { return from <= day && day <= to; }
};

// What a record is to have in the target.
enum class Expectation {
    kPosted,   // a document that shows `total`, `tax`, `day`
    kVoided,   // a document that is void, or none
    kHeld,     // a rule keeps it from being posted or changed until a person decides
    kSkipped,  // rightly none
};

// One document of a record, as the connector's encode() makes it now; or, of a record it holds or
// skips, one document that the target has of it by the id mappings, or none.
struct SourceFact {
    std::string entity;  // canonical: "order"
    std::string record_id;
    std::string flow;
    Expectation expectation = Expectation::kPosted;
    PostedKind kind = PostedKind::kSale;
    bool any_kind = false;  // of a record that is held or skipped: nothing is known of a document
    bool live = true;       // the record counts at its source: it is not cancelled or deleted
    std::string day;        // of the document; of a held or skipped one, the record's own day
    Money total;
    Money tax;
    bool has_money = false;
    std::string customer;       // the target's id; empty: not known
    std::string target_entity;  // of the document
    std::string mapped_id;      // the target's, by the id mapping; empty: none
    bool stale = false;         // it is not what was written last: its delivery is due
    std::string reason;         // of a held or skipped one: "CLOSED_PERIOD"
    std::string explanation;    // for people
};

struct TargetFact {
    std::string entity;     // canonical, of the record it was made for
    std::string record_id;  // by the id mapping, else by the marker
    std::string target_entity;
    std::string target_id;
    PostedKind kind = PostedKind::kSale;
    std::string day;
    std::string customer;
    Money total;
    Money tax;
    bool voided = false;
    bool edited = false;       // what we own of it is not what we wrote
    std::string edited_paths;  // "/CustomerMemo/value, /Line/0/Amount"
};

struct Finding {
    DriftKind kind = DriftKind::kMissingTarget;
    std::string flow;
    std::string entity;
    std::string record_id;
    std::string target_entity;
    std::string target_id;
    std::string day;       // the source's; the target's where there is none
    std::string currency;  // of `difference`
    std::string expected;  // "12.34 EUR", "2026-11-01", "none"
    std::string found;
    Money difference;  // what the books have too much; 0 where sums are not touched
    std::string message;
    bool healable = false;  // delivering the record once more mends it
};

// What one side has of a day and a currency.
struct DaySums {
    std::int64_t count = 0;  // documents of sales and refunds that are not void
    Money gross;             // of sales, with tax
    Money tax;               // of sales
    Money refunds;
    Money payments;  // with sales that were paid when they were made

    bool operator==(const DaySums&) const = default;
};

struct DayRow {
    DaySums source;
    DaySums target;
};
// By day and currency code.
using DayRows = std::map<std::pair<std::string, std::string>, DayRow>;

// Records that are rightly not in the books, or not as the source has them.
struct Explained {
    std::int64_t records = 0;
    std::map<std::string, Money> totals;  // by currency
    std::string example_id;
    std::string explanation;
};

struct Reconciled {
    std::vector<Finding> findings;  // by day, then by record
    DayRows days;
    std::map<std::string, Explained> explained;  // by reason
};

// What has to be looked up by its id before reconcile() can judge: facts beyond the window whose
// other side is within it.
struct LookUps {
    std::map<std::string, std::vector<std::string>> records;    // ids by canonical entity
    std::map<std::string, std::vector<std::string>> documents;  // ids by target entity
};
LookUps look_ups(
    const DayWindow& window,
    const std::vector<SourceFact>& source,
    const std::vector<TargetFact>& target
);

// Facts of which neither side is within the window are left out. Linear in the number of facts, but
// for sorting.
Reconciled reconcile(
    const DayWindow& window,
    const std::vector<SourceFact>& source,
    const std::vector<TargetFact>& target
);

// The sums of all days, by currency.
std::map<std::string, DayRow> sums_by_currency(const DayRows& days);
// What the books have more than the source: gross less refunds.
Money net_difference(const DayRow& row);

// What to do about a kind, in one sentence.
std::string_view advice(DriftKind kind);

}  // namespace syncline
