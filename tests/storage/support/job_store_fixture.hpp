// A job store over a real file, with one flow from "shop" to "books".
#pragma once

#include <gtest/gtest.h>

#include "storage/connection_store.hpp"
#include "storage/flow_store.hpp"
#include "storage/job_store.hpp"
#include "storage/migrator.hpp"
#include "storage/tenant_store.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {

// NOLINTNEXTLINE(google-build-using-namespace): of tests only
using namespace syncline::storage;
using Kind = JobOutcome::Kind;

class JobStoreTest : public ::testing::Test {
protected:
    void SetUp() override {
        database_ = Database::open({dir_.file("a.db")}).value();
        ASSERT_TRUE(migrate(*database_, embedded_migrations(), 1));
        vault_ = std::make_unique<Vault>(*database_, Key::random().value());
        runs_ = std::make_unique<RunStore>(*database_);
        jobs_ = std::make_unique<JobStore>(*database_, *runs_);
        const TenantId tenant = TenantStore(*database_).ensure("default", 1).value();
        ASSERT_TRUE(vault_->prepare_tenant(tenant, 1));
        ConnectionStore connections(*database_);
        ASSERT_TRUE(connections.put({tenant, "shop", "shop"}, 1).has_value());
        ASSERT_TRUE(connections.put({tenant, "books", "books"}, 1).has_value());
        FlowDefinition definition;
        definition.name = "flow";
        definition.entity = "order";
        definition.source.connection = "shop";
        definition.target.connection = "books";
        flow_ = FlowStore(*database_).put(tenant, definition, false, 1).value();
    }

    Raised raise(
        const std::string& id,
        const std::string& hash,
        const std::optional<RunId>& run = {},
        std::string lane = {}
    ) {
        return database_
            ->write([&](Sql& sql) -> Result<Raised> {
                return jobs_->raise(
                    sql,
                    flow_,
                    {id, lane.empty() ? "order:#" + id : lane, hash, "sealed " + hash, 2, false},
                    run,
                    now_
                );
            })
            .value();
    }
    std::vector<Job> claim(std::int64_t token, std::int64_t limit = 10) {
        return jobs_->claim(flow_, limit, token, now_, 60'000).value();
    }
    Result<void> finish(const Job& job, std::int64_t token, Kind kind, std::int64_t delay_ms = 0) {
        JobOutcome outcome;
        outcome.job = job.id;
        outcome.version = job.version;
        outcome.kind = kind;
        outcome.result = kind == Kind::kDead ? "failed" : "created";
        outcome.delay_ms = delay_ms;
        if (kind != Kind::kSettled) {
            outcome.error = Error{ErrorCode::kTransient, "why", "x.why"};
        }
        return database_->write([&](Sql& sql) { return jobs_->finish(sql, outcome, token, now_); });
    }

    TempDir dir_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<Vault> vault_;
    std::unique_ptr<RunStore> runs_;
    std::unique_ptr<JobStore> jobs_;
    Flow flow_;
    std::int64_t now_ = 1'000'000;
};

}  // namespace syncline::testing
