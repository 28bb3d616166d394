#include "storage/backup.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <thread>

#include <Poco/Data/SQLite/Utility.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "storage/guard.hpp"
#include "storage/plain_session.hpp"
#include "storage/soundness.hpp"

namespace syncline::storage {
namespace {

namespace fs = std::filesystem;

// A writer that commits holds the file for milliseconds; somebody who keeps it locked is told of.
constexpr std::chrono::milliseconds kBusyMax{10'000};
constexpr int kDamageShown = 5;

constexpr auto kSchemaVersion = "SELECT coalesce(max(version), 0) FROM schema_migrations";

struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;

struct EndCopy {
    void operator()(sqlite3_backup* copy) const { sqlite3_backup_finish(copy); }
};

void check(sqlite3* database, int code) {
    const int primary = code & 0xff;  // the backup interface answers extended codes
    if (primary != SQLITE_OK && primary != SQLITE_DONE) {
        Poco::Data::SQLite::Utility::throwException(database, primary, sqlite3_errstr(code));
    }
}

Handle open_handle(const std::string& path, int flags) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
    Handle handle(opened);
    check(opened, code);
    sqlite3_busy_timeout(opened, static_cast<int>(kBusyMax.count()));
    return handle;
}

void copy_steps(sqlite3* from, sqlite3* to, const CopyPace& pace) {
    const std::unique_ptr<sqlite3_backup, EndCopy> copy(
        sqlite3_backup_init(to, "main", from, "main")
    );
    if (!copy) {
        check(to, sqlite3_errcode(to));
    }
    for (;;) {
        const int code = sqlite3_backup_step(copy.get(), pace.pages_per_step);
        if (code == SQLITE_DONE) {
            return;
        }
        check(to, code);
        std::this_thread::sleep_for(pace.pause);
    }
}

Error named(Error error, const std::string& file) {
    if (error.message.find(file) == std::string::npos) {
        error.message.insert(0, file + ": ");
    }
    return error;
}

Error cannot(const std::string& what, const std::string& file) {
    return Error{
        ErrorCode::kStorage,
        "cannot " + what + " " + file + ": " + std::strerror(errno),
        "backup.file"};
}

// A file beside the target that is gone unless it is kept.
class Part {
public:
    explicit Part(const std::string& target) : path_(target + ".part-XXXXXX") {}
    ~Part() {
        if (!path_.empty()) {
            for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
                std::remove((path_ + suffix).c_str());
            }
        }
    }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

    Result<void> make() {
        const int file = ::mkstemp(path_.data());  // mode 0600
        if (file < 0) {
            return cannot("write the backup", path_);
        }
        ::close(file);
        return {};
    }
    Result<void> keep_as(const std::string& target) {
        SYNCLINE_RETURN_IF_ERROR(sync(path_, O_RDONLY));
        if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) != 0) {
            return cannot("name the finished backup", target);
        }
        path_.clear();
        const auto folder = fs::absolute(target).parent_path().string();
        return sync(folder, O_RDONLY | O_DIRECTORY);
    }
    const std::string& path() const { return path_; }

private:
    static Result<void> sync(const std::string& path, int flags) {
        const int file = ::open(path.c_str(), flags | O_CLOEXEC);
        const bool synced = file >= 0 && ::fsync(file) == 0;
        const Error error = cannot("make durable", path);
        if (file >= 0) {
            ::close(file);
        }
        return synced ? Result<void>() : Result<void>(error);
    }

    std::string path_;
};

Error damaged_original(const std::string& database, const std::string& how) {
    return Error{
        ErrorCode::kStorage,
        "no backup was made: " + database + " is damaged (" + how +
            "); keep the former backups, stop the host and restore the newest one that `syncline "
            "backup verify` finds sound",
        "backup.damaged"};
}

// A single file, whole: the copy has the log mode of its original. Answers its schema version.
Result<std::int64_t> finish_copy(const std::string& copy, const std::string& database) {
    auto finished = guard_storage([&]() -> Result<std::int64_t> {
        Sql sql = plain_session(copy);
        sql.script("PRAGMA journal_mode = DELETE");
        const auto damage = all_damage(sql, kDamageShown);
        if (!damage.empty()) {
            return damaged_original(database, damage.front());
        }
        return sql.value<std::int64_t>(kSchemaVersion).value_or(0);
    });
    if (!finished && finished.error().name == "storage.corrupt") {
        return damaged_original(database, "a page cannot be read");
    }
    return finished;
}

}  // namespace

Result<void> copy_database(const std::string& from, const std::string& to, const CopyPace& pace) {
    const auto copied = guard_storage([&]() -> Result<void> {
        const Handle source = open_handle(from, SQLITE_OPEN_READONLY);
        const Handle target = open_handle(to, SQLITE_OPEN_READWRITE);
        // One snapshot for all steps: without it each commit of a host starts the copy anew.
        check(
            source.get(),
            sqlite3_exec(
                source.get(), "BEGIN; SELECT count(*) FROM sqlite_master", nullptr, nullptr, nullptr
            )
        );
        copy_steps(source.get(), target.get(), pace);
        return {};
    });
    return copied ? copied : Result<void>(named(copied.error(), from));
}

Result<BackupMade> create_backup(
    const std::string& database, const std::string& target, const CopyPace& pace
) {
    std::error_code error;
    if (!fs::is_regular_file(database, error)) {
        return Error{
            ErrorCode::kStorage,
            "there is no database " + database + "; the setting database.url names it",
            "backup.no_database"};
    }
    if (fs::exists(fs::symlink_status(target, error))) {
        return Error{
            ErrorCode::kExists,
            "there is a file " + target +
                " already; a backup replaces nothing, choose another "
                "name",
            "backup.exists"};
    }
    Part part(target);
    SYNCLINE_RETURN_IF_ERROR(part.make());
    SYNCLINE_RETURN_IF_ERROR(copy_database(database, part.path(), pace));
    auto version = finish_copy(part.path(), database);
    if (!version) {
        return named(version.error(), target);
    }
    SYNCLINE_RETURN_IF_ERROR(part.keep_as(target));
    return BackupMade{target, static_cast<std::int64_t>(fs::file_size(target, error)), *version};
}

}  // namespace syncline::storage
