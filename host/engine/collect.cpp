#include "engine/collect.hpp"

#include <algorithm>
#include <set>

#include "core/failpoint.hpp"
#include "core/flow.hpp"
#include "core/log.hpp"
#include "engine/overlap.hpp"
#include "engine/record_parts.hpp"
#include "engine/shrink.hpp"
#include "engine/sweep.hpp"

namespace syncline::engine {
namespace {

constexpr std::int64_t kClockAheadMaxMs = 86'400'000;

// Given ids are what a person asks for and waits to see.
int priority_of(SyncMode mode) {
    return mode == SyncMode::kBackfill ? 3 : mode == SyncMode::kIds ? 0 : 2;
}

// A backfill and given ids say nothing about what lies outside of them, nor does a run with filters
// of its own about what it left out.
bool moves_cursor(const storage::Run& run) {
    return (run.mode == SyncMode::kIncremental || run.mode == SyncMode::kFull) &&
           run.options.filters.empty();
}

std::string scan_name(SyncMode mode, const storage::RunOptions& options) {
    std::string name(enum_name(mode));
    if (mode == SyncMode::kBackfill) {
        name += ":" + (options.from ? options.from->to_string() : "") + ":" +
                (options.to ? options.to->to_string() : "");
    }
    if (!options.filters.empty()) {
        name += ":" + dump_json(to_json(options.filters));
    }
    return name;
}

// The cursor follows the source's clock; one that is days ahead would take it past everything that
// changes until then.
Result<void> check_source_clock(Timestamp source, Timestamp ours) {
    if (source.ms <= ours.ms + kClockAheadMaxMs) {
        return {};
    }
    return Error{
        ErrorCode::kTransient,
        "the source's clock says " + source.to_string() +
            ", more than a day ahead of this host's " + ours.to_string() +
            "; set the clock that is wrong",
        "source.clock_ahead"};
}

void add_page(Page& page, ReadRecords& to) {
    std::move(page.records.begin(), page.records.end(), std::back_inserter(to.records));
    std::move(page.unreadable.begin(), page.unreadable.end(), std::back_inserter(to.unreadable));
}

}  // namespace

storage::Cursor begin_scan(
    const storage::Cursor& cursor,
    SyncMode mode,
    const storage::RunOptions& options,
    std::int64_t overlap_ms
) {
    const std::string name = scan_name(mode, options);
    if (cursor.scanning && cursor.scan_mode == name) {
        return cursor;
    }
    storage::Cursor begun;
    begun.cursor_ms = cursor.cursor_ms;
    begun.scanning = true;
    begun.scan_mode = name;
    begun.shrunk_seen = cursor.shrunk_seen;
    begun.shrunk_known = cursor.shrunk_known;
    begun.shrunk_at_ms = cursor.shrunk_at_ms;
    if (mode == SyncMode::kIncremental && cursor.cursor_ms > 0) {
        begun.scan_from_ms = std::max<std::int64_t>(1, cursor.cursor_ms - overlap_ms);
    } else if (mode == SyncMode::kBackfill && options.from) {
        begun.scan_from_ms = options.from->ms;
    }
    return begun;
}

Result<ReadingEnd> Collector::collect(
    const storage::Run& run, const std::atomic<bool>* stop, ReadingLimit limit
) {
    SYNCLINE_ASSIGN_OR_RETURN(const Flow flow, stores_.flows.by_id(run.flow));
    SYNCLINE_ASSIGN_OR_RETURN(const auto session, pool_.open(flow.source, stop));
    Scan state{run, flow, {}, {}, {}, {}, {}, false};
    if (run.options.confirmation != 0) {
        SYNCLINE_ASSIGN_OR_RETURN(
            state.approved, stores_.confirmations.approved(run.options.confirmation, flow.id)
        );
    }
    if (!limit.continues) {
        SYNCLINE_RETURN_IF_ERROR(
            stores_.jobs.take_up_parked(flow.id, run.id, state.approved, clock_.now().ms)
        );
        if (limit.begun) {
            limit.begun();
        }
    }
    if (run.mode == SyncMode::kIds) {
        SYNCLINE_RETURN_IF_ERROR(collect_ids(*session, state));
        return ReadingEnd::kDone;
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto cursor, stores_.flows.cursor(flow.id, flow.definition.entity)
    );
    if (rests_until_night(*session, run, cursor, clock_.now())) {
        SYNCLINE_RETURN_IF_ERROR(note_rest(state));
        return ReadingEnd::kDone;
    }
    const bool swept = is_swept(session->spec(), flow.definition.entity);
    state.sees_all = swept || run.mode == SyncMode::kFull;
    const std::int64_t overlap = read_overlap(*session, config_, cursor.cursor_ms, clock_.now());
    state.cursor = begin_scan(cursor, run.mode, run.options, overlap);
    state.after_id = state.cursor.scan_last_id;
    state.next = state.cursor.scan_next;
    if (swept) {
        state.cursor.scan_from_ms = 0;
    }
    if (state.cursor.scan_from_ms > 0) {
        state.window.from = Timestamp{state.cursor.scan_from_ms};
    }
    if (run.mode == SyncMode::kBackfill) {
        state.window.to = run.options.to;
    }
    return scan(*session, state, stop, limit.pages);
}

Result<ReadingEnd> Collector::scan(
    ConnectionSession& session, Scan& scan, const std::atomic<bool>* stop, std::int64_t pages_max
) {
    const std::int64_t batch_size = scan.run.options.batch_size > 0
                                        ? scan.run.options.batch_size
                                        : scan.flow.definition.batch_size;
    ReadRecords batch;
    batch.read_ms = clock_.now().ms;
    std::int64_t pages = 0;
    for (bool more = true; more;) {
        SYNCLINE_ASSIGN_OR_RETURN(const bool stopped, stores_.runs.stop_requested(scan.run.id));
        const bool put_back = pages_max > 0 && pages >= pages_max;
        if (stopped || put_back || (stop != nullptr && stop->load())) {
            SYNCLINE_RETURN_IF_ERROR(store(scan, batch, false));
            return put_back ? ReadingEnd::kPutBack : ReadingEnd::kDone;
        }
        const auto allowed = is_polling(scan.run)
                                 ? pool_.budgets().allow_polling(session.connection())
                                 : Result<void>();
        if (!allowed) {
            SYNCLINE_RETURN_IF_ERROR(store(scan, batch, false));
            return allowed.error();
        }
        ReadRequest request;
        request.entity = scan.flow.definition.entity;
        request.window = scan.window;
        request.after_id = scan.after_id;
        request.next = scan.next;
        request.limit = std::min(session.spec().limits.read_page_max, batch_size);
        auto page = session.read(request);
        if (!page) {
            SYNCLINE_RETURN_IF_ERROR(store(scan, batch, false));
            return page.error();
        }
        if (scan.cursor.scan_to_ms == 0) {
            SYNCLINE_RETURN_IF_ERROR(check_source_clock(page->source_time, clock_.now()));
            scan.cursor.scan_to_ms = page->source_time.ms - config_.margin_ms;
        }
        more = page->more;
        if (more && page->last_id.empty()) {
            return Error{
                ErrorCode::kBug,
                "the connector says there is more but not after which id",
                "connector.no_last_id"};
        }
        if (more && page->last_id == scan.after_id && page->next == scan.next) {
            return Error{
                ErrorCode::kBug,
                "the connector says there is more but goes on where it was (after id '" +
                    page->last_id + "')",
                "connector.no_progress"};
        }
        scan.after_id = page->last_id.empty() ? scan.after_id : page->last_id;
        scan.next = page->next;
        add_page(*page, batch);
        ++pages;
        if (!more || batch.size() >= batch_size) {
            SYNCLINE_RETURN_IF_ERROR(store(scan, batch, !more));
            batch = {};
            batch.read_ms = clock_.now().ms;
        }
    }
    return ReadingEnd::kDone;
}

Result<void> Collector::collect_ids(ConnectionSession& session, Scan& scan) {
    const std::vector<std::string>& ids = scan.run.options.ids;
    const auto page_max = static_cast<std::size_t>(session.spec().limits.read_page_max);
    for (std::size_t at = 0; at < ids.size(); at += page_max) {
        ReadRequest request;
        request.entity = scan.flow.definition.entity;
        const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(at);
        request.ids.assign(
            begin, begin + static_cast<std::ptrdiff_t>(std::min(page_max, ids.size() - at))
        );
        request.limit = static_cast<std::int64_t>(request.ids.size());
        ReadRecords batch;
        batch.read_ms = clock_.now().ms;
        SYNCLINE_ASSIGN_OR_RETURN(Page page, session.read(request));
        add_page(page, batch);
        SYNCLINE_RETURN_IF_ERROR(store(scan, batch, false));
    }
    return {};
}

RaiseRules Collector::rules_of(const Scan& scan) {
    RaiseRules rules;
    rules.priority = priority_of(scan.run.mode);
    rules.always = scan.run.mode != SyncMode::kIncremental;
    rules.asked_for = scan.run.mode == SyncMode::kIds;
    rules.filters = scan.run.options.filters;
    rules.approved = scan.approved;
    return rules;
}

Result<bool> Collector::check_shrink(const Scan& scan, storage::Cursor& cursor) {
    if (!scan.sees_all) {
        return false;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto known, stores_.flows.known_records(scan.flow.id));
    if (!shrunk(known, cursor.scan_seen)) {
        cursor.shrunk_seen = 0;
        cursor.shrunk_known = 0;
        cursor.shrunk_at_ms = 0;
        return false;
    }
    if (cursor.shrunk_at_ms > 0 && sees_the_same(cursor.shrunk_seen, cursor.scan_seen)) {
        return false;
    }
    cursor.shrunk_seen = cursor.scan_seen;
    cursor.shrunk_known = known;
    cursor.shrunk_at_ms = clock_.now().ms;
    storage::LogEntry entry;
    entry.tenant = scan.flow.tenant;
    entry.at_ms = cursor.shrunk_at_ms;
    entry.level = "warning";
    entry.event = "source.shrunk";
    entry.run = scan.run.id;
    entry.flow = scan.flow.id;
    entry.entity = scan.flow.definition.entity;
    entry.message = "a full scan saw " + std::to_string(cursor.scan_seen) + " records where " +
                    std::to_string(known) +
                    " are known; nothing is taken for deleted, and the cursor stays until another "
                    "full scan sees the same";
    log::warn(entry.message, {{"flow", scan.run.flow_name}, {"run", scan.run.id}});
    SYNCLINE_RETURN_IF_ERROR(stores_.log.append(entry));
    return true;
}

Result<void> Collector::note_rest(const Scan& scan) {
    storage::LogEntry entry;
    entry.tenant = scan.flow.tenant;
    entry.at_ms = clock_.now().ms;
    entry.level = "info";
    entry.event = "source.swept_today";
    entry.run = scan.run.id;
    entry.flow = scan.flow.id;
    entry.entity = scan.flow.definition.entity;
    entry.message = "the source cannot tell which " + plural_of(scan.flow.definition.entity) +
                    " changed, so a schedule reads all of them once a night; that was done today";
    return stores_.log.append(entry);
}

Result<void> Collector::store(Scan& scan, const ReadRecords& batch, bool ended) {
    SYNCLINE_ASSIGN_OR_RETURN(auto jobs, jobs_of(stores_, scan.flow, batch, rules_of(scan)));
    SYNCLINE_ASSIGN_OR_RETURN(auto of_parts, jobs_of_missing_parts(stores_, scan.flow, batch));
    storage::Cursor cursor = scan.cursor;
    cursor.scan_last_id = scan.after_id;
    cursor.scan_next = scan.next;
    cursor.scan_seen += batch.size();
    scan.cursor.scan_seen = cursor.scan_seen;
    const std::int64_t now = clock_.now().ms;
    if (ended) {
        cursor.scanning = false;
        cursor.scan_last_id.clear();
        cursor.scan_next.clear();
        SYNCLINE_ASSIGN_OR_RETURN(const bool shrunk, check_shrink(scan, cursor));
        if (moves_cursor(scan.run) && !shrunk) {
            cursor.cursor_ms = std::max(cursor.cursor_ms, cursor.scan_to_ms);
        }
    }
    const bool scans = scan.run.mode != SyncMode::kIds;
    SYNCLINE_FAILPOINT("collect.before_store");
    const auto stored = stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        const RaisedRecords raised = raise(sql, stores_, scan.flow, jobs, scan.run.id, now);
        storage::RunCounts counts;
        counts.read = batch.size();
        counts.skipped = raised.skipped;
        counts.failed = raised.dead;
        stores_.runs.count(sql, scan.run.id, counts, raised.pending);
        for (auto& [flow, missing] : of_parts) {
            raise(sql, stores_, flow, missing, std::nullopt, now);
        }
        SYNCLINE_FAILPOINT("collect.in_store");
        if (scans) {
            stores_.flows.save_cursor(sql, scan.flow.id, scan.flow.definition.entity, cursor, now);
        }
        return {};
    });
    SYNCLINE_FAILPOINT("collect.after_store");
    return stored;
}

}  // namespace syncline::engine
