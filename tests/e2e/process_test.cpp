// The life of the process: signals in the midst of work, another configuration, a full disk.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <Poco/Net/StreamSocket.h>
#include <Poco/URI.h>
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
class Limited {
public:
    Limited(pid_t host, __rlimit_resource of, rlim_t most) : host_(host), of_(of) {
        prlimit(host_, of_, nullptr, &before_);
        const rlimit limit{most, before_.rlim_max};
        set_ = prlimit(host_, of_, &limit, nullptr) == 0;
    }
    ~Limited() { prlimit(host_, of_, &before_, nullptr); }
    Limited(const Limited&) = delete;
    Limited& operator=(const Limited&) = delete;
    bool set() const { return set_; }

private:
    const pid_t host_;
    const __rlimit_resource of_;
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
        const Limited full(host_.pid(), RLIMIT_FSIZE, 4096);
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

TEST_F(ProcessTest, TheHostTakesAllTheFilesItMayHave) {
    const Limited few(getpid(), RLIMIT_NOFILE, 256);  // the host inherits it
    ASSERT_TRUE(few.set());
    host_.start();
    rlimit files{};
    ASSERT_EQ(prlimit(host_.pid(), RLIMIT_NOFILE, nullptr, &files), 0);
    EXPECT_EQ(files.rlim_cur, files.rlim_max);
    EXPECT_EQ(host_.stop(), 0) << host_.log();
}

TEST_F(ProcessTest, WhoeverHoldsAllFilesIsPutOutForWhoeverComes) {
    host_.start();
    const auto entries =
        std::filesystem::directory_iterator("/proc/" + std::to_string(host_.pid()) + "/fd");
    const auto open = std::distance(begin(entries), end(entries));
    const Limited few(host_.pid(), RLIMIT_NOFILE, static_cast<rlim_t>(open) + 20);
    ASSERT_TRUE(few.set());
    const Poco::URI uri(host_.url());
    std::vector<Poco::Net::StreamSocket> slow;
    for (int i = 0; i < 100; ++i) {
        slow.emplace_back(Poco::Net::SocketAddress(uri.getHost(), uri.getPort()));
        const std::string half = "GET /livez HTTP/1.1\r\n";
        slow.back().sendBytes(half.data(), static_cast<int>(half.size()));
    }
    const auto asked = std::chrono::steady_clock::now();
    EXPECT_EQ(host_.raw("GET", "/livez", "", {}).status, 200);
    EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(2));
    EXPECT_EQ(host_.stop(), 0) << host_.log();
}

}  // namespace
}  // namespace syncline::test
