// HTTP itself: limits, methods, media types, ids, probes, a full disk.
#include <thread>

#include <Poco/Net/StreamSocket.h>

#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

class HttpTest : public ApiTest {
protected:
    // What comes back for these very bytes, up to the end of the connection.
    std::string raw(const std::string& bytes) { return raw_parts({bytes}); }
    // The same with a pause after each part.
    std::string raw_parts(const std::vector<std::string>& parts) {
        Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", server_->port()));
        socket.setReceiveTimeout(Poco::Timespan(10, 0));
        for (const std::string& part : parts) {
            socket.sendBytes(part.data(), static_cast<int>(part.size()));
            if (parts.size() > 1) {
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
            }
        }
        socket.shutdownSend();
        std::string answer;
        std::array<char, 4096> chunk{};
        for (int n = 0; (n = socket.receiveBytes(chunk.data(), chunk.size())) > 0;) {
            answer.append(chunk.data(), static_cast<std::size_t>(n));
        }
        return answer;
    }
    void limit_pages(const std::string& count) {
        const auto done = engine().stores.database.write([&](storage::Sql& sql) -> Result<void> {
            sql.script("PRAGMA max_page_count = " + count);
            return {};
        });
        ASSERT_TRUE(done.has_value());
    }
};

TEST_F(HttpTest, ABodyOverTheLimitIsRefusedAndTheHostGoesOn) {
    const std::string large =
        R"({"flow": ")" + std::string(static_cast<std::size_t>(api_config_.body_bytes_max), 'x') +
        "\"}";
    const Answer refused = call({"POST", "/api/sync/orders", large, admin(), {}});
    EXPECT_EQ(refused.status, 413);
    EXPECT_EQ(refused.json["type"], "/errors/request.too_large");
    EXPECT_NE(refused.json["detail"].get<std::string>().find("1048576"), std::string::npos);
    EXPECT_EQ(call({"POST", "/api/sync/orders", large, "", {}}).status, 401);
    EXPECT_EQ(get("/api/flows").status, 200);
}

TEST_F(HttpTest, AChunkedBodyOverTheLimitIsRefusedToo) {
    std::string bytes = "POST /api/sync/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                        admin() +
                        "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 20; ++i) {
        bytes += "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    }
    EXPECT_EQ(raw(bytes + "0\r\n\r\n").substr(0, 12), "HTTP/1.1 413");
}

TEST_F(HttpTest, ABodyCutShortIsRefused) {
    const std::string answer =
        raw("POST /api/sync/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + admin() +
            "\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"mode\": \"full\"}"
        );
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 400") << answer;
    EXPECT_TRUE(get("/api/sync/history").json["items"].empty());
}

TEST_F(HttpTest, OnlyJsonIsTaken) {
    const auto with = [&](const std::string& type) {
        return call(
            {"POST", "/api/sync/retry", R"({"all": true})", admin(), {{"Content-Type", type}}}
        );
    };
    EXPECT_EQ(with("text/plain").status, 415);
    EXPECT_EQ(with("application/x-www-form-urlencoded").json["type"], "/errors/request.media_type");
    EXPECT_EQ(with("Application/JSON; charset=utf-8").status, 202);
}

TEST_F(HttpTest, AnAddressWithoutTheMethodSaysWhichItTakes) {
    const Answer answer = call({"DELETE", "/api/flows", "", admin(), {}});
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.header("Allow"), "GET, POST");
    EXPECT_EQ(post("/api/sync/status").status, 405);
    EXPECT_EQ(get("/api/sync/orders").header("Allow"), "POST");
}

TEST_F(HttpTest, WhatIsNotThereIsNotFound) {
    for (const char* path : {"/", "/api", "/api/flows/", "/api/flows//x", "/api/schedules", "//"}) {
        EXPECT_EQ(get(path).status, 404) << path;
    }
    EXPECT_EQ(get("/api/flows/%2").status, 400);
    EXPECT_EQ(get("/api/flows/%00").status, 400);
    EXPECT_EQ(get("/api/flows/" + std::string(5000, 'x')).status, 400);
}

