// A connection from its handshake to its end: requests in turn, answers, and a server that stops.
#include <chrono>
#include <optional>
#include <thread>

#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/StreamCopier.h>

#include "api/http/gate.hpp"
#include "api/support/gate_fixture.hpp"
#include "connectors/support/test_authority.hpp"
#include "core/guarded.hpp"

namespace syncline::testing {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

TEST_F(GateTest, AConnectionServesOneRequestAfterTheOther) {
    const auto client = connect();
    for (int i = 0; i < 5; ++i) {
        client->send(kLive);
        EXPECT_EQ(client->receive_until("\"version\"").substr(0, 12), "HTTP/1.1 200") << i;
    }
    client->send("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(client->receive_until("never").find("HTTP/1.1 200"), std::string::npos);
}

TEST_F(GateTest, RequestsSentAtOnceAreAnsweredInTurn) {
    const auto client = connect();
    std::string all;
    for (int i = 0; i < 20; ++i) {
        all += "GET /api/flows HTTP/1.1\r\nHost: x\r\nX-Request-Id: r-" + std::to_string(i) +
               "\r\n\r\n";
    }
    client->send(all + "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const std::string answers = client->receive_until("never");
    EXPECT_EQ(Client::count(answers, "HTTP/1.1 401"), 20U);
    EXPECT_EQ(Client::count(answers, "HTTP/1.1 200"), 1U);
    std::size_t at = 0;
    for (int i = 0; i < 20; ++i) {
        at = answers.find("X-Request-Id: r-" + std::to_string(i) + "\r\n", at);
        ASSERT_NE(at, std::string::npos) << i;
    }
}

TEST_F(GateTest, WhoAsksWhetherToGoOnIsTold) {
    const auto client = connect();
    client->send(
        "POST /api/sync/retry HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + admin() +
        "\r\nContent-Type: application/json\r\nContent-Length: 13\r\nExpect: 100-continue\r\n\r\n"
    );
    EXPECT_EQ(client->receive(), "HTTP/1.1 100 Continue\r\n\r\n");
    client->send(R"({"all": true})");
    EXPECT_EQ(client->receive_until("\r\n\r\n").substr(0, 12), "HTTP/1.1 202");
}

TEST_F(GateTest, AChunkedBodyIsTaken) {
    const auto client = connect();
    client->send(
        "POST /api/sync/retry HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + admin() +
        "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{\"all\"\r\n"
    );
    std::this_thread::sleep_for(milliseconds(50));
    client->send("7\r\n: true}\r\n0\r\n\r\n");
    EXPECT_EQ(client->receive_until("\r\n\r\n").substr(0, 12), "HTTP/1.1 202");
}

TEST_F(GateTest, ARequestThatIsBeingHandledIsAnsweredWhenTheServerStops) {
    ASSERT_TRUE(connections_
                    ->put(
                        tenant_,
                        "shop",
                        "main",
                        {{"store_url", "https://shop.example"}, {"consumer_secret", "cs"}}
                    )
                    .has_value());
    account_.hangs = true;
    const int checks = account_.checks;
    const auto client = connect();
    client->send(
        "POST /api/integrations/shop/test HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + admin() +
        "\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n" +
        R"({"connection":"main"})"
    );
    while (account_.checks == checks) {
        std::this_thread::sleep_for(milliseconds(2));
    }
    server_->close();
    std::thread stopping([&] { server_->stop(); });
    std::this_thread::sleep_for(milliseconds(200));
    account_.hangs = false;
    const std::string answer = client->receive_all();
    stopping.join();
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 200") << answer;
    EXPECT_EQ(answer.back(), '}');
}

TEST_F(GateTest, AStoppedServerEndsConnectionsThatWait) {
    const auto client = connect();
    client->send(kLive);
    client->receive_until("\"version\"");
    const auto began = Clock::now();
    server_->stop();
    EXPECT_EQ(client->receive(), "");
    EXPECT_LT(Clock::now() - began, milliseconds(2000));
}

// The gate by itself, whose requests the test answers.
class GateAloneTest : public ::testing::Test {
protected:
    void open() {
        listener_.bind(Poco::Net::SocketAddress("127.0.0.1", 0), true, false);
        listener_.listen(16);
        gate_.emplace(
            config_,
            listener_,
            Poco::Net::Context::Ptr(),
            [this](const api::Arrival& arrival) {
                arrived_.with([&](auto& all) { all.push_back(arrival.connection); });
            }
        );
    }
    std::unique_ptr<RawClient> ask() {
        auto client = std::make_unique<RawClient>(listener_.address().port());
        client->send(kLive);
        return client;
    }
    // The connection that asked as the `which`th (from 0).
    std::uint64_t arrived(std::size_t which) {
        const auto count = [&] { return arrived_.with([](auto& all) { return all.size(); }); };
        for (int i = 0; i < 2000 && count() <= which; ++i) {
            std::this_thread::sleep_for(milliseconds(5));
        }
        return arrived_.with([&](auto& all) { return all.at(which); });
    }

    api::ApiConfig config_;
    Poco::Net::ServerSocket listener_;
    Guarded<std::vector<std::uint64_t>> arrived_;
    std::optional<api::Gate> gate_;
};

constexpr std::size_t kMoreThanFits = 16 * 1024 * 1024;

TEST_F(GateAloneTest, WhoDoesNotReadItsAnswerIsEndedAfterItsTime) {
    config_.send_timeout_ms = 400;
    open();
    const auto deaf = ask();
    gate_->answer(arrived(0), std::string(kMoreThanFits, 'x'), false);
    std::this_thread::sleep_for(milliseconds(1000));
    const std::string all = deaf->receive_all();
    EXPECT_GT(all.size(), 0U);
    EXPECT_LT(all.size(), kMoreThanFits);
    EXPECT_EQ(all.find(RawClient::kNothing), std::string::npos);
}

TEST_F(GateAloneTest, AStopSendsTheAnswersThereAre) {
    open();
    const auto slow = ask();
    gate_->answer(arrived(0), std::string(kMoreThanFits, 'x'), true);
    std::thread stopping([&] { gate_->stop(); });
    std::this_thread::sleep_for(milliseconds(200));
    EXPECT_EQ(slow->receive_all().size(), kMoreThanFits);
    stopping.join();
}

// It takes the five seconds that a stop waits at most.
TEST_F(GateAloneTest, AStopWaitsForNobodyForEver) {
    open();
    const auto deaf = ask();
    gate_->answer(arrived(0), std::string(kMoreThanFits, 'x'), true);
    const auto began = Clock::now();
    gate_->stop();
    EXPECT_LT(Clock::now() - began, milliseconds(9000));
}

TEST_F(GateAloneTest, ACloseEndsIdleConnectionsAndWhoIsAnsweredLater) {
    open();
    const auto idle = ask();
    gate_->answer(arrived(0), "first", false);
    EXPECT_EQ(idle->receive(), "first");
    const auto waiting = ask();
    const std::uint64_t served = arrived(1);
    gate_->close();
    EXPECT_EQ(idle->receive(), "");
    gate_->answer(served, "second", false);
    EXPECT_EQ(waiting->receive_all(), "second");
}

// A connection's number is never that of another one, so a late answer is nobody's.
TEST_F(GateAloneTest, AnAnswerToAConnectionThatIsOverReachesNobody) {
    open();
    auto first = ask();
    const std::uint64_t over = arrived(0);
    gate_->answer(over, "first", true);
    EXPECT_EQ(first->receive_all(), "first");
    first.reset();
    std::this_thread::sleep_for(milliseconds(100));  // its place and its descriptor are free
    const auto second = ask();
    const std::uint64_t now = arrived(1);
    gate_->answer(over, "too late", true);
    gate_->answer(now, "second", true);
    EXPECT_EQ(second->receive_all(), "second");
}

class TlsGateTest : public GateTest {
protected:
    void SetUp() override {
        const auto files = authority_.server_files("IP:127.0.0.1");
        api_config_.tls_certificate_file = files.certificate;
        api_config_.tls_key_file = files.key;
        GateTest::SetUp();
    }
    int status_over_tls() {
        const Poco::Net::Context::Ptr context(new Poco::Net::Context(
            Poco::Net::Context::TLS_CLIENT_USE,
            authority_.ca_file(),
            Poco::Net::Context::VERIFY_STRICT
        ));
        Poco::Net::HTTPSClientSession session("127.0.0.1", server_->port(), context);
        session.setTimeout(Poco::Timespan(10, 0));
        Poco::Net::HTTPRequest request("GET", "/livez", "HTTP/1.1");
        Poco::Net::HTTPResponse response;
        for (int i = 0; i < 3; ++i) {  // on one connection
            session.sendRequest(request);
            std::string body;
            Poco::StreamCopier::copyToString(session.receiveResponse(response), body);
        }
        return response.getStatus();
    }

    TestAuthority authority_;
};

TEST_F(TlsGateTest, ServesOverTlsAlone) {
    EXPECT_EQ(status_over_tls(), 200);
    const auto in_clear = connect();
    in_clear->send(kLive);
    EXPECT_EQ(in_clear->receive().find("HTTP/1.1 200"), std::string::npos);
}

TEST_F(TlsGateTest, WhoDoesNotFinishTheHandshakeHoldsUpNobody) {
    std::vector<std::unique_ptr<Client>> silent;
    for (int i = 0; i < 40; ++i) {
        silent.push_back(connect());
        silent.back()->send("\x16\x03\x01");
    }
    EXPECT_EQ(status_over_tls(), 200);
}

TEST_F(TlsGateTest, AHandshakeThatDoesNotEndIsEndedAfterItsTime) {
    const auto silent = connect();
    const auto begun = connect();
    const auto began = Clock::now();
    begun->send(std::string("\x16\x03\x01\x02\x00", 5));
    EXPECT_EQ(silent->receive(), "");
    EXPECT_EQ(begun->receive(), "");
    EXPECT_GE(Clock::now() - began, milliseconds(550));
    EXPECT_LT(Clock::now() - began, milliseconds(5000));
}

TEST_F(TlsGateTest, ACertificateThatCannotBeReadIsSaid) {
    api::ApiConfig config = api_config_;
    config.port = 0;
    config.tls_key_file = "/nowhere/key.pem";
    const auto server = api::Server::start(config, *surface_);
    ASSERT_FALSE(server.has_value());
    EXPECT_EQ(server.error().name, "api.tls");
    EXPECT_NE(server.error().message.find("/nowhere/key.pem"), std::string::npos);
}

}  // namespace
}  // namespace syncline::testing
