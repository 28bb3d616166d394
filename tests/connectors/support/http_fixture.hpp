// A client that may reach the scripted servers, with limits short enough for tests.
#pragma once

#include <gtest/gtest.h>

#include "connectors/http/client.hpp"
#include "connectors/support/scripted_server.hpp"

namespace syncline::testing {

using namespace std::chrono_literals;

class HttpTest : public ::testing::Test {
protected:
    static connectors::HttpOptions options() {
        connectors::HttpOptions options;
        options.limits.connect = 10s;
        options.limits.read = 10s;
        options.limits.total = 20s;
        options.egress.allow = {"127.0.0.1:*"};
        options.user_agent = "Syncline/test";
        return options;
    }

    void make_client(const connectors::HttpOptions& options) {
        auto made = connectors::HttpClient::make(options);
        ASSERT_TRUE(made) << made.error().message;
        client_ = *std::move(made);
    }
    void SetUp() override { make_client(options()); }

    Result<connectors::HttpAnswer> send(const connectors::HttpRequest& request) {
        return client_->exchange(request, {scope_, stop_, std::nullopt});
    }
    Result<connectors::HttpAnswer> get(const std::string& url) {
        return send({"GET", url, {}, {}});
    }
    Result<connectors::HttpAnswer> post(const std::string& url, std::string_view body) {
        return send({"POST", url, {}, body});
    }

    connectors::EgressScope scope_{{"127.0.0.1", "localhost", "shop.example"}};
    const std::atomic<bool>* stop_ = nullptr;
    std::unique_ptr<connectors::HttpClient> client_;
};

inline std::string message_of(const Result<connectors::HttpAnswer>& result) {
    return result ? "HTTP " + std::to_string(result->status) : result.error().message;
}

// Milliseconds that `fn` took.
template <class Fn>
std::int64_t elapsed_ms(Fn&& fn) {
    const auto start = std::chrono::steady_clock::now();
    fn();
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now() - start
    )
        .count();
}

}  // namespace syncline::testing