TEST_F(HttpTest, HeadersAreBounded) {
    const std::string start = "GET /livez HTTP/1.1\r\nHost: x\r\n";
    EXPECT_EQ(
        raw(start + "X: " + std::string(20'000, 'x') + "\r\n\r\n").substr(0, 12), "HTTP/1.1 431"
    );
    std::string many = start;
    for (int i = 0; i < 1000; ++i) {
        many += "X-" + std::to_string(i) + ": y\r\n";
    }
    EXPECT_EQ(raw(many + "\r\n").substr(0, 12), "HTTP/1.1 431");
    EXPECT_EQ(raw("nonsense\r\n\r\n").substr(0, 12), "HTTP/1.1 400");
    EXPECT_EQ(get("/livez").status, 200);
}

TEST_F(HttpTest, AClientThatIsStillSendingReadsWhyItIsRefused) {
    const std::string piece(20'000, 'x');
    const std::string header = "GET /livez HTTP/1.1\r\nHost: x\r\nX: " + piece;
    EXPECT_EQ(raw_parts({header, piece, piece, "\r\n\r\n"}).substr(0, 12), "HTTP/1.1 431");
    const std::string body =
        "POST /api/sync/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + admin() +
        "\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\n\r\n";
    EXPECT_EQ(raw_parts({body, piece, piece}).substr(0, 12), "HTTP/1.1 413");
}

TEST_F(HttpTest, EveryAnswerCarriesTheRequestId) {
    const auto with = [&](const std::string& id) {
        return call({"GET", "/api/flows/none", "", admin(), {{"X-Request-Id", id}}});
    };
    const Answer answer = with("abc-1");
    EXPECT_EQ(answer.header("X-Request-Id"), "abc-1");
    EXPECT_EQ(answer.json["instance"], "urn:syncline:request:abc-1");
    EXPECT_EQ(with("bad id").header("X-Request-Id").size(), 16u);
    EXPECT_EQ(with(std::string(100, 'x')).header("X-Request-Id").size(), 16u);
    EXPECT_NE(with("").header("X-Request-Id"), with("").header("X-Request-Id"));
}

TEST_F(HttpTest, AHeadRequestHasHeadersOnly) {
    const std::string answer = raw("HEAD /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 200");
    EXPECT_EQ(answer.substr(answer.size() - 4), "\r\n\r\n");
}

TEST_F(HttpTest, AnswersAreNotKeptByAnybody) {
    const Answer answer = get("/api/flows");
    EXPECT_EQ(answer.header("Cache-Control"), "no-store");
    EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.header("Content-Type"), "application/json");
}

TEST_F(HttpTest, ProbesTellAliveFromReady) {
    EXPECT_EQ(call({"GET", "/livez", "", "", {}}).status, 200);
    EXPECT_EQ(call({"GET", "/readyz", "", "", {}}).status, 200);
    EXPECT_EQ(call({"GET", "/health", "", "", {}}).json["status"], "healthy");
    ready_ = Error{ErrorCode::kStorage, "the host is stopping"};
    EXPECT_EQ(call({"GET", "/livez", "", "", {}}).json["version"], "1.2.3");
    EXPECT_EQ(call({"GET", "/readyz", "", "", {}}).status, 503);
    EXPECT_EQ(call({"GET", "/readyz", "", "", {}}).json["reason"], "the host is stopping");
    EXPECT_EQ(call({"GET", "/health", "", "", {}}).status, 503);
    ready_ = {};
}

TEST_F(HttpTest, AFullDiskIsSaidAndWorkResumesWhenThereIsSpace) {
    const Json large{
        {"store_url", "https://shop.example"}, {"consumer_secret", std::string(12'000, 'x')}};
    limit_pages("1");
    const Answer full = post("/api/integrations/shop/credentials", large);
    EXPECT_EQ(full.status, 503) << full.text;
    EXPECT_EQ(full.json["type"], "/errors/storage.full");
    EXPECT_EQ(full.header("Retry-After"), "5");
    EXPECT_EQ(get("/api/flows").status, 200);
    EXPECT_EQ(call({"GET", "/livez", "", "", {}}).status, 200);
    limit_pages("1000000");
    EXPECT_EQ(post("/api/integrations/shop/credentials", large).status, 201);
    shop_.put(1, "10.00", "a@x.example");
    EXPECT_EQ(post("/api/sync/orders").status, 202);
    work();
    EXPECT_EQ(books_.count("invoice"), 1u);
}

TEST_F(HttpTest, TwoServersDoNotShareAPort) {
    api::ApiConfig taken = api_config_;
    taken.port = server_->port();
    const auto second = api::Server::start(taken, *surface_);
    ASSERT_FALSE(second.has_value());
    EXPECT_NE(second.error().message.find(":" + std::to_string(taken.port)), std::string::npos);
    taken.host = "not an address";
    EXPECT_FALSE(api::Server::start(taken, *surface_).has_value());
}

TEST_F(HttpTest, AStoppedServerAnswersWhatIsUnderWay) {
    account_.hangs = true;
    post(
        "/api/integrations/shop/credentials",
        {{"store_url", "https://shop.example"}, {"consumer_secret", "cs"}}
    );
    Answer last;
    std::thread asking([&] { last = post("/api/integrations/shop/test"); });
    while (account_.checks < 1) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    std::thread stopping([&] { server_->stop(); });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    account_.hangs = false;
    asking.join();
    stopping.join();
    EXPECT_EQ(last.status, 200);
    EXPECT_EQ(last.json["ok"], true);
}

}  // namespace
}  // namespace syncline::testing
