// The database file under the real program: backups while it works, and a file that is locked,
// read-only, damaged or made by a newer version. What is said has the file and what to do.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

namespace fs = std::filesystem;

// A program that has the file open besides the host.
class OtherProgram {
public:
    explicit OtherProgram(const std::string& file) {
        EXPECT_EQ(sqlite3_open(file.c_str(), &database_), SQLITE_OK);
        sqlite3_busy_timeout(database_, 5000);
    }
    ~OtherProgram() { sqlite3_close(database_); }
    OtherProgram(const OtherProgram&) = delete;
    OtherProgram& operator=(const OtherProgram&) = delete;

    void execute(const char* sql) {
        char* message = nullptr;
        EXPECT_EQ(sqlite3_exec(database_, sql, nullptr, nullptr, &message), SQLITE_OK)
            << (message != nullptr ? message : "");
        sqlite3_free(message);
    }

private:
    sqlite3* database_ = nullptr;
};

class StoreTest : public ::testing::Test {
protected:
    void expect_run(const Words& arguments, int status, const Words& words) {
        const auto done = host_.run(arguments);
        EXPECT_EQ(done.status, status) << done.output;
        expect_words(done.output, words);
    }
    void expect_refused(const Words& words, const Words& prefix = {}) {
        const auto refused = host_.refused_start({}, prefix);
        EXPECT_EQ(refused.status, 1) << refused.output;
        expect_words(refused.output, words);
    }
    void run_once() {
        host_.start();
        host_.stop();
    }

    DemoShop shop_;
    HostProcess host_{shop_.config()};
};

TEST_F(StoreTest, ABackupOfAHostAtWorkIsRestoredAndGoesOnWithoutALossOrADuplicate) {
    shop_.control("POST", "/faults", {{"times", nullptr}, {"action", {{"delay_ms", 400}}}});
    host_.start();
    ASSERT_EQ(host_.post("/api/sync/orders").status, 202);
    ASSERT_TRUE(comes_true([&] { return shop_.documents().size() > 0; }));
    const std::string file = host_.file("during.db");
    expect_run({"backup", "create", file}, 0, {file, "bytes", "encryption key"});
    EXPECT_LT(shop_.documents().size(), 45U) << "the backup was to be made in the midst of it";
    expect_run({"backup", "verify", file}, 0, {"sound, it can be restored", "jobs"});
    expect_run({"backup", "create", file}, 1, {file, "already"});
    const auto json = Json::parse(host_.run({"backup", "verify", file, "-o", "json"}).output);
    EXPECT_TRUE(json.at("problems").empty());
    EXPECT_TRUE(json.at("key_checked"));
    ASSERT_EQ(host_.unsettled(40), "");
    EXPECT_EQ(shop_.wrong(), "");
    const auto all = shop_.inventory();

    // The machine is lost; what the backup does not know is at the platforms already.
    host_.kill();
    for (const char* suffix : {"", "-wal", "-shm"}) {
        fs::remove(host_.database() + suffix);
    }
    fs::copy_file(file, host_.database());
    shop_.control("DELETE", "/faults");
    host_.start();
    ASSERT_EQ(host_.unsettled(60), "");
    ASSERT_EQ(host_.post("/api/sync/orders", {{"mode", "full"}}).status, 202);
    ASSERT_EQ(host_.unsettled(60), "");
    EXPECT_EQ(shop_.wrong(), "") << host_.log();
    EXPECT_EQ(shop_.inventory(), all);
    EXPECT_EQ(host_.stop(), 0);
    const std::string folder = host_.file("backups");
    fs::create_directory(folder);
    expect_run({"backup", "create", folder}, 0, {folder + "/syncline-2"});
}

TEST_F(StoreTest, ABackupThatCannotBeRestoredFailsWithItsReasons) {
    run_once();
    const std::string file = host_.file("copy.db");
    expect_run({"backup", "create", file}, 0, {file});
    OtherProgram(file).execute("PRAGMA foreign_keys = OFF; DELETE FROM installation");
    expect_run({"backup", "verify", file}, 1, {file, "do not restore it", "no id of its own"});
    expect_run({"backup", "verify", host_.file("none.db")}, 1, {"there is no file", "none.db"});
    expect_run({"backup", "keep", file}, 2, {"backup create FILE"});
}

TEST_F(StoreTest, AFileLockedByAnotherProgramMakesTheHostUnreadyUntilItIsFree) {
    host_.start();
    OtherProgram other(host_.database());
    other.execute("BEGIN IMMEDIATE");
    const Answer refused = host_.call("PUT", "/api/flows/shop-warehouse-orders/pause");
    expect_problem(refused, 503, {"/errors/storage.locked", host_.database(), "has it open"});
    const Answer unready = host_.get("/readyz");
    EXPECT_EQ(unready.status, 503);
    expect_words(unready.text, {host_.database(), "keeps the file locked"});
    EXPECT_EQ(host_.get("/livez").status, 200);
    EXPECT_EQ(host_.get("/api/flows").status, 200);
    other.execute("ROLLBACK");
    EXPECT_TRUE(comes_true([&] { return host_.get("/readyz").status == 200; }));
    EXPECT_EQ(host_.call("PUT", "/api/flows/shop-warehouse-orders/pause").status, 200);
    EXPECT_EQ(host_.stop(), 0);
}

TEST_F(StoreTest, AStartOnALockedFileSaysSoAndEnds) {
    run_once();
    OtherProgram other(host_.database());
    other.execute("BEGIN IMMEDIATE");
    expect_refused({host_.database(), "another program keeps the file locked"});
}

TEST_F(StoreTest, AFileThatMayNotBeWrittenIsRefused) {
    run_once();
    ASSERT_EQ(chmod(host_.database().c_str(), 0400), 0);
    // Root writes everything unless it gives up the right to.
    const Words prefix =
        geteuid() == 0 ? Words{"/usr/bin/setpriv", "--bounding-set=-dac_override"} : Words{};
    expect_refused({host_.database(), "Permission denied", "able to read and write it"}, prefix);
    ASSERT_EQ(chmod(host_.database().c_str(), 0600), 0);
    run_once();
}

TEST_F(StoreTest, ADamagedFileIsRefusedAndLeftAsItIs) {
    run_once();
    ASSERT_FALSE(fs::exists(host_.database() + "-wal"));
    {
        std::fstream file(host_.database(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4096 * 3);
        file << std::string(4096, '\x7f');
    }
    const auto content = [&] {
        std::ifstream file(host_.database(), std::ios::binary);
        return std::string{std::istreambuf_iterator<char>(file), {}};
    };
    const std::string before = content();
    expect_refused({host_.database(), "damaged", "syncline backup verify FILE"});
    EXPECT_TRUE(content() == before) << "it was written to";
    expect_run({"backup", "create", host_.file("copy.db")}, 1, {"no backup was made", "damaged"});
    EXPECT_FALSE(fs::exists(host_.file("copy.db")));
}

TEST_F(StoreTest, ADatabaseOfANewerVersionIsRefusedAndLeftAsItIs) {
    run_once();
    OtherProgram(host_.database())
        .execute("INSERT INTO schema_migrations VALUES (9999, '9999_future', 'x', 1)");
    expect_refused({"schema version 9999", "newer Syncline", "install that version"});
    OtherProgram(host_.database()).execute("DELETE FROM schema_migrations WHERE version = 9999");
    run_once();
}

}  // namespace
}  // namespace syncline::test
