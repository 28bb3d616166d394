// What a purge deletes, what it never does, and that writers hardly notice it.
#include "storage/retention.hpp"

#include <atomic>
#include <thread>

#include "storage/invariants.hpp"
#include "support/filled_store.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace syncline::storage;
using Kind = JobOutcome::Kind;

constexpr std::int64_t kLater = 2'000'000;  // the filled store is of 1'000'000

class RetentionTest : public ::testing::Test {
protected:
    std::int64_t purge(Finished what, std::int64_t before_ms = kLater, std::int64_t rows = 100) {
        return Retention(*store_.database).purge(what, before_ms, rows).value();
    }
    void purge_all() {
        for (const Finished what : kAllFinished) {
            purge(what);
        }
    }
    std::vector<std::string> broken() {
        return store_.database
            ->read([](Sql& sql) -> Result<std::vector<std::string>> {
                return broken_invariants(sql);
            })
            .value();
    }
    void end_run() {
        store_.write([&](Sql& sql) {
            sql.run("UPDATE sync_queue SET run_id = NULL");
            sql.run(
                "UPDATE sync_runs SET status = 'partial', collect_ended = 1, jobs_open = 0, "
                "waiting "
                "= 2, finished_at_ms = ? WHERE id = ?",
                store_.now,
                store_.run
            );
        });
    }
    void add_run(const RunId& id, std::int64_t finished_at_ms) {
        storage::Run run;
        run.id = id;
        run.sync_id = id;
        run.tenant = store_.tenant;
        run.flow = store_.flow.id;
        ASSERT_TRUE(store_.runs->create({run}));
        store_.write([&](Sql& sql) {
            sql.run(
                "UPDATE sync_runs SET status = 'completed', collect_ended = 1, finished_at_ms = ? "
                "WHERE id = ?",
                finished_at_ms,
                id
            );
        });
    }
    std::vector<std::string> ids(const char* query) {
        return store_.database
            ->read([&](Sql& sql) -> Result<std::vector<std::string>> {
                std::vector<std::string> found;
                for (const auto& [id] : sql.rows<std::string>(query)) {
                    found.push_back(id);
                }
                return found;
            })
            .value();
    }

    TempDir dir_;
    FilledStore store_{dir_.file("a.db")};
};

TEST_F(RetentionTest, OnlySettledJobsThatAreOldGo) {
    EXPECT_EQ(purge(Finished::kJobs, store_.now), 0) << "not older than the limit";
    EXPECT_EQ(purge(Finished::kJobs), 2);
    EXPECT_EQ(
        ids("SELECT source_id || ' ' || state FROM sync_queue ORDER BY id"),
        (std::vector<std::string>{"3 dead", "4 leased", "5 queued"})
    );
    EXPECT_EQ(store_.count("id_mappings"), 2);
    EXPECT_TRUE(broken().empty());
}

// What a person decided holds until the source changes, and the job is what remembers it.
TEST_F(RetentionTest, WhatAPersonEditedOrTookOffTheListStays) {
    store_.write([](Sql& sql) {
        sql.run("UPDATE sync_queue SET edited = 1 WHERE source_id = '1'");
        sql.run("UPDATE sync_queue SET resolution = 'not ours' WHERE source_id = '2'");
    });
    EXPECT_EQ(purge(Finished::kJobs), 0);
}

TEST_F(RetentionTest, AJobOfARequestInDoubtStays) {
    store_.write([](Sql& sql) {
        sql.run("UPDATE intent_items SET job_id = (SELECT id FROM sync_queue WHERE source_id = '1')"
        );
    });
    EXPECT_EQ(purge(Finished::kJobs), 1);
    EXPECT_EQ(store_.count("sync_queue WHERE source_id = '1'"), 1);
}

