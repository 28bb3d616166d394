// Twice as many slow clients as there are places, and headers without end, beside a platform that
// delivers webhooks and somebody who looks after the host's health.
#include <atomic>
#include <chrono>
#include <fstream>
#include <iostream>
#include <thread>

#include <sys/resource.h>
#include <unistd.h>

#include "api/support/api_fixture.hpp"
#include "api/support/raw_client.hpp"
#include "support/signed_webhook.hpp"

namespace syncline::testing {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kPlaces = 200;
constexpr std::size_t kSlow = 2 * kPlaces;
constexpr std::size_t kBombs = 50;
constexpr milliseconds kAnswerMax{200};
// What a sanitizer keeps of memory that was freed is not ours.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kMemoryMaxMib = 2048;
#else
constexpr double kMemoryMaxMib = 48;
#endif

double memory_mib() {
    std::ifstream file("/proc/self/statm");
    double pages = 0;
    file >> pages >> pages;
    return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024 * 1024);
}

// Connections of one thread that never waits for any of them; whoever is put out comes again.
class Crowd {
public:
    Crowd(std::uint16_t port, std::size_t count) : address_("127.0.0.1", port), sockets_(count) {}

    // To each of them, as much of it as it takes now.
    void send(const std::string& bytes) {
        for (auto& socket : sockets_) {
            try {
                if (!socket) {
                    socket.emplace(address_);
                    socket->setBlocking(false);
                }
                socket->sendBytes(bytes.data(), static_cast<int>(bytes.size()));
            } catch (const Poco::Exception& e) {
                if (e.code() != EAGAIN) {
                    socket.reset();
                    ++put_out_;
                }
            }
        }
    }
    int put_out() const { return put_out_; }

private:
    Poco::Net::SocketAddress address_;
    std::vector<std::optional<Poco::Net::StreamSocket>> sockets_;
    int put_out_ = 0;
};

class SlowClientsTest : public ApiTest {
protected:
    void SetUp() override {
        rlimit files{};
        ::getrlimit(RLIMIT_NOFILE, &files);
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
        api_config_.connections_max = kPlaces;
        api_config_.waiting_bytes_max = 8 * 1024 * 1024;
        ApiTest::SetUp();
        const auto stored = connections_->put(
            tenant_,
            "shop",
            "main",
            {{"store_url", "https://shop.example"},
             {"consumer_secret", "cs"},
             {"webhook_secret", "s3cret"}}
        );
        ASSERT_TRUE(stored.has_value()) << stored.error().message;
    }

    // Deliveries and looks at the health by turns, each on a connection of its own.
    struct Times {
        std::vector<milliseconds> all;
        milliseconds p99() {
            std::sort(all.begin(), all.end());
            return all[all.size() * 99 / 100];
        }
    };
    Times ask(int times) {
        Times taken;
        for (int i = 0; i < times; ++i) {
            Call wanted{"GET", "/health", "", "", {}};
            if (i % 2 == 0) {
                const std::string body = "{\"id\":" + std::to_string(++sent_) + "}";
                wanted = {"POST", "/api/webhooks/shop/main", body, "", {}};
                for (const auto& header : delivery(body, std::to_string(sent_)).headers) {
                    wanted.headers[header.name] = header.value;
                }
            }
            const auto began = Clock::now();
            const Answer answer = call(wanted);
            taken.all.push_back(std::chrono::duration_cast<milliseconds>(Clock::now() - began));
            EXPECT_EQ(answer.status, 200) << answer.text;
            most_ = std::max(most_, memory_mib());
        }
        return taken;
    }

    int sent_ = 0;
    double most_ = 0;
};

// It takes some seconds, since the slow ones send a byte a second.
TEST_F(SlowClientsTest, WebhooksAndHealthAnswerBesideThem) {
    Times quiet = ask(100);
    const double before = memory_mib();
    most_ = before;
    std::atomic<bool> done{false};
    int slow_put_out = 0;
    int bombs_put_out = 0;
    std::thread crowds([&] {
        Crowd slow(server_->port(), kSlow);
        Crowd bombs(server_->port(), kBombs);
        slow.send("P");
        bombs.send("GET /livez HTTP/1.1\r\n");
        const std::string headers = [] {
            std::string lines;
            while (lines.size() < 16'000) {
                lines += "X-" + std::to_string(lines.size()) + ": " + std::string(50, 'x') + "\r\n";
            }
            return lines;
        }();
        auto next = Clock::now();
        while (!done) {
            bombs.send(headers);
            if (Clock::now() >= next) {
                next += std::chrono::seconds(1);
                slow.send("O");
            }
            std::this_thread::sleep_for(milliseconds(20));
        }
        slow_put_out = slow.put_out();
        bombs_put_out = bombs.put_out();
    });
    std::this_thread::sleep_for(milliseconds(500));
    Times busy;
    for (const auto until = Clock::now() + std::chrono::seconds(4);
         Clock::now() < until || busy.all.size() < 400;) {
        const Times more = ask(50);
        busy.all.insert(busy.all.end(), more.all.begin(), more.all.end());
    }
    done = true;
    crowds.join();
    const auto p99 = busy.p99();
    std::cout << kSlow << " slow clients and " << kBombs << " header bombs on " << kPlaces
              << " places: " << busy.all.size() << " answers, p99 " << p99.count() << " ms (alone "
              << quiet.p99().count() << " ms), longest " << busy.all.back().count()
              << " ms; memory " << before << " -> " << most_ << " MiB; put out: " << slow_put_out
              << " slow ones, " << bombs_put_out << " bombs\n";
    // On a machine that is busy with other things they take long without the crowd, too.
    EXPECT_LE(p99, std::max(kAnswerMax, 5 * quiet.p99()));
    EXPECT_LT(most_ - before, kMemoryMaxMib);
    EXPECT_GT(slow_put_out, 0);
    EXPECT_GT(bombs_put_out, 0);
    EXPECT_EQ(
        get("/api/webhook-events?limit=500").json["items"].size(),
        static_cast<std::size_t>(std::min(sent_, 500))
    );
}

}  // namespace
}  // namespace syncline::testing
