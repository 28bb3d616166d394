// Whom the client trusts.
#include <openssl/ssl.h>

#include "connectors/support/http_fixture.hpp"
#include "connectors/support/test_authority.hpp"

namespace syncline::testing {
namespace {

class Tls : public HttpTest {
protected:
    static TestAuthority& authority() {
        static TestAuthority instance;
        return instance;
    }

    void SetUp() override {
        auto trusting = options();
        trusting.tls.extra_ca_file = authority().ca_file();
        trusting.limits.connect = 1s;
        make_resolving_client(trusting);
    }

    // Every name leads to this machine.
    void make_resolving_client(const connectors::HttpOptions& options) {
        auto made = connectors::HttpClient::make(options, [](const auto&, const auto&) {
            return std::vector<std::string>{"127.0.0.1"};
        });
        ASSERT_TRUE(made) << made.error().message;
        client_ = *std::move(made);
    }

    Result<connectors::HttpAnswer> get_as(const std::string& host, const ScriptedServer& server) {
        return get("https://" + host + ":" + std::to_string(server.port()) + "/");
    }
};

TEST_F(Tls, TalksToAServerWhoseCertificateIsForTheHost) {
    ScriptedServer server({always(answer(200, "safe"))}, authority().server("DNS:shop.example"));
    for (int i = 0; i < 5; ++i) {
        const auto got = get_as("shop.example", server);
        ASSERT_TRUE(got) << message_of(got);
        EXPECT_EQ(got->body, "safe");
    }
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(Tls, TakesACertificateForAnAddressAndForAWildcard) {
    ScriptedServer by_address({always(answer(200, ""))}, authority().server("IP:127.0.0.1"));
    EXPECT_TRUE(get_as("127.0.0.1", by_address));
    scope_.hosts.push_back("*.books.example");
    ScriptedServer wildcard({always(answer(200, ""))}, authority().server("DNS:*.books.example"));
    EXPECT_TRUE(get_as("eu.books.example", wildcard));
    const auto deeper = get_as("a.eu.books.example", wildcard);
    EXPECT_EQ(deeper.error().name, "http.tls");
}

TEST_F(Tls, NamesBothWhenTheCertificateIsForAnotherHost) {
    ScriptedServer server(
        {always(answer(200, "stolen"))}, authority().server("DNS:other.example,DNS:third.example")
    );
    const auto got = get_as("shop.example", server);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::kTransient);
    EXPECT_EQ(got.error().name, "http.tls");
    EXPECT_NE(got.error().message.find("'shop.example'"), std::string::npos) << got.error().message;
    EXPECT_NE(got.error().message.find("other.example"), std::string::npos) << got.error().message;
}

TEST_F(Tls, IsNotMorePatientWithThisMachine) {
    ScriptedServer server({always(answer(200, ""))}, authority().server("DNS:other.example"));
    EXPECT_EQ(get_as("localhost", server).error().name, "http.tls");
    EXPECT_EQ(get_as("127.0.0.1", server).error().name, "http.tls");
}

TEST_F(Tls, SaysWhyAChainIsNotTrusted) {
    TestAuthority stranger;
    ScriptedServer unknown({always(answer(200, ""))}, stranger.server("DNS:shop.example"));
    const auto untrusted = get_as("shop.example", unknown);
    ASSERT_FALSE(untrusted);
    EXPECT_EQ(untrusted.error().code, ErrorCode::kTransient);
    EXPECT_NE(untrusted.error().message.find("not trusted: "), std::string::npos)
        << untrusted.error().message;

    ScriptedServer stale({always(answer(200, ""))}, authority().server("DNS:shop.example", -1));
    const auto expired = get_as("shop.example", stale);
    ASSERT_FALSE(expired);
    EXPECT_NE(expired.error().message.find("expired"), std::string::npos)
        << expired.error().message;
}

TEST_F(Tls, RefusesProtocolsOlderThan12) {
    auto context = authority().server("DNS:shop.example");
    SSL_CTX_set_min_proto_version(context->sslContext(), 0);
    SSL_CTX_set_max_proto_version(context->sslContext(), TLS1_1_VERSION);
    SSL_CTX_set_security_level(context->sslContext(), 0);
    ScriptedServer server({always(answer(200, ""))}, context);
    const auto got = get_as("shop.example", server);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().name, "http.tls") << got.error().message;

    auto newer = authority().server("DNS:shop.example");
    SSL_CTX_set_max_proto_version(newer->sslContext(), TLS1_2_VERSION);
    ScriptedServer server12({always(answer(200, "x"))}, newer);
    EXPECT_TRUE(get_as("shop.example", server12));
}

std::string requested_name;  // by the server's thread, before the answer

int note_name(SSL* ssl, int*, void*) {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    requested_name = name == nullptr ? "" : name;
    return SSL_TLSEXT_ERR_OK;
}

TEST_F(Tls, SaysWhichNameItWants) {
    auto context = authority().server("DNS:shop.example,IP:127.0.0.1");
    SSL_CTX_callback_ctrl(
        context->sslContext(),
        SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
        reinterpret_cast<void (*)()>(&note_name)
    );
    ScriptedServer server({always(answer(200, "x", "Connection: close\r\n"))}, context);
    ASSERT_TRUE(get_as("shop.example", server));
    EXPECT_EQ(requested_name, "shop.example");
    ASSERT_TRUE(get_as("127.0.0.1", server));
    EXPECT_EQ(requested_name, "");
}

TEST_F(Tls, AServerSilentInTheHandshakeIsLeftAfterTheConnectLimit) {
    ScriptedServer plain({[](Peer& peer) { peer.hang(); }});
    Result<connectors::HttpAnswer> got{Error{}};
    const auto took = elapsed_ms([&] { got = get_as("shop.example", plain); });
    EXPECT_LT(took, 6000);
    EXPECT_NE(got.error().message.find("handshake"), std::string::npos) << got.error().message;
}

TEST_F(Tls, AServerThatSpeaksPlainHttpIsToldSo) {
    ScriptedServer plain({[](Peer& peer) {
        peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
        peer.wait(100ms);
    }});
    EXPECT_EQ(get_as("shop.example", plain).error().name, "http.tls");
}

TEST_F(Tls, ABodyThatEndsWithoutGoodbyeIsCut) {
    ScriptedServer server(
        {[](Peer& peer) {
            peer.read_request();
            peer.send("HTTP/1.0 200 OK\r\n\r\nhalf of it");
            peer.wait(20ms);
            peer.cut();
        }},
        authority().server("DNS:shop.example")
    );
    EXPECT_FALSE(get_as("shop.example", server));
}

TEST_F(Tls, AnUnreadableAuthorityFileIsNamed) {
    auto broken = options();
    broken.tls.extra_ca_file = "/nonexistent/ca.pem";
    const auto made = connectors::HttpClient::make(broken);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::kConfig);
    EXPECT_NE(made.error().message.find("/nonexistent/ca.pem"), std::string::npos);
}

TEST_F(Tls, LargeBodiesPassBothWays) {
    const std::string body(5 * 1024 * 1024, 'x');
    std::atomic<std::size_t> received{0};
    ScriptedServer server(
        {[&](Peer& peer) {
            received = peer.read_request().size();
            peer.send(answer(200, body));
        }},
        authority().server("DNS:shop.example")
    );
    const auto got = post("https://shop.example:" + std::to_string(server.port()) + "/", body);
    ASSERT_TRUE(got) << message_of(got);
    EXPECT_EQ(got->body.size(), body.size());
    EXPECT_GT(received.load(), body.size());
}

}  // namespace
}  // namespace syncline::testing
