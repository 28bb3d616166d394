#include "storage/guard.hpp"

#include <Poco/Data/SQLite/SQLiteException.h>

namespace syncline::storage {

namespace sqlite = Poco::Data::SQLite;

Error storage_error(std::exception_ptr exception) {
    const auto stored = [](const std::string& message, const char* name) {
        return Error{ErrorCode::kStorage, message, name};
    };
    try {
        std::rethrow_exception(std::move(exception));
    } catch (const sqlite::DatabaseFullException& e) {
        return stored(
            "the disk that holds the database is full (" + e.message() +
                "); free some space, work goes on by itself",
            "storage.full"
        );
    } catch (const sqlite::DBLockedException& e) {
        return stored(
            "the database is locked by another program: " + e.message(), "storage.locked"
        );
    } catch (const sqlite::ReadOnlyException& e) {
        return stored("the database file is read-only: " + e.message(), "storage.read_only");
    } catch (const sqlite::CorruptImageException& e) {
        return stored(
            "the database file is damaged: " + e.message() + "; restore a backup", "storage.corrupt"
        );
    } catch (const sqlite::ConstraintViolationException& e) {
        return Error{ErrorCode::kExists, e.message(), "storage.constraint"};
    } catch (const sqlite::IOErrorException& e) {
        return stored("the database file cannot be read or written: " + e.message(), "storage.io");
    } catch (const sqlite::CantOpenDBFileException& e) {
        return stored("the database file cannot be opened: " + e.message(), "storage.open");
    } catch (const Poco::Exception& e) {
        return Error{ErrorCode::kBug, e.displayText(), "storage.statement"};
    } catch (const std::exception& e) {
        return Error{ErrorCode::kBug, e.what(), "storage.exception"};
    } catch (...) {
        return Error{ErrorCode::kBug, "an unknown exception", "storage.exception"};
    }
}

}  // namespace syncline::storage
