#include "storage/migrator.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace syncline::storage;

class MigratorTest : public ::testing::Test {
protected:
    void SetUp() override { database_ = Database::open({dir_.file("a.db")}).value(); }
    Result<void> apply(const std::vector<Migration>& migrations) {
        return migrate(*database_, migrations, 1);
    }
    std::vector<std::string> tables() {
        return database_
            ->read([](Sql& sql) -> Result<std::vector<std::string>> {
                std::vector<std::string> names;
                for (const auto& [name] : sql.rows<std::string>(
                         "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
                     )) {
                    names.push_back(name);
                }
                return names;
            })
            .value();
    }

    TempDir dir_;
    std::unique_ptr<Database> database_;
    const std::vector<Migration> first_{{1, "0001_create_a", "CREATE TABLE a (x INTEGER) STRICT;"}};
};

TEST_F(MigratorTest, AppliesEachFileOnce) {
    ASSERT_TRUE(apply(first_));
    ASSERT_TRUE(apply(first_));
    EXPECT_EQ(tables(), (std::vector<std::string>{"a", "schema_migrations"}));
}

TEST_F(MigratorTest, RefusesAnAppliedFileThatChanged) {
    ASSERT_TRUE(apply(first_));
    const auto changed = apply({{1, "0001_create_a", "CREATE TABLE a (x TEXT) STRICT;"}});
    ASSERT_FALSE(changed.has_value());
    EXPECT_NE(changed.error().message.find("0001_create_a has changed"), std::string::npos);
}

TEST_F(MigratorTest, RefusesANewerSchema) {
    auto two = first_;
    two.push_back({2, "0002_create_b", "CREATE TABLE b (x INTEGER) STRICT;"});
    ASSERT_TRUE(apply(two));
    const auto older = apply(first_);
    ASSERT_FALSE(older.has_value());
    EXPECT_NE(older.error().message.find("newer Syncline"), std::string::npos);
}

TEST_F(MigratorTest, AFileThatFailsLeavesNothingBehindAndACopyIsThere) {
    ASSERT_TRUE(apply(first_));
    auto two = first_;
    two.push_back({2, "0002_broken", "CREATE TABLE b (x INTEGER) STRICT; CREATE TABLE nonsense;"});
    const auto broken = apply(two);
    ASSERT_FALSE(broken.has_value());
    EXPECT_NE(broken.error().message.find("0002_broken failed"), std::string::npos);
    EXPECT_EQ(tables(), (std::vector<std::string>{"a", "schema_migrations"}));
    EXPECT_TRUE(std::filesystem::exists(dir_.file("a.db.before-0002")));
}

// migrations/schema.sql is what people read; it must be what the files make.
TEST_F(MigratorTest, TheSnapshotIsWhatTheFilesMake) {
    ASSERT_TRUE(apply(embedded_migrations()));
    const auto made = database_->read([](Sql& sql) -> Result<std::string> {
        std::string text;
        for (const auto& [statement] :
             sql.rows<std::string>("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name "
                                   "NOT IN ('schema_migrations', 'sqlite_sequence') "
                                   "ORDER BY rowid")) {
            text += statement + ";\n";
        }
        return text;
    });
    std::ifstream file(std::string(SYNCLINE_SOURCE_DIR) + "/migrations/schema.sql");
    std::stringstream snapshot;
    snapshot << file.rdbuf();
    EXPECT_EQ(snapshot.str(), *made)
        << "write the right-hand side to migrations/schema.sql if the change is meant";
}

}  // namespace
}  // namespace syncline::testing
