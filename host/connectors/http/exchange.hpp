// One request and its answer on one connection.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <syncline/result.hpp>

#include "connectors/http/connection.hpp"
#include "connectors/http/message.hpp"
#include "connectors/http/options.hpp"

namespace syncline::connectors {

struct ExchangeOutcome {
    std::optional<HttpAnswer> answer;  // or
    Error error;
    // With an answer: the connection can carry the next request.
    bool can_continue = false;
    // With an error: the connection had been closed by the other side, which sent no byte of an
    // answer.
    bool found_closed = false;
};

// `text` is what request_text() made of `request`. Blocks up to the patience, and up to
// HttpLimits::read while the other side is silent.
ExchangeOutcome run_exchange(
    Connection& connection,
    const HttpRequest& request,
    std::string_view text,
    const std::string& server,
    const HttpLimits& limits,
    const Patience& patience
);

}  // namespace syncline::connectors
