// Alerts over a real SQLite file, with an engine beside them that has failed in every way: troubles
// are written as the engine writes them, many at a time.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/tenant_settings.hpp"
#include "engine/alert_outbox.hpp"
#include "engine/alerts.hpp"
#include "support/engine_fixture.hpp"
#include "support/fake_alert_sender.hpp"

namespace syncline::testing {

// One trouble in `count` places, and how it ends.
struct Trouble {
    std::string rule;
    std::function<void(int count)> begin;
    std::function<void()> end;
};

class AlertTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        settings({{"group_wait_s", 0}, {"group_interval_s", 0}});
        build();
    }
    virtual engine::AlertSender& sender() { return fake_; }

    void build() {
        outbox_.reset();
        control_.reset();
        alerts_.reset();
        engine().pool.budgets().set_budgets(budget_);
        stores_ = std::make_unique<engine::AlertStores>(engine().stores);
        alerts_ = std::make_unique<engine::Alerts>(
            *stores_, EngineTest::source(), engine().pool.budgets(), clock_
        );
        control_ = std::make_unique<engine::AlertControl>(*stores_, sender(), clock_);
        outbox_ = std::make_unique<engine::AlertOutbox>(*stores_, *control_, clock_);
    }
    // As a crash and a start would.
    void restart_host() {
        outbox_.reset();
        control_.reset();
        alerts_.reset();
        stores_.reset();
        restart();
        build();
    }

    void settings(const Json& value) {
        const auto whole = complete_setting("alerts", value);
        ASSERT_TRUE(whole.has_value()) << whole.error().message;
        ASSERT_TRUE(engine().stores.settings.put(tenant_, "alerts", {dump_json(*whole), "t", 1}));
    }
    void add_channel(
        const std::string& name,
        const std::string& severity_min = "warning",
        std::optional<TenantId> tenant = std::nullopt
    ) {
        engine::NewAlertChannel channel;
        channel.name = name;
        channel.kind = "webhook";
        channel.settings = {{"url", "https://" + name + ".example/"}};
        channel.severity_min = *enum_from_name<AlertSeverity>(severity_min);
        const auto made = control_->create(tenant.value_or(tenant_), channel, {});
        ASSERT_TRUE(made.has_value()) << made.error().message;
    }

    // Looks, and sends what is due.
    void look() {
        const auto looked = alerts_->step();
        ASSERT_TRUE(looked.has_value()) << looked.error().message;
        const auto sent = outbox_->step();
        ASSERT_TRUE(sent.has_value()) << sent.error().message;
    }
    // Looks again and again, as time passes.
    void look_for(std::int64_t seconds, std::int64_t step_s = 15) {
        for (std::int64_t passed = 0; passed < seconds; passed += step_s) {
            clock_.advance(std::chrono::seconds(step_s));
            look();
        }
    }
    std::vector<storage::Alert> open() {
        return stores_->alerts.list(tenant_, {"open", "", 0, 5'000}).value();
    }
    std::vector<storage::Alert> open(const std::string& rule) {
        return stores_->alerts.list(tenant_, {"open", rule, 0, 5'000}).value();
    }
    // What a channel was sent: "alert.opened run_failed 3".
    std::vector<std::string> told(const std::string& channel) const {
        std::vector<std::string> all;
        for (const auto& sent : fake_.sent()) {
            if (sent.channel == channel) {
                all.push_back(
                    sent.message.type + " " + sent.message.rule + " " +
                    std::to_string(sent.message.count)
                );
            }
        }
        return all;
    }

    void sql(const std::string& text) {
        const auto written = engine().database->write([&](storage::Sql& sql) -> Result<void> {
            sql.script(text);
            return {};
        });
        ASSERT_TRUE(written.has_value()) << text << ": " << written.error().message;
    }
    std::int64_t number(const std::string& text) {
        return engine()
            .database
            ->read([&](storage::Sql& sql) -> Result<std::int64_t> {
                return sql.value<std::int64_t>(text.c_str()).value_or(-1);
            })
            .value();
    }
    // "1..count" as a table n(i).
    static std::string counted(int count) {
        return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
               std::to_string(count) + ") ";
    }
    std::string now() const { return std::to_string(clock_.now().ms); }
    std::string tenant() const { return std::to_string(tenant_.value); }

    void set_budget(std::int64_t reads) {
        budget_[{"shop", ""}] = reads;
        engine().pool.budgets().set_budgets(budget_);
    }
    void add_connections(int count) {
        sql("INSERT OR IGNORE INTO connections (tenant_id, name, platform, settings, state, "
            "created_at_ms, updated_at_ms) " +
            counted(count) + "SELECT " + tenant() +
            ", 'c' || i, 'shop', '{\"client_id\": \"app-' || i || '\"}', 'active', 1, 1 FROM n");
    }
    void add_flows(int count) {
        sql("INSERT OR IGNORE INTO flows (tenant_id, name, entity, source_connection_id, "
            "target_connection_id, definition, state, created_at_ms, updated_at_ms) " +
            counted(count) +
            "SELECT tenant_id, 'f' || i, 'invoice', source_connection_id, target_connection_id, "
            "definition, 'running', 1, 1 FROM flows, n WHERE name = 'shop-books-orders'");
    }
    void add_jobs(const std::string& state, const std::string& run_at, const std::string& at) {
        sql("INSERT INTO sync_queue (tenant_id, flow_id, target_connection_id, entity, source_id, "
            "lane, state, wanted_version, content_hash, run_at_ms, created_at_ms, updated_at_ms, "
            "outcome) SELECT tenant_id, id, target_connection_id, entity, 'r', 'l' || id, '" +
            state + "', 1, 'h', " + run_at + ", " + at + ", " + at +
            ", 'failed' FROM flows WHERE name LIKE 'f%'");
    }

    std::vector<Trouble> troubles() {
        const auto flows = [this](int count) { add_flows(count); };
        const auto connections = [this](int count) { add_connections(count); };
        const auto in_state = [=, this](const std::string& state) {
            return [=, this](int count) {
                connections(count);
                sql("UPDATE connections SET state = '" + state +
                    "', state_reason = 'because' WHERE name LIKE 'c%'");
            };
        };
        const auto well = [this] { sql("UPDATE connections SET state = 'active'"); };
        return {
            {"connection_needs_reauth", in_state("needs_reauth"), well},
            {"connector_stopped", in_state("paused"), well},
            {"webhook_disabled",
             [=, this](int count) {
                 connections(count);
                 sql("INSERT INTO webhook_endpoints (connection_id, tenant_id, checked_at_ms, "
                     "webhooks) SELECT id, tenant_id, " +
                     now() +
                     ", '[{\"id\":\"1\",\"topic\":\"order.updated\",\"state\":\"paused\"}]' FROM "
                     "connections WHERE name LIKE 'c%'");
             },
             [=, this] { sql("UPDATE webhook_endpoints SET webhooks = '[]'"); }},
            {"dead_letters_growing",
             [=, this](int count) {
                 flows(count);
                 add_jobs("dead", "0", now());
             },
             [=, this] { clock_.advance(std::chrono::hours(2)); }},
            {"run_failed",
             [=, this](int count) {
                 flows(count);
                 sql("INSERT INTO flow_failures (flow_id, run_id, failed_at_ms, restart_at_ms, "
                     "error_code, error_message) SELECT id, 'r', 1, 1, 'x', 'no answer' FROM "
                     "flows WHERE name LIKE 'f%'");
             },
             [=, this] { sql("UPDATE flow_failures SET recovered_at_ms = 2"); }},
            {"token_expiring",
             [=, this](int count) {
                 connections(count);
                 sql("UPDATE connections SET token_expires_at_ms = " + now() +
                     " + 20 * 86400000 WHERE name LIKE 'c%'");
             },
             [=, this] { sql("UPDATE connections SET token_expires_at_ms = 0"); }},
            {"read_budget",
             [=, this](int count) {
                 connections(count);
                 set_budget(100);
                 sql("INSERT INTO read_budgets (platform, app, month, tenant_id, reads, "
                     "updated_at_ms) " +
                     counted(count) + "SELECT 'shop', 'app-' || i, '" +
                     clock_.now().to_string().substr(0, 7) + "', " + tenant() + ", 72, 1 FROM n");
             },
             [=, this] { set_budget(1'000); }},
            {"schedule_late",
             [=, this](int count) {
                 flows(count);
                 sql("INSERT INTO sync_schedules (tenant_id, name, definition, enabled, "
                     "created_at_ms, updated_at_ms) VALUES (" +
                     tenant() + ", 's', '{\"name\": \"s\", \"entity\": \"invoice\"}', 1, 1, 1)");
                 sql("INSERT INTO sync_schedule_slots (schedule_id, slot_ms, sync_id) " +
                     counted(7) + "SELECT s.id, " + now() +
                     " - i * 300000, '' FROM sync_schedules s, n WHERE s.name = 's'");
             },
             [=, this] {
                 sql("INSERT INTO sync_runs (id, sync_id, tenant_id, flow_id, mode, status, "
                     "created_at_ms, finished_at_ms) SELECT 'r' || id, 'r' || id, tenant_id, id, "
                     "'full', 'completed', 1, " +
                     now() + " FROM flows");
             }},
            {"queue_lag",
             [=, this](int count) {
                 flows(count);
                 add_jobs("queued", now() + " - 2 * 3600000", now());
             },
             [=, this] { sql("UPDATE sync_queue SET state = 'settled', run_at_ms = 0"); }},
            {"reconciliation_drift",
             [=, this](int count) {
                 connections(count);
                 add_reconciliation(true, count);
             },
             [=, this] { add_reconciliation(true, 0); }}};
    }

    // One that is completed, with a finding in the books of each of `c1` to `c{count}`.
    void add_reconciliation(
        bool nightly,
        int count,
        const std::string& from = "2026-10-01",
        const std::string& to = "2026-10-31",
        const std::string& entities = "[]"
    ) {
        sql("INSERT INTO reconciliations (tenant_id, state, requested_by, nightly, from_day, "
            "to_day, entities, estimated_reads, drift_records, created_at_ms) VALUES (" +
            tenant() + ", 'completed', 't', " + (nightly ? "1" : "0") + ", '" + from + "', '" + to +
            "', '" + entities + "', 0, " + std::to_string(count) + ", 1)");
        sql("INSERT INTO reconciliation_findings (reconciliation_id, kind, flow, entity, "
            "source_id, target, target_entity, target_id, day, currency, expected, found, "
            "difference_minor, message, healable) " +
            counted(count) +
            "SELECT (SELECT max(id) FROM reconciliations), 'AMOUNT_DIFF', 'f', 'order', '1', "
            "'c' || i, 'invoice', '2', '2026-10-02', 'EUR', '1', '2', 100, 'm', 0 FROM n WHERE i "
            "<= " +
            std::to_string(count));
    }

    engine::BudgetOverrides budget_;
    FakeAlertSender fake_;
    std::unique_ptr<engine::AlertStores> stores_;
    std::unique_ptr<engine::Alerts> alerts_;
    std::unique_ptr<engine::AlertControl> control_;
    std::unique_ptr<engine::AlertOutbox> outbox_;
};

}  // namespace syncline::testing
