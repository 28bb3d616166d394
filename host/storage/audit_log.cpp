#include "storage/audit_log.hpp"

#include <algorithm>

#include <syncline/detail/text.hpp>

#include "core/sha256.hpp"

namespace syncline::storage {
namespace {

constexpr std::int64_t kSlice = 1'000;
constexpr std::size_t kTextMax = 1'000;
constexpr std::size_t kDetailMax = 16'000;

constexpr auto kInstallation = "SELECT id FROM installation";
constexpr auto kLast = "SELECT hash FROM audit_log ORDER BY id DESC LIMIT 1";
constexpr auto kGiven = "SELECT seq FROM sqlite_sequence WHERE name = 'audit_log'";
constexpr auto kInsert = R"sql(
    INSERT INTO audit_log (id, tenant_id, at_ms, event, object, outcome, reason, detail, actor,
                           credential, role, address, request, previous_hash, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
#define SYNCLINE_AUDIT_COLUMNS                                                     \
    "SELECT id, tenant_id, at_ms, event, object, outcome, reason, detail, actor, " \
    "credential, role, address, request, previous_hash, hash FROM audit_log "
constexpr auto kAfter = SYNCLINE_AUDIT_COLUMNS "WHERE id > ? ORDER BY id LIMIT ?";
// ?1 and ?2 are the tenant and the installation, or the tenant twice.
constexpr auto kList = SYNCLINE_AUDIT_COLUMNS R"sql(
    WHERE tenant_id IN (?, ?) AND (? = 0 OR id < ?)
      AND (? = '' OR event = ? OR (substr(?, -1) = '.' AND substr(event, 1, length(?)) = ?))
      AND (? = '' OR actor = ?) AND (? = '' OR object = ?) AND (? = '' OR outcome = ?)
      AND at_ms >= ? AND (? = 0 OR at_ms < ?)
    ORDER BY id DESC LIMIT ?
)sql";
#undef SYNCLINE_AUDIT_COLUMNS

using Row = std::tuple<
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string>;

AuditRow to_audit_row(const Row& row) {
    AuditRow stored;
    AuditEntry& entry = stored.entry;
    stored.id = std::get<0>(row);
    entry.tenant = TenantId{std::get<1>(row)};
    entry.at_ms = std::get<2>(row);
    entry.event = std::get<3>(row);
    entry.object = std::get<4>(row);
    entry.outcome = std::get<5>(row);
    entry.reason = std::get<6>(row);
    stored.detail = std::get<7>(row);
    entry.actor = {
        std::get<8>(row),
        std::get<9>(row),
        std::get<10>(row),
        std::get<11>(row),
        std::get<12>(row)};
    stored.previous_hash = std::get<13>(row);
    stored.hash = std::get<14>(row);
    auto detail = parse_json(stored.detail);
    entry.detail = detail ? std::move(*detail) : Json(stored.detail);
    return stored;
}

// What the first row follows on: rows of another installation do not fit.
std::string genesis(Sql& sql) {
    return sha256_hex(
        "syncline audit log of " + sql.value<std::string>(kInstallation).value_or("")
    );
}

std::string cut(const std::string& text) {
    return std::string(detail::prefix_of(text, kTextMax));
}

std::string detail_text(const AuditEntry& entry) {
    std::string text = dump_json(entry.detail);
    return text.size() <= kDetailMax ? text
                                     : dump_json(Json{{"too_long", true}, {"bytes", text.size()}});
}

// Empty when the row follows on what was before.
std::string problem_of(
    const AuditRow& row, std::int64_t last_id, const std::string& previous_hash
) {
    const std::string number = std::to_string(row.id);
    if (row.id != last_id + 1) {
        return "row " + std::to_string(last_id + 1) +
               " is missing: " + (last_id == 0 ? "the log begins with" : "the next one is") +
               " row " + number;
    }
    if (row.previous_hash != previous_hash) {
        return "row " + number + " does not follow on " +
               (last_id == 0 ? "the beginning of this installation's log"
                             : "row " + std::to_string(last_id)) +
               ": it holds another hash of what was before";
    }
    if (row.hash != sha256_hex(audit_canonical(row))) {
        return "row " + number +
               " was changed after it was written: its hash is not that of its "
               "content";
    }
    return "";
}

AuditVerdict broken(AuditVerdict verdict, std::int64_t row, std::string problem) {
    verdict.broken_row = row;
    verdict.problem = std::move(problem);
    return verdict;
}

}  // namespace

std::string audit_canonical(const AuditRow& row) {
    const AuditEntry& entry = row.entry;
    return dump_json(Json::array(
        {row.previous_hash,
         row.id,
         entry.tenant.value,
         entry.at_ms,
         entry.event,
         entry.object,
         entry.outcome,
         entry.reason,
         row.detail,
         entry.actor.name,
         entry.actor.credential,
         entry.actor.role,
         entry.actor.address,
         entry.actor.request}
    ));
}

void append_audit(Sql& sql, const AuditEntry& entry) {
    AuditRow row;
    row.entry = entry;
    for (std::string* text :
         {&row.entry.event,
          &row.entry.object,
          &row.entry.reason,
          &row.entry.actor.name,
          &row.entry.actor.credential,
          &row.entry.actor.role,
          &row.entry.actor.address,
          &row.entry.actor.request}) {
        *text = cut(*text);
    }
    row.detail = detail_text(entry);
    row.id = sql.value<std::int64_t>(kGiven).value_or(0) + 1;
    const auto last = sql.value<std::string>(kLast);
    row.previous_hash = last ? *last : genesis(sql);
    row.hash = sha256_hex(audit_canonical(row));
    sql.run(
        kInsert,
        row.id,
        row.entry.tenant.value,
        row.entry.at_ms,
        row.entry.event,
        row.entry.object,
        row.entry.outcome,
        row.entry.reason,
        row.detail,
        row.entry.actor.name,
        row.entry.actor.credential,
        row.entry.actor.role,
        row.entry.actor.address,
        row.entry.actor.request,
        row.previous_hash,
        row.hash
    );
}

AuditVerdict verify_audit(Sql& sql, const std::string& expected_head) {
    AuditVerdict verdict;
    verdict.head = genesis(sql);
    bool seen = expected_head.empty() || expected_head == verdict.head;
    std::int64_t last_id = 0;
    for (auto rows = sql.select<Row>(kAfter, 0, kSlice); !rows.empty();
         rows = sql.select<Row>(kAfter, last_id, kSlice)) {
        for (const auto& one : rows) {
            const AuditRow row = to_audit_row(one);
            if (auto problem = problem_of(row, last_id, verdict.head); !problem.empty()) {
                return broken(verdict, last_id + 1, std::move(problem));
            }
            last_id = row.id;
            verdict.head = row.hash;
            ++verdict.rows;
            seen = seen || verdict.head == expected_head;
        }
    }
    const std::int64_t given = sql.value<std::int64_t>(kGiven).value_or(0);
    if (given != last_id) {
        return broken(
            verdict,
            last_id + 1,
            "row " + std::to_string(last_id + 1) + " is missing: " + std::to_string(given) +
                " rows were written"
        );
    }
    if (!seen) {
        return broken(
            verdict,
            1,
            "no row has the expected hash: the log was written anew, or it is another one's"
        );
    }
    return verdict;
}

void each_audit_row(Sql& sql, const std::function<void(const AuditRow&)>& visit) {
    std::int64_t last_id = 0;
    for (auto rows = sql.select<Row>(kAfter, 0, kSlice); !rows.empty();
         rows = sql.select<Row>(kAfter, last_id, kSlice)) {
        for (const auto& one : rows) {
            const AuditRow row = to_audit_row(one);
            visit(row);
            last_id = row.id;
        }
    }
}

Result<void> AuditLog::append(const AuditEntry& entry) {
    return database_.write([&](Sql& sql) -> Result<void> {
        append_audit(sql, entry);
        return {};
    });
}

Result<std::vector<AuditRow>> AuditLog::list(
    TenantId tenant, bool with_installation, const AuditFilter& filter
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<AuditRow>> {
        std::vector<AuditRow> all;
        for (const auto& row : sql.select<Row>(
                 kList,
                 tenant.value,
                 with_installation ? 0 : tenant.value,
                 filter.before_id,
                 filter.before_id,
                 filter.event,
                 filter.event,
                 filter.event,
                 filter.event,
                 filter.event,
                 filter.actor,
                 filter.actor,
                 filter.object,
                 filter.object,
                 filter.outcome,
                 filter.outcome,
                 filter.from_ms,
                 filter.to_ms,
                 filter.to_ms,
                 filter.limit
             )) {
            all.push_back(to_audit_row(row));
        }
        return all;
    });
}

}  // namespace syncline::storage
