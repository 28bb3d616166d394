#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

// What every simulated platform implements. The sandbox shares no code with the host, the SDK or
// the plugins, so that a mistake there cannot be repeated here.
namespace sandbox {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// One request as it came off the wire; `path` and `query` are percent-decoded ('+' in a query is a
// space), `raw_query` is what followed the '?'. Header names keep the sender's spelling.
struct Request {
    std::string method;
    std::string path;
    Pairs query;
    Pairs headers;
    std::string body;
    std::string raw_query;
    bool tls = false;  // the listener itself speaks TLS

    // First header of that name, whatever its case; nullptr when absent.
    const std::string* header(std::string_view name) const;
    // First query parameter of exactly that name; nullptr when absent.
    const std::string* parameter(std::string_view name) const;
    // "http://127.0.0.1:4711", from the Host header.
    std::string base_url() const;
};

// `Date`, `Content-Length` and `Connection` are the listener's; everything else is the platform's.
struct Response {
    int status = 200;
    Pairs headers;
    std::string body;
};

// 'Content-Type: application/json' and `body` as it stands.
Response json_response(int status, std::string body);
// {"error": message}; for the control API only, platforms answer in their own shape.
Response control_error(int status, std::string_view message);

// Percent-decodes; with `plus_is_space` as in a query string or a form body.
std::string percent_decode(std::string_view text, bool plus_is_space);
// "a=1&b=x%20y" to pairs, decoded, in order, repeated names kept.
Pairs parse_form(std::string_view text);

// The time all platforms tell: the machine's plus an offset that `POST /_sandbox/clock` sets.
// Safe from any thread.
class Clock {
public:
    std::int64_t now_ms() const;  // since 1970, UTC
    std::int64_t offset_ms() const { return offset_ms_; }
    void set_offset_ms(std::int64_t offset) { offset_ms_ = offset; }

private:
    std::atomic<std::int64_t> offset_ms_{0};
};

// What the command line gives to the factories of all platforms.
struct PlatformOptions {
    std::filesystem::path data;  // holds one folder per data set: woocommerce/, ...
    std::string woocommerce_shop = "woocommerce";  // which of them the shop serves
    int orders = 0;  // multiply the recorded orders to that many; 0 = as recorded
    bool woocommerce_assume_tls = false;  // behave as behind a proxy that terminates TLS
    const Clock* clock = nullptr;         // outlives the platform
};

// The server calls `handle`, `control` and `reset` under one lock per platform, so an
// implementation is single-threaded; `name`, `serves` and `credentials` come without that lock and
// must only read what is constant after construction. Nothing may throw to say "bad request";
// an exception that does escape is answered with status 500 and its text.
class Platform {
public:
    virtual ~Platform();

    // "woocommerce", "quickbooks", "supabase".
    virtual std::string name() const = 0;
    // Whether this request is for this platform, by path alone.
    virtual bool serves(const Request& request) const = 0;
    virtual Response handle(const Request& request) = 0;
    // `/_sandbox/{name}/...`; `path` is what follows the name, at least "/".
    virtual Response control(const Request& request) = 0;
    // Back to the state after start.
    virtual void reset() = 0;
    // What a connection to this platform needs, in the words of the connection's settings
    // (store_url, consumer_key, ...); printed at start and by `GET /_sandbox`.
    virtual nlohmann::json credentials(const std::string& base_url) const = 0;
};

}  // namespace sandbox
