#include "connectors/http/resolver.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <thread>

#include <arpa/inet.h>
#include <netdb.h>

namespace syncline::connectors {
namespace {

// getaddrinfo() cannot be interrupted: each lookup has a thread of its own, which outlives its
// caller when the name server is silent. More than these are not started.
constexpr int kLookupsMax = 32;

using Addresses = Result<std::vector<std::string>>;

Error lookup_error(const std::string& host, const std::string& why) {
    return {ErrorCode::kTransient, "cannot look up '" + host + "': " + why, "http.dns"};
}

std::string address_text(const addrinfo& entry) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* bytes = nullptr;
    if (entry.ai_family == AF_INET) {
        bytes = &reinterpret_cast<const sockaddr_in*>(entry.ai_addr)->sin_addr;
    } else if (entry.ai_family == AF_INET6) {
        bytes = &reinterpret_cast<const sockaddr_in6*>(entry.ai_addr)->sin6_addr;
    }
    if (bytes == nullptr ||
        inet_ntop(entry.ai_family, bytes, text.data(), text.size()) == nullptr) {
        return "";
    }
    return text.data();
}

Addresses look_up(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int failure = getaddrinfo(host.c_str(), nullptr, &hints, &found); failure != 0) {
        return lookup_error(host, gai_strerror(failure));
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
    std::vector<std::string> addresses;
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        std::string text = address_text(*entry);
        if (!text.empty() &&
            std::find(addresses.begin(), addresses.end(), text) == addresses.end()) {
            addresses.push_back(std::move(text));
        }
    }
    return addresses;
}

bool is_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

}  // namespace

Addresses resolve_by_system(const std::string& host, const Patience& patience) {
    if (is_address(host)) {
        return std::vector<std::string>{host};
    }
    static std::atomic<int> lookups{0};
    if (lookups.fetch_add(1) >= kLookupsMax) {
        lookups.fetch_sub(1);
        return lookup_error(host, "too many lookups are waiting for the name server");
    }
    std::promise<Addresses> promise;
    auto answer = promise.get_future();
    std::thread([host, promise = std::move(promise)]() mutable {
        promise.set_value(look_up(host));
        lookups.fetch_sub(1);
    }).detach();
    while (answer.wait_for(patience.slice()) != std::future_status::ready) {
        if (patience.is_stopped()) {
            return Error{
                ErrorCode::kCancelled, "stopped while looking up '" + host + "'", "http.stopped"};
        }
        if (patience.is_over()) {
            return lookup_error(host, "no answer from the name server in time");
        }
    }
    return answer.get();
}

}  // namespace syncline::connectors