// Records that were delivered pass the flow's filter for good, or a cancellation would be lost.
TEST_F(RetentionTest, ARecordWhoseJobIsGoneIsStillKnown) {
    ASSERT_EQ(purge(Finished::kJobs), 2);
    const auto known = store_.jobs->known_ids(store_.flow.id, {"1", "2", "3", "77"});
    EXPECT_EQ(known.value(), (std::vector<std::string>{"1", "2", "3"}));
    store_.raise("1", std::nullopt);
    EXPECT_EQ(store_.count("sync_queue WHERE source_id = '1' AND state = 'queued'"), 1);
}

// SQLite gives the number of a deleted newest row to the next one. A request's idempotency key is
// made from its number: the next request would get the answer of a former one.
TEST_F(RetentionTest, NoNumberIsEverGivenAgain) {
    const auto lane_of = [&](const std::vector<Job>& jobs) { return jobs.at(0).lane; };
    store_.write([&](Sql& sql) {
        sql.run("UPDATE intent_items SET state = 'settled'");
        EXPECT_TRUE(store_.intents->settle_if_complete(sql, IntentId{1}, store_.now));
        sql.run(
            "UPDATE sync_queue SET state = 'settled', done_version = wanted_version, run_id = "
            "NULL, "
            "lease_token = 0"
        );
        sql.run("DELETE FROM lanes");
        sql.run("INSERT INTO sync_logs (tenant_id, at_ms, level, event) VALUES (1, 1, 'info', 'x')"
        );
    });
    end_run();
    purge_all();
    EXPECT_EQ(store_.count("sync_queue"), 1);
    EXPECT_EQ(store_.count("sync_logs"), 1);
    store_.raise("next", std::nullopt);
    const auto claimed = store_.claim(9, 1);
    EXPECT_GT(claimed.at(0).id.value, 5);
    const auto next = store_.intents->open(
        {store_.tenant,
         store_.flow.target,
         store_.flow.id,
         "{}",
         {claimed.at(0).id},
         {lane_of(claimed)},
         9},
        store_.now
    );
    ASSERT_TRUE(next.has_value()) << next.error().message;
    EXPECT_GT(next->value, 1) << "the key of a former request again";
}

TEST_F(RetentionTest, SettledRequestsGoWithTheirItemsAndOpenOnesStay) {
    store_.write([&](Sql& sql) {
        sql.run("UPDATE intent_items SET state = 'settled'");
        EXPECT_TRUE(store_.intents->settle_if_complete(sql, IntentId{1}, store_.now));
        sql.run(
            "INSERT INTO intents SELECT 2, tenant_id, connection_id, flow_id, 0, request, 0, "
            "'open', "
            "0, 0, 0, '', 1, 0 FROM intents"
        );
    });
    EXPECT_EQ(purge(Finished::kRequests), 1);
    EXPECT_EQ(store_.count("intents"), 1);
    EXPECT_EQ(store_.count("intent_items"), 0);
    EXPECT_EQ(purge(Finished::kRequests), 0);
}

TEST_F(RetentionTest, EachFlowKeepsItsNewestRunAndAllThatAreOpen) {
    EXPECT_EQ(purge(Finished::kRuns), 0) << "it is open";
    end_run();
    EXPECT_EQ(purge(Finished::kRuns), 0) << "it is the newest";
    add_run("0194-newer", store_.now + 1);
    EXPECT_EQ(purge(Finished::kRuns), 1);
    EXPECT_EQ(ids("SELECT id FROM sync_runs"), std::vector<std::string>{"0194-newer"});
}

TEST_F(RetentionTest, ARunThatAJobStillWaitsForStays) {
    end_run();
    add_run("0194-newer", store_.now + 1);
    store_.write([&](Sql& sql) {
        sql.run("UPDATE sync_queue SET run_id = ? WHERE source_id = '5'", store_.run);
    });
    EXPECT_EQ(purge(Finished::kRuns), 0);
}

