#include "storage/migrator.hpp"

#include <algorithm>
#include <cstdio>
#include <map>

#include "core/sha256.hpp"

namespace syncline::storage {
namespace {

constexpr auto kCreateTable = R"sql(
    CREATE TABLE IF NOT EXISTS schema_migrations (
        version       INTEGER PRIMARY KEY,
        name          TEXT    NOT NULL,
        sha256        TEXT    NOT NULL,  -- of the file; an applied file never changes
        applied_at_ms INTEGER NOT NULL
    ) STRICT
)sql";
constexpr auto kApplied = "SELECT version, sha256 FROM schema_migrations ORDER BY version";
constexpr auto kRemember =
    "INSERT INTO schema_migrations (version, name, sha256, applied_at_ms) VALUES (?, ?, ?, ?)";
constexpr auto kCopy = "VACUUM INTO ?";

Error refused(const std::string& message) {
    return Error{ErrorCode::kStorage, message, "storage.schema"};
}

std::string copy_name(const std::string& path, int version) {
    std::string number = std::to_string(version);
    number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
    return path + ".before-" + number;
}

using Applied = std::map<std::int64_t, std::string>;

Result<void> check_applied(const Applied& applied, const std::vector<Migration>& migrations) {
    for (const auto& [version, hash] : applied) {
        const auto known = std::find_if(migrations.begin(), migrations.end(), [&](const auto& one) {
            return one.version == version;
        });
        if (known == migrations.end()) {
            return refused(
                "the database has schema version " + std::to_string(version) +
                ", this program knows up to " +
                std::to_string(migrations.empty() ? 0 : migrations.back().version) +
                ": it was made by a newer Syncline; install that version or restore the copy made "
                "before its upgrade"
            );
        }
        if (sha256_hex(known->sql) != hash) {
            return refused(
                "migration " + known->name +
                " has changed since it was applied to this database; an applied migration must "
                "never change"
            );
        }
    }
    return {};
}

Result<Applied> applied_to(const Database& database) {
    return database.read([](Sql& sql) -> Result<Applied> {
        Applied result;
        for (auto& [version, hash] : sql.rows<std::int64_t, std::string>(kApplied)) {
            result[version] = hash;
        }
        return result;
    });
}

}  // namespace

Result<void> check_migrated(const Database& database) {
    SYNCLINE_ASSIGN_OR_RETURN(const Applied applied, applied_to(database));
    SYNCLINE_RETURN_IF_ERROR(check_applied(applied, embedded_migrations()));
    if (applied.size() != embedded_migrations().size()) {
        return refused(
            "the host that has the database open is of an older version; restart it with this one"
        );
    }
    return {};
}

Result<void> migrate(
    Database& database, const std::vector<Migration>& migrations, std::int64_t now_ms
) {
    SYNCLINE_RETURN_IF_ERROR(database.write([](Sql& sql) -> Result<void> {
        sql.run(kCreateTable);
        return {};
    }));
    SYNCLINE_ASSIGN_OR_RETURN(const Applied applied, applied_to(database));
    SYNCLINE_RETURN_IF_ERROR(check_applied(applied, migrations));
    const auto next = std::find_if(migrations.begin(), migrations.end(), [&](const auto& one) {
        return applied.count(one.version) == 0;
    });
    if (!applied.empty() && next != migrations.end()) {
        const std::string copy = copy_name(database.path(), next->version);
        std::remove(copy.c_str());  // of an upgrade that did not get further
        SYNCLINE_RETURN_IF_ERROR(database.read([&](Sql& sql) -> Result<void> {
            sql.run(kCopy, copy);
            return {};
        }));
    }
    for (const auto& migration : migrations) {
        if (applied.count(migration.version) != 0) {
            continue;
        }
        const auto done = database.write([&](Sql& sql) -> Result<void> {
            sql.script(migration.sql);
            sql.run(
                kRemember, migration.version, migration.name, sha256_hex(migration.sql), now_ms
            );
            return {};
        });
        if (!done) {
            return refused("migration " + migration.name + " failed: " + done.error().message);
        }
    }
    return {};
}

}  // namespace syncline::storage
