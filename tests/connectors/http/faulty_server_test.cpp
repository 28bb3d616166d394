// Servers that are slow, broken or hostile: every one ends in good time with a clear sentence.
#include <regex>

#include <zlib.h>

#include "connectors/support/http_fixture.hpp"

namespace syncline::testing {
namespace {

class FaultyServer : public HttpTest {
protected:
    // The error of a GET to a server that answers with `text` and closes.
    Error error_for(std::string text) {
        ScriptedServer server({[&](Peer& peer) {
            peer.read_request();
            peer.send(text);
        }});
        const auto got = get(server.url("/"));
        EXPECT_FALSE(got) << "answered " << message_of(got);
        return got ? Error{} : got.error();
    }
};

std::string compressed(std::string_view text, int window) {
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY);
    std::string result(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(result.data());
    stream.avail_out = static_cast<uInt>(result.size());
    deflate(&stream, Z_FINISH);
    result.resize(result.size() - stream.avail_out);
    deflateEnd(&stream);
    return result;
}
constexpr int kGzip = 15 + 16;
constexpr int kZlib = 15;
constexpr int kRaw = -15;

TEST_F(FaultyServer, ThatIsSilentIsLeftAfterTheReadLimit) {
    auto limits = options();
    limits.limits.read = 200ms;
    make_client(limits);
    ScriptedServer server({[](Peer& peer) { peer.hang(); }});
    Result<connectors::HttpAnswer> got{Error{}};
    EXPECT_LT(elapsed_ms([&] { got = get(server.url("/")); }), 4000);
    EXPECT_EQ(got.error().code, ErrorCode::kTransient);
    EXPECT_EQ(got.error().name, "http.timeout");
    EXPECT_EQ(
        got.error().message,
        "no answer from 127.0.0.1:" + std::to_string(server.port()) + " within 200 ms"
    );
}

TEST_F(FaultyServer, ThatDripsItsHeadersIsLeftAfterTheTotalLimit) {
    ScriptedServer server({[](Peer& peer) { peer.drip(answer(200, "x"), 100ms); }});
    Result<connectors::HttpAnswer> got{Error{}};
    const auto took = elapsed_ms([&] { got = send({"GET", server.url("/"), {}, {}, 400ms}); });
    EXPECT_LT(took, 4000);
    EXPECT_GE(took, 350);
    EXPECT_NE(got.error().message.find("no complete answer from 127.0.0.1:"), std::string::npos);
    // What is left of the limit when the request is out: nearly all of it.
    EXPECT_TRUE(std::regex_search(got.error().message, std::regex("within (400|39[0-9]) ms")))
        << got.error().message;
}

TEST_F(FaultyServer, ThatDripsItsBodyIsLeftAfterTheTotalLimit) {
    ScriptedServer server({[](Peer& peer) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        peer.drip(std::string(1000, 'x'), 20ms);
    }});
    EXPECT_LT(
        elapsed_ms([&] {
            EXPECT_FALSE(send({"GET", server.url("/"), {}, {}, 300ms}));
        }),
        1500
    );
}

TEST_F(FaultyServer, ThatSendsWithoutEndIsLeftAfterTheTotalLimit) {
    ScriptedServer server({[](Peer& peer) {
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (peer.send("1\r\nx\r\n")) {
        }
    }});
    EXPECT_LT(
        elapsed_ms([&] {
            EXPECT_FALSE(send({"GET", server.url("/"), {}, {}, 300ms}));
        }),
        1500
    );
}

TEST_F(FaultyServer, ThatDoesNotReadTheRequestIsLeft) {
    auto limits = options();
    limits.limits.read = 200ms;
    make_client(limits);
    ScriptedServer server({[](Peer& peer) { peer.hang(); }});
    const std::string body(32 * 1024 * 1024, 'x');
    const auto got = post(server.url("/"), body);
    ASSERT_FALSE(got);
    EXPECT_NE(got.error().message.find("did not take the request"), std::string::npos)
        << got.error().message;
}

TEST_F(FaultyServer, ThatCutsItsAnswerIsToldSo) {
    for (const std::string text :
         {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
          "HTTP/1.1 200 OK\r\nContent-Le",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
        const Error error = error_for(text);
        EXPECT_EQ(error.code, ErrorCode::kTransient);
        EXPECT_NE(error.message.find("closed the connection in the middle"), std::string::npos)
            << error.message;
    }
    EXPECT_NE(error_for("").message.find("without an answer"), std::string::npos);
}

TEST_F(FaultyServer, ThatDoesNotSpeakHttpIsToldSo) {
    for (const std::string text :
         {"SSH-2.0-OpenSSH\r\n\r\n",
          "HTTP/2 200\r\n\r\n",
          "HTTP/1.1 abc OK\r\n\r\n",
          "\r\n",
          "HTTP/1.1 700 What\r\n\r\n",
          "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
          "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n",
          "HTTP/1.1 200 OK\r\nA: b\x01\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
          "HTTP/1.1 101 Switching\r\n\r\n"}) {
        const Error error = error_for(text);
        EXPECT_EQ(error.code, ErrorCode::kTransient) << text;
        EXPECT_EQ(error.name, "http.protocol") << text << error.message;
    }
}

TEST_F(FaultyServer, ThatSendsHugeHeadersIsCutShort) {
    const std::string line = "X-Filler: " + std::string(1000, 'x') + "\r\n";
    std::string many = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 100; ++i) {
        many += line;
    }
    EXPECT_EQ(error_for(many + "\r\n").name, "http.too_large");
    EXPECT_EQ(
        error_for("HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x')).name, "http.too_large"
    );
    std::string interim;
    for (int i = 0; i < 5000; ++i) {
        interim += "HTTP/1.1 100 Continue\r\n\r\n";
    }
    EXPECT_EQ(error_for(interim).name, "http.too_large");
}

TEST_F(FaultyServer, ThatSendsAHugeBodyIsCutShort) {
    auto limits = options();
    limits.limits.body_bytes = 100'000;
    make_client(limits);
    EXPECT_EQ(
        error_for("HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n").name, "http.too_large"
    );
    const std::string chunk = "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
    std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 10; ++i) {
        chunked += chunk;
    }
    EXPECT_EQ(error_for(chunked).name, "http.too_large");
    EXPECT_EQ(
        error_for("HTTP/1.0 200 OK\r\n\r\n" + std::string(100'001, 'x')).name, "http.too_large"
    );
    ScriptedServer fits({always(answer(200, std::string(100'000, 'x')))});
    EXPECT_TRUE(get(fits.url("/")));
}

TEST_F(FaultyServer, CompressedBodiesAreDecodedInEveryFormServersUse) {
    std::string text;
    for (int i = 0; i < 20'000; ++i) {
        text += "order " + std::to_string(i) + "\n";
    }
    const std::string half = text.substr(0, 1000);
    const std::vector<std::pair<std::string, std::string>> cases{
        {"gzip", compressed(text, kGzip)},
        {"x-gzip", compressed(text, kGzip)},
        {"GZip", compressed(half, kGzip) + compressed(text.substr(1000), kGzip)},
        {"gzip", compressed(text, kGzip) + std::string(8, '\0')},
        {"deflate", compressed(text, kZlib)},
        {"deflate", compressed(text, kRaw)},
        {"identity", text},
    };
    for (const auto& [coding, body] : cases) {
        for (const bool dripped : {false, true}) {
            ScriptedServer server({[&coding = coding, &body = body, dripped](Peer& peer) {
                peer.read_request();
                peer.send(
                    "HTTP/1.1 200 OK\r\nContent-Encoding: " + coding +
                    "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n"
                );
                peer.drip(body.substr(0, dripped ? 40 : 0), 1ms);
                peer.send(body.substr(dripped ? 40 : 0));
            }});
            const auto got = get(server.url("/"));
            ASSERT_TRUE(got) << coding << ": " << message_of(got);
            EXPECT_TRUE(got->body == text) << coding << ": " << got->body.size();
            EXPECT_EQ(
                connectors::header_of(got->headers, "Content-Encoding").has_value(),
                coding == "identity"
            );
        }
    }
}

TEST_F(FaultyServer, ThatSendsDamagedOrCutCompressionIsToldSo) {
    const std::string body = compressed(std::string(100'000, 'x'), kGzip);
    std::string damaged = body;
    damaged[20] = static_cast<char>(~damaged[20]);
    const std::string gzip = "Content-Encoding: gzip\r\n";
    for (const std::string& sent :
         {body.substr(0, body.size() - 9), damaged, std::string("plain")}) {
        const Error error = error_for(answer(200, sent, gzip));
        EXPECT_EQ(error.name, "http.coding");
        EXPECT_EQ(error.code, ErrorCode::kTransient);
    }
    EXPECT_EQ(error_for(answer(200, "x", "Content-Encoding: br\r\n")).name, "http.coding");
}

TEST_F(FaultyServer, ThatSendsAGzipBombIsCutShort) {
    const std::string bomb = compressed(std::string(200 * 1024 * 1024, '\0'), kGzip);
    ASSERT_LT(bomb.size(), 300'000U);
    const Error error = error_for(answer(200, bomb, "Content-Encoding: gzip\r\n"));
    EXPECT_EQ(error.name, "http.coding");
    EXPECT_NE(error.message.find("grows"), std::string::npos) << error.message;
}

TEST_F(FaultyServer, IsLeftSoonAfterTheStopFlagIsSet) {
    std::atomic<bool> stop{false};
    stop_ = &stop;
    const std::vector<Script> scripts{
        [](Peer& peer) { peer.hang(); },
        [](Peer& peer) {
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (peer.send("4\r\nxxxx\r\n")) {
                peer.wait(1ms);
            }
        },
        [](Peer& peer) {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 60000000\r\n\r\n");
            while (peer.send(std::string(1000, 'x'))) {
            }
        }};
    for (const auto& script : scripts) {
        stop = false;
        ScriptedServer server({script});
        std::thread stopper([&] {
            std::this_thread::sleep_for(50ms);
            stop = true;
        });
        const auto took = elapsed_ms([&] {
            const auto got = get(server.url("/"));
            EXPECT_FALSE(got);
            EXPECT_EQ(got ? ErrorCode::kBug : got.error().code, ErrorCode::kCancelled);
        });
        stopper.join();
        EXPECT_LT(took, 4000);
    }
}

TEST_F(FaultyServer, ThatIsNotThereIsToldSo) {
    std::uint16_t port = 0;
    {
        const ScriptedServer gone({always("")});
        port = gone.port();
    }
    const auto got = get("http://127.0.0.1:" + std::to_string(port) + "/");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::kTransient);
    EXPECT_EQ(got.error().name, "http.connect");
    EXPECT_NE(got.error().message.find("cannot connect to 127.0.0.1:"), std::string::npos);
}

TEST_F(FaultyServer, ThatDoesNotTakeConnectionsIsLeftAfterTheConnectLimit) {
    auto limits = options();
    limits.limits.connect = 300ms;
    make_client(limits);
    // A full backlog: the kernel drops what comes after.
    Poco::Net::ServerSocket deaf;
    deaf.bind(Poco::Net::SocketAddress("127.0.0.1", 0));
    deaf.listen(0);
    std::vector<Poco::Net::StreamSocket> fillers(3);
    for (auto& filler : fillers) {
        filler.connectNB(deaf.address());
    }
    std::this_thread::sleep_for(50ms);
    Result<connectors::HttpAnswer> got{Error{}};
    const auto took = elapsed_ms([&] { got = get("http://" + deaf.address().toString() + "/"); });
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().name, "http.connect") << got.error().message;
    EXPECT_LT(took, 4000);
    EXPECT_GE(took, 250);
}

}  // namespace
}  // namespace syncline::testing
