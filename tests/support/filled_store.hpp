// A database with a bit of everything: two connections with credentials, a flow whose cursor
// stands, a run under way, jobs that are settled, dead, leased and queued, an open request, id
// mappings.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "storage/connection_store.hpp"
#include "storage/flow_store.hpp"
#include "storage/id_mapping_store.hpp"
#include "storage/installation.hpp"
#include "storage/intent_store.hpp"
#include "storage/job_store.hpp"
#include "storage/log_store.hpp"
#include "storage/migrator.hpp"
#include "storage/plain_session.hpp"
#include "storage/tenant_store.hpp"
#include "storage/vault.hpp"

namespace syncline::testing {

class FilledStore {
public:
    explicit FilledStore(const std::string& path, std::int64_t now_ms = 1'000'000)
        : now(now_ms), database(storage::Database::open({path}).value()) {
        EXPECT_TRUE(storage::migrate(*database, storage::embedded_migrations(), now));
        EXPECT_TRUE(storage::installation_id(*database, now).has_value());
        vault = std::make_unique<storage::Vault>(*database, key);
        runs = std::make_unique<storage::RunStore>(*database);
        jobs = std::make_unique<storage::JobStore>(*database, *runs);
        intents = std::make_unique<storage::IntentStore>(*database, *vault);
        tenant = storage::TenantStore(*database).ensure("default", now).value();
        EXPECT_TRUE(vault->prepare_tenant(tenant, now));
        storage::ConnectionStore connections(*database);
        EXPECT_TRUE(connections.put({tenant, "shop", "shop"}, now).has_value());
        EXPECT_TRUE(connections.put({tenant, "books", "books"}, now).has_value());
        FlowDefinition definition;
        definition.name = "flow";
        definition.entity = "order";
        definition.source.connection = "shop";
        definition.target.connection = "books";
        flow = storage::FlowStore(*database).put(tenant, definition, false, now).value();
        EXPECT_TRUE(vault->put_credentials(tenant, flow.target, {{"token", "t0p"}}, now));
        fill();
    }

    void raise(const std::string& id, const std::optional<RunId>& of_run) {
        write([&](storage::Sql& sql) {
            jobs->raise(sql, flow, {id, "order:#" + id, "h" + id, "sealed", 2, false}, of_run, now);
        });
    }
    std::vector<storage::Job> claim(std::int64_t token, std::int64_t limit) {
        return jobs->claim(flow, limit, token, now, 60'000).value();
    }
    void finish(
        const storage::Job& job,
        std::int64_t token,
        storage::JobOutcome::Kind kind,
        const std::string& result
    ) {
        storage::JobOutcome outcome;
        outcome.job = job.id;
        outcome.version = job.version;
        outcome.kind = kind;
        outcome.result = result;
        write([&](storage::Sql& sql) {
            EXPECT_TRUE(jobs->finish(sql, outcome, token, now));
            if (kind == storage::JobOutcome::Kind::kSettled) {
                map(sql, job.source_id);
            }
        });
    }
    template <class Work>
    void write(Work&& work) {
        EXPECT_TRUE(database->write([&](storage::Sql& sql) -> Result<void> {
            work(sql);
            return {};
        }));
    }
    std::int64_t count(const std::string& table_and_condition) const {
        return database
            ->read([&](storage::Sql& sql) -> Result<std::int64_t> {
                const std::string text = "SELECT count(*) FROM " + table_and_condition;
                return sql.value<std::int64_t>(text.c_str()).value();
            })
            .value();
    }

    std::int64_t now;
    const storage::Key key = storage::Key::random().value();
    std::unique_ptr<storage::Database> database;
    std::unique_ptr<storage::Vault> vault;
    std::unique_ptr<storage::RunStore> runs;
    std::unique_ptr<storage::JobStore> jobs;
    std::unique_ptr<storage::IntentStore> intents;
    TenantId tenant;
    Flow flow;
    const RunId run = "0193-run";

private:
    void fill() {
        storage::Run started;
        started.id = run;
        started.sync_id = run;
        started.tenant = tenant;
        started.flow = flow.id;
        started.created_at_ms = now;
        EXPECT_TRUE(runs->create({started}));
        EXPECT_TRUE(runs->start(run, now));
        for (int id = 1; id <= 5; ++id) {
            raise(std::to_string(id), run);
        }
        write([&](storage::Sql& sql) {
            runs->count(sql, run, {.read = 5}, 5);
            sql.run(
                "INSERT INTO sync_state (flow_id, entity, cursor_ms, updated_at_ms) VALUES (?, "
                "'order', ?, ?)",
                flow.id.value,
                now,
                now
            );
        });
        const auto claimed = claim(1, 4);
        finish(claimed.at(0), 1, storage::JobOutcome::Kind::kSettled, "created");
        finish(claimed.at(1), 1, storage::JobOutcome::Kind::kSettled, "created");
        finish(claimed.at(2), 1, storage::JobOutcome::Kind::kDead, "failed");
        EXPECT_TRUE(intents->open(
            {tenant, flow.target, flow.id, "{}", {claimed.at(3).id}, {claimed.at(3).lane}, 1}, now
        ));
    }
    void map(storage::Sql& sql, const std::string& source_id) {
        storage::IdMappingStore mappings(*database, *vault);
        const storage::MappedRecord record{
            tenant, flow.source, flow.target, "order", source_id, "#" + source_id};
        mappings.put(
            sql, record, {"invoice", "Invoice", "T" + source_id, "1", "h", {}}, std::nullopt, now
        );
    }
};

}  // namespace syncline::testing