TEST_F(RetentionTest, EveryPurgeIsBoundedAndStartsWithTheOldest) {
    store_.write([](Sql& sql) {
        sql.run("DELETE FROM sync_logs");
        for (int i = 0; i < 50; ++i) {
            sql.run(
                "INSERT INTO sync_logs (tenant_id, at_ms, level, event) VALUES (1, ?, 'info', 'x')",
                950 + i * 7 % 50
            );
        }
    });
    EXPECT_EQ(purge(Finished::kLogs, 2'000, 7), 7);
    EXPECT_EQ(store_.count("sync_logs"), 43);
    EXPECT_EQ(store_.count("sync_logs WHERE at_ms <= 956"), 0);
}

// However large the table is, the search begins at the oldest finished row.
TEST_F(RetentionTest, EveryPurgeFindsItsRowsThroughAnIndexOfTheirAge) {
    const std::vector<std::pair<Finished, std::string>> expected{
        {Finished::kJobs, "INDEX sync_queue_settled (updated_at_ms<?)"},
        {Finished::kRuns, "INDEX sync_runs_finished (finished_at_ms>? AND finished_at_ms<?)"},
        {Finished::kLogs, "INDEX sync_logs_of_age (at_ms<?)"},
        {Finished::kRequests, "INDEX intents_settled (settled_at_ms<?)"},
        {Finished::kWebhooks,
         "INDEX webhook_events_handled (handled_at_ms>? AND handled_at_ms<?)"}};
    for (const auto& [what, index] : expected) {
        std::string plan;
        store_.write(
            [&, query = std::string("EXPLAIN QUERY PLAN ") + Retention::statement(what)](Sql& sql) {
                for (const auto& [id, parent, unused, detail] :
                     sql.rows<std::int64_t, std::int64_t, std::int64_t, std::string>(
                         query.c_str(), std::int64_t{1}, std::int64_t{1}
                     )) {
                    plan += detail + "\n";
                }
            }
        );
        EXPECT_NE(plan.find(index), std::string::npos) << plan;
        for (const char* table :
             {"SCAN q\n", "SCAN r\n", "SCAN l\n", "SCAN n\n", "SCAN e\n", "TEMP B-TREE"}) {
            EXPECT_EQ(plan.find(table), std::string::npos) << plan;
        }
    }
}

TEST_F(RetentionTest, AWriterGoesOnWhileTwoHundredThousandJobsArePurged) {
    constexpr std::int64_t kJobs = 200'000;
    store_.write([&](Sql& sql) {
        sql.run(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO sync_queue (tenant_id, flow_id, target_connection_id, entity, source_id, "
            "lane, state, wanted_version, done_version, content_hash, run_at_ms, created_at_ms, "
            "updated_at_ms) SELECT ?, ?, ?, 'order', 'old' || i, 'order:#old' || i, 'settled', 1, "
            "1, "
            "'h', 1, 1, i FROM n",
            kJobs,
            store_.tenant.value,
            store_.flow.id.value,
            store_.flow.target.value
        );
    });
    std::atomic<bool> purged{false};
    std::thread purger([&] {
        while (purge(Finished::kJobs, kLater, 200) == 200) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        purged = true;
    });
    int written = 0;
    std::chrono::steady_clock::duration longest{};
    while (!purged) {
        const auto start = std::chrono::steady_clock::now();
        store_.raise("new" + std::to_string(written++), std::nullopt);
        longest = std::max(longest, std::chrono::steady_clock::now() - start);
    }
    purger.join();
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(longest).count();
    std::cout << written << " writes while " << kJobs << " jobs were purged; the longest took "
              << us << " us\n";
    RecordProperty("longest_write_us", std::to_string(us));
    EXPECT_EQ(store_.count("sync_queue WHERE state = 'settled'"), 0);
    EXPECT_EQ(store_.count("sync_queue WHERE source_id LIKE 'new%'"), written);
    EXPECT_GT(written, 100) << "writers had to wait for the purge";
}

}  // namespace
}  // namespace syncline::testing
