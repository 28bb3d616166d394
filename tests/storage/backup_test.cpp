// Backups of a database in use, and what is found in one that must not be restored.
#include "storage/backup.hpp"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include <sys/resource.h>

#include "storage/backup_check.hpp"
#include "storage/invariants.hpp"
#include "support/filled_store.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace syncline::storage;
namespace fs = std::filesystem;

std::string joined(const std::vector<std::string>& sentences) {
    std::string text;
    for (const auto& sentence : sentences) {
        text += sentence + "\n";
    }
    return text;
}

class BackupTest : public ::testing::Test {
protected:
    std::string backup() const { return dir_.file("backup.db"); }
    std::string path() const { return dir_.file("a.db"); }
    std::vector<std::string> problems(const std::optional<Key>& key = std::nullopt) {
        return check_backup(backup(), dir_.file(""), key).value().problems;
    }
    std::vector<std::string> left_over() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(dir_.file(""))) {
            const std::string name = entry.path().filename().string();
            // Whoever opens a file that is in WAL mode has these beside it.
            const bool of_sqlite = name == "backup.db-wal" || name == "backup.db-shm";
            if (name.rfind("a.db", 0) != 0 && name != "backup.db" && !of_sqlite) {
                names.push_back(name);
            }
        }
        return names;
    }
    // Changes the backup behind everybody's back.
    void tamper(const std::string& script) {
        ASSERT_TRUE(guard_storage([&]() -> Result<void> {
            plain_session(backup()).script("PRAGMA foreign_keys = OFF; " + script);
            return {};
        }));
    }
    void make() {
        const auto made = create_backup(path(), backup());
        ASSERT_TRUE(made.has_value()) << made.error().message;
    }

    TempDir dir_;
};

TEST_F(BackupTest, ACopyIsWholeDurableAndForItsOwnerOnly) {
    FilledStore store(path());
    const auto made = create_backup(path(), backup());
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(made->schema_version, embedded_migrations().back().version);
    EXPECT_EQ(made->bytes, static_cast<std::int64_t>(fs::file_size(backup())));
    EXPECT_EQ(fs::status(backup()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(left_over(), std::vector<std::string>{});

    const auto report = check_backup(backup(), dir_.file(""), store.key);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_EQ(joined(report->problems), "");
    EXPECT_TRUE(report->key_checked);
    const std::map<std::string, std::int64_t> counts(report->counts.begin(), report->counts.end());
    EXPECT_EQ(counts.at("jobs"), 5);
    EXPECT_EQ(counts.at("dead letters"), 1);
    EXPECT_EQ(counts.at("id mappings"), 2);
    EXPECT_EQ(counts.at("requests not settled"), 1);
    EXPECT_EQ(left_over(), std::vector<std::string>{});
}

TEST_F(BackupTest, AStoppedHostsDatabaseIsCopiedToo) {
    { const FilledStore store(path()); }
    make();
    EXPECT_EQ(joined(problems()), "");
}

// Slow on purpose: the writer commits between the steps. Without one snapshot for all of them each
// commit would start the copy anew, and it would never end.
TEST_F(BackupTest, WritersGoOnWhileACopyIsMadeAndItHasTheStateOfItsStart) {
    FilledStore store(path());
    for (int i = 0; i < 100; ++i) {
        store.raise("before" + std::to_string(i), std::nullopt);
    }
    const std::int64_t before = store.count("sync_queue");
    std::atomic<bool> copied{false};
    Result<BackupMade> made = Error{};
    std::thread copier([&] {
        made = create_backup(path(), backup(), {1, std::chrono::milliseconds(5)});
        copied = true;
    });
    int during = 0;
    std::chrono::steady_clock::duration longest{};
    while (!copied) {
        const auto start = std::chrono::steady_clock::now();
        store.raise("during" + std::to_string(during++), std::nullopt);
        longest = std::max(longest, std::chrono::steady_clock::now() - start);
    }
    copier.join();
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_GT(during, 20);
    RecordProperty(
        "longest_write_us",
        std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(longest).count())
    );
    EXPECT_EQ(joined(problems(store.key)), "");
    const auto counts = check_backup(backup(), dir_.file(""), {}).value().counts;
    for (const auto& [what, count] : counts) {
        if (what == "jobs") {
            EXPECT_GE(count, before);
            EXPECT_LT(count, before + during) << "it is no snapshot of its start";
        }
    }
}

TEST_F(BackupTest, ABackupReplacesNothing) {
    FilledStore store(path());
    std::ofstream(backup()) << "precious";
    const auto refused = create_backup(path(), backup());
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kExists);
    EXPECT_NE(refused.error().message.find(backup()), std::string::npos);
    std::string text;
    std::ifstream(backup()) >> text;
    EXPECT_EQ(text, "precious");
}

