// Clients that are slow, silent, idle, many or in a hurry: none of them takes a thread, a place or
// memory for longer than it may.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "api/support/gate_fixture.hpp"

namespace syncline::testing {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

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

}  // namespace
}  // namespace syncline::testing
