// HTTP as a connector sees it: requests are made through the host (plugin/host.hpp).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/json.hpp>
#include <syncline/result.hpp>
#include <syncline/timestamp.hpp>

namespace syncline::plugin {

inline namespace sdk_1_0 {

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::int64_t timeout_ms = 0;  // whole exchange; 0 = the host's default

    HttpRequest& header(std::string name, std::string value) {
        headers.emplace_back(std::move(name), std::move(value));
        return *this;
    }
    HttpRequest& json(const Json& document) {
        body = dump_json(document);
        return header("Content-Type", "application/json");
    }
};

struct HttpResponse {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    bool ok() const { return status >= 200 && status < 300; }

    // The first header of that name, in any case; empty if there is none.
    std::string_view header(std::string_view name) const;

    // The body as JSON. kTransient when it is not JSON (an error page, a cut-off answer).
    Result<Json> json() const;

    // How the engine should take an answer that is not ok(): 429 and 503 with Retry-After ->
    // kRateLimited, 401 and 403 -> kAuth, 408 and 5xx -> kTransient, 409 and 412 -> kConflict, 3xx
    // -> kConfig (the base URL is not the one that answers), the rest -> kData. `what` names the
    // request for people; neither body nor headers are quoted.
    Error error(std::string_view what) const;

    // Retry-After in seconds or as a date (then relative to the answer's Date header).
    std::optional<std::chrono::milliseconds> retry_after() const;

    // The server's clock (Date header), if it sent one.
    std::optional<Timestamp> date() const;
};

// "Sat, 21 Nov 2026 07:38:20 GMT" (RFC 9110 5.6.7, the preferred form only).
inline std::optional<Timestamp> parse_http_date(std::string_view text) {
    static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() != 29 || text.substr(25) != " GMT") {
        return std::nullopt;
    }
    const auto month = kMonths.find(text.substr(8, 3));
    if (month == std::string_view::npos || month % 3 != 0) {
        return std::nullopt;
    }
    const std::string number = std::to_string(month / 3 + 1);
    const std::string iso =
        std::string(text.substr(12, 4)) + "-" + (number.size() == 1 ? "0" + number : number) + "-" +
        std::string(text.substr(5, 2)) + "T" + std::string(text.substr(17, 8)) + "Z";
    auto parsed = Timestamp::parse(iso);
    return parsed ? std::optional<Timestamp>(*parsed) : std::nullopt;
}

inline bool same_header(std::string_view a, std::string_view b) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) {
            return false;
        }
    }
    return true;
}

inline std::string_view HttpResponse::header(std::string_view name) const {
    for (const auto& [candidate, value] : headers) {
        if (same_header(candidate, name)) {
            return value;
        }
    }
    return {};
}

inline Result<Json> HttpResponse::json() const {
    auto parsed = parse_json(body);
    if (!parsed) {
        return Error{
            ErrorCode::kTransient,
            "the answer (HTTP " + std::to_string(status) +
                ") is not JSON: " + parsed.error().message,
            "http.not_json",
            status,
            retry_after()};
    }
    return parsed;
}

inline std::optional<Timestamp> HttpResponse::date() const {
    return parse_http_date(header("Date"));
}

inline std::optional<std::chrono::milliseconds> HttpResponse::retry_after() const {
    const std::string_view text = header("Retry-After");
    if (text.empty()) {
        return std::nullopt;
    }
    if (text.find_first_not_of("0123456789") == std::string_view::npos && text.size() <= 9) {
        return std::chrono::seconds(std::stol(std::string(text)));
    }
    const auto until = parse_http_date(text);
    const auto now = date();
    if (!until || !now) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(until->ms > now->ms ? until->ms - now->ms : 0);
}

inline Error HttpResponse::error(std::string_view what) const {
    ErrorCode code = ErrorCode::kData;
    if (status == 429 || (status == 503 && retry_after())) {
        code = ErrorCode::kRateLimited;
    } else if (status == 401 || status == 403) {
        code = ErrorCode::kAuth;
    } else if (status == 408 || status >= 500) {
        code = ErrorCode::kTransient;
    } else if (status == 409 || status == 412) {
        code = ErrorCode::kConflict;
    } else if (status >= 300 && status < 400) {
        code = ErrorCode::kConfig;
    }
    const bool redirect = code == ErrorCode::kConfig;
    return Error{
        code,
        std::string(what) + " answered HTTP " + std::to_string(status) +
            (redirect ? ", a redirect; use the URL it leads to" : ""),
        "http." + std::to_string(status),
        status,
        retry_after()};
}

// Percent-encodes everything but unreserved characters (RFC 3986).
inline std::string url_encode(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
                                c == '~';
        if (unreserved) {
            result += c;
        } else {
            result += '%';
            result += kHex[byte >> 4U];
            result += kHex[byte & 15U];
        }
    }
    return result;
}

}  // namespace sdk_1_0
}  // namespace syncline::plugin
