#include "storage/database.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace syncline::storage;

class DatabaseTest : public ::testing::Test {
protected:
    void SetUp() override {
        database_ = Database::open({dir_.file("a.db")}).value();
        ASSERT_TRUE(database_->write([](Sql& sql) -> Result<void> {
            sql.run(
                "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, blob BLOB) "
                "STRICT"
            );
            return {};
        }));
    }
    std::int64_t count() {
        return database_
            ->read([](Sql& sql) -> Result<std::int64_t> {
                return sql.value<std::int64_t>("SELECT count(*) FROM t").value();
            })
            .value();
    }
    Result<void> insert(const std::string& name) {
        return database_->write([&](Sql& sql) -> Result<void> {
            sql.run("INSERT INTO t (name) VALUES (?)", name);
            return {};
        });
    }

    TempDir dir_;
    std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, KeepsEveryTypeOfValue) {
    const std::string bytes("a\0b\xff", 4);
    const auto row = database_->write([&](Sql& sql) {
        sql.run("INSERT INTO t (name, blob) VALUES (?, ?)", "it's", Blob{bytes});
        sql.run("INSERT INTO t (name, blob) VALUES (?, ?)", "", std::optional<Blob>());
        using Rows = std::vector<std::tuple<std::int64_t, std::string, std::optional<Blob>>>;
        return Result<Rows>(sql.rows<std::int64_t, std::string, std::optional<Blob>>(
            "SELECT id, name, blob FROM t ORDER BY id"
        ));
    });
    ASSERT_EQ(row->size(), 2u);
    EXPECT_EQ(std::get<1>(row->at(0)), "it's");
    EXPECT_EQ(std::get<2>(row->at(0))->bytes, bytes);
    EXPECT_EQ(std::get<1>(row->at(1)), "");
    EXPECT_FALSE(std::get<2>(row->at(1)).has_value());
}

TEST_F(DatabaseTest, AUnitThatFailsTakesNobodyElseWithIt) {
    std::vector<std::thread> threads;
    std::atomic<int> refused{0};
    for (int i = 0; i < 40; ++i) {
        threads.emplace_back([&, i] {
            const auto done = database_->write([&](Sql& sql) -> Result<void> {
                sql.run("INSERT INTO t (name) VALUES (?)", "n" + std::to_string(i));
                if (i % 4 == 0) {
                    return invalid("changed my mind");
                }
                if (i % 4 == 1) {
                    sql.run(
                        "INSERT INTO t (name) VALUES (?)", "n" + std::to_string(i)
                    );  // not unique
                }
                return {};
            });
            refused += done ? 0 : 1;
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(refused, 20);
    EXPECT_EQ(count(), 20);
}

TEST_F(DatabaseTest, NamesABrokenConstraint) {
    ASSERT_TRUE(insert("a"));
    const auto again = insert("a");
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, ErrorCode::kExists);
}

TEST_F(DatabaseTest, RefusesASecondHostAndSaysWhoHasIt) {
    const auto second = Database::open({dir_.file("a.db")});
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().name, "storage.in_use");
    EXPECT_NE(
        second.error().message.find("process " + std::to_string(::getpid())), std::string::npos
    ) << second.error().message;
    database_.reset();
    EXPECT_TRUE(Database::open({dir_.file("a.db")}).has_value());
}

TEST_F(DatabaseTest, AFullDiskIsSaidAndWorkGoesOnWhenThereIsRoom) {
    const auto limit = [&](std::int64_t pages) {
        return database_->write([&](Sql& sql) -> Result<void> {
            sql.script("PRAGMA max_page_count = " + std::to_string(pages));
            return {};
        });
    };
    ASSERT_TRUE(limit(1));  // as small as it is now
    Result<void> result;
    int stored = 0;
    while ((result = insert(std::string(3000, 'x') + std::to_string(stored)))) {
        ASSERT_LT(++stored, 100);
    }
    EXPECT_EQ(result.error().name, "storage.full") << result.error().message;
    EXPECT_EQ(count(), stored);
    ASSERT_TRUE(limit(1'000'000));
    EXPECT_TRUE(insert("after"));
    EXPECT_EQ(count(), stored + 1);
}

TEST_F(DatabaseTest, AMissingFolderIsNamed) {
    const auto none = Database::open({dir_.file("no/such/folder/a.db")});
    ASSERT_FALSE(none.has_value());
    EXPECT_NE(none.error().message.find("no/such/folder"), std::string::npos);
}

TEST_F(DatabaseTest, AUnitWithinAUnitJoinsIt) {
    const auto outer = database_->write([&](Sql& sql) -> Result<void> {
        sql.run("INSERT INTO t (name) VALUES ('outer')");
        SYNCLINE_RETURN_IF_ERROR(insert("inner"));
        EXPECT_EQ(count(), 2) << "a read within the unit sees what the unit wrote";
        return invalid("all of it goes");
    });
    EXPECT_FALSE(outer);
    EXPECT_EQ(count(), 0);
    ASSERT_TRUE(database_->write([&](Sql&) { return insert("inner"); }));
    EXPECT_EQ(count(), 1);
}

TEST_F(DatabaseTest, AJoinedUnitThatFailsIsRolledBackAlone) {
    ASSERT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
        sql.run("INSERT INTO t (name) VALUES ('a')");
        const auto inner = database_->write([&](Sql& joined) -> Result<void> {
            joined.run("INSERT INTO t (name) VALUES ('b')");
            return insert("a");  // its name is taken
        });
        EXPECT_EQ(inner.error().code, ErrorCode::kExists);
        EXPECT_EQ(count(), 1);
        return insert("c");
    }));
    EXPECT_EQ(count(), 2);
}

TEST_F(DatabaseTest, TwoOpenTheFileWhenOneSaysSo) {
    ASSERT_TRUE(insert("ours"));
    DatabaseConfig beside{dir_.file("a.db")};
    EXPECT_EQ(Database::open(beside).error().name, "storage.in_use");
    beside.exclusive = false;
    const auto other = Database::open(beside).value();
    ASSERT_TRUE(other->write([](Sql& sql) -> Result<void> {
        sql.run("INSERT INTO t (name) VALUES ('theirs')");
        return {};
    }));
    ASSERT_TRUE(insert("ours again"));
    EXPECT_EQ(count(), 3);
}

}  // namespace
}  // namespace syncline::testing
