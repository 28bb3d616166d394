// GET /api/events over a real connection: what is sent, to whom, and for how long.
#include <memory>
#include <thread>

#include "api/support/api_fixture.hpp"
#include "api/support/raw_client.hpp"

namespace syncline::testing {
namespace {

class EventFeedTest : public ApiTest {
protected:
    void SetUp() override {
        api_config_.threads = 4;
        api_config_.connections_max = 20;
        api_config_.idle_timeout_ms = 400;
        api_config_.send_timeout_ms = 500;
        api_config_.event_streams_per_tenant_max = 2;
        api_config_.event_stream_ms_max = 900'000;
        ApiTest::SetUp();
    }
    // The head has come, and with it the place is taken.
    std::unique_ptr<RawClient> watch(
        const std::string& query = "", const std::string& headers = "", const std::string& by = ""
    ) {
        auto client = std::make_unique<RawClient>(server_->port());
        client->send(
            "GET /api/events" + query + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
            (by.empty() ? admin() : by) + "\r\n" + headers + "\r\n"
        );
        const std::string head = client->receive_until("retry: 3000\n\n");
        EXPECT_NE(head.find("200 OK"), std::string::npos) << head;
        EXPECT_NE(head.find("Content-Type: text/event-stream"), std::string::npos) << head;
        return client;
    }
    void log(const std::string& event, const std::string& level = "info", TenantId tenant = {1}) {
        storage::LogEntry entry;
        entry.tenant = tenant;
        entry.at_ms = clock_.now().ms;
        entry.level = level;
        entry.event = event;
        entry.entity = "order";
        entry.source_id = "60";
        ASSERT_TRUE(engine().stores.log.append(entry).has_value());
    }
    // So many entries with messages of so many bytes.
    void log_many(int count, int bytes) {
        const auto done = engine().stores.database.write([&](storage::Sql& sql) -> Result<void> {
            sql.run(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                "INSERT INTO sync_logs (tenant_id, at_ms, level, event, message) "
                "SELECT 1, 1, 'info', 'many', replace(hex(zeroblob(?)), '00', 'x') FROM n",
                count,
                bytes
            );
            return {};
        });
        ASSERT_TRUE(done.has_value());
    }
    static std::string id_of_last(const std::string& events) {
        const auto at = events.rfind("\nid: ") + 5;
        return events.substr(at, events.find('\n', at) - at);
    }
};

TEST_F(EventFeedTest, ARunIsToldAsItHappens) {
    const auto watcher = watch();
    run(SyncMode::kFull);
    const std::string events = watcher->receive_until("event: run.completed");
    EXPECT_NE(events.find("event: run.started"), std::string::npos) << events;
    EXPECT_NE(events.find("\"flow\":\"shop-books-orders\""), std::string::npos) << events;
    EXPECT_NE(events.find("event: run.completed"), std::string::npos) << events;
    EXPECT_LT(events.find("event: run.started"), events.find("event: run.completed"));
}

TEST_F(EventFeedTest, WhoComesAgainMissesNothingAndGetsNothingTwice) {
    std::string seen = "\n";
    {
        const auto watcher = watch();
        log("first");
        seen += watcher->receive_until("event: first");
    }
    log("second");
    log("third");
    const auto again = watch("", "Last-Event-ID: " + id_of_last(seen) + "\r\n");
    const std::string events = again->receive_until("event: third");
    EXPECT_NE(events.find("event: second"), std::string::npos) << events;
    EXPECT_EQ(events.find("event: first"), std::string::npos) << events;
    const auto by_parameter = watch("?last_event_id=" + id_of_last(seen));
    EXPECT_NE(by_parameter->receive_until("event: third").find("event: second"), std::string::npos);
}

TEST_F(EventFeedTest, AnotherTenantsEventsAreNotSeen) {
    const TenantId other = other_tenant();
    const auto watcher = watch("?last_event_id=0");
    log("theirs", "info", other);
    log("ours");
    EXPECT_EQ(watcher->receive_until("event: ours").find("theirs"), std::string::npos);
}

TEST_F(EventFeedTest, FiltersNarrowWhatIsSent) {
    const auto grave = watch("?level=warning");
    const auto of_customers = watch("?entity=customers");
    log("quiet");
    log("grave", "error");
    log("last", "warning");
    EXPECT_EQ(grave->receive_until("event: last").find("event: quiet"), std::string::npos);
    clock_.advance(std::chrono::seconds(16));
    const std::string nothing = of_customers->receive_until(": still here");
    EXPECT_EQ(nothing.find("event:"), std::string::npos) << nothing;
}

TEST_F(EventFeedTest, WhatIsTooOldToBeLookedAtIsToldAsAGap) {
    log("ancient");
    log_many(10'001, 1);
    const auto watcher = watch("?last_event_id=0");
    const std::string events = watcher->receive_until("event: many", 10'000);
    EXPECT_NE(events.find("event: gap"), std::string::npos);
    EXPECT_EQ(events.find("event: ancient"), std::string::npos);
    EXPECT_EQ(RawClient::count(events, "event: many"), 10'000u);
}

TEST_F(EventFeedTest, AnIdThatIsNotThereYetIsAGapAndWhatComesIsSent) {
    const auto watcher = watch("?last_event_id=999999");
    log("later");
    EXPECT_NE(watcher->receive_until("event: later").find("event: gap"), std::string::npos);
}

TEST_F(EventFeedTest, MoreWatchersThanMayAreRefusedAndAPlaceComesBack) {
    auto one = watch();
    const auto two = watch();
    const Answer refused = get("/api/events");
    EXPECT_EQ(refused.status, 503) << refused.text;
    EXPECT_EQ(refused.json["type"], "/errors/request.busy") << refused.text;
    EXPECT_EQ(refused.header("Retry-After"), "5");
    one.reset();
    for (int tries = 0; tries < 100; ++tries) {
        RawClient client(server_->port());
        client.send(
            "GET /api/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + admin() + "\r\n\r\n"
        );
        if (client.receive().find("200 OK") != std::string::npos) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    FAIL() << "the place of a watcher that left is still taken";
}

TEST_F(EventFeedTest, WhoDoesNotReadIsDisconnectedAndOthersAreServed) {
    const auto deaf = watch();
    const auto reader = watch();
    for (int round = 1; round <= 8; ++round) {
        log_many(100, 20'000);
        ASSERT_EQ(RawClient::count(reader->receive_until("event: many", 100), "event: many"), 100u);
    }
    // Its place is free: there are but two.
    for (int tries = 0; tries < 100; ++tries) {
        if (call({"HEAD", "/api/events", "", admin(), {}}).status == 200) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    FAIL() << "the deaf watcher is still there";
}

TEST_F(EventFeedTest, AStreamOutlastsIdlenessAndGivesItsPlaceToNobody) {
    const auto watcher = watch();
    std::vector<std::unique_ptr<RawClient>> crowd;
    for (int i = 0; i < 30; ++i) {
        crowd.push_back(std::make_unique<RawClient>(server_->port()));
        crowd.back()->send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
        crowd.back()->receive();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(600));  // beyond api.idle_timeout_ms
    log("still");
    EXPECT_NE(watcher->receive_until("event: still").find("event: still"), std::string::npos);
}

TEST_F(EventFeedTest, AStreamEndsAfterItsTime) {
    const auto watcher = watch();
    clock_.advance(std::chrono::milliseconds(900'000));
    const std::string rest = watcher->receive_all();
    EXPECT_EQ(rest.find(RawClient::kNothing), std::string::npos) << rest;
}

TEST_F(EventFeedTest, AServerThatStopsEndsItsStreams) {
    const auto watcher = watch();
    const auto began = std::chrono::steady_clock::now();
    stop_server();
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3));
    EXPECT_EQ(watcher->receive_all().find(RawClient::kNothing), std::string::npos);
}

TEST_F(EventFeedTest, MalformedWishesAreNamed) {
    for (const auto& [query, name] : std::map<std::string, std::string>{
             {"level=loud", "?level"},
             {"entity=widgets", "?entity"},
             {"last_event_id=-1", "?last_event_id"},
             {"last_event_id=9999999999999999999", "?last_event_id"},
             {"since=1", "since"}}) {
        const Answer refused = get("/api/events?" + query);
        EXPECT_EQ(refused.status, 400) << query;
        EXPECT_NE(refused.text.find(name), std::string::npos) << refused.text;
    }
    const Answer header = call({"GET", "/api/events", "", admin(), {{"Last-Event-ID", "x"}}});
    EXPECT_EQ(header.status, 400);
    EXPECT_NE(header.text.find("Last-Event-ID"), std::string::npos) << header.text;
}

TEST_F(EventFeedTest, AlertsAreToldWhenTheyBeginAndEnd) {
    const auto watcher = watch();
    storage::AlertStore& alerts = alert_stores_->alerts;
    storage::Alert alert;
    alert.tenant = TenantId{1};
    alert.rule = "run_failed";
    alert.subject = "flow 1";
    alert.summary = "a flow fails";
    storage::AlertFindings begun;
    begun.begun.push_back(alert);
    ASSERT_TRUE(alerts.apply(begun, clock_.now().ms).has_value());
    storage::AlertFindings ended;
    ended.ended.push_back(alerts.open_alerts().value().front().id);
    ASSERT_TRUE(alerts.apply(ended, clock_.now().ms).has_value());
    const std::string events = watcher->receive_until("event: alert.resolved");
    EXPECT_NE(events.find("event: alert.opened"), std::string::npos) << events;
    EXPECT_NE(events.find("event: alert.resolved"), std::string::npos) << events;
    EXPECT_NE(events.find("\"rule\":\"run_failed\""), std::string::npos) << events;
}

}  // namespace
}  // namespace syncline::testing
