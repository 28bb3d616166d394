// The queue as the engine uses it: one flow between two connections in a fresh database.
#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "storage/connection_store.hpp"
#include "storage/flow_store.hpp"
#include "storage/job_store.hpp"
#include "storage/migrator.hpp"
#include "storage/tenant_store.hpp"
#include "storage/vault.hpp"

namespace syncline::bench {

constexpr int kRaiseUnit = 1'000;
constexpr int kClaim = 30;
constexpr std::int64_t kNow = 1'000'000;

[[noreturn]] inline void fail(const std::string& sentence) {
    std::cerr << "error: " << sentence << "\n";
    std::exit(1);
}

template <class T>
T must(Result<T> result) {
    if (!result) {
        fail(result.error().message);
    }
    return std::move(*result);
}
inline void must(const Result<void>& result) {
    if (!result) {
        fail(result.error().message);
    }
}

inline double seconds_of(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

class StoreQueue {
public:
    StoreQueue(const std::filesystem::path& file, std::size_t record_bytes)
        : database_(must(storage::Database::open({file.string()}))),
          runs_(*database_),
          jobs_(*database_, runs_),
          record_(record_bytes, 's') {
        must(storage::migrate(*database_, storage::embedded_migrations(), kNow));
        storage::Vault vault(*database_, must(storage::Key::random()));
        const TenantId tenant = must(storage::TenantStore(*database_).ensure("default", kNow));
        must(vault.prepare_tenant(tenant, kNow));
        storage::ConnectionStore connections(*database_);
        for (const char* name : {"shop", "books"}) {
            storage::NewConnection connection;
            connection.tenant = tenant;
            connection.name = name;
            connection.platform = name;
            must(connections.put(connection, kNow));
        }
        FlowDefinition definition;
        definition.name = "flow";
        definition.entity = "order";
        definition.source.connection = "shop";
        definition.target.connection = "books";
        flow_ = must(storage::FlowStore(*database_).put(tenant, definition, false, kNow));
    }

    void raise(int first, int count) {
        must(database_->write([&](storage::Sql& sql) -> Result<void> {
            for (int i = first; i < first + count; ++i) {
                const std::string id = std::to_string(i);
                jobs_.raise(
                    sql,
                    flow_,
                    {id, "order:#" + id, std::string(64, 'h'), record_, 2, false},
                    {},
                    kNow
                );
            }
            return {};
        }));
    }
    void claim(int count) {
        claimed_ = must(jobs_.claim(flow_, count, ++token_, kNow, 600'000));
        if (static_cast<int>(claimed_.size()) != count) {
            fail("the queue did not hand out every job");
        }
    }
    void settle() {
        must(database_->write([&](storage::Sql& sql) -> Result<void> {
            for (const auto& job : claimed_) {
                storage::JobOutcome outcome;
                outcome.job = job.id;
                outcome.version = job.version;
                outcome.result = "created";
                SYNCLINE_RETURN_IF_ERROR(jobs_.finish(sql, outcome, token_, kNow));
            }
            return {};
        }));
    }
    // Jobs that were settled long ago, in units of 10,000.
    void fill_settled(int count) {
        constexpr int kUnit = 10'000;
        for (int at = 0; at < count; at += kUnit) {
            must(database_->write([&](storage::Sql& sql) -> Result<void> {
                sql.run(
                    "WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                    "?2) "
                    "INSERT INTO sync_queue (tenant_id, flow_id, target_connection_id, entity, "
                    "source_id, lane, state, wanted_version, done_version, content_hash, "
                    "run_at_ms, "
                    "created_at_ms, updated_at_ms) SELECT ?3, ?4, ?5, 'order', 'old' || i, "
                    "'order:#old' || i, 'settled', 1, 1, "
                    "'hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh', 1, 1, ?1 "
                    "FROM n",
                    at,
                    std::min(count, at + kUnit) - 1,
                    flow_.tenant.value,
                    flow_.id.value,
                    flow_.target.value
                );
                return {};
            }));
        }
    }
    storage::Database& database() { return *database_; }

private:
    std::unique_ptr<storage::Database> database_;
    storage::RunStore runs_;
    storage::JobStore jobs_;
    Flow flow_;
    const std::string record_;
    std::vector<storage::Job> claimed_;
    std::int64_t token_ = 0;
};

}  // namespace syncline::bench
