// Looking up who takes deliveries: what it costs the delivery that is answered after it.
#include "engine/webhook_receivers.hpp"

#include <atomic>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

class WebhookReceiversTest : public EngineTest {
protected:
    static constexpr int kConnections = 20;

    void SetUp() override {
        EngineTest::SetUp();
        for (int i = 0; i < kConnections; ++i) {
            const std::string name = "shop-" + std::to_string(i);
            add_connection(name, "shop");
            give_secret(name);
        }
    }
    storage::Connection connection(const std::string& name) {
        return engine().stores.connections.find(tenant_, name).value();
    }
    void give_secret(const std::string& name) {
        ASSERT_TRUE(engine().stores.vault.put_credentials(
            tenant_, connection(name).id, {{"webhook_secret", "s3cret"}}, 1
        ));
    }
    std::int64_t openings() {
        return engine()
            .database
            ->read([](storage::Sql& sql) -> Result<std::int64_t> {
                return sql
                    .value<std::int64_t>(
                        "SELECT count(*) FROM audit_log WHERE event = 'credential.opened'"
                    )
                    .value_or(0);
            })
            .value();
    }
    // In the write-ahead log: its header has 32 bytes, a frame's 24, of which the second four say
    // how large the file is after a commit, and nothing before one.
    std::int64_t commits() {
        std::ifstream file(dir_.file("test.db-wal"), std::ios::binary);
        std::ostringstream all;
        all << file.rdbuf();
        const std::string log = all.str();
        const auto number = [&](std::size_t at) {
            std::uint32_t value = 0;
            for (std::size_t i = at; i < at + 4; ++i) {
                value = value << 8U | static_cast<unsigned char>(log[i]);
            }
            return value;
        };
        std::int64_t found = 0;
        for (std::size_t at = 32; at + 24 <= log.size(); at += 24 + number(8)) {
            found += number(at + 4) != 0 ? 1 : 0;
        }
        return found;
    }
};

TEST_F(WebhookReceiversTest, TheSecretsOfAllConnectionsAreNotedInOneCommit) {
    engine::WebhookReceivers receivers(engine().stores, source(), clock_);
    const std::int64_t before = commits();
    ASSERT_GT(before, kConnections);
    const auto directory = receivers.directory();
    ASSERT_TRUE(directory.has_value());
    EXPECT_EQ((*directory)->by_platform.at("shop").size(), kConnections + 1U);
    EXPECT_EQ(openings(), kConnections);
    EXPECT_EQ(commits() - before, 1);
}

TEST_F(WebhookReceiversTest, AtTheStartOneLooksAndTheOthersWaitForIt) {
    engine::WebhookReceivers receivers(engine().stores, source(), clock_);
    std::atomic<int> ready{0};
    Guarded<std::set<std::shared_ptr<const engine::WebhookDirectory>>> seen;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            ++ready;
            while (ready < 8) {
                std::this_thread::yield();
            }
            const auto directory = receivers.directory();
            seen.with([&](auto& all) { all.insert(directory ? *directory : nullptr); });
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(seen.with([](auto& all) { return all.size() - all.count(nullptr); }), 1U);
    EXPECT_EQ(openings(), kConnections);
}

TEST_F(WebhookReceiversTest, AnOpeningThatWasNotNotedIsNotedTheNextTime) {
    engine::CredentialOpenings openings_of(engine().stores, clock_);
    const auto shop = connection("shop-0");
    {
        engine::CredentialOpenings::Together given_up(openings_of);
        ASSERT_TRUE(openings_of.open(shop, "webhook_secret", "webhook", given_up).has_value());
    }
    EXPECT_EQ(openings(), 0);
    ASSERT_TRUE(openings_of.open(shop, "webhook_secret", "webhook").has_value());
    ASSERT_TRUE(openings_of.open(shop, "webhook_secret", "webhook").has_value());
    EXPECT_EQ(openings(), 1);
}

}  // namespace
}  // namespace syncline::testing
