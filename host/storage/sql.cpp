#include "storage/sql.hpp"

#include <functional>
#include <unordered_map>

#include <Poco/Data/DataException.h>
#include <Poco/Data/SQLite/Utility.h>
#include <sqlite3.h>

namespace syncline::storage {
namespace {

// More different texts than the program has; those that are put together (filters) may be many.
constexpr std::size_t kKeptMax = 200;

sqlite3* handle(const Poco::Data::Session& session) {
    return Poco::Data::SQLite::Utility::dbHandle(session);
}

[[noreturn]] void fail(sqlite3* database, int code, const std::string& detail) {
    Poco::Data::SQLite::Utility::throwException(database, code, detail);
    throw Poco::Data::DataException(detail);  // a code it takes for none
}

void check(sqlite3_stmt* statement, int code) {
    if (code != SQLITE_OK) {
        sqlite3* const database = sqlite3_db_handle(statement);
        fail(database, code, sqlite3_errmsg(database));
    }
}

struct HashText : std::hash<std::string_view> {
    using is_transparent = void;
};

}  // namespace

StatementUse::~StatementUse() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

bool StatementUse::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code != SQLITE_DONE) {
        sqlite3* const database = sqlite3_db_handle(statement_);
        fail(database, code, sqlite3_errmsg(database));
    }
    return false;
}

void StatementUse::expect_parameters(int count) const {
    if (sqlite3_bind_parameter_count(statement_) != count) {
        throw Poco::Data::DataException(
            "a statement has other parameters than it was given", sqlite3_sql(statement_)
        );
    }
}

void StatementUse::bind_integer(int at, std::int64_t value) {
    check(statement_, sqlite3_bind_int64(statement_, at, value));
}

void StatementUse::bind_text(int at, std::string_view value) {
    // An empty view may point nowhere, which SQLite takes for NULL.
    const char* const text = value.empty() ? "" : value.data();
    check(
        statement_,
        sqlite3_bind_text64(statement_, at, text, value.size(), SQLITE_STATIC, SQLITE_UTF8)
    );
}

void StatementUse::bind(int at, const Blob& value) {
    check(
        statement_,
        sqlite3_bind_blob64(statement_, at, value.bytes.data(), value.bytes.size(), SQLITE_STATIC)
    );
}

void StatementUse::bind_null(int at) {
    check(statement_, sqlite3_bind_null(statement_, at));
}

std::int64_t StatementUse::column(int at, Type<std::int64_t>) const {
    return sqlite3_column_int64(statement_, at);
}

std::string StatementUse::column(int at, Type<std::string>) const {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, at));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, at));
    return text == nullptr ? std::string() : std::string(text, size);
}

Blob StatementUse::column(int at, Type<Blob>) const {
    const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(statement_, at));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, at));
    return {bytes == nullptr ? std::string() : std::string(bytes, size)};
}

bool StatementUse::is_null(int at) const {
    return sqlite3_column_type(statement_, at) == SQLITE_NULL;
}

class Sql::Prepared {
public:
    Prepared() = default;
    ~Prepared() { forget(); }
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;

    sqlite3_stmt* find(sqlite3* database, std::string_view text) {
        if (const auto known = by_text_.find(text); known != by_text_.end()) {
            return known->second;
        }
        if (by_text_.size() >= kKeptMax) {
            forget();
        }
        sqlite3_stmt* statement = nullptr;
        const int code = sqlite3_prepare_v3(
            database,
            text.data(),
            static_cast<int>(text.size()),
            SQLITE_PREPARE_PERSISTENT,
            &statement,
            nullptr
        );
        if (code != SQLITE_OK) {
            fail(database, code, sqlite3_errmsg(database));
        }
        by_text_.emplace(std::string(text), statement);
        return statement;
    }

private:
    void forget() {
        for (const auto& [text, statement] : by_text_) {
            sqlite3_finalize(statement);
        }
        by_text_.clear();
    }

    std::unordered_map<std::string, sqlite3_stmt*, HashText, std::equal_to<>> by_text_;
};

Sql::Sql(Poco::Data::Session session)
    : session_(std::move(session)), prepared_(std::make_unique<Prepared>()) {}

Sql::~Sql() = default;

Sql::Sql(Sql&&) noexcept = default;

sqlite3_stmt* Sql::prepared(const char* text) {
    return prepared_->find(handle(session_), text);
}

void Sql::script(const std::string& text) {
    char* message = nullptr;
    const int code = sqlite3_exec(handle(session_), text.c_str(), nullptr, nullptr, &message);
    if (code != SQLITE_OK) {
        const std::string detail = message != nullptr ? message : sqlite3_errstr(code);
        sqlite3_free(message);
        fail(handle(session_), code, detail);
    }
}

std::int64_t Sql::last_insert_id() {
    return sqlite3_last_insert_rowid(handle(session_));
}

std::int64_t Sql::changes() {
    return sqlite3_changes64(handle(session_));
}

std::int64_t Sql::total_changes() {
    return sqlite3_total_changes64(handle(session_));
}

bool Sql::autocommit() {
    return sqlite3_get_autocommit(handle(session_)) != 0;
}

}  // namespace syncline::storage
