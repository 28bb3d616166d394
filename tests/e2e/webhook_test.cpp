// Deliveries of a real shop to the real program: they alone bring its orders into the books; forged
// ones do not; and what was answered survives kills and power cuts.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sqlite3.h>

#include "e2e/support/demo_shop.hpp"
#include "support/recorded_webhooks.hpp"

namespace syncline::test {
namespace {

constexpr auto kSecret = "s3cret";
constexpr auto kAddress = "/api/webhooks/woocommerce/shop";

Json with_secret(Json config) {
    config["connections"][0]["settings"]["webhook_secret"] = kSecret;
    return config;
}

std::string base64(const unsigned char* bytes, std::size_t size) {
    std::string text(4 * ((size + 2) / 3) + 1, '\0');
    text.resize(static_cast<std::size_t>(EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size)
    )));
    return text;
}

std::string signature(const std::string& body) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(
        EVP_sha256(),
        kSecret,
        6,
        reinterpret_cast<const unsigned char*>(body.data()),
        body.size(),
        digest,
        &size
    );
    return base64(digest, size);
}

class WebhookTest : public ::testing::Test {
protected:
    DemoShop shop_;
};

TEST_F(WebhookTest, RecordedDeliveriesAloneBringTheOrdersIntoTheBooks) {
    HostProcess host(with_secret(shop_.config()));
    host.start();
    std::set<std::string> orders;
    int pings = 0;
    for (const auto& recorded : recorded_webhooks()) {
        const Answer answer = host.raw("POST", kAddress, recorded.body, recorded.headers);
        ASSERT_EQ(answer.status, 200) << answer.text;
        ASSERT_EQ(answer.json.at("status"), recorded.is_ping() ? "pong" : "stored");
        pings += recorded.is_ping() ? 1 : 0;
        if (!recorded.is_ping()) {
            orders.insert(Json::parse(recorded.body).at("id").dump());
        }
    }
    EXPECT_EQ(pings, 3);
    const auto waiting = [&] {
        return !host.get("/api/webhook-events?state=stored&limit=1").json.at("items").empty();
    };
    for (int i = 0; i < 300 && waiting(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    EXPECT_FALSE(waiting());
    ASSERT_EQ(host.unsettled(60), "") << host.log();
    EXPECT_EQ(host.get("/api/webhook-events?state=failed").json.at("items").size(), 0U);
    // Orders that no delivery names are not there, and only they.
    std::set<std::string> unannounced;
    for (const auto& order : shop_.orders()) {
        if (orders.count(order.at("id").dump()) == 0) {
            unannounced.insert(order.at("id").dump());
        }
    }
    std::set<std::string> rows;
    for (const auto& row : shop_.rows("orders")) {
        rows.insert(row.at("source_id").get<std::string>());
    }
    for (const auto& id : unannounced) {
        EXPECT_EQ(rows.count(id), 0U) << id;
    }
    EXPECT_GE(rows.size(), 50U);

    // The whole lot once more changes nothing.
    const auto writes = shop_.writes();
    for (const auto& recorded : recorded_webhooks()) {
        ASSERT_EQ(host.raw("POST", kAddress, recorded.body, recorded.headers).status, 200);
    }
    const Json events = host.get("/api/webhook-events?limit=3").json.at("items");
    for (const auto& event : events) {
        EXPECT_EQ(event.at("repeats"), 1);
        EXPECT_EQ(
            host.post("/api/webhook-events/" + event.at("id").dump() + "/replay").status, 202
        );
    }
    for (int i = 0; i < 300 && waiting(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    ASSERT_EQ(host.unsettled(60), "");
    EXPECT_EQ(shop_.writes(), writes);
}

TEST_F(WebhookTest, AListenerOfItsOwnTakesThemAndNothingElse) {
    Json config = with_secret(shop_.config());
    config["webhooks"] = {{"host", "127.0.0.1"}, {"port", 0}};
    HostProcess host(config);
    host.start();
    const std::string body = R"({"id":55})";
    EXPECT_EQ(
        host.raw(
                "POST",
                kAddress,
                body,
                {{"X-WC-Webhook-Topic", "order.updated"},
                 {"X-WC-Webhook-Signature", signature(body)}}
        ).status,
        200
    );
    EXPECT_EQ(
        host.raw("POST", kAddress, body, {{"X-WC-Webhook-Signature", signature("other")}}).status,
        401
    );
}

// The ids of the deliveries of which the database has an event.
std::set<std::string> stored_deliveries(const std::string& file) {
    std::set<std::string> ids;
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(
        sqlite3_prepare_v2(
            database, "SELECT delivery_id FROM webhook_events", -1, &statement, nullptr
        ),
        SQLITE_OK
    );
    while (sqlite3_step(statement) == SQLITE_ROW) {
        ids.emplace(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return ids;
}

class WebhookKillTest : public WebhookTest {
protected:
    // Eight senders until the host is gone; answers the delivery ids that got a 2xx.
    std::set<std::string> send_until_killed(HostProcess& host, int round, int milliseconds) {
        std::atomic<bool> over{false};
        std::vector<std::set<std::string>> accepted(8);
        std::vector<std::thread> senders;
        for (std::size_t sender = 0; sender < accepted.size(); ++sender) {
            senders.emplace_back([&, sender] {
                for (int i = 0; !over; ++i) {
                    const std::string id = std::to_string(round) + "-" + std::to_string(sender) +
                                           "-" + std::to_string(i);
                    const std::string body =
                        "{\"id\":55,\"n\":\"" + id + "\",\"x\":\"" + std::string(3000, 'x') + "\"}";
                    try {
                        const Answer answer = host.raw(
                            "POST",
                            kAddress,
                            body,
                            {{"X-WC-Webhook-Topic", "order.updated"},
                             {"X-WC-Webhook-Delivery-ID", id},
                             {"X-WC-Webhook-Signature", signature(body)}}
                        );
                        if (answer.status / 100 == 2) {
                            accepted[sender].insert(id);
                        }
                    } catch (const std::exception&) {
                        return;  // the host is gone
                    }
                }
            });
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
        host.kill();
        over = true;
        std::set<std::string> all;
        for (std::size_t sender = 0; sender < senders.size(); ++sender) {
            senders[sender].join();
            all.insert(accepted[sender].begin(), accepted[sender].end());
        }
        return all;
    }

    void kill_under_load(bool power_cut) {
        const unsigned seed = std::random_device{}();
        std::mt19937 random(seed);
        HostProcess host(with_secret(shop_.config()));
        std::set<std::string> accepted;
        std::size_t stored = 0;
        for (int round = 0; round < rounds(); ++round) {
            std::vector<std::string> environment;
            if (power_cut) {
                environment = {
                    std::string("LD_PRELOAD=") + POWERCUT_VFS,
                    "POWERCUT_SEED=" + std::to_string(random() % 1'000'000),
                    "POWERCUT_LEAK=20",
                    "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0"};
            }
            host.start(environment);
            const auto more =
                send_until_killed(host, round, 100 + static_cast<int>(random() % 300));
            accepted.insert(more.begin(), more.end());
            const auto there = stored_deliveries(host.database());
            std::size_t lost = 0;
            for (const auto& id : accepted) {
                lost += there.count(id) == 0 ? 1U : 0U;
            }
            stored = there.size();
            ASSERT_EQ(lost, 0U) << "of " << accepted.size() << " in round " << round << ", seed "
                                << seed;
        }
        std::cout << accepted.size() << " deliveries were answered in " << rounds() << " rounds, "
                  << stored << " are stored, none is lost; seed " << seed << "\n";
        EXPECT_GT(accepted.size(), 50U);
    }

    // Of each kind: 20 together, or as many of each with tools/test --long.
    static int rounds() { return std::getenv("SYNCLINE_LONG_TESTS") == nullptr ? 10 : 20; }
};

TEST_F(WebhookKillTest, NothingThatWasAnsweredIsLostWhenTheHostIsKilled) {
    kill_under_load(false);
}

TEST_F(WebhookKillTest, NothingThatWasAnsweredIsLostWhenThePowerIsCut) {
    kill_under_load(true);
}

}  // namespace
}  // namespace syncline::test
