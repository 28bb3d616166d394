// Clients that are slow, silent, idle, many or in a hurry: none of them takes a thread.
#include "api/http/gate.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/StreamCopier.h>

#include "api/support/api_fixture.hpp"
#include "api/support/raw_client.hpp"
#include "connectors/support/test_authority.hpp"
#include "core/guarded.hpp"

namespace syncline::testing {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

const std::string kLive = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

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
    milliseconds slowest_of(int requests) {
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

TEST_F(GateTest, SlowClientsTwiceAsManyAsThereArePlacesHoldUpNobody) {
    with_time(60'000);
    std::vector<std::unique_ptr<Client>> slow;
    for (int i = 0; i < 40; ++i) {
        slow.push_back(connect());
        slow.back()->send(kLive.substr(0, 5));
    }
    std::atomic<bool> done = false;
    std::thread dripping([&] {
        for (std::size_t at = 5; !done; ++at) {
            for (auto& client : slow) {
                try {
                    client->send("x");
                } catch (const Poco::Exception&) {  // it was put out
                }
            }
            std::this_thread::sleep_for(milliseconds(50));
        }
    });
    EXPECT_LT(slowest_of(50), milliseconds(3000));
    done = true;
    dripping.join();
}

TEST_F(GateTest, IdleConnectionsTakeNoThreadAndMakeRoom) {
    with_time(60'000);
    std::vector<std::unique_ptr<Client>> idle;
    for (int i = 0; i < 60; ++i) {
        idle.push_back(connect());
    }
    EXPECT_LT(slowest_of(20), milliseconds(3000));
    EXPECT_EQ(idle.front()->receive(), "");
}

TEST_F(GateTest, ARequestThatDoesNotEndIsEndedAfterItsTime) {
    const auto began = Clock::now();
    const auto head = connect();
    head->send("GET /livez HTTP/1.1\r\nHost:");
    const auto body = connect();
    body->send("POST /api/sync/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");
    const auto idle = connect();
    EXPECT_EQ(head->receive().substr(0, 12), "HTTP/1.1 408");
    EXPECT_EQ(body->receive().substr(0, 12), "HTTP/1.1 408");
    EXPECT_EQ(idle->receive(), "");
    const auto took = Clock::now() - began;
    EXPECT_GT(took, milliseconds(550));
    EXPECT_LT(took, milliseconds(3000));
}

TEST_F(GateTest, ABodyHasATimeOfItsOwn) {
    stop_server();
    api_config_.head_timeout_ms = 300;
    api_config_.body_timeout_ms = 1500;
    start_server();
    const std::string head = "POST /api/sync/retry HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                             admin() +
                             "\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n";
    const auto in_time = connect();
    const auto late = connect();
    const auto began = Clock::now();
    late->send(head + "{");
    in_time->send(head);
    std::this_thread::sleep_for(milliseconds(700));
    in_time->send(R"({"all": true})");
    EXPECT_EQ(in_time->receive_until("\r\n\r\n").substr(0, 12), "HTTP/1.1 202");
    EXPECT_EQ(late->receive().substr(0, 12), "HTTP/1.1 408");
    EXPECT_GE(Clock::now() - began, milliseconds(1450));
    EXPECT_LT(Clock::now() - began, milliseconds(5000));
}

TEST_F(GateTest, AConnectionThatAsksForNothingMoreIsEnded) {
    with_time(60'000);
    stop_server();
    api_config_.idle_timeout_ms = 400;
    start_server();
    const auto client = connect();
    for (int i = 0; i < 3; ++i) {  // each request begins its time anew
        client->send(kLive);
        ASSERT_EQ(client->receive_until("\"version\"").substr(0, 12), "HTTP/1.1 200");
        std::this_thread::sleep_for(milliseconds(200));
    }
    const auto began = Clock::now();
    EXPECT_EQ(client->receive(), "");
    EXPECT_LT(Clock::now() - began, milliseconds(3000));
}

TEST_F(GateTest, TheLongestIdleMakesRoomThenTheLongestUnfinished) {
    with_time(60'000);
    const auto asked_once = [&] {
        auto client = connect();
        client->send(kLive);
        EXPECT_EQ(client->receive_until("\"version\"").substr(0, 12), "HTTP/1.1 200");
        return client;
    };
    std::vector<std::unique_ptr<Client>> unfinished;
    for (int i = 0; i < 17; ++i) {
        unfinished.push_back(connect());
        unfinished.back()->send(kLive.substr(0, 9));
    }
    EXPECT_EQ(get("/livez").status, 200);  // they are all in before what follows
    const auto longer_idle = asked_once();
    std::this_thread::sleep_for(milliseconds(20));
    const auto idle = asked_once();
    std::this_thread::sleep_for(milliseconds(20));
    const auto newest = asked_once();  // the 20th
    const auto one_more = asked_once();
    EXPECT_EQ(longer_idle->receive(), "");
    for (const auto& client : {idle.get(), newest.get(), one_more.get()}) {
        client->send(kLive);
        EXPECT_EQ(client->receive_until("\"version\"").substr(0, 12), "HTTP/1.1 200");
        client->send(kLive.substr(0, 9));  // now nobody is idle
        std::this_thread::sleep_for(milliseconds(20));
    }
    const auto last = asked_once();
    EXPECT_EQ(unfinished.front()->receive(), "");
    unfinished.back()->send(kLive.substr(9));
    EXPECT_EQ(unfinished.back()->receive_until("\"version\"").substr(0, 12), "HTTP/1.1 200");
}

TEST_F(GateTest, DrippingDoesNotLengthenTheTime) {
    const auto client = connect();
    const auto began = Clock::now();
    std::string answer;
    Clock::duration took{};
    std::thread reading([&] {
        answer = client->receive();
        took = Clock::now() - began;
    });
    try {
        for (const char c : "GET /" + std::string(60, 'x')) {
            client->send(std::string(1, c));
            std::this_thread::sleep_for(milliseconds(100));
        }
    } catch (const Poco::Exception&) {  // it was put out
    }
    reading.join();
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 408");
    EXPECT_GE(took, milliseconds(550));
    EXPECT_LT(took, milliseconds(4000));
}

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

TEST_F(GateTest, HeadersWithoutEndAreRefusedAtTheirBound) {
    with_time(60'000);
    std::vector<std::unique_ptr<Client>> bombs;
    for (int i = 0; i < 10; ++i) {
        bombs.push_back(connect());
        try {
            bombs.back()->send(kLive.substr(0, 21) + std::string(400'000, 'x'));
        } catch (const Poco::Exception&) {  // it is refused while it sends
        }
    }
    EXPECT_LT(slowest_of(20), milliseconds(3000));
    EXPECT_EQ(bombs.back()->receive().substr(0, 12), "HTTP/1.1 431");
}

TEST_F(GateTest, UnfinishedRequestsShareTheirMemory) {
    stop_server();
    api_config_.waiting_bytes_max = 1024 * 1024;
    start_server();
    with_time(3000);
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 5; ++i) {
        clients.push_back(connect());
        clients.back()->send(
            "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 600000\r\n\r\n" +
            std::string(300'000, 'x')
        );
    }
    const auto put_out = std::count_if(clients.begin(), clients.end(), [](auto& client) {
        return client->receive().substr(0, 12) == "HTTP/1.1 503";
    });
    EXPECT_EQ(put_out, 2);
    EXPECT_EQ(get("/livez").status, 200);
}

// More answers than fit into what lies between us: the threads go on, and so do the others.
TEST_F(GateTest, WhoDoesNotReadHoldsUpNobody) {
    with_time(60'000);
    std::vector<std::unique_ptr<Client>> deaf;
    for (int i = 0; i < 8; ++i) {  // twice as many as there are threads
        deaf.push_back(connect());
        deaf.back()->send_what_fits(many_requests());
    }
    EXPECT_LT(slowest_of(20), milliseconds(3000));
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