TEST_F(BackupTest, WhatCannotBeBackedUpIsNamedAndLeavesNothing) {
    const auto none = create_backup(path(), backup());
    ASSERT_FALSE(none.has_value());
    EXPECT_NE(none.error().message.find("there is no database " + path()), std::string::npos);
    FilledStore store(path());
    const auto nowhere = create_backup(path(), dir_.file("no/such/backup.db"));
    ASSERT_FALSE(nowhere.has_value());
    EXPECT_NE(nowhere.error().message.find("no/such"), std::string::npos);
    EXPECT_EQ(left_over(), std::vector<std::string>{});
}

TEST_F(BackupTest, AFullDiskLeavesNoHalfABackup) {
    FilledStore store(path());
    store.write([](Sql& sql) {
        sql.run("UPDATE sync_queue SET record = zeroblob(2000000) WHERE source_id = '5'");
    });
    const auto former = std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit full{300'000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &full);
    const auto made = create_backup(path(), backup());
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, former);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, ErrorCode::kStorage) << made.error().message;
    EXPECT_FALSE(fs::exists(backup()));
    EXPECT_EQ(left_over(), std::vector<std::string>{});
    make();
    EXPECT_EQ(joined(problems()), "");
}

TEST_F(BackupTest, ADamagedDatabaseBecomesNoBackup) {
    { FilledStore store(path()); }
    // A page that only a look at all of them finds.
    const auto page = plain_session(path()).value<std::int64_t>(
        "SELECT rootpage FROM sqlite_master WHERE name = 'sync_logs'"
    );
    {
        std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp((page.value() - 1) * 4096);
        file << std::string(4096, 'x');
    }
    const auto made = create_backup(path(), backup());
    ASSERT_FALSE(made.has_value());
    EXPECT_NE(made.error().message.find("no backup was made"), std::string::npos)
        << made.error().message;
    EXPECT_FALSE(fs::exists(backup()));
    EXPECT_EQ(left_over(), std::vector<std::string>{});
}

