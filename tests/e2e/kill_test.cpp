// The host dies at random moments of the first sync; after the next start nothing is missing and
// nothing is there twice.
#include <chrono>
#include <iostream>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "e2e/support/demo_shop.hpp"

namespace syncline::test {
namespace {

using Clock = std::chrono::steady_clock;

class KillTest : public ::testing::Test {
protected:
    // A real platform takes its time; without this the whole run is over before a kill can hit it.
    void slow_platforms() {
        shop_.control("POST", "/faults", {{"times", nullptr}, {"action", {{"delay_ms", 15}}}});
    }

    // Syncs until nothing is left to do, as an operator's schedule would.
    void finish(HostProcess& host) {
        ASSERT_EQ(host.unsettled(), "");
        const Answer again = host.post("/api/sync/orders");
        ASSERT_EQ(again.status, 202) << again.text;
        ASSERT_EQ(host.unsettled(), "");
    }

    // The unbroken run: how long it takes, and what there is in the end.
    void run_undisturbed() {
        slow_platforms();
        HostProcess host(shop_.config());
        host.start();
        const auto start = Clock::now();
        ASSERT_EQ(host.post("/api/sync/orders").status, 202);
        ASSERT_EQ(host.unsettled(), "");
        whole_run_ = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
        ASSERT_EQ(shop_.wrong(), "");
        inventory_ = shop_.inventory();
    }

    void kill_at_random_moments(bool power_cut) {
        ASSERT_NO_FATAL_FAILURE(run_undisturbed());
        const unsigned seed = std::random_device{}();
        std::cout << "seed " << seed << ", the whole run takes " << whole_run_.count() / 1000
                  << " ms\n";
        RecordProperty("seed", std::to_string(seed));
        std::mt19937 random(seed);
        for (int round = 0; round < kRounds; ++round) {
            const std::chrono::microseconds moment(
                random() % static_cast<unsigned>(whole_run_.count())
            );
            std::vector<std::string> environment;
            if (power_cut) {
                environment = {
                    std::string("LD_PRELOAD=") + POWERCUT_VFS,
                    "POWERCUT_SEED=" + std::to_string(random() % 1'000'000),
                    "POWERCUT_LEAK=20",
                    "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0"};
            }
            ASSERT_NO_FATAL_FAILURE(kill_once(round, moment, environment));
        }
    }

    void kill_once(
        int round, std::chrono::microseconds moment, const std::vector<std::string>& environment
    ) {
        shop_.reset();
        slow_platforms();
        HostProcess host(shop_.config());
        host.start(environment);
        const Answer started = host.post("/api/sync/orders");
        ASSERT_EQ(started.status, 202) << started.text;
        std::this_thread::sleep_for(moment);
        host.kill();
        const auto at_the_kill = shop_.inventory();
        host.start(environment);
        ASSERT_NO_FATAL_FAILURE(finish(host));
        std::cout << "round " << round << ": killed after " << moment.count() / 1000 << " ms with "
                  << documents_of(at_the_kill) << " documents and " << at_the_kill.at("orders")
                  << " rows\n";
        EXPECT_EQ(shop_.wrong(), "") << host.log();
        EXPECT_EQ(shop_.inventory(), inventory_);
    }

    static std::size_t documents_of(const std::map<std::string, std::size_t>& inventory) {
        std::size_t count = 0;
        for (const char* entity : {"Invoice", "SalesReceipt"}) {
            const auto found = inventory.find(entity);
            count += found == inventory.end() ? 0 : found->second;
        }
        return count;
    }

    static constexpr int kRounds = 20;
    DemoShop shop_;
    std::chrono::microseconds whole_run_{0};
    std::map<std::string, std::size_t> inventory_;
};

TEST_F(KillTest, NothingIsMissingOrTwiceAfterKillsAtRandomMoments) {
    kill_at_random_moments(false);
}

TEST_F(KillTest, NothingIsMissingOrTwiceAfterPowerCutsAtRandomMoments) {
    kill_at_random_moments(true);
}

}  // namespace
}  // namespace syncline::test
