// What needs a person is opened once, told once, and ends by itself.
#include <chrono>
#include <iostream>

#include "alerts/alert_fixture.hpp"

namespace syncline::testing {
namespace {

using Lines = std::vector<std::string>;

class AlertStormTest : public AlertTest {};

TEST_F(AlertStormTest, EachRuleTellsAStormOfAThousandCausesOnceAndTellsItsEnd) {
    constexpr int kCauses = 1'000;
    add_channel("ops");
    for (const auto& trouble : troubles()) {
        SCOPED_TRACE(trouble.rule);
        // One dead letter per flow; nothing of other rules.
        Json rules = Json::object();
        for (const auto& rule : alert_rules()) {
            rules[std::string(rule.name)] = {{"enabled", rule.name == trouble.rule}};
        }
        rules["dead_letters_growing"]["thresholds"] = {1, 100};
        settings({{"rules", rules}, {"group_wait_s", 0}, {"group_interval_s", 0}});
        fake_.forget();
        trouble.begin(kCauses);
        const auto begun = std::chrono::steady_clock::now();
        look();
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - begun
        );
        EXPECT_EQ(open(trouble.rule).size(), 1'000u);
        EXPECT_EQ(told("ops"), Lines{"alert.opened " + trouble.rule + " 1000"});
        ASSERT_EQ(fake_.sent().size(), 1u);
        EXPECT_EQ(fake_.sent()[0].message.alerts.size(), kAlertItemsMax);
        look_for(60);
        restart_host();
        look_for(60);
        EXPECT_EQ(fake_.sent().size(), 1u) << "it is told once";
        EXPECT_EQ(open(trouble.rule).size(), 1'000u);
        const auto again = std::chrono::steady_clock::now();
        look();
        const auto idle = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - again
        );
        trouble.end();
        look();
        EXPECT_TRUE(open(trouble.rule).empty());
        EXPECT_EQ(
            told("ops"),
            (Lines{
                "alert.opened " + trouble.rule + " 1000",
                "alert.resolved " + trouble.rule + " 1000"})
        );
        look_for(60);
        EXPECT_EQ(fake_.sent().size(), 2u);
        std::cout << trouble.rule << ": 1000 causes opened and told in " << took.count()
                  << " ms, looked at again in " << idle.count() << " ms\n";
        sql("DELETE FROM sync_queue; DELETE FROM sync_runs; DELETE FROM webhook_endpoints; DELETE "
            "FROM flow_failures");
    }
}

TEST_F(AlertTest, EachRuleSeesOneCauseAmongWhatIsWell) {
    settings(
        {{"rules", {{"dead_letters_growing", {{"thresholds", {1, 100}}}}}},
         {"group_wait_s", 0},
         {"group_interval_s", 0}}
    );
    for (const auto& trouble : troubles()) {
        SCOPED_TRACE(trouble.rule);
        look();
        EXPECT_TRUE(open(trouble.rule).empty()) << "there is no cause yet";
        trouble.begin(1);
        look();
        ASSERT_EQ(open(trouble.rule).size(), 1u);
        EXPECT_FALSE(open(trouble.rule)[0].summary.empty());
        trouble.end();
        look();
        EXPECT_TRUE(open(trouble.rule).empty()) << open(trouble.rule)[0].summary;
        sql("DELETE FROM sync_queue; DELETE FROM sync_runs; DELETE FROM webhook_endpoints; DELETE "
            "FROM flow_failures");
    }
}

TEST_F(AlertTest, AThousandDeadLettersOfAFlowAreOneCause) {
    add_channel("ops");
    sql("INSERT INTO sync_queue (tenant_id, flow_id, target_connection_id, entity, source_id, "
        "lane, state, wanted_version, content_hash, run_at_ms, created_at_ms, updated_at_ms, "
        "outcome) " +
        counted(1'000) +
        "SELECT tenant_id, id, target_connection_id, entity, 'r' || i, 'l' || i, 'dead', 1, 'h', "
        "0, 1, " +
        now() + ", 'failed' FROM flows, n");
    look();
    look_for(300);
    EXPECT_EQ(told("ops"), Lines{"alert.opened dead_letters_growing 1"});
    EXPECT_EQ(open()[0].subject, "flow shop-books-orders");
    EXPECT_EQ(open()[0].severity, AlertSeverity::kCritical) << "100 are";
    EXPECT_EQ(open()[0].value, 1'000);
}

TEST_F(AlertTest, AStormThatComesBitByBitIsToldAtIntervals) {
    add_channel("ops");
    settings({{"group_wait_s", 30}, {"group_interval_s", 300}});
    for (int i = 1; i <= 40; ++i) {
        add_connections(i * 25);
        sql("UPDATE connections SET state = 'needs_reauth' WHERE name LIKE 'c%'");
        look_for(15);
    }
    EXPECT_EQ(
        told("ops"),
        (Lines{
            "alert.opened connection_needs_reauth 75", "alert.opened connection_needs_reauth 500"})
    ) << "30 s after the first, and then five minutes later";
    look_for(600);
    EXPECT_EQ(told("ops").size(), 3u);
    EXPECT_EQ(told("ops").back(), "alert.opened connection_needs_reauth 425");
}

TEST_F(AlertTest, AHigherThresholdIsToldAgainAndALowerOneIsNot) {
    add_channel("ops");
    add_connections(1);
    const auto days_left = [&](int days) {
        sql("UPDATE connections SET token_expires_at_ms = " + now() + " + 1000 + 86400000 * " +
            std::to_string(days) + " WHERE name = 'c1'");
        look();
    };
    days_left(40);
    days_left(20);
    days_left(6);
    days_left(25);
    days_left(6);
    days_left(0);
    EXPECT_EQ(told("ops").size(), 3u);
    EXPECT_EQ(fake_.sent()[1].message.severity, AlertSeverity::kWarning);
    EXPECT_EQ(fake_.sent()[2].message.severity, AlertSeverity::kCritical);
    EXPECT_EQ(open().size(), 1u);
    EXPECT_EQ(open()[0].subject, "connection c1 (access token)");
    days_left(40);
    EXPECT_EQ(told("ops").back(), "alert.resolved token_expiring 1");
}

TEST_F(AlertTest, ATokenThatTheHostRenewsIsNoCause) {
    add_connections(1);
    sql("UPDATE connections SET token_expires_at_ms = " + now() + " WHERE name = 'c1'");
    look();
    EXPECT_EQ(open("token_expiring").size(), 1u);
    sql("INSERT INTO credentials (connection_id, field, tenant_id, sealed, updated_at_ms) SELECT "
        "id, 'refresh_token', tenant_id, x'00', 1 FROM connections WHERE name = 'c1'");
    look();
    EXPECT_TRUE(open("token_expiring").empty());
}

TEST_F(AlertTest, AnAuthorizationThatThePlatformEndsIsToldWhateverIsRefreshed) {
    add_connections(2);
    sql("INSERT INTO credentials (connection_id, field, tenant_id, sealed, updated_at_ms) SELECT "
        "id, 'refresh_token', tenant_id, x'00', 1 FROM connections");
    sql("INSERT INTO oauth_grants (connection_id, tenant_id, refreshed_at_ms, "
        "refresh_expires_at_ms, hard_expires_at_ms) SELECT id, tenant_id, " +
        now() + ", " + now() + " + 100 * 86400000, " + now() +
        " + 20 * 86400000 FROM connections WHERE name = 'c1'");
    look();
    ASSERT_EQ(open("token_expiring").size(), 1u);
    EXPECT_EQ(open("token_expiring")[0].subject, "connection c1 (authorization)");
    sql("UPDATE oauth_grants SET hard_expires_at_ms = " + now() + " + 1000 * 86400000");
    look();
    EXPECT_TRUE(open("token_expiring").empty());
}

TEST_F(AlertTest, ARefreshTokenIsToldOnceHalfItsLifeWentByWithoutANewOne) {
    add_connections(1);
    const auto lives = [&](const std::string& since, const std::string& until) {
        sql("DELETE FROM oauth_grants");
        sql("INSERT INTO oauth_grants (connection_id, tenant_id, refreshed_at_ms, "
            "refresh_expires_at_ms) SELECT id, tenant_id, " +
            now() + since + ", " + now() + until + " FROM connections WHERE name = 'c1'");
        look();
        return open("token_expiring").size();
    };
    EXPECT_EQ(lives(" - 3600000", " + 86400000"), 0u) << "such short ones are renewed every hour";
    EXPECT_EQ(lives(" - 90 * 86400000", " + 10 * 86400000"), 1u);
    EXPECT_EQ(open("token_expiring")[0].subject, "connection c1 (refresh token)");
}

TEST_F(AlertTest, QuietHoursHoldAMessageUntilTheyEnd) {
    add_channel("ops");
    settings(
        {{"quiet_hours", {{"from", "22:00"}, {"to", "07:00"}, {"zone", "Europe/Berlin"}}},
         {"group_wait_s", 0},
         {"group_interval_s", 0}}
    );
    clock_.set(Timestamp::parse("2026-11-20T22:00:00Z").value());  // 23:00 there
    add_flows(2);
    sql("INSERT INTO flow_failures (flow_id, run_id, failed_at_ms, restart_at_ms, error_code, "
        "error_message) SELECT id, 'r', 1, 1, 'x', 'y' FROM flows WHERE name LIKE 'f%'");
    look();
    EXPECT_EQ(open("run_failed").size(), 2u);
    EXPECT_TRUE(told("ops").empty()) << "a warning waits";
    sql("UPDATE connections SET state = 'needs_reauth' WHERE name = 'shop'");
    look();
    EXPECT_EQ(told("ops"), Lines{"alert.opened connection_needs_reauth 1"}) << "a critical one not";
    sql("UPDATE connections SET state = 'active'");
    sql("UPDATE flow_failures SET recovered_at_ms = 2 WHERE flow_id = (SELECT id FROM flows WHERE "
        "name = 'f1')");
    look();
    look_for(7 * 3'600 - 60, 600);
    EXPECT_EQ(told("ops").size(), 2u) << "only the end of the critical one";
    clock_.set(Timestamp::parse("2026-11-21T06:00:00Z").value());  // 07:00
    look();
    EXPECT_EQ(told("ops").back(), "alert.opened run_failed 1")
        << "what ended meanwhile is not told";
    EXPECT_EQ(told("ops").size(), 3u);
}

TEST_F(AlertTest, CriticalMessagesWaitTooWhereTheyAreToldTo) {
    add_channel("ops");
    settings(
        {{"quiet_hours", {{"from", "00:00"}, {"to", "23:59"}, {"critical_passes", false}}},
         {"group_wait_s", 0},
         {"group_interval_s", 0}}
    );
    sql("UPDATE connections SET state = 'needs_reauth' WHERE name = 'shop'");
    look();
    EXPECT_EQ(open().size(), 1u);
    EXPECT_TRUE(told("ops").empty());
}

TEST_F(AlertTest, ARestartBetweenAnnouncingAndSendingSendsOnce) {
    add_channel("ops");
    sql("UPDATE connections SET state = 'needs_reauth' WHERE name = 'shop'");
    ASSERT_TRUE(alerts_->step());
    restart_host();
    EXPECT_TRUE(told("ops").empty());
    look();
    restart_host();
    look_for(120);
    EXPECT_EQ(told("ops"), Lines{"alert.opened connection_needs_reauth 1"});
    sql("UPDATE connections SET state = 'active'");
    ASSERT_TRUE(alerts_->step());
    restart_host();
    look_for(120);
    EXPECT_EQ(told("ops").size(), 2u);
}

TEST_F(AlertTest, TheFirstChannelIsToldWhatIsOpen) {
    sql("UPDATE connections SET state = 'needs_reauth' WHERE name = 'shop'");
    look_for(600);
    add_channel("ops");
    look();
    EXPECT_EQ(told("ops"), Lines{"alert.opened connection_needs_reauth 1"});
}

TEST_F(AlertTest, OnlyWhoWasToldOfTheBeginningIsToldOfTheEnd) {
    add_channel("first");
    add_channel("pager", "critical");
    add_flows(1);
    sql("INSERT INTO flow_failures (flow_id, run_id, failed_at_ms, restart_at_ms, error_code, "
        "error_message) SELECT id, 'r', 1, 1, 'x', 'y' FROM flows WHERE name = 'f1'");
    look();
    add_channel("late");
    sql("UPDATE flow_failures SET recovered_at_ms = 2");
    look();
    EXPECT_EQ(told("first"), (Lines{"alert.opened run_failed 1", "alert.resolved run_failed 1"}));
    EXPECT_TRUE(told("late").empty());
    EXPECT_TRUE(told("pager").empty()) << "a warning is not for it";
}

TEST_F(AlertTest, WhatEndsAndBeginsAgainBeforeItsEndWasToldIsNotTold) {
    add_channel("ops");
    settings({{"group_wait_s", 60}, {"group_interval_s", 0}});
    sql("UPDATE connections SET state = 'needs_reauth' WHERE name = 'shop'");
    look();
    look_for(60);
    ASSERT_EQ(told("ops").size(), 1u);
    for (int i = 0; i < 10; ++i) {
        sql("UPDATE connections SET state = 'active'");
        look_for(15);
        sql("UPDATE connections SET state = 'needs_reauth' WHERE name = 'shop'");
        look_for(15);
    }
    EXPECT_EQ(told("ops").size(), 1u);
    EXPECT_EQ(open().size(), 1u);
    // One that ends before it was told is never told.
    sql("UPDATE connections SET state = 'needs_reauth' WHERE name = 'books'");
    look_for(15);
    sql("UPDATE connections SET state = 'active' WHERE name = 'books'");
    look_for(300);
    EXPECT_EQ(told("ops").size(), 1u);
}

TEST_F(AlertTest, WhatAStoppedConnectionExplainsIsNotToldTwice) {
    const auto all = troubles();
    for (const auto& trouble : all) {
        if (trouble.rule == "queue_lag" || trouble.rule == "schedule_late") {
            trouble.begin(3);
        }
    }
    look();
    EXPECT_EQ(open("queue_lag").size(), 3u);
    EXPECT_EQ(open("schedule_late").size(), 3u);
    sql("UPDATE connections SET state = 'needs_reauth' WHERE name = 'books'");
    look();
    EXPECT_EQ(open().size(), 1u) << "the books' credentials explain the rest";
}

TEST_F(AlertTest, DriftOfTheNightIsToldOnceForEachConnectionAndEndsWithACleanNight) {
    add_channel("ops");
    add_connections(2);
    add_reconciliation(true, 2);
    sql("INSERT INTO reconciliation_findings SELECT NULL, reconciliation_id, 'MISSING_TARGET', "
        "flow, "
        "entity, source_id, target, target_entity, '', day, currency, expected, found, 0, message, "
        "1, '' FROM reconciliation_findings WHERE target = 'c1'");
    look();
    const auto open = AlertTest::open("reconciliation_drift");
    ASSERT_EQ(open.size(), 2u);
    const auto& first = open[0].subject == "connection c1" ? open[0] : open[1];
    EXPECT_EQ(first.subject, "connection c1");
    EXPECT_EQ(first.value, 2);
    EXPECT_EQ(first.severity, AlertSeverity::kWarning);
    EXPECT_EQ(
        first.summary,
        "its books do not agree from 2026-10-01 to 2026-10-31: 1 AMOUNT_DIFF, 1 MISSING_TARGET "
        "(reconciliation 1)"
    );
    add_reconciliation(true, 2, "2026-10-02", "2026-11-01");
    look_for(60);
    EXPECT_EQ(told("ops"), Lines{"alert.opened reconciliation_drift 2"}) << "it is the same drift";
    add_reconciliation(true, 1, "2026-10-03", "2026-11-02");
    look_for(15);
    ASSERT_EQ(AlertTest::open("reconciliation_drift").size(), 1u);
    EXPECT_EQ(AlertTest::open("reconciliation_drift")[0].subject, "connection c1");
    add_reconciliation(true, 0, "2026-10-04", "2026-11-03");
    look_for(15);
    EXPECT_TRUE(AlertTest::open().empty());
}

TEST_F(AlertTest, OnlyAReconciliationOfAllOfTheNightsDaysEndsItsDrift) {
    add_connections(1);
    add_reconciliation(false, 1);
    look();
    EXPECT_TRUE(open().empty()) << "who asked for it sees it";
    add_reconciliation(true, 1, "2026-10-01", "2026-10-31", R"(["order","refund"])");
    for (const auto& [from, to, entities] : std::vector<std::array<const char*, 3>>{
             {"2026-10-02", "2026-10-31", "[]"},
             {"2026-10-01", "2026-10-30", "[]"},
             {"2026-10-01", "2026-10-31", R"(["order"])"}}) {
        add_reconciliation(false, 0, from, to, entities);
        look();
        EXPECT_EQ(open("reconciliation_drift").size(), 1u) << from << to << entities;
    }
    sql("UPDATE reconciliations SET state = 'failed' WHERE id = (SELECT max(id) FROM "
        "reconciliations)");
    add_reconciliation(false, 0, "2026-09-01", "2026-11-30");
    sql("UPDATE reconciliations SET state = 'failed' WHERE id = (SELECT max(id) FROM "
        "reconciliations)");
    look();
    EXPECT_EQ(open("reconciliation_drift").size(), 1u) << "one that failed compared nothing";
    add_reconciliation(false, 0, "2026-09-01", "2026-11-30");
    look();
    EXPECT_TRUE(open().empty());
}

TEST_F(AlertTest, DriftInTheBooksOfAConnectionThatIsGoneIsNobodysConcern) {
    add_connections(2);
    add_reconciliation(true, 2);
    sql("UPDATE connections SET state = 'disabled' WHERE name = 'c2'");
    look();
    ASSERT_EQ(open("reconciliation_drift").size(), 1u);
    EXPECT_EQ(open("reconciliation_drift")[0].subject, "connection c1");
}

TEST_F(AlertTest, ADisabledRuleAndASuspendedTenantAreLeftAlone) {
    settings({{"rules", {{"connection_needs_reauth", {{"enabled", false}}}}}, {"group_wait_s", 0}});
    sql("UPDATE connections SET state = 'needs_reauth' WHERE name = 'shop'");
    look();
    EXPECT_TRUE(open().empty());
    settings({{"group_wait_s", 0}, {"group_interval_s", 0}});
    look();
    EXPECT_EQ(open().size(), 1u);
    add_channel("ops");
    ASSERT_TRUE(engine().stores.tenants.set_active(tenant_, false, "unpaid", 1));
    look();
    EXPECT_EQ(open().size(), 1u) << "it is as it was";
    EXPECT_TRUE(told("ops").empty());
    ASSERT_TRUE(engine().stores.tenants.set_active(tenant_, true, "", 1));
    look();
    EXPECT_EQ(told("ops"), Lines{"alert.opened connection_needs_reauth 1"});
}

TEST_F(AlertTest, AMalformedSettingIsAnAlertAndTheDefaultsHold) {
    add_channel("ops");
    ASSERT_TRUE(engine().stores.settings.put(tenant_, "alerts", {R"({"moon": 1})", "t", 1}));
    sql("UPDATE connections SET state = 'needs_reauth' WHERE name = 'shop'");
    look();
    look_for(60);
    EXPECT_EQ(open("setting_malformed").size(), 1u);
    EXPECT_EQ(open("connection_needs_reauth").size(), 1u);
    EXPECT_EQ(told("ops").size(), 2u);
    settings(Json::object());
    look();
    EXPECT_TRUE(open("setting_malformed").empty());
}

TEST_F(AlertTest, AWebhookThatWasDisabledIsACauseForAnHour) {
    const auto shop = engine().stores.connections.find(tenant_, "shop").value();
    storage::LogEntry entry;
    entry.tenant = tenant_;
    entry.at_ms = clock_.now().ms;
    entry.level = "warning";
    entry.event = "webhook.disabled";
    entry.connection = shop.id;
    ASSERT_TRUE(engine().stores.log.append(entry));
    look();
    EXPECT_EQ(open("webhook_disabled").size(), 1u);
    clock_.advance(std::chrono::minutes(61));
    look();
    EXPECT_TRUE(open("webhook_disabled").empty());
}

TEST_F(AlertTest, SummariesHoldNoCredentials) {
    sql("UPDATE connections SET state = 'needs_reauth', state_reason = 'GET "
        "https://x.example/?consumer_secret=cs_topsecret failed' WHERE name = 'shop'");
    look();
    ASSERT_EQ(open().size(), 1u);
    EXPECT_EQ(open()[0].summary.find("cs_topsecret"), std::string::npos) << open()[0].summary;
}

TEST_F(AlertTest, OldAlertsAndMessagesArePurgedAndOpenOnesStay) {
    add_channel("ops");
    sql("UPDATE connections SET state = 'needs_reauth' WHERE name IN ('shop', 'books')");
    look();
    sql("UPDATE connections SET state = 'active' WHERE name = 'shop'");
    look();
    clock_.advance(std::chrono::hours(24 * 91));
    look();
    EXPECT_EQ(number("SELECT count(*) FROM alerts"), 1);
    look_for(3'600, 3'600);
    EXPECT_EQ(number("SELECT count(*) FROM alert_announcements"), 1)
        << "the open one's stays, so that its end is told to whom it was told to";
    sql("UPDATE connections SET state = 'active'");
    look();
    EXPECT_EQ(told("ops").back(), "alert.resolved connection_needs_reauth 1");
}

}  // namespace
}  // namespace syncline::testing
