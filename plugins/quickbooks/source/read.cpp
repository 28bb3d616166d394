#include "quickbooks/source/read.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "quickbooks/source/home_currency.hpp"
#include "quickbooks/source/models.hpp"
#include "quickbooks/source/position.hpp"
#include "quickbooks/source/posted.hpp"
#include "quickbooks/source/reading.hpp"

namespace syncline::quickbooks {
namespace {

constexpr std::int64_t kRowsMax = 1000;   // of a query, and objects of change data capture
constexpr std::size_t kIdsPerQuery = 50;  // a URL's length
constexpr std::int64_t kSecondMs = 1000;
// An hour less than 30 days, since the two clocks differ.
constexpr std::int64_t kLookBackMs = (30 * 24 - 1) * std::int64_t{3'600'000};

// QuickBooks' times have whole seconds, and so have its comparisons.
std::string second_literal(Timestamp time) {
    return query_literal(time.to_string().substr(0, 19) + "+00:00");
}

struct Change {
    Timestamp time;
    std::string id;
    const Json* object = nullptr;
};

bool change_less(const Change& a, const Change& b) {
    return a.time.ms != b.time.ms ? a.time.ms < b.time.ms : id_less(a.id, b.id);
}

// Of an object that does not tell its own: the host keeps the record as one it cannot take, and the
// others go on.
constexpr Timestamp kNoTime{std::numeric_limits<std::int64_t>::max()};

// Without those that do not tell their time.
std::vector<Change> in_order(const std::vector<Json>& objects) {
    std::vector<Change> changes;
    for (const auto& object : objects) {
        if (const auto time = changed_at(object)) {
            changes.push_back({*time, text_at(object, "Id"), &object});
        }
    }
    std::stable_sort(changes.begin(), changes.end(), change_less);
    return changes;
}

class Reader {
public:
    Reader(const Api& api, const ReadRequest& request, const SourceEntity& entity, Currency home)
        : api_(api),
          request_(request),
          entity_(entity),
          home_(home),
          limit_(std::clamp<std::int64_t>(request.limit, 1, kRowsMax)) {}

    Result<Page> read() {
        if (!request_.ids.empty()) {
            return read_ids();
        }
        if (request_.after_id.empty()) {
            // A backfill's end lies in the past, where change data capture shows what came after.
            const bool changes = request_.window.from && !request_.window.to && entity_.in_changes;
            return changes ? read_changes(std::nullopt) : read_rows(query_start());
        }
        SYNCLINE_ASSIGN_OR_RETURN(const Position position, Position::parse(request_.after_id));
        return position.kind == ScanKind::kQuery ? read_rows(position) : read_changes(position);
    }

private:
    Result<Page> read_ids() {
        std::vector<Query> queries;
        for (std::size_t at = 0; at < request_.ids.size(); at += kIdsPerQuery) {
            const auto begin = request_.ids.begin() + static_cast<std::ptrdiff_t>(at);
            const auto count = std::min(kIdsPerQuery, request_.ids.size() - at);
            queries.push_back(
                {std::string(entity_.type),
                 and_inactive(is_one_of("Id", {begin, begin + static_cast<std::ptrdiff_t>(count)})),
                 ""}
            );
        }
        for (const auto& query : queries) {
            SYNCLINE_ASSIGN_OR_RETURN(const Listing listing, api_.rows(query, {1, kRowsMax}));
            SYNCLINE_RETURN_IF_ERROR(note_time(listing));
            for (const auto& row : listing.rows) {
                add(row);
            }
        }
        return std::move(page_);
    }

    Result<Page> read_changes(const std::optional<Position>& position) {
        const Timestamp from = *request_.window.from;
        const Timestamp oldest{api_.host().now().ms - kLookBackMs};
        const bool reaches_back = position || from.ms >= oldest.ms;
        const Timestamp since = position ? position->time : std::max(from, oldest);
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto listing, api_.changes(std::string(entity_.type), since)
        );
        if (!listing) {
            return read_rows(query_start());
        }
        SYNCLINE_RETURN_IF_ERROR(note_time(*listing));
        const bool whole = static_cast<std::int64_t>(listing->rows.size()) < kRowsMax;
        const bool deletes_only =
            (position && position->kind == ScanKind::kDeletes) || !reaches_back || !whole;
        if (!position) {  // they have no place in the order: the first page has them
            for (const auto& row : listing->rows) {
                if (!changed_at(row)) {
                    add(row);
                }
            }
        }
        auto changes = in_order(listing->rows);
        changes.erase(
            std::remove_if(
                changes.begin(),
                changes.end(),
                [&](const Change& change) {
                    const bool seen =
                        position && !change_less({position->time, position->id, {}}, change);
                    return seen || (deletes_only && !is_deleted(*change.object));
                }
            ),
            changes.end()
        );
        return page_of(changes, deletes_only);
    }

    Result<Page> page_of(const std::vector<Change>& changes, bool deletes_only) {
        const auto count = std::min(changes.size(), static_cast<std::size_t>(limit_));
        for (std::size_t i = 0; i < count; ++i) {
            add(*changes[i].object);
        }
        const bool all = count == changes.size();
        page_.more = deletes_only || !all;
        if (deletes_only && all) {
            page_.last_id = query_start().to_string();
        } else if (count > 0) {
            const ScanKind kind = deletes_only ? ScanKind::kDeletes : ScanKind::kChanges;
            page_.last_id =
                Position{kind, changes[count - 1].time, changes[count - 1].id, 0}.to_string();
        }
        return std::move(page_);
    }

