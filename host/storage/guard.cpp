#include "storage/guard.hpp"

#include <algorithm>
#include <array>

#include <Poco/Data/DataException.h>
#include <Poco/Data/SQLite/SQLiteException.h>

namespace syncline::storage {

namespace sqlite = Poco::Data::SQLite;

constexpr std::array kFileFailures{
    "storage.full",
    "storage.locked",
    "storage.read_only",
    "storage.corrupt",
    "storage.io",
    "storage.open",
    "storage.no_database",
    "storage.transaction"};
constexpr auto kNoDatabase = "file is not a database";  // SQLite's words

std::string damaged(const std::string& how) {
    return "the file is damaged (" + how +
           "); nothing more is written to it. Stop the host, keep the file with its -wal aside, "
           "and put a sound backup in its place (`syncline backup verify FILE` says whether one "
           "is)";
}

bool is_file_failure(const Error& error) {
    return error.code == ErrorCode::kStorage &&
           std::find(kFileFailures.begin(), kFileFailures.end(), error.name) != kFileFailures.end();
}

Error storage_error(std::exception_ptr exception) {
    const auto stored = [](const std::string& message, const char* name) {
        return Error{ErrorCode::kStorage, message, name};
    };
    try {
        std::rethrow_exception(std::move(exception));
    } catch (const sqlite::DatabaseFullException& e) {
        return stored(
            "the disk is full (" + e.message() +
                "); free some space there, nothing is lost and work goes on by itself",
            "storage.full"
        );
    } catch (const sqlite::DBLockedException& e) {
        return stored(
            "another program keeps the file locked (" + e.message() +
                "); end what has it open (fuser shows which), work goes on by itself",
            "storage.locked"
        );
    } catch (const sqlite::ReadOnlyException& e) {
        return stored(
            "the file is read-only (" + e.message() +
                "); let the host's user write it and its folder, or mount its disk for writing, "
                "then start the host again",
            "storage.read_only"
        );
    } catch (const sqlite::CorruptImageException& e) {
        if (e.message().find(kNoDatabase) != std::string::npos) {
            return stored(
                "the file is no SQLite database; the setting database.url names another file, or "
                "this one was overwritten: then restore a backup",
                "storage.no_database"
            );
        }
        return stored(damaged(e.message()), "storage.corrupt");
    } catch (const sqlite::ConstraintViolationException& e) {
        return Error{ErrorCode::kExists, e.message(), "storage.constraint"};
    } catch (const sqlite::IOErrorException& e) {
        return stored(
            "the file cannot be read or written (" + e.message() +
                "); look at the system's log for what its disk reports",
            "storage.io"
        );
    } catch (const sqlite::CantOpenDBFileException& e) {
        return stored("the file cannot be opened: " + e.message(), "storage.open");
    } catch (const Poco::Data::ConnectionFailedException& e) {
        return stored("the file cannot be opened: " + e.message(), "storage.open");
    } catch (const Poco::Exception& e) {
        return Error{ErrorCode::kBug, e.displayText(), "storage.statement"};
    } catch (const std::exception& e) {
        return Error{ErrorCode::kBug, e.what(), "storage.exception"};
    } catch (...) {
        return Error{ErrorCode::kBug, "an unknown exception", "storage.exception"};
    }
}

}  // namespace syncline::storage
