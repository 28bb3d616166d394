#include "storage/sql.hpp"

#include <Poco/Data/DataException.h>
#include <Poco/Data/SQLite/Utility.h>
#include <sqlite3.h>

namespace syncline::storage {
namespace {

sqlite3* handle(const Poco::Data::Session& session) {
    return Poco::Data::SQLite::Utility::dbHandle(session);
}

}  // namespace

void Sql::script(const std::string& text) {
    char* message = nullptr;
    const int code = sqlite3_exec(handle(session_), text.c_str(), nullptr, nullptr, &message);
    if (code != SQLITE_OK) {
        const std::string detail = message != nullptr ? message : sqlite3_errstr(code);
        sqlite3_free(message);
        Poco::Data::SQLite::Utility::throwException(handle(session_), code, detail);
    }
}

std::int64_t Sql::last_insert_id() {
    return sqlite3_last_insert_rowid(handle(session_));
}

std::int64_t Sql::changes() {
    return sqlite3_changes64(handle(session_));
}

bool Sql::autocommit() {
    return sqlite3_get_autocommit(handle(session_)) != 0;
}

}  // namespace syncline::storage
