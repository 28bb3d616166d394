// A server whose gate has few places and short times, and clients of it that send bytes.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include "api/support/api_fixture.hpp"
#include "api/support/raw_client.hpp"

namespace syncline::testing {

inline const std::string kLive = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

class GateTest : public ApiTest {
protected:
    void SetUp() override {
        api_config_.threads = 4;
        api_config_.connections_max = 20;
        api_config_.head_timeout_ms = 600;
        api_config_.body_timeout_ms = 600;
        api_config_.idle_timeout_ms = 600;
        ApiTest::SetUp();
    }
    using Client = RawClient;
    // So that what is ended is not ended by its time.
    void with_time(std::int64_t ms) {
        stop_server();
        api_config_.head_timeout_ms = api_config_.body_timeout_ms = api_config_.idle_timeout_ms =
            ms;
        start_server();
    }
    std::unique_ptr<Client> connect() { return std::make_unique<Client>(server_->port()); }
    // Their answers do not fit into what lies between us.
    static std::string many_requests() {
        std::string requests;
        for (int i = 0; i < 20'000; ++i) {
            requests += kLive;
        }
        return requests;
    }
    // Each on a connection of its own; the slowest.
    std::chrono::milliseconds slowest_of(int requests) {
        using Clock = std::chrono::steady_clock;
        using std::chrono::milliseconds;
        milliseconds slowest{0};
        for (int i = 0; i < requests; ++i) {
            const auto began = Clock::now();
            EXPECT_EQ(call({"GET", "/livez", "", "", {}}).status, 200);
            slowest =
                std::max(slowest, std::chrono::duration_cast<milliseconds>(Clock::now() - began));
        }
        return slowest;
    }
};

}  // namespace syncline::testing
