// HTTP/1.1 as text (RFC 9112): requests are written, heads of answers are read. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/result.hpp>

#include "connectors/http/url.hpp"

namespace syncline::connectors {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    // What belongs to the client itself (Host, Content-Length, Transfer-Encoding, Connection,
    // Accept-Encoding, User-Agent and the like) is left out.
    Headers headers;
    std::string_view body;                 // borrowed
    std::chrono::milliseconds timeout{0};  // whole exchange; 0 = HttpLimits::total
};

struct HttpAnswer {
    int status = 0;
    Headers headers;   // without Content-Encoding and Content-Length if the body was compressed
    std::string body;  // decompressed
};

// First header of that name, in any case.
std::optional<std::string_view> header_of(const Headers& headers, std::string_view name);

bool same_name(std::string_view a, std::string_view b);

// The bytes to send. Errors: kBug (a method or header name that is not a token, a line break in a
// value), naming the header but not its value.
Result<std::string> request_text(
    const HttpRequest& request, const Url& url, const std::string& user_agent
);

// How the end of a body is known.
enum class Framing { kNone, kLength, kChunked, kUntilClose };

struct AnswerHead {
    int status = 0;
    Headers headers;
    Framing framing = Framing::kNone;
    std::uint64_t length = 0;  // with kLength
    bool keep_alive = false;   // if the body ends by its own framing
};

// Of status line and headers, without the empty line at the end. Errors: kTransient
// "http.protocol".
Result<AnswerHead> parse_head(std::string_view text, std::string_view request_method);

}  // namespace syncline::connectors
