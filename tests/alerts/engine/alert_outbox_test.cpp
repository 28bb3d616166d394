// Messages on their way: tried again with growing waits, given up at last, and never in the way.
#include <atomic>
#include <thread>

#include "alerts/alert_fixture.hpp"

namespace syncline::testing {
namespace {

using std::chrono::seconds;

class AlertOutboxTest : public AlertTest {
protected:
    void SetUp() override {
        AlertTest::SetUp();
        fake_.on_send = [this](const engine::AlertPost& post) -> Result<engine::AlertReply> {
            engine::AlertReply reply;
            reply.taken = status_ == 200;
            reply.gone = status_ == 410;
            reply.text = std::to_string(status_);
            reply.again = again_;
            if (status_ == 0 || (post.channel.name == "dead" && dead_)) {
                return Error{ErrorCode::kTransient, "cannot connect", "http.connect"};
            }
            return reply;
        };
    }
    void trouble() {
        sql("UPDATE connections SET state = 'needs_reauth' WHERE name = 'shop'");
        ASSERT_TRUE(alerts_->step());
    }
    void send() { ASSERT_TRUE(outbox_->step()); }
    std::vector<storage::AlertDelivery> deliveries(const std::string& channel) {
        const auto found = stores_->channels.find(tenant_, channel);
        return stores_->channels.deliveries(found->id, 1'000).value();
    }
    std::size_t tries() const { return fake_.sent().size(); }

    int status_ = 200;
    bool dead_ = true;
    seconds again_{0};
};

TEST_F(AlertOutboxTest, AMessageIsTriedEightTimesWithGrowingWaits) {
    add_channel("ops");
    status_ = 503;
    trouble();
    send();
    std::vector<std::int64_t> waits;
    while (deliveries("ops")[0].state == "waiting" && waits.size() < 20) {
        const std::size_t before = tries();
        waits.push_back((deliveries("ops")[0].run_at_ms - clock_.now().ms) / 1'000);
        clock_.advance(seconds(waits.back() - 1));
        send();
        EXPECT_EQ(tries(), before) << "not before its time";
        clock_.advance(seconds(1));
        send();
        EXPECT_EQ(tries(), before + 1);
    }
    EXPECT_EQ(waits, (std::vector<std::int64_t>{5, 300, 1'800, 7'200, 18'000, 36'000, 36'000}));
    EXPECT_EQ(deliveries("ops")[0].state, "failed");
    EXPECT_EQ(deliveries("ops")[0].answer, "503");
    for (const auto& sent : fake_.sent()) {
        EXPECT_EQ(sent.message.id, fake_.sent()[0].message.id) << "the same at every try";
    }
    EXPECT_EQ(stores_->channels.find(tenant_, "ops")->failures, 8);
}

TEST_F(AlertOutboxTest, AReceiverThatIsGoneIsNotTriedAgain) {
    add_channel("ops");
    status_ = 410;
    trouble();
    send();
    EXPECT_EQ(deliveries("ops")[0].state, "failed");
}

TEST_F(AlertOutboxTest, AReceiverThatAsksForTimeIsGivenIt) {
    add_channel("ops");
    status_ = 429;
    again_ = seconds(120);
    trouble();
    send();
    clock_.advance(seconds(119));
    send();
    EXPECT_EQ(tries(), 1u);
    clock_.advance(seconds(2));
    send();
    EXPECT_EQ(tries(), 2u);
}

TEST_F(AlertOutboxTest, AChannelThatAnswersAgainGetsAllThatWaits) {
    add_channel("ops");
    status_ = 0;
    trouble();
    send();
    clock_.advance(seconds(5));
    send();
    sql("UPDATE connections SET state = 'paused' WHERE name = 'books'");
    ASSERT_TRUE(alerts_->step());
    sql("UPDATE connections SET state = 'needs_reauth' WHERE name = 'books'");
    ASSERT_TRUE(alerts_->step());
    EXPECT_EQ(deliveries("ops").size(), 4u) << "two opened, one opened, one resolved";
    status_ = 200;
    clock_.advance(seconds(61));
    for (int i = 0; i < 10; ++i) {
        send();
    }
    for (const auto& delivery : deliveries("ops")) {
        EXPECT_EQ(delivery.state, "sent") << delivery.type;
    }
}

TEST_F(AlertOutboxTest, ADeadChannelIsTriedOnceAMinuteAndHoldsUpNoOther) {
    add_channel("dead");
    add_channel("ops");
    for (int i = 0; i < 60; ++i) {
        sql("UPDATE connections SET state = '" +
            std::string(i % 2 == 0 ? "needs_reauth" : "active") + "' WHERE name = 'shop'");
        clock_.advance(seconds(10));
        look();
    }
    std::size_t dead = 0;
    std::size_t ops = 0;
    for (const auto& sent : fake_.sent()) {
        ++(sent.channel == "dead" ? dead : ops);
    }
    EXPECT_EQ(ops, 60u);
    EXPECT_LE(dead, 12u) << "ten minutes passed";
    EXPECT_GE(dead, 10u);
}

TEST_F(AlertOutboxTest, AChannelsOldestMessagesAreGivenUpBeyondFiveHundred) {
    add_channel("ops");
    trouble();
    sql("UPDATE alert_deliveries SET run_at_ms = " + now() + " + 3600000");
    sql("INSERT INTO alert_announcements (tenant_id, rule, severity, kind, message_id, message, "
        "created_at_ms) " +
        counted(520) + "SELECT " + tenant() +
        ", 'x', 'critical', 'alert.opened', 'm' || i, '{}', 1 FROM n");
    sql("INSERT INTO alert_deliveries (announcement_id, channel_id, tenant_id, state, run_at_ms) "
        "SELECT n.id, c.id, c.tenant_id, 'waiting', " +
        now() + " + 3600000 FROM alert_announcements n, alert_channels c WHERE n.rule = 'x'");
    sql("UPDATE connections SET state = 'active'");
    ASSERT_TRUE(alerts_->step());
    EXPECT_EQ(number("SELECT count(*) FROM alert_deliveries WHERE state = 'waiting'"), 500);
    EXPECT_EQ(deliveries("ops")[0].state, "waiting") << "the newest stays";
}

TEST_F(AlertOutboxTest, ADisabledChannelIsToldNothing) {
    add_channel("ops");
    trouble();
    sql("UPDATE alert_channels SET enabled = 0");
    send();
    EXPECT_EQ(tries(), 0u);
    sql("UPDATE alert_channels SET enabled = 1");
    send();
    EXPECT_EQ(tries(), 1u);
}

TEST_F(AlertOutboxTest, AClockThatIsSetBackKeepsNoMessageWaiting) {
    add_channel("ops");
    status_ = 0;
    trouble();
    send();
    clock_.set(Timestamp{clock_.now().ms - 30LL * 86'400'000});
    status_ = 200;
    send();
    EXPECT_EQ(deliveries("ops")[0].state, "sent");
}

TEST_F(AlertOutboxTest, ChannelsThatHangAreAFewThreadsHoldUpNoOtherTenantAndStopAtOnce) {
    std::atomic<int> hanging{0};
    std::atomic<int> most{0};
    std::atomic<int> taken{0};
    fake_.on_send = [&](const engine::AlertPost& post) -> Result<engine::AlertReply> {
        if (post.channel.name == "ops") {
            ++taken;
            return engine::AlertReply{true, false, "200", {}};
        }
        most = std::max(most.load(), ++hanging);
        while (!*post.stop) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        --hanging;
        return Error{ErrorCode::kCancelled, "stopped", "http.stopped"};
    };
    for (int i = 0; i < 8; ++i) {
        add_channel("c" + std::to_string(i));
    }
    trouble();
    const TenantId acme = engine().stores.tenants.ensure("acme", 1).value();
    ASSERT_TRUE(engine().stores.vault.prepare_tenant(acme, 1).has_value());
    add_channel("ops", "warning", acme);
    sql("INSERT INTO alert_deliveries (announcement_id, channel_id, tenant_id, state, run_at_ms) "
        "SELECT (SELECT max(id) FROM alert_announcements), id, tenant_id, 'waiting', 1 "
        "FROM alert_channels WHERE name = 'ops'");
    outbox_->start();
    for (int i = 0; i < 3'000 && (hanging < 4 || taken == 0); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(taken, 1) << "it is behind eight that hang";
    EXPECT_EQ(hanging, 4);
    const auto begun = std::chrono::steady_clock::now();
    outbox_->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(2));
    EXPECT_EQ(most, 4);
    EXPECT_EQ(number("SELECT count(*) FROM alert_deliveries WHERE state = 'waiting'"), 8)
        << "what did not go out waits in the store";
}

TEST_F(AlertOutboxTest, ChannelsThatAnswerComeFirstAndTenantsByTurns) {
    for (int i = 0; i < 4; ++i) {
        add_channel("c" + std::to_string(i));
    }
    add_channel("dead");
    add_channel("ops");
    trouble();
    sql("UPDATE alert_channels SET failures = 3 WHERE name = 'dead'");
    sql("INSERT INTO tenants (name, state, created_at_ms) VALUES ('acme', 'active', 1)");
    sql("UPDATE alert_channels SET tenant_id = (SELECT id FROM tenants WHERE name = 'acme') "
        "WHERE name = 'ops'");
    const auto due = stores_->channels.due(clock_.now().ms, 86'400'000, 3).value();
    std::vector<std::string> names;
    for (const auto& one : due) {
        names.push_back(stores_->channels.by_id(one.channel)->name);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"c0", "ops", "c1"}));
    EXPECT_EQ(
        stores_->channels.due(clock_.now().ms, 86'400'000, 9).value().back().channel,
        stores_->channels.find(tenant_, "dead")->id
    );
}

TEST_F(AlertOutboxTest, SecretsAreSealedOpenedWhenSentAndNoted) {
    engine::NewAlertChannel channel;
    channel.name = "chat";
    channel.kind = "slack";
    channel.secrets = {{"url", "https://hooks.example/T0/B0/canary-secret"}};
    ASSERT_TRUE(control_->create(tenant_, channel, {}));
    trouble();
    send();
    ASSERT_EQ(tries(), 1u);
    EXPECT_EQ(fake_.sent()[0].secrets.at("url"), "https://hooks.example/T0/B0/canary-secret");
    EXPECT_EQ(
        number("SELECT count(*) FROM alert_channels WHERE instr(secrets, 'canary') > 0 OR "
               "instr(settings, 'canary') > 0"),
        0
    );
    EXPECT_EQ(
        number("SELECT count(*) FROM audit_log WHERE event = 'credential.opened' AND object = "
               "'alert_channel chat'"),
        1
    );
    // Sealed for this channel's place, and no other.
    sql("UPDATE alert_channels SET name = 'moved'");
    sql("UPDATE connections SET state = 'active'");
    ASSERT_TRUE(alerts_->step());
    send();
    EXPECT_EQ(tries(), 1u);
}

}  // namespace
}  // namespace syncline::testing
