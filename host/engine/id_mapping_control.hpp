// Id mappings that people make and take away: one by hand, which is looked up on both sides, and
// many from CSV, which are not. Everything is within one tenant.
#pragma once

#include <string>
#include <vector>

#include "engine/connection_pool.hpp"
#include "engine/writer.hpp"
#include "storage/id_mapping_directory.hpp"

namespace syncline::engine {

// A link as a person gives it.
struct WantedLink {
    std::string source;  // names of connections
    std::string target;
    std::string entity;  // singular, of the source
    std::string source_id;
    std::string target_entity;  // the target's own word, or canonical
    std::string target_id;
    std::string role;      // empty: as the target's connector would make it
    std::string identity;  // empty: as the source has it
};

// What is wrong with one line of an import.
struct ImportProblem {
    std::size_t line = 0;
    std::string column;
    std::string message;
};

struct ImportReport {
    std::int64_t lines = 0;
    std::int64_t created = 0;
    std::int64_t unchanged = 0;
    std::vector<ImportProblem> problems;  // at most kImportProblemsMax
};
inline constexpr std::size_t kImportProblemsMax = 100;
inline constexpr std::size_t kImportLinesMax = 5'000;

// The heading of an export, and of an import, which may leave out the last two columns.
const std::vector<std::string>& id_mapping_columns();
// One row of an export, as an import takes it.
std::vector<std::string> id_mapping_cells(const storage::IdMappingRow& row);

class IdMappingControl {
public:
    IdMappingControl(Stores& stores, ConnectionPool& pool, Writer& writer, const Clock& clock)
        : stores_(stores),
          directory_(stores.database),
          pool_(pool),
          writer_(writer),
          clock_(clock) {}

    // For whoever only looks.
    const storage::IdMappingDirectory& directory() const { return directory_; }

    // The link, completed by what source and target say. Asks both, so it may take long. Errors:
    // kInvalid with the place in the request, kNotFound; kExists "id_mapping.not_in_source",
    // "id_mapping.not_in_target"; of source and target.
    Result<storage::NewLink> look_up(TenantId tenant, const WantedLink& wanted);
    // Part of a caller's unit of work. Errors: those of IdMappingDirectory::link().
    Result<storage::IdMappingRow> create(storage::Sql& sql, const storage::NewLink& link);

    // Every line or none: with a problem in any of them nothing is linked. Asks neither source nor
    // target. With `dry_run` nothing is linked anyway. A unit of work of its own, or part of the
    // caller's. Errors: kInvalid for what is no CSV, or has another heading.
    Result<ImportReport> import(TenantId tenant, const std::string& csv, bool dry_run);

    // Part of a caller's unit of work. The record's next delivery makes a new document, or finds
    // the one there is. Errors: kNotFound.
    Result<storage::IdMappingRow> remove(storage::Sql& sql, TenantId tenant, std::int64_t id) {
        return directory_.remove(sql, tenant, id);
    }

private:
    struct Line {
        std::size_t number = 0;
        storage::NewLink link;
    };
    // Those that are sound; the others are in the report.
    Result<std::vector<Line>> lines_of(
        TenantId tenant, const std::string& csv, ImportReport& report
    );

    Stores& stores_;
    storage::IdMappingDirectory directory_;
    ConnectionPool& pool_;
    Writer& writer_;
    const Clock& clock_;
};

}  // namespace syncline::engine
