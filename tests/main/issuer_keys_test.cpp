// Fetching the keys of token issuers: under the egress rules, and bounded.
#include "main/issuer_keys.hpp"

#include <fstream>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "storage/seal.hpp"
#include "support/temp_dir.hpp"

namespace syncline::host {
namespace {

namespace net = Poco::Net;

class Answering : public net::HTTPRequestHandler {
public:
    void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response)
        override {
        const std::string path = request.getURI();
        if (path == "/moved") {
            response.redirect("/keys");
            return;
        }
        if (path == "/broken") {
            response.setStatus(net::HTTPResponse::HTTP_INTERNAL_SERVER_ERROR);
        }
        response.send() << (path == "/large" ? std::string(300 * 1024, ' ') : "the keys");
    }
};

class AnsweringFactory : public net::HTTPRequestHandlerFactory {
public:
    net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
        return new Answering;
    }
};

class IssuerKeysTest : public ::testing::Test {
protected:
    IssuerKeysTest()
        : socket_(net::SocketAddress("127.0.0.1", 0)),
          server_(new AnsweringFactory, socket_, new net::HTTPServerParams) {
        server_.start();
        config_.identity.issuers.resize(1);
        config_.egress.allow = {"127.0.0.1:*"};
    }
    ~IssuerKeysTest() override { server_.stopAll(true); }

    std::string fetch(const std::string& path) {
        config_.identity.issuers[0].jwks_url =
            "http://127.0.0.1:" + std::to_string(socket_.address().port()) + path;
        const auto fetch = issuer_keys(config_, "1");
        if (!fetch) {
            return fetch.error().message;
        }
        const auto text = (*fetch)(config_.identity.issuers[0]);
        return text ? *text : text.error().name;
    }
    // What the host would not start for.
    std::string problem_of_file(const std::string& text, mode_t mode, bool shared) {
        auto& issuer = config_.identity.issuers[0];
        const std::string file = dir_.file("keys");
        std::ofstream(file, std::ios::trunc) << text;
        ::chmod(file.c_str(), mode);
        issuer.algorithm = shared ? api::TokenAlgorithm::kHs256 : api::TokenAlgorithm::kRs256;
        issuer.jwks_file = shared ? "" : file;
        issuer.key_file = shared ? file : "";
        const auto made = issuer_keys(config_, "1");
        return made ? "" : made.error().message;
    }

    testing::TempDir dir_;
    net::ServerSocket socket_;
    net::HTTPServer server_;
    HostConfig config_;
};

TEST_F(IssuerKeysTest, AreFetchedUnderTheEgressRules) {
    EXPECT_EQ(fetch("/keys"), "the keys");
    config_.egress.allow.clear();
    EXPECT_EQ(fetch("/keys").rfind("egress.", 0), 0u) << "plain http to loopback";
}

TEST_F(IssuerKeysTest, AreBoundedAndNotRedirected) {
    EXPECT_EQ(fetch("/moved"), "identity.key_set");
    EXPECT_EQ(fetch("/broken"), "identity.key_set");
    EXPECT_EQ(fetch("/large").rfind("http.", 0), 0u);
}

TEST_F(IssuerKeysTest, AFileThatHoldsNoKeysKeepsTheHostFromStarting) {
    const std::string key = storage::Key::random()->to_base64();
    EXPECT_EQ(problem_of_file(key, 0600, true), "");
    EXPECT_NE(problem_of_file(key, 0644, true).find("can be read by others"), std::string::npos);
    EXPECT_NE(problem_of_file("short", 0600, true).find("/identity/issuers/0"), std::string::npos);
    EXPECT_NE(problem_of_file("{}", 0600, false).find("RFC 7517"), std::string::npos);
    config_.identity.issuers[0].jwks_file = dir_.file("nowhere");
    EXPECT_NE(issuer_keys(config_, "1").error().message.find("nowhere"), std::string::npos);
}

}  // namespace
}  // namespace syncline::host
