// An absolute http or https URL in its parts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <syncline/result.hpp>

namespace syncline::connectors {

struct Url {
    std::string scheme;  // "http" or "https"
    std::string host;    // lower case, without brackets and without a dot at its end
    std::uint16_t port = 0;
    std::string target;  // path and query as sent: "/orders?page=2"

    bool is_tls() const { return scheme == "https"; }
    // "shop.example:443", "[::1]:80"; for people and as a key.
    std::string authority() const;
    // The Host header: without the port where it is the scheme's own.
    std::string host_header() const;
};

// Errors: kConfig; the message names the scheme and host but not the path or query, which may hold
// a secret. Refused are credentials in the URL, and characters that have to be percent-encoded. A
// fragment is dropped.
Result<Url> parse_url(std::string_view text);

}  // namespace syncline::connectors
