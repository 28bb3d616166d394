// The host's database file, looked into and changed past the host.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace syncline::test {

class DatabaseFile {
public:
    explicit DatabaseFile(const std::string& path) {
        if (sqlite3_open(path.c_str(), &file_) == SQLITE_OK) {
            sqlite3_busy_timeout(file_, 10'000);
        }
    }
    ~DatabaseFile() { sqlite3_close(file_); }
    DatabaseFile(const DatabaseFile&) = delete;
    DatabaseFile& operator=(const DatabaseFile&) = delete;

    void execute(const std::string& statements) {
        char* error = nullptr;
        EXPECT_EQ(sqlite3_exec(file_, statements.c_str(), nullptr, nullptr, &error), SQLITE_OK)
            << error;
        sqlite3_free(error);
    }
    // The first column of every row.
    std::vector<std::string> column(const std::string& query) {
        std::vector<std::string> all;
        sqlite3_stmt* statement = nullptr;
        EXPECT_EQ(sqlite3_prepare_v2(file_, query.c_str(), -1, &statement, nullptr), SQLITE_OK)
            << sqlite3_errmsg(file_);
        while (sqlite3_step(statement) == SQLITE_ROW) {
            const void* bytes = sqlite3_column_blob(statement, 0);
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, 0));
            all.emplace_back(static_cast<const char*>(bytes), bytes == nullptr ? 0 : size);
        }
        sqlite3_finalize(statement);
        return all;
    }
    std::string value(const std::string& query) {
        const auto all = column(query);
        return all.empty() ? "" : all.front();
    }

private:
    sqlite3* file_ = nullptr;
};

}  // namespace syncline::test
