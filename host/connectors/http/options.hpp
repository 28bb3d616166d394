// How the host makes HTTP requests for its connectors. The defaults are what an operator gets who
// configures nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace syncline::connectors {

struct HttpLimits {
    // Looking up the name, connecting and the TLS handshake together.
    std::chrono::milliseconds connect{10'000};
    // Longest silence of the other side while an answer is awaited or under way.
    std::chrono::milliseconds read{30'000};
    // The whole exchange, when the request does not say; also the most a request may ask for.
    std::chrono::milliseconds total{120'000};
    // Status line and headers of an answer.
    std::size_t header_bytes = 64 * 1024;
    // Body of an answer, as sent and also when decompressed.
    std::size_t body_bytes = 64 * 1024 * 1024;
    // Largest growth of a compressed body; beyond the first MiB more than this is a bomb.
    std::size_t inflate_ratio_max = 200;
};

struct PoolOptions {
    // Idle connections kept for one (scheme, host, port), and in all.
    std::size_t idle_per_host_max = 8;
    std::size_t idle_total_max = 64;
    // An idle connection older than this is closed instead of used.
    std::chrono::milliseconds idle_max{50'000};
};

struct TlsOptions {
    // PEM file with certificate authorities trusted besides the system's; empty: none.
    std::string extra_ca_file;
};

struct EgressOptions {
    // Where plain http and private addresses are allowed: "127.0.0.1:*", "[::1]:8443",
    // "books.intern:443", "*.intern:*".
    std::vector<std::string> allow;
};

struct HttpOptions {
    HttpLimits limits;
    PoolOptions pool;
    TlsOptions tls;
    EgressOptions egress;
    std::string user_agent;  // "Syncline/0.1.0"
};

}  // namespace syncline::connectors
