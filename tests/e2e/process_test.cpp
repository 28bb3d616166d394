// The life of the process: signals in the midst of work, another configuration, a full disk.
#include <csignal>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

class ProcessTest : public ::testing::Test {
protected:
    static Json quick(Json config) {
        config["engine"] = {{"in_doubt_wait_ms", 100}};
        return config;
    }
    void slow_platforms(int delay_ms) {
        shop_.control(
            "POST", "/faults", {{"times", nullptr}, {"action", {{"delay_ms", delay_ms}}}}
        );
    }
    std::size_t posted() const { return shop_.documents().size(); }

    void start_sync() {
        const Answer started = host_.post("/api/sync/orders");
        ASSERT_EQ(started.status, 202) << started.text;
    }
    // Whatever is under way comes to its end, then a further sync finds what is left.
    void expect_all_arrives() {
        shop_.control("DELETE", "/faults");
        // A delivery that met the fault waits up to a minute.
        ASSERT_EQ(host_.unsettled(90), "");
        start_sync();
        ASSERT_EQ(host_.unsettled(40), "");
        EXPECT_EQ(shop_.wrong(), "") << host_.log();
    }

    DemoShop shop_;
    HostProcess host_{quick(shop_.config())};
};

TEST_F(ProcessTest, SigtermInTheMidstOfASyncDrainsAndTheNextStartCompletesIt) {
    slow_platforms(300);
    host_.start();
    ASSERT_NO_FATAL_FAILURE(start_sync());
    ASSERT_TRUE(comes_true([&] {
        return shop_.control("GET", "/requests").at("requests").size() > 0;
    }));
    EXPECT_EQ(host_.stop(), 0) << host_.log();
    expect_words(host_.log(), {"stopping", "stopped"});
    EXPECT_NE(shop_.wrong(), "") << "all was done before the stop";
    host_.start();
    expect_all_arrives();
    EXPECT_EQ(host_.stop(), 0) << host_.log();
}

TEST_F(ProcessTest, ASecondSigtermStopsAtOnce) {
    host_.start();
    shop_.control(
        "POST",
        "/faults",
        {{"platform", "quickbooks"},
         {"method", "POST"},
         {"path", "/batch"},
         {"times", nullptr},
         {"action", {{"delay_ms", 15000}}}}
    );
    ASSERT_NO_FATAL_FAILURE(start_sync());
    ASSERT_TRUE(comes_true([&] {
        return shop_.control("GET", "/faults").dump().find("\"hits\":0") == std::string::npos;
    }));
    host_.send(SIGTERM);
    ASSERT_TRUE(comes_true([&] { return host_.log().find("stopping") != std::string::npos; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_TRUE(host_.running());  // it waits for the write under way
    const auto second = std::chrono::steady_clock::now();
    EXPECT_EQ(host_.stop(), 1) << host_.log();
    EXPECT_LT(std::chrono::steady_clock::now() - second, std::chrono::seconds(3));
    shop_.control("DELETE", "/faults");
    host_.start();
    expect_all_arrives();
}

TEST_F(ProcessTest, SighupTakesANewFlowAndRefusesABrokenFile) {
    Json config = quick(shop_.config());
    const Json both = config["flows"];
    host_.configure({{"flows", {both[0]}}});
    host_.start();
    EXPECT_EQ(host_.get("/api/flows").json.at("items").size(), 1U);
    host_.configure({{"flows", both}});
    host_.send(SIGHUP);
    EXPECT_TRUE(comes_true([&] { return host_.get("/api/flows").json.at("items").size() == 2; }));

    host_.configure({{"flows", {both[0]}}, {"engine", {{"tick", 5}}}});
    host_.send(SIGHUP);
    EXPECT_TRUE(comes_true([&] {
        return host_.log().find("the configuration was not loaded again") != std::string::npos;
    })) << host_.log();
    expect_words(host_.log(), {host_.config_file() + ": /engine/tick: unknown"});
    std::ofstream(host_.config_file(), std::ios::app) << "}}}";
    host_.send(SIGHUP);
    EXPECT_TRUE(comes_true([&] { return host_.log().find("line") != std::string::npos; }));
    EXPECT_EQ(host_.get("/api/flows").json.at("items").size(), 2U);
    expect_all_arrives();
    EXPECT_EQ(host_.stop(), 0) << host_.log();
}

// A disk as full as can be: no file of the host grows any more. The limit is the process's own, so
// the test needs no rights.
class FullDisk {
public:
    explicit FullDisk(pid_t host, rlim_t bytes) : host_(host) {
        prlimit(host_, RLIMIT_FSIZE, nullptr, &before_);
        const rlimit full{bytes, before_.rlim_max};
        set_ = prlimit(host_, RLIMIT_FSIZE, &full, nullptr) == 0;
    }
    ~FullDisk() { prlimit(host_, RLIMIT_FSIZE, &before_, nullptr); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    bool set() const { return set_; }

private:
    const pid_t host_;
    rlimit before_{};
    bool set_ = false;
};

TEST_F(ProcessTest, AFullDiskPausesTheSyncAndLosesNothing) {
    const auto former = std::signal(SIGXFSZ, SIG_IGN);  // the host inherits it
    slow_platforms(30);
    host_.start();
    std::signal(SIGXFSZ, former);
    ASSERT_NO_FATAL_FAILURE(start_sync());
    ASSERT_TRUE(comes_true([&] { return posted() > 0; }));
    std::size_t at_the_stop = 0;
    {
        const FullDisk full(host_.pid(), 4096);
        ASSERT_TRUE(full.set());
        const Answer refused = host_.call("PUT", "/api/flows/shop-warehouse-orders/pause");
        expect_problem(refused, 503, {"/errors/storage."});
        std::this_thread::sleep_for(std::chrono::seconds(2));
        at_the_stop = posted();
        std::this_thread::sleep_for(std::chrono::seconds(1));
        EXPECT_EQ(posted(), at_the_stop);  // nothing is sent that cannot be remembered
        EXPECT_TRUE(host_.running());
        EXPECT_EQ(host_.get("/livez").status, 200);
        EXPECT_EQ(host_.get("/api/flows").status, 200);  // what is stored can be read
    }
    EXPECT_LT(at_the_stop, 45U);
    expect_all_arrives();
    EXPECT_EQ(host_.stop(), 0) << host_.log();
}

}  // namespace
}  // namespace syncline::test
