// Deliveries accepted per second, each verified, stored durably and then answered, against the same
// server that only computes the HMAC; see bench/README.md.
//
//   webhook_bench PORT [seconds]      PORT of a host's listener for webhooks
//
// 32 connections that are kept, bodies of 3 KB; host and bare server by turns. Then half of what
// the host reached, at an even pace: how long an answer takes.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <thread>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/ThreadPool.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/webhook_proof.hpp"

namespace syncline::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kConnections = 32;
constexpr int kRounds = 3;
constexpr std::size_t kBodyBytes = 3'000;
constexpr auto kSecret = "s3cret-s3cret-s3cret";

WebhookSpec webhook_spec() {
    WebhookSpec spec;
    spec.proof = WebhookProof::kHmac;
    spec.proof_header = "X-WC-Webhook-Signature";
    return spec;
}

std::string signature(const std::string& body) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(
        EVP_sha256(),
        kSecret,
        20,
        reinterpret_cast<const unsigned char*>(body.data()),
        body.size(),
        digest,
        &size
    );
    std::string text(4 * ((size + 2) / 3) + 1, '\0');
    text.resize(static_cast<std::size_t>(EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(text.data()), digest, static_cast<int>(size)
    )));
    return text;
}

// Requests made beforehand, so that making them costs the measured time nothing.
std::vector<std::string> requests_of(int connection, int count) {
    std::vector<std::string> requests;
    for (int i = 0; i < count; ++i) {
        const std::string id = std::to_string(connection) + "-" + std::to_string(i) + "-" +
                               std::to_string(Clock::now().time_since_epoch().count());
        std::string body = "{\"id\":55,\"n\":\"" + id + "\",\"x\":\"";
        body.append(kBodyBytes - body.size() - 2, 'x').append("\"}");
        requests.push_back(
            "POST /api/webhooks/woocommerce/shop HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Type: application/json\r\nX-WC-Webhook-Topic: order.updated\r\n"
            "X-WC-Webhook-ID: 1\r\nX-WC-Webhook-Source: https://shop.example/\r\n"
            "X-WC-Webhook-Delivery-ID: " +
            id + "\r\nX-WC-Webhook-Signature: " + signature(body) +
            "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body
        );
    }
    return requests;
}

class Sender {
public:
    explicit Sender(std::uint16_t port) : address_("127.0.0.1", port) {}

    // Answers whether it was a 200.
    bool send(const std::string& request) {
        if (!connected_) {
            socket_ = Poco::Net::StreamSocket(address_);
            socket_.setNoDelay(true);
            connected_ = true;
        }
        for (std::size_t sent = 0; sent < request.size();) {
            sent += static_cast<std::size_t>(
                socket_.sendBytes(request.data() + sent, static_cast<int>(request.size() - sent))
            );
        }
        std::string answer;
        std::size_t wanted = 0;
        while (wanted == 0 || answer.size() < wanted) {
            char buffer[4096];
            const int count = socket_.receiveBytes(buffer, sizeof buffer);
            if (count <= 0) {
                connected_ = false;
                return false;
            }
            answer.append(buffer, static_cast<std::size_t>(count));
            const std::size_t end = answer.find("\r\n\r\n");
            const std::size_t length = answer.find("Content-Length: ");
            if (wanted == 0 && end != std::string::npos) {
                wanted =
                    end + 4 +
                    (length < end ? std::strtoul(answer.c_str() + length + 16, nullptr, 10) : 0);
            }
        }
        connected_ = answer.find("Connection: Close") == std::string::npos;
        return answer.rfind("HTTP/1.1 200", 0) == 0;
    }

private:
    const Poco::Net::SocketAddress address_;
    Poco::Net::StreamSocket socket_;
    bool connected_ = false;
};

struct Load {
    double per_second = 0;
    std::int64_t refused = 0;
    std::vector<double> ms;  // of every answer, in order
    double at(double share) const {
        return ms.empty()
                   ? 0
                   : ms[static_cast<std::size_t>(share * static_cast<double>(ms.size() - 1))];
    }
};

