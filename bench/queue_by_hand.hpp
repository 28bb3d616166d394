// The baseline: the same rows of the same tables with the same indexes, in transactions of the same
// size and durability, with prepared statements and nothing else: no look whether a job is there
// already, no lane that may be taken, no lease that may be lost, no run to be counted.
#pragma once

#include <sqlite3.h>

#include "queue_store.hpp"

namespace syncline::bench {

class HandQueue {
public:
    HandQueue(const std::filesystem::path& file, std::size_t record_bytes)
        : record_(record_bytes, 's') {
        { const StoreQueue schema(file, 1); }  // its tables, its flow and its connections
        if (sqlite3_open(file.c_str(), &database_) != SQLITE_OK) {
            fail("cannot open " + file.string());
        }
        execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
        insert_ = prepare(
            "INSERT INTO sync_queue (tenant_id, flow_id, target_connection_id, entity, source_id, "
            "lane, state, wanted_version, content_hash, record, record_version, priority, "
            "run_at_ms, "
            "created_at_ms, updated_at_ms) "
            "VALUES (1, 1, 2, 'order', ?, ?, 'queued', 1, ?, ?, 1, 2, ?, ?, ?)"
        );
        due_ = prepare(
            "SELECT id, lane, record FROM sync_queue WHERE flow_id = 1 AND state = 'queued' AND "
            "priority = 2 AND run_at_ms <= ? ORDER BY run_at_ms, id LIMIT ?"
        );
        lease_ = prepare(
            "UPDATE sync_queue SET state = 'leased', lease_token = 1, lease_until_ms = ? WHERE id "
            "= ?"
        );
        take_lane_ = prepare("INSERT INTO lanes (connection_id, lane, token) VALUES (2, ?, 1)");
        settle_ = prepare(
            "UPDATE sync_queue SET state = 'settled', done_version = 1, record = NULL, "
            "record_version = 0, lease_token = 0, lease_until_ms = 0, updated_at_ms = ? WHERE id = "
            "?"
        );
        free_lane_ = prepare("DELETE FROM lanes WHERE connection_id = 2 AND lane = ?");
    }
    ~HandQueue() {
        for (sqlite3_stmt* one : {insert_, due_, lease_, take_lane_, settle_, free_lane_}) {
            sqlite3_finalize(one);
        }
        sqlite3_close(database_);
    }
    HandQueue(const HandQueue&) = delete;
    HandQueue& operator=(const HandQueue&) = delete;

    void raise(int first, int count) {
        const std::string hash(64, 'h');
        execute("BEGIN IMMEDIATE");
        for (int i = first; i < first + count; ++i) {
            const std::string id = std::to_string(i);
            const std::string lane = "order:#" + id;
            bind(insert_, 1, id);
            bind(insert_, 2, lane);
            bind(insert_, 3, hash);
            sqlite3_bind_blob(
                insert_, 4, record_.data(), static_cast<int>(record_.size()), SQLITE_STATIC
            );
            for (int at = 5; at <= 7; ++at) {
                sqlite3_bind_int64(insert_, at, kNow);
            }
            run(insert_);
        }
        execute("COMMIT");
    }
    void claim(int count) {
        claimed_.clear();
        execute("BEGIN IMMEDIATE");
        sqlite3_bind_int64(due_, 1, kNow);
        sqlite3_bind_int(due_, 2, count);
        while (sqlite3_step(due_) == SQLITE_ROW) {
            claimed_.push_back({sqlite3_column_int64(due_, 0), text(due_, 1), text(due_, 2)});
        }
        sqlite3_reset(due_);
        for (const auto& job : claimed_) {
            bind(take_lane_, 1, job.lane);
            run(take_lane_);
            sqlite3_bind_int64(lease_, 1, kNow + 600'000);
            sqlite3_bind_int64(lease_, 2, job.id);
            run(lease_);
        }
        execute("COMMIT");
    }
    void settle() {
        execute("BEGIN IMMEDIATE");
        for (const auto& job : claimed_) {
            sqlite3_bind_int64(settle_, 1, kNow);
            sqlite3_bind_int64(settle_, 2, job.id);
            run(settle_);
            bind(free_lane_, 1, job.lane);
            run(free_lane_);
        }
        execute("COMMIT");
    }

private:
    struct Row {
        sqlite3_int64 id;
        std::string lane;
        std::string record;
    };

    void execute(const char* sql) {
        char* message = nullptr;
        if (sqlite3_exec(database_, sql, nullptr, nullptr, &message) != SQLITE_OK) {
            fail(std::string(sql) + ": " + (message != nullptr ? message : "unknown"));
        }
    }
    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) != SQLITE_OK) {
            fail(sqlite3_errmsg(database_));
        }
        return statement;
    }
    static void bind(sqlite3_stmt* statement, int at, const std::string& value) {
        sqlite3_bind_text(
            statement, at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC
        );
    }
    static std::string text(sqlite3_stmt* statement, int at) {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, at));
        return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, at))};
    }
    void run(sqlite3_stmt* statement) {
        if (sqlite3_step(statement) != SQLITE_DONE) {
            fail(sqlite3_errmsg(database_));
        }
        sqlite3_reset(statement);
    }

    sqlite3* database_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
    sqlite3_stmt* due_ = nullptr;
    sqlite3_stmt* lease_ = nullptr;
    sqlite3_stmt* take_lane_ = nullptr;
    sqlite3_stmt* settle_ = nullptr;
    sqlite3_stmt* free_lane_ = nullptr;
    const std::string record_;
    std::vector<Row> claimed_;
};

}  // namespace syncline::bench
