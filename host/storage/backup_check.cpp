#include "storage/backup_check.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include <stdlib.h>

#include "storage/backup.hpp"
#include "storage/database.hpp"
#include "storage/database_file.hpp"
#include "storage/invariants.hpp"
#include "storage/key_ring.hpp"
#include "storage/migrator.hpp"
#include "storage/plain_session.hpp"
#include "storage/soundness.hpp"
#include "storage/vault.hpp"

namespace syncline::storage {
namespace {

namespace fs = std::filesystem;

constexpr int kDamageShown = 10;
constexpr CopyPace kAtOnce{4096, std::chrono::milliseconds(0)};

constexpr auto kHasSchema =
    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'";
constexpr auto kVersion = "SELECT coalesce(max(version), 0) FROM schema_migrations";
constexpr auto kObjects =
    "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL";
constexpr auto kCounts = R"sql(
    SELECT 'tenants', count(*) FROM tenants
    UNION ALL SELECT 'connections', count(*) FROM connections
    UNION ALL SELECT 'flows', count(*) FROM flows
    UNION ALL SELECT 'jobs', count(*) FROM sync_queue
    UNION ALL SELECT 'jobs not settled', count(*) FROM sync_queue WHERE state <> 'settled'
    UNION ALL SELECT 'dead letters', count(*) FROM sync_queue WHERE state = 'dead'
    UNION ALL SELECT 'runs', count(*) FROM sync_runs
    UNION ALL SELECT 'id mappings', count(*) FROM id_mappings
    UNION ALL SELECT 'audit rows', count(*) FROM audit_log
    UNION ALL SELECT 'requests not settled', count(*) FROM intents WHERE state = 'open'
)sql";

using Objects = std::map<std::string, std::string>;

// A folder that only we may enter, and that is gone afterwards.
class Scratch {
public:
    explicit Scratch(const std::string& parent) : path_(parent + "/.syncline-verify-XXXXXX") {}
    ~Scratch() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    Result<void> make() {
        if (::mkdtemp(path_.data()) == nullptr) {
            const Error error{
                ErrorCode::kStorage,
                "a scratch folder cannot be made (" + path_ + ": " + std::strerror(errno) +
                    "); name one with room for the backup with --scratch",
                "backup.scratch"};
            path_.clear();
            return error;
        }
        return {};
    }
    std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

// It need not survive a power cut.
DatabaseConfig scratch_database(const std::string& path) {
    DatabaseConfig config;
    config.path = path;
    config.readers = 1;
    config.synchronous = "OFF";
    return config;
}

Objects objects_of(Sql& sql) {
    Objects objects;
    for (auto& [name, text] : sql.rows<std::string, std::string>(kObjects)) {
        objects[name] = std::move(text);
    }
    return objects;
}

// What this program's migrations make.
Result<Objects> expected_objects(const std::string& file) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto fresh, Database::open(scratch_database(file)));
    SYNCLINE_RETURN_IF_ERROR(migrate(*fresh, embedded_migrations(), 0));
    return fresh->read([](Sql& sql) -> Result<Objects> { return objects_of(sql); });
}

std::vector<std::string> differences(const Objects& found, const Objects& expected) {
    std::vector<std::string> sentences;
    for (const auto& [name, text] : expected) {
        const auto same = found.find(name);
        if (same == found.end()) {
            sentences.push_back("the schema lacks its " + name);
        } else if (same->second != text) {
            sentences.push_back("the schema has another " + name + " than this program makes");
        }
    }
    return sentences;
}

// Pages, references and the version; whether a host of this program could go on with it.
Result<bool> look_at_file(const std::string& file, BackupReport& report) {
    return guard_storage([&]() -> Result<bool> {
        Sql sql = plain_session(file);
        report.problems = all_damage(sql, kDamageShown);
        if (!report.problems.empty()) {
            return false;
        }
        if (sql.value<std::int64_t>(kHasSchema).value_or(0) == 0) {
            report.problems.push_back("it is no database of Syncline: it has no schema version");
            return false;
        }
        report.schema_version = sql.value<std::int64_t>(kVersion).value_or(0);
        return true;
    });
}

Result<void> look_at_content(Database& database, BackupReport& report) {
    return database.read([&](Sql& sql) -> Result<void> {
        const auto broken = broken_invariants(sql);
        report.problems.insert(report.problems.end(), broken.begin(), broken.end());
        for (auto& [what, count] : sql.rows<std::string, std::int64_t>(kCounts)) {
            report.counts.emplace_back(std::move(what), count);
        }
        return {};
    });
}

// As the host would: opened, brought to the newest schema, its key tried.
Result<void> restore(
    const Scratch& scratch,
    const std::string& restored,
    std::unique_ptr<KeyEncryption> keys,
    BackupReport& report
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto database, Database::open(scratch_database(restored)));
    SYNCLINE_RETURN_IF_ERROR(migrate(*database, embedded_migrations(), 0));
    SYNCLINE_ASSIGN_OR_RETURN(const auto expected, expected_objects(scratch.file("expected.db")));
    SYNCLINE_ASSIGN_OR_RETURN(const auto found, database->read([](Sql& sql) -> Result<Objects> {
        return objects_of(sql);
    }));
    const auto others = differences(found, expected);
    report.problems.insert(report.problems.end(), others.begin(), others.end());
    SYNCLINE_RETURN_IF_ERROR(look_at_content(*database, report));
    if (keys == nullptr) {
        return {};
    }
    report.key_checked = true;
    return Vault(*database, std::move(keys)).check_key();
}

// No room, no rights: that says nothing of the backup.
bool scratch_failed(const Error& error) {
    return error.name == "storage.full" || error.name == "storage.io" ||
           error.name == "storage.open" || error.name == "storage.read_only";
}

std::string problem_of(const Error& error) {
    if (error.name == "storage.no_database") {
        return "it is no SQLite database, or its first page is lost";
    }
    return error.name == "storage.corrupt" ? "a page of it cannot be read" : error.message;
}

}  // namespace

Result<BackupReport> check_backup(
    const std::string& file, const std::string& scratch_parent, const std::optional<Key>& key
) {
    return check_backup_with(file, scratch_parent, key ? std::make_unique<KeyRing>(*key) : nullptr);
}

Result<BackupReport> check_backup_with(
    const std::string& file, const std::string& scratch_parent, std::unique_ptr<KeyEncryption> keys
) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) {
        return Error{ErrorCode::kStorage, "there is no file " + file, "backup.unknown"};
    }
    BackupReport report;
    report.file = file;
    report.bytes = static_cast<std::int64_t>(fs::file_size(file, error));
    Scratch scratch(scratch_parent);
    SYNCLINE_RETURN_IF_ERROR(scratch.make());
    const std::string restored = scratch.file("restored.db");
    SYNCLINE_RETURN_IF_ERROR(create_private(restored));

    Result<void> looked = copy_database(file, restored, kAtOnce);
    if (looked) {
        const auto sound = look_at_file(restored, report);
        looked = sound ? Result<void>() : Result<void>(sound.error());
        if (sound && *sound) {
            looked = restore(scratch, restored, std::move(keys), report);
        }
    }
    if (!looked && scratch_failed(looked.error())) {
        return looked.error();
    }
    if (!looked) {
        report.problems.push_back(problem_of(looked.error()));
    }
    return report;
}

}  // namespace syncline::storage