// Every connection sends as fast as it is answered, or at `pace` per second and connection.
Load load(std::uint16_t port, double seconds, double pace = 0) {
    std::atomic<std::int64_t> accepted{0};
    std::atomic<std::int64_t> refused{0};
    std::vector<std::vector<double>> times(kConnections);
    std::vector<std::vector<std::string>> requests(kConnections);
    const int count = static_cast<int>(pace > 0 ? pace * seconds + 1 : 1'000 * seconds);
    for (int i = 0; i < kConnections; ++i) {
        requests[static_cast<std::size_t>(i)] = requests_of(i, count);
    }
    std::vector<std::thread> senders;
    const auto start = Clock::now();
    const auto end =
        start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    for (std::size_t i = 0; i < kConnections; ++i) {
        senders.emplace_back([&, i] {
            Sender sender(port);
            for (std::size_t n = 0; n < requests[i].size() && Clock::now() < end; ++n) {
                auto due = Clock::now();
                if (pace > 0) {  // counted from when it was due, so that waiting counts, too
                    due =
                        start +
                        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                            (static_cast<double>(n) + static_cast<double>(i) / kConnections) / pace
                        ));
                    std::this_thread::sleep_until(due);
                }
                const bool good = sender.send(requests[i][n]);
                times[i].push_back(
                    std::chrono::duration<double, std::milli>(Clock::now() - due).count()
                );
                (good ? accepted : refused) += 1;
            }
        });
    }
    for (auto& sender : senders) {
        sender.join();
    }
    Load result;
    const double took = std::chrono::duration<double>(Clock::now() - start).count();
    result.per_second = static_cast<double>(accepted) / took;
    result.refused = refused;
    for (auto& some : times) {
        result.ms.insert(result.ms.end(), some.begin(), some.end());
    }
    std::sort(result.ms.begin(), result.ms.end());
    return result;
}

// The same server when it only computes the HMAC.
class BareHandler : public Poco::Net::HTTPRequestHandler {
public:
    void handleRequest(
        Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response
    ) override {
        static const WebhookSpec kSpec = webhook_spec();
        std::string body(static_cast<std::size_t>(request.getContentLength64()), '\0');
        request.stream().read(body.data(), static_cast<std::streamsize>(body.size()));
        const bool good = proves(kSpec, request.get(kSpec.proof_header, ""), body, kSecret);
        const std::string answer = R"({"status":"stored"})";
        response.setStatus(
            good ? Poco::Net::HTTPResponse::HTTP_OK : Poco::Net::HTTPResponse::HTTP_UNAUTHORIZED
        );
        response.setContentType("application/json");
        response.setContentLength(static_cast<std::streamsize>(answer.size()));
        response.send() << answer;
    }
};

class BareFactory : public Poco::Net::HTTPRequestHandlerFactory {
public:
    Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&)
        override {
        return new BareHandler;
    }
};

double middle(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

int run(std::uint16_t port, double seconds) {
    Poco::ThreadPool threads(2, 64);
    Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
    params->setMaxThreads(64);
    params->setMaxKeepAliveRequests(0);
    Poco::Net::ServerSocket socket;
    socket.bind(Poco::Net::SocketAddress("127.0.0.1", 0), true, false);
    socket.listen(128);
    Poco::Net::HTTPServer bare(new BareFactory, threads, socket, params);
    bare.start();
    load(port, 1);  // both are warm
    load(bare.port(), 1);
    std::vector<double> stored;
    std::vector<double> hmac;
    std::int64_t refused = 0;
    for (int round = 0; round < kRounds; ++round) {
        const Load host = load(port, seconds);
        const Load only = load(bare.port(), seconds);
        stored.push_back(host.per_second);
        hmac.push_back(only.per_second);
        refused += host.refused + only.refused;
        std::cout << std::fixed << std::setprecision(0) << "round " << round + 1 << ": "
                  << host.per_second << " durable accepts/s (p99 " << std::setprecision(1)
                  << host.at(0.99) << " ms), HMAC only " << std::setprecision(0) << only.per_second
                  << "/s (p99 " << std::setprecision(1) << only.at(0.99) << " ms)" << std::endl;
    }
    const double ratio = middle(stored) / middle(hmac) * 100;
    const double pace = middle(stored) / 2 / kConnections;
    const Load half = load(port, std::max(seconds, 5.0), pace);
    std::cout << std::setprecision(0) << middle(stored) << " durable accepts/s, " << ratio
              << " % of the same server that only computes the HMAC (aim >= 40 %: "
              << (ratio >= 40 ? "met" : "MISSED") << ")\nat half of it (" << half.per_second
              << "/s): p50 " << std::setprecision(1) << half.at(0.5) << " ms, p99 " << half.at(0.99)
              << " ms, longest " << half.at(1)
              << " ms (aim p99 <= 50 ms: " << (half.at(0.99) <= 50 ? "met" : "MISSED")
              << ")\nnot answered 200: " << refused + half.refused << std::endl;
    bare.stopAll(true);
    return refused + half.refused == 0 ? 0 : 1;
}

}  // namespace
}  // namespace syncline::bench

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "expected: webhook_bench PORT [seconds]\n";
        return 2;
    }
    return syncline::bench::run(
        static_cast<std::uint16_t>(std::atoi(argv[1])), argc > 2 ? std::atof(argv[2]) : 5
    );
}