    Position query_start() const {
        return {ScanKind::kQuery, request_.window.from.value_or(Timestamp{}), {}, 0};
    }

    // Rows move to the end of the list when they change, and take no other row's place before it.
    // So a place is right if the row read last is still there; else the scan goes back to the first
    // row of that second.
    Result<Page> read_rows(Position position) {
        const bool goes_on = position.place > 0;
        const Slice slice{
            static_cast<std::size_t>(goes_on ? position.place : 1),
            static_cast<std::size_t>(std::min(limit_ + (goes_on ? 1 : 0), kRowsMax))};
        SYNCLINE_ASSIGN_OR_RETURN(Listing listing, api_.rows(query_from(position.time), slice));
        if (!goes_on) {
            return take(std::move(listing), slice, position);
        }
        const bool in_place = !listing.rows.empty() &&
                              text_at(listing.rows.front(), "Id") == position.id &&
                              changed_at(listing.rows.front()) == position.time;
        if (!in_place) {
            page_.next = "again after " + position.id;  // the host sees that the scan goes on
            position.place = 0;
            return read_rows(position);
        }
        return take(std::move(listing), slice, position);
    }

    // A row without its time takes a place, but a scan cannot go on from it: a page ends behind one
    // that has its time, or with the list.
    Result<Page> take(Listing listing, Slice slice, Position position) {
        const Query query = query_from(position.time);
        std::size_t known = position.place > 0 ? 1 : 0;
        std::int64_t without_time = 0;
        for (bool advanced = false;; known = 0) {
            SYNCLINE_RETURN_IF_ERROR(note_time(listing));
            page_.more = listing.rows.size() == slice.count;
            for (std::size_t i = known; i < listing.rows.size(); ++i) {
                const Json& row = listing.rows[i];
                add(row);
                const auto time = changed_at(row);
                if (!time) {
                    ++without_time;
                    continue;
                }
                position.place = *time == position.time ? position.place + without_time + 1 : 1;
                position.time = *time;
                position.id = text_at(row, "Id");
                without_time = 0;
                advanced = true;
            }
            if (advanced || !page_.more) {
                break;
            }
            slice.start += slice.count;
            SYNCLINE_ASSIGN_OR_RETURN(listing, api_.rows(query, slice));
        }
        page_.last_id = position.to_string();
        return std::move(page_);
    }

    Query query_from(Timestamp time) const {
        std::string where;
        const auto add_condition = [&](const std::string& condition) {
            where += (where.empty() ? "" : " AND ") + condition;
        };
        if (time.ms > 0) {
            add_condition("MetaData.LastUpdatedTime >= " + second_literal(time));
        }
        if (request_.window.to) {
            const Timestamp end{request_.window.to->ms + kSecondMs - 1};
            add_condition("MetaData.LastUpdatedTime < " + second_literal(end));
        }
        return {std::string(entity_.type), and_inactive(where), "MetaData.LastUpdatedTime"};
    }

    std::string and_inactive(std::string where) const {
        if (entity_.transaction || !entity_.has_active) {
            return where;
        }
        return where + (where.empty() ? "" : " AND ") + "Active IN (true, false)";
    }

    Result<void> note_time(const Listing& listing) {
        if (!listing.time) {
            return Error{
                ErrorCode::kTransient, "QuickBooks' answer does not tell its time", "qbo.no_time"};
        }
        page_.source_time = *listing.time;
        return {};
    }

    void add(const Json& object) {
        Record record;
        record.entity = request_.entity;
        record.key = text_at(object, "Id");
        record.changed_at = changed_at(object).value_or(kNoTime);
        if (auto text = text_of(object)) {
            record.operation =
                is_deleted(object) ? RecordOperation::kDelete : RecordOperation::kUpsert;
            record.json = *std::move(text);
            page_.records.push_back(std::move(record));
        }
    }

    std::optional<std::string> text_of(const Json& object) const {
        const auto posted = request_.filters.find(kPostedFilter);
        if (posted == request_.filters.end() || *posted != true || is_deleted(object)) {
            return record_text(entity_, object, home_);
        }
        auto record = entity_.record(object, home_);
        if (record) {
            add_posted(entity_.type, object, home_, *record);
        }
        return record ? std::optional(dump_json(*record)) : std::nullopt;
    }

    const Api& api_;
    const ReadRequest& request_;
    const SourceEntity& entity_;
    const Currency home_;
    const std::int64_t limit_;
    Page page_;
};

Result<Currency> home_currency(const Api& api) {
    if (const auto known = known_home_currency(api.host())) {
        return *known;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, api.get("preferences"));
    const Json& preferences = child_at(child_at(answer, "Preferences"), "CurrencyPrefs");
    const auto currency = Currency::parse(reference_at(preferences, "HomeCurrency"));
    if (!currency) {
        return Error{
            ErrorCode::kTransient,
            "QuickBooks' preferences name no home currency",
            "qbo.no_home_currency"};
    }
    keep_home_currency(api.host(), *currency);
    return *currency;
}

}  // namespace

Result<Page> read_page(const Api& api, const ReadRequest& request) {
    const SourceEntity* entity = find_source_entity(request.entity);
    if (entity == nullptr) {
        std::string names;
        for (const auto& one : source_entities()) {
            names += (names.empty() ? "" : ", ") + std::string(one.entity);
        }
        return Error{
            ErrorCode::kUnsupported,
            "QuickBooks has no entity '" + request.entity + "' to read; it has " + names,
            "qbo.entity"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Currency home, home_currency(api));
    return Reader(api, request, *entity, home).read();
}

}  // namespace syncline::quickbooks
