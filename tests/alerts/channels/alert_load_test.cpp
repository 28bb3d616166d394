// With every channel dead, syncs go on as fast as without channels. A ratio of medians of runs that
// are long enough to be compared: some seconds.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

#include "alerts/alert_fixture.hpp"
#include "connectors/support/scripted_server.hpp"
#include "main/alert_senders.hpp"

namespace syncline::testing {
namespace {

class AlertLoadTest : public AlertTest {
protected:
    AlertLoadTest() {
        options_.egress.allow = {"127.0.0.1:*"};
        senders_ = host::AlertSenders::make(options_).value();
    }
    engine::AlertSender& sender() override { return *senders_; }

    // Orders a second, from being read to being in the books.
    std::int64_t rate() {
        constexpr int kOrders = 300;
        for (int i = 0; i < kOrders; ++i) {
            ++last_;
            shop_.put(last_, "10.00", "a" + std::to_string(last_ % 7) + "@x.example");
        }
        const auto begun = std::chrono::steady_clock::now();
        run(SyncMode::kFull);
        const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now() - begun
        );
        return kOrders * 1'000'000LL / std::max<std::int64_t>(1, took.count());
    }
    void clear() {
        sql("DELETE FROM id_mappings; DELETE FROM sync_queue; DELETE FROM sync_runs; DELETE FROM "
            "sync_state; DELETE FROM own_writes");
        shop_.orders.clear();
        books_.documents.clear();
        last_ = 0;
    }

    connectors::HttpOptions options_;
    std::unique_ptr<host::AlertSenders> senders_;
    int last_ = 0;
};

TEST_F(AlertLoadTest, ThroughputIsTheSameWithAllThreeChannelsDown) {
    // Each takes the connection, and never answers.
    ScriptedServer silent({[](Peer& peer) { peer.hang(); }});
    const std::string url = silent.url("/");
    engine::NewAlertChannel channel;
    channel.kind = "webhook";
    channel.name = "pager";
    channel.settings = {{"url", url}};
    ASSERT_TRUE(control_->create(tenant_, channel, {}));
    channel.kind = "slack";
    channel.name = "chat";
    channel.settings = Json::object();
    channel.secrets = {{"url", url}};
    ASSERT_TRUE(control_->create(tenant_, channel, {}));
    channel.kind = "email";
    channel.name = "mail";
    channel.settings = {
        {"host", "127.0.0.1"},
        {"port", silent.port()},
        {"from", "a@x.example"},
        {"to", {"b@x.example"}}};
    channel.secrets.clear();
    ASSERT_TRUE(control_->create(tenant_, channel, {}));
    add_connections(1'000);
    sql("UPDATE connections SET state = 'needs_reauth' WHERE name LIKE 'c%'");

    std::vector<std::int64_t> without;
    std::vector<std::int64_t> with;
    rate();
    for (int round = 0; round < 5; ++round) {
        clear();
        without.push_back(rate());
        clear();
        build();
        alerts_->start();
        outbox_->start();
        const int before = silent.connections();
        with.push_back(rate());
        // A look every fifteen seconds and a send every half: let each have happened.
        for (int i = 0; i < 1'000 && silent.connections() < before + 3 && round == 0; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        if (round == 0) {
            EXPECT_EQ(silent.connections(), before + 3) << "all three are being tried";
        }
        outbox_->stop();
        alerts_->stop();
        sql("UPDATE alert_deliveries SET run_at_ms = 0; UPDATE alert_channels SET held_until_ms = 0"
        );
    }
    std::sort(without.begin(), without.end());
    std::sort(with.begin(), with.end());
    const std::int64_t percent = with[2] * 100 / without[2];
    std::cout << "orders a second: " << without[2] << " without alerts, " << with[2]
              << " with 1000 alerts open and three dead channels (" << percent << " %)\n";
    EXPECT_GE(percent, 80);
}

}  // namespace
}  // namespace syncline::testing
