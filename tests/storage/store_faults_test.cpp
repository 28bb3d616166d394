// What happens to the file while the host has it: locked, read-only, full, damaged. Each is said
// with the file and what to do, loses nothing, and ends by itself where it can.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support/filled_store.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace syncline::storage;
namespace fs = std::filesystem;

class StoreFaultsTest : public ::testing::Test {
protected:
    std::string path() const { return dir_.file("a.db"); }
    static Result<void> insert(Database& database, const std::string& name) {
        return database.write([&](Sql& sql) -> Result<void> {
            sql.run(
                "INSERT INTO tenants (name, state, created_at_ms) VALUES (?, 'active', 1)", name
            );
            return {};
        });
    }
    static bool healthy_soon(const Database& database) {
        for (int i = 0; i < 100 && !database.health(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        return database.health().has_value();
    }
    void expect_said(const Result<void>& result, const char* name, const std::string& words) {
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().code, ErrorCode::kStorage);
        EXPECT_EQ(result.error().name, name);
        EXPECT_NE(result.error().message.find(path()), std::string::npos) << result.error().message;
        EXPECT_NE(result.error().message.find(words), std::string::npos) << result.error().message;
    }
    // Overwrites the root page of a table, or of an index.
    void damage(const std::string& object) {
        std::int64_t page = 0;
        {
            Sql sql = plain_session(path());
            page = *sql.value<std::int64_t>(
                "SELECT rootpage FROM sqlite_master WHERE name = ?", object
            );
        }
        std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp((page - 1) * 4096);
        file << std::string(4096, '\x7f');
    }
    std::string bytes() const {
        std::ifstream file(path(), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    TempDir dir_;
};

TEST_F(StoreFaultsTest, AForeignWriteLockIsWaitedForThenSaidAndNothingIsLost) {
    FilledStore store(path());
    Sql other = plain_session(path());
    other.script("BEGIN IMMEDIATE");
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> writers;
    std::atomic<int> refused{0};
    for (int i = 0; i < 4; ++i) {
        writers.emplace_back([&, i] {
            const auto done = insert(*store.database, "t" + std::to_string(i));
            refused += done ? 0 : 1;
        });
    }
    const auto said = insert(*store.database, "mine");
    for (auto& writer : writers) {
        writer.join();
    }
    const auto waited = std::chrono::steady_clock::now() - start;
    EXPECT_GE(waited, std::chrono::seconds(4)) << "a short lock must not be an error";
    EXPECT_LT(waited, std::chrono::seconds(30));
    expect_said(said, "storage.locked", "end what has it open");
    EXPECT_EQ(refused, 4);
    expect_said(store.database->health(), "storage.locked", "work goes on by itself");
    EXPECT_EQ(store.count("sync_queue"), 5) << "what is stored can be read meanwhile";
    other.script("ROLLBACK");
    EXPECT_TRUE(healthy_soon(*store.database));
    EXPECT_TRUE(insert(*store.database, "mine"));
    EXPECT_EQ(store.count("tenants"), 2) << "a refused write is not there";
}

TEST_F(StoreFaultsTest, AShortForeignLockIsNoError) {
    FilledStore store(path());
    Sql other = plain_session(path());
    other.script("BEGIN IMMEDIATE");
    std::thread release([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        other.script("ROLLBACK");
    });
    EXPECT_TRUE(insert(*store.database, "mine"));
    release.join();
    EXPECT_TRUE(store.database->health());
}

TEST_F(StoreFaultsTest, AFileThatBecomesReadOnlyIsSaidAndWorkGoesOnWhenItIsNotAnyMore) {
    FilledStore store(path());
    // The pragma makes SQLite refuse as it does on a disk that was mounted read-only.
    Sql* writer = nullptr;
    store.write([&](Sql& sql) { writer = &sql; });
    writer->script("PRAGMA query_only = ON");
    expect_said(insert(*store.database, "mine"), "storage.read_only", "let the host's user write");
    expect_said(store.database->health(), "storage.read_only", "read-only");
    EXPECT_EQ(store.count("sync_queue"), 5);
    writer->script("PRAGMA query_only = OFF");
    EXPECT_TRUE(healthy_soon(*store.database));
    EXPECT_TRUE(insert(*store.database, "mine"));
}

TEST_F(StoreFaultsTest, AFailedUnitThatIsNotTheFilesFaultLeavesItHealthy) {
    FilledStore store(path());
    EXPECT_FALSE(insert(*store.database, "default")) << "it is unique";
    EXPECT_TRUE(store.database->health());
}

TEST_F(StoreFaultsTest, ADamagedFileIsNotOpenedAndNotTouched) {
    { const FilledStore store(path()); }
    damage("connections");
    const std::string before = bytes();
    const auto opened = Database::open({path()});
    ASSERT_FALSE(opened.has_value());
    expect_said(opened.error(), "storage.corrupt", "put a sound backup in its place");
    EXPECT_EQ(bytes(), before);
}

TEST_F(StoreFaultsTest, ADamagedPageThatARunningHostMeetsEndsAllWriting) {
    { const FilledStore store(path()); }
    // So large that only its small tables are looked at when it is opened.
    {
        Sql sql = plain_session(path());
        sql.script("UPDATE sync_queue SET record = zeroblob(20000000) WHERE source_id = '5'");
    }
    damage("sync_logs");
    auto database = Database::open({path()}).value();
    EXPECT_TRUE(insert(*database, "before"));
    const auto write_log = [&] {
        return database->write([](Sql& sql) -> Result<void> {
            sql.run("INSERT INTO tenants (name, state, created_at_ms) VALUES ('half', 'active', 1)"
            );
            sql.run(
                "INSERT INTO sync_logs (tenant_id, at_ms, level, event) VALUES (1, 1, 'info', 'x')"
            );
            return {};
        });
    };
    expect_said(write_log(), "storage.corrupt", "nothing more is written");
    expect_said(insert(*database, "after"), "storage.corrupt", "Stop the host");
    expect_said(database->health(), "storage.corrupt", "damaged");
    const auto tenants = database->read([](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>("SELECT count(*) FROM tenants").value();
    });
    EXPECT_EQ(tenants.value(), 2) << "the default tenant and 'before'";
    database.reset();
    {
        Sql sql = plain_session(path());
        EXPECT_EQ(sql.value<std::int64_t>("SELECT count(*) FROM tenants").value(), 2);
    }
}

TEST_F(StoreFaultsTest, ADamagedPageTakesTheWholeGroupThatWouldBeCommittedWithIt) {
    { const FilledStore store(path()); }
    {
        Sql sql = plain_session(path());
        sql.script("UPDATE sync_queue SET record = zeroblob(20000000) WHERE source_id = '5'");
    }
    damage("sync_logs");
    DatabaseConfig config;
    config.path = path();
    config.group_max = std::chrono::seconds(5);
    auto database = Database::open(config).value();
    std::thread first([&] {  // the other two wait for it and are one group then
        static_cast<void>(database->write([](Sql&) -> Result<void> {
            std::this_thread::sleep_for(std::chrono::milliseconds(300));
            return {};
        }));
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    Result<void> good;
    std::thread second([&] { good = insert(*database, "good"); });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const auto bad = database->write([](Sql& sql) -> Result<void> {
        sql.run("INSERT INTO sync_logs (tenant_id, at_ms, level, event) VALUES (1, 1, 'info', 'x')"
        );
        return {};
    });
    first.join();
    second.join();
    expect_said(bad, "storage.corrupt", "damaged");
    expect_said(good, "storage.corrupt", "damaged");
    EXPECT_EQ(
        database
            ->read([](Sql& sql) -> Result<std::int64_t> {
                return sql.value<std::int64_t>("SELECT count(*) FROM tenants").value();
            })
            .value(),
        1
    );
}

TEST_F(StoreFaultsTest, ADamagedPageThatIsOnlyReadEndsAllWritingToo) {
    { const FilledStore store(path()); }
    {
        Sql sql = plain_session(path());
        sql.script("UPDATE sync_queue SET record = zeroblob(20000000) WHERE source_id = '5'");
    }
    damage("sync_logs");
    auto database = Database::open({path()}).value();
    const auto read = database->read([](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>("SELECT count(*) FROM sync_logs WHERE message = ''").value();
    });
    ASSERT_FALSE(read.has_value());
    expect_said(read.error(), "storage.corrupt", "damaged");
    expect_said(insert(*database, "after"), "storage.corrupt", "damaged");
}

TEST_F(StoreFaultsTest, AFileThatIsNoDatabaseIsNotTouched) {
    std::ofstream(path()) << std::string(9000, 'z');
    const std::string before = bytes();
    const auto opened = Database::open({path()});
    ASSERT_FALSE(opened.has_value());
    expect_said(opened.error(), "storage.no_database", "database.url names another file");
    EXPECT_EQ(bytes(), before);
}

}  // namespace
}  // namespace syncline::testing
