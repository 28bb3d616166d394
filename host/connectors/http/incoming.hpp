// The bytes of an answer as they come in.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <syncline/result.hpp>

#include "connectors/http/connection.hpp"
#include "connectors/http/options.hpp"
#include "connectors/http/wait.hpp"

namespace syncline::connectors {

inline constexpr std::size_t kReadBytes = 16 * 1024;

// What is fixed for one exchange.
struct ExchangeSetting {
    const std::string& server;
    const HttpLimits& limits;
    const Patience& patience;
    std::chrono::milliseconds total;  // what `patience` was when the exchange began
};

Error stopped_waiting(const std::string& server);

// Received bytes, in order, with everything that can go wrong on the way as an Error.
class Incoming {
public:
    Incoming(Connection& connection, const ExchangeSetting& setting)
        : connection_(connection), setting_(setting) {}

    bool has_begun() const { return has_begun_; }
    bool was_closed() const { return was_closed_; }
    bool is_drained() const { return at_ == buffer_.size(); }

    // Without the line break. Counts towards `budget`, which it may not exceed.
    Result<std::string> line(std::size_t& budget);
    // Up to `max` bytes, at least one; empty at the connection's good end.
    Result<std::string_view> some(std::uint64_t max);

private:
    // False at the connection's good end.
    Result<bool> fill();
    Error no_answer(const IoOutcome& outcome) const;

    Connection& connection_;
    const ExchangeSetting& setting_;
    std::string buffer_;
    std::size_t at_ = 0;
    bool has_begun_ = false;
    bool was_closed_ = false;
};

}  // namespace syncline::connectors
