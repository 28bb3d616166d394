#include "storage/soundness.hpp"

#include <algorithm>
#include <array>

#include "storage/guard.hpp"

namespace syncline::storage {
namespace {

constexpr std::array kGrowing{
    "sync_queue", "id_mappings", "sync_logs", "sync_runs", "intents", "intent_items"};
// 16 MiB of the usual pages: some 20 ms.
constexpr std::int64_t kCheckedWholePages = 4096;

constexpr auto kTables =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
constexpr auto kOrphans =
    "SELECT coalesce(\"table\", ''), coalesce(rowid, 0), coalesce(parent, '') "
    "FROM pragma_foreign_key_check LIMIT ?";

// "ok", or what is wrong.
std::string first_damage(Sql& sql, const std::string& argument) {
    const std::string text = "PRAGMA quick_check(" + argument + ")";
    return sql.value<std::string>(text.c_str()).value_or("ok");
}

Result<void> expect_ok(const std::string& found) {
    return found == "ok"
               ? Result<void>()
               : Result<void>(Error{ErrorCode::kStorage, damaged(found), "storage.corrupt"});
}

}  // namespace

Result<void> check_sound(Sql& sql) {
    const auto tables = sql.rows<std::string>(kTables);
    if (sql.value<std::int64_t>("PRAGMA page_count").value_or(0) <= kCheckedWholePages) {
        return expect_ok(first_damage(sql, "1"));
    }
    for (const auto& [table] : tables) {
        if (std::find(kGrowing.begin(), kGrowing.end(), table) == kGrowing.end()) {
            SYNCLINE_RETURN_IF_ERROR(expect_ok(first_damage(sql, table)));
        }
    }
    return {};
}

std::vector<std::string> all_damage(Sql& sql, int limit) {
    std::vector<std::string> found;
    const std::string check = "PRAGMA integrity_check(" + std::to_string(limit) + ")";
    for (const auto& [sentence] : sql.rows<std::string>(check.c_str())) {
        if (sentence != "ok") {
            found.push_back(sentence);
        }
    }
    if (found.empty()) {
        for (const auto& [table, row, parent] :
             sql.rows<std::string, std::int64_t, std::string>(kOrphans, limit)) {
            found.push_back(
                "row " + std::to_string(row) + " of " + table + " refers to a row of " + parent +
                " that is not there"
            );
        }
    }
    return found;
}

}  // namespace syncline::storage