TEST_F(BackupTest, ADamagedTruncatedOrForeignFileIsNotToBeRestored) {
    FilledStore store(path());
    make();
    const auto size = fs::file_size(backup());
    std::vector<char> page(4096, 'x');
    {
        std::fstream file(backup(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(size / 4096 / 2 * 4096));
        file.write(page.data(), 4096);
    }
    EXPECT_NE(joined(problems()), "");
    fs::remove(backup());
    make();
    fs::resize_file(backup(), size / 2);
    EXPECT_NE(joined(problems()), "");
    fs::resize_file(backup(), 0);
    EXPECT_NE(joined(problems()).find("no database of Syncline"), std::string::npos);
    std::ofstream(backup()) << std::string(5000, 'z');
    EXPECT_NE(joined(problems()).find("no SQLite database"), std::string::npos)
        << joined(problems());
    EXPECT_EQ(left_over(), std::vector<std::string>{});
}

// Every page can be read, and yet it is wrong.
TEST_F(BackupTest, AValueThatTheSchemaForbidsIsDamageToo) {
    FilledStore store(path());
    make();
    const auto forbid = [](Sql sql) {
        sql.script("PRAGMA ignore_check_constraints = ON; UPDATE sync_queue SET state = 'odd'");
    };
    forbid(plain_session(backup()));
    EXPECT_NE(joined(problems()).find("CHECK constraint failed in sync_queue"), std::string::npos)
        << joined(problems());
    fs::remove(backup());
    forbid(plain_session(path()));
    const auto made = create_backup(path(), backup());
    ASSERT_FALSE(made.has_value());
    EXPECT_NE(made.error().message.find("no backup was made"), std::string::npos);
    EXPECT_EQ(left_over(), std::vector<std::string>{});
}

TEST_F(BackupTest, TheWrongKeyIsSaid) {
    FilledStore store(path());
    make();
    EXPECT_EQ(joined(problems(store.key)), "");
    EXPECT_NE(
        joined(problems(Key::random().value())).find("encryption key is not the one"),
        std::string::npos
    );
}

TEST_F(BackupTest, ABackupOfANewerSchemaIsRefusedAndOneOfAnOlderIsBroughtUp) {
    FilledStore store(path());
    make();
    tamper("INSERT INTO schema_migrations VALUES (9999, '9999_future', 'x', 1)");
    EXPECT_NE(joined(problems()).find("newer Syncline"), std::string::npos);
    fs::remove(backup());
    {
        const auto old = Database::open({backup()}).value();
        auto first = embedded_migrations();
        first.resize(9);
        ASSERT_TRUE(migrate(*old, first, 1));
        ASSERT_TRUE(installation_id(*old, 1).has_value());
    }
    fs::remove(backup() + ".lock");
    const auto report = check_backup(backup(), dir_.file(""), {}).value();
    EXPECT_EQ(joined(report.problems), "");
    EXPECT_EQ(report.schema_version, 9);
    EXPECT_EQ(left_over(), std::vector<std::string>{});
}

TEST_F(BackupTest, AMissingIndexIsNamed) {
    FilledStore store(path());
    make();
    tamper("DROP INDEX sync_queue_due");
    EXPECT_NE(joined(problems()).find("lacks its index sync_queue_due"), std::string::npos);
}

struct Broken {
    const char* script;
    const char* said;
};

// Each sentence of invariants.cpp, and a state that must bring it.
const std::vector<Broken> kBroken{
    {"DELETE FROM installation", "no id of its own"},
    {"UPDATE sync_queue SET tenant_id = 7 WHERE source_id = '5'", "refers to a row of tenants"},
    {"UPDATE sync_queue SET target_connection_id = 1 WHERE source_id = '5'",
     "another tenant or target than their flow: job 5"},
    {"UPDATE sync_queue SET done_version = 2 WHERE source_id = '1'",
     "that nobody asked for: job 1"},
    {"UPDATE sync_queue SET wanted_version = 2 WHERE source_id = '1'",
     "settled although their newest version is not: job 1"},
    {"UPDATE sync_queue SET lane = 'order:#4', state = 'leased', lease_token = 1 "
     "WHERE source_id = '5'",
     "a lane has two deliveries at once: order:#4"},
    {"DELETE FROM lanes", "without holding their lane: job 4"},
    {"UPDATE sync_queue SET outcome = '' WHERE state = 'dead'", "do not say why: job 3"},
    {"UPDATE sync_runs SET status = 'stopped', jobs_open = 0, read = 3",
     "wait for a run that has ended or is not there: job 4, job 5"},
    {"UPDATE sync_runs SET jobs_open = 3", "another number of jobs than there are: run 0193-run"},
    {"UPDATE sync_queue SET run_id = NULL; UPDATE sync_runs SET status = 'completed', jobs_open = "
     "0",
     "do not add up: run 0193-run"},
    {"UPDATE intents SET state = 'settled'; UPDATE intent_items SET state = 'settled'",
     "kept by requests that are not open: order:#4"},
    {"UPDATE intent_items SET state = 'settled'",
     "cover nothing any more, or settled ones still do"},
    {"UPDATE intent_items SET job_id = 99", "for jobs that are not there: intent 1 job 99"},
    {"UPDATE id_mappings SET target_id = '' WHERE source_id = '1'", "lead nowhere: id mapping 1"},
    {"INSERT INTO tenants (id, name, state, created_at_ms) VALUES (2, 'other', 'active', 1); "
     "UPDATE id_mappings SET tenant_id = 2",
     "another tenant than their connection: id mapping 1"},
    {"UPDATE sync_state SET scanning = 1, scan_from_ms = 5, scan_to_ms = 4", "do not fit together"},
    {"DELETE FROM id_mappings", "past records of which nothing is stored: flow flow"},
    {"INSERT INTO conflicts (tenant_id, flow_id, entity, source_id, role, target_connection_id, "
     "target_entity, target_id, state, sides, opened_at_ms, updated_at_ms) "
     "VALUES (1, 1, 'order', '1', 'invoice', 2, 'invoice', '7', 'resolving', x'00', 1, 1)",
     "is not about to be done: conflict 1"},
    {"DELETE FROM data_keys", "sealed with a key that is not there: connection 2"},
};

TEST_F(BackupTest, EveryInvariantThatDoesNotHoldIsSaid) {
    FilledStore store(path());
    for (const auto& broken : kBroken) {
        make();
        tamper(broken.script);
        EXPECT_NE(joined(problems()).find(broken.said), std::string::npos)
            << broken.script << "\nsaid: " << joined(problems());
        fs::remove(backup());
    }
}

// These two the schema itself forbids; the check must not rely on it.
TEST_F(BackupTest, RecordsThatAreThereTwiceAreSaidEvenWithoutTheirIndexes) {
    FilledStore store(path());
    make();
    tamper(
        "CREATE TABLE q AS SELECT * FROM sync_queue; DROP TABLE sync_queue; "
        "ALTER TABLE q RENAME TO sync_queue; "
        "INSERT INTO sync_queue SELECT * FROM sync_queue WHERE source_id = '2'; "
        "CREATE TABLE m AS SELECT * FROM id_mappings; DROP TABLE id_mappings; "
        "ALTER TABLE m RENAME TO id_mappings; "
        "INSERT INTO id_mappings SELECT * FROM id_mappings WHERE source_id = '2'"
    );
    const std::string said = joined(problems());
    EXPECT_NE(said.find("in the queue of their flow twice: flow 1 record 2"), std::string::npos);
    EXPECT_NE(said.find("two documents of one role in a target: order 2"), std::string::npos);
    EXPECT_NE(said.find("another table sync_queue"), std::string::npos) << said;
}

}  // namespace
}  // namespace syncline::testing
