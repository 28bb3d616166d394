// What the queue's statements read: by an index, however much there is that they do not want.
#include <mutex>
#include <vector>

#include <sqlite3.h>

#include "storage/intent_store.hpp"
#include "storage/support/job_store_fixture.hpp"

namespace syncline::testing {
namespace {

// Every database file that is opened while the test runs.
std::mutex opened_mutex;
std::vector<sqlite3*> opened;

int note_opened(sqlite3* database, char**, const sqlite3_api_routines*) {
    const std::lock_guard lock(opened_mutex);
    opened.push_back(database);
    return 0;
}

class StatementCostTest : public JobStoreTest {
protected:
    void SetUp() override {
        const auto entry = reinterpret_cast<void (*)()>(note_opened);
        ASSERT_EQ(sqlite3_auto_extension(entry), 0);
        JobStoreTest::SetUp();
        sqlite3_cancel_auto_extension(entry);
    }
    void TearDown() override {
        const std::lock_guard lock(opened_mutex);
        opened.clear();
    }
    // The statements that went through more rows than that, without an index to what they wanted.
    static std::vector<std::string> that_scanned(int rows) {
        std::vector<std::string> found;
        // SQLite calls note_opened() under a lock of its own.
        std::unique_lock lock(opened_mutex);
        const auto databases = opened;
        lock.unlock();
        for (sqlite3* database : databases) {
            for (auto* one = sqlite3_next_stmt(database, nullptr); one != nullptr;
                 one = sqlite3_next_stmt(database, one)) {
                if (sqlite3_stmt_status(one, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1) > rows) {
                    found.emplace_back(sqlite3_sql(one));
                }
            }
        }
        return found;
    }
};

TEST_F(StatementCostTest, LooksAtTheQueueReadNothingThatTheyDoNotWant) {
    for (int i = 1; i <= 300; ++i) {
        raise(std::to_string(i), "a");
    }
    for (const auto& job : claim(1, 300)) {
        ASSERT_TRUE(finish(job, 1, Kind::kSettled));
    }
    for (int i = 301; i <= 600; ++i) {
        raise(std::to_string(i), "a");
    }
    static_cast<void>(that_scanned(0));  // what came before does not count
    ASSERT_EQ(jobs_->counts(flow_.tenant, now_)->queued, 300);
    ASSERT_TRUE(jobs_->count_as_waiting(flow_.id, now_));
    ASSERT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
        jobs_->give_up(
            sql,
            IntentId{7},
            Error{ErrorCode::kTransient, "x", "x"},
            [](JobId) { return std::nullopt; },
            now_
        );
        return {};
    }));
    ASSERT_EQ(jobs_->send_arrived(now_).value(), 0);
    EXPECT_EQ(that_scanned(20), std::vector<std::string>());
}

TEST_F(StatementCostTest, AFlowWhoseTargetNeedsAPersonAsksTheWriterForNothing) {
    raise("1", "a");
    const auto changes = [&] {
        return database_->write(
                            [](Sql& sql) -> Result<std::int64_t> { return sql.total_changes(); }
        ).value();
    };
    const std::int64_t before = changes();
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(jobs_->count_as_waiting(flow_.id, now_));
    }
    EXPECT_EQ(changes(), before);
}

}  // namespace
}  // namespace syncline::testing
