// What a connector gets for what a well-behaved server sends.
#include "connectors/support/http_fixture.hpp"

namespace syncline::testing {
namespace {

class HttpClientTest : public HttpTest {};

TEST_F(HttpClientTest, GivesStatusHeadersAndBody) {
    ScriptedServer server({always(answer(404, "not here", "X-Shop: a\r\nx-shop: b\r\n"))});
    const auto got = get(server.url("/orders?page=2"));
    ASSERT_TRUE(got) << message_of(got);
    EXPECT_EQ(got->status, 404);
    EXPECT_EQ(got->body, "not here");
    EXPECT_EQ(connectors::header_of(got->headers, "X-SHOP"), "a");
    EXPECT_EQ(got->headers.size(), 3U);
}

TEST_F(HttpClientTest, SendsItsOwnFramingHeadersAndTheCallersOthers) {
    std::string seen;
    ScriptedServer server({[&](Peer& peer) {
        seen = peer.read_request();
        peer.send(answer(200, ""));
    }});
    const auto got = send(
        {"POST",
         server.url("/a?b=c#frag"),
         {{"Authorization", "Basic eA=="},
          {"Host", "evil.example"},
          {"content-length", "999"},
          {"Transfer-Encoding", "chunked"},
          {"User-Agent", "mine"},
          {"X-Empty", ""}},
         "hello"}
    );
    ASSERT_TRUE(got) << message_of(got);
    EXPECT_EQ(
        seen,
        "POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
            "\r\nUser-Agent: Syncline/test\r\nAccept-Encoding: gzip, deflate\r\n"
            "Authorization: Basic eA==\r\nX-Empty: \r\nContent-Length: 5\r\n\r\nhello"
    );
}

TEST_F(HttpClientTest, RefusesARequestThatWouldForgeHeaders) {
    ScriptedServer server({always(answer(200, ""))});
    const std::vector<connectors::HttpRequest> forged{
        {"GET", server.url("/"), {{"X", "a\r\nY: b"}}, {}},
        {"GET", server.url("/"), {{"X: a\r\nY", "b"}}, {}},
        {"GET", server.url("/"), {{"", "b"}}, {}},
        {"GET /x HTTP/1.1\r\nX:", server.url("/"), {}, {}},
    };
    for (const auto& request : forged) {
        const auto got = send(request);
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().code, ErrorCode::kBug) << got.error().message;
    }
    EXPECT_EQ(get(server.url("/ \r\nX: y")).error().code, ErrorCode::kConfig);
    EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpClientTest, ReadsAChunkedBodyHoweverItIsCut) {
    ScriptedServer server({[](Peer& peer) {
        peer.read_request();
        peer.drip(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;name=\"x\"\r\nhello\r\n"
            "A\r\n, my world\r\n0\r\nX-Trailer: 1\r\n\r\n",
            0ms
        );
        peer.read_request();
        peer.send(answer(200, "again"));
    }});
    EXPECT_EQ(get(server.url("/"))->body, "hello, my world");
    EXPECT_EQ(get(server.url("/"))->body, "again");
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, KnowsWhichAnswersHaveNoBody) {
    ScriptedServer server({[](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\nContent-Encoding: gzip\r\n\r\n");
        peer.read_request();
        peer.send("HTTP/1.1 204 No Content\r\n\r\n");
        peer.read_request();
        peer.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n");
        peer.read_request();
        peer.send("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n");
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Encoding: gzip\r\n\r\n");
    }});
    const auto head = send({"HEAD", server.url("/"), {}, {}});
    ASSERT_TRUE(head) << message_of(head);
    EXPECT_EQ(connectors::header_of(head->headers, "Content-Length"), "500");
    for (const int status : {204, 304, 200, 200}) {
        const auto got = get(server.url("/"));
        ASSERT_TRUE(got) << message_of(got);
        EXPECT_EQ(got->status, status);
        EXPECT_EQ(got->body, "");
    }
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, PassesOverInterimAnswers) {
    ScriptedServer server({always(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" +
        answer(201, "made")
    )});
    const auto got = post(server.url("/"), "x");
    ASSERT_TRUE(got) << message_of(got);
    EXPECT_EQ(got->status, 201);
    EXPECT_EQ(got->body, "made");
}

TEST_F(HttpClientTest, TakesABodyThatEndsWithTheConnection) {
    ScriptedServer server({[](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.0 200 OK\r\n\r\nall of it");
    }});
    EXPECT_EQ(get(server.url("/"))->body, "all of it");
    EXPECT_EQ(get(server.url("/"))->body, "all of it");
    EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttpClientTest, ReturnsARedirectInsteadOfFollowingIt) {
    ScriptedServer server({always(answer(302, "", "Location: http://127.0.0.1:1/elsewhere\r\n"))});
    const auto got = get(server.url("/"));
    ASSERT_TRUE(got) << message_of(got);
    EXPECT_EQ(got->status, 302);
    EXPECT_EQ(connectors::header_of(got->headers, "location"), "http://127.0.0.1:1/elsewhere");
}

TEST_F(HttpClientTest, GivesTheAnswerOfAServerThatDoesNotReadTheWholeRequest) {
    ScriptedServer server({[](Peer& peer) {
        peer.send(answer(413, "too much", "Connection: close\r\n"));
        peer.wait(50ms);
    }});
    const std::string body(20 * 1024 * 1024, 'x');
    const auto got = post(server.url("/"), body);
    // The reset that follows may overtake the answer; both are told truly.
    if (got) {
        EXPECT_EQ(got->status, 413);
    } else {
        EXPECT_EQ(got.error().code, ErrorCode::kTransient) << got.error().message;
    }
}

TEST_F(HttpClientTest, SendsALargeBodyWhole) {
    std::atomic<std::size_t> received{0};
    ScriptedServer server({[&](Peer& peer) {
        received = peer.read_request().size();
        peer.send(answer(200, "ok"));
    }});
    const std::string body(8 * 1024 * 1024, 'x');
    ASSERT_TRUE(post(server.url("/"), body));
    EXPECT_GT(received.load(), body.size());
}

}  // namespace
}  // namespace syncline::testing
