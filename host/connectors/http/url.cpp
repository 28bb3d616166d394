#include "connectors/http/url.hpp"

#include <algorithm>
#include <charconv>

namespace syncline::connectors {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::size_t kUrlBytesMax = 16 * 1024;

Error malformed(const std::string& why) {
    return {ErrorCode::kConfig, "URL " + why, "http.url"};
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (auto& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool is_address_character(char c) {
    return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

// "shop.example", "[::1]": checked and without brackets.
Result<std::string> parse_host(std::string_view text) {
    std::string host = lower(text);
    if (!host.empty() && host.front() == '[') {
        host = host.substr(1, host.size() - 2);
        if (!std::all_of(host.begin(), host.end(), is_address_character)) {
            return malformed("host '[" + host + "]' is not an IPv6 address");
        }
        return host;
    }
    if (!host.empty() && host.back() == '.') {
        host.pop_back();
    }
    if (host.empty() || host.size() > 253 ||
        !std::all_of(host.begin(), host.end(), is_host_character)) {
        return malformed(
            "host '" + host + "' is not a host name (international names are written xn--...)"
        );
    }
    return host;
}

Result<std::uint16_t> parse_port(std::string_view text, std::uint16_t standard) {
    if (text.empty()) {
        return standard;
    }
    std::uint16_t port = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (failure != std::errc() || end != text.data() + text.size() || port == 0) {
        return malformed("port '" + std::string(text) + "' is not between 1 and 65535");
    }
    return port;
}

Result<void> parse_authority(std::string_view authority, Url& url) {
    if (authority.find('@') != std::string_view::npos) {
        return malformed("must not hold credentials; they belong in a header");
    }
    const auto bracket = authority.find(']');
    const bool has_bracket = !authority.empty() && authority.front() == '[';
    if (has_bracket && bracket == std::string_view::npos) {
        return malformed("host has no closing bracket");
    }
    const std::size_t host_end =
        has_bracket ? bracket + 1 : std::min(authority.find(':'), authority.size());
    const std::string_view rest = authority.substr(host_end);
    if (!rest.empty() && rest.front() != ':') {
        return malformed("host is followed by something that is not a port");
    }
    SYNCLINE_ASSIGN_OR_RETURN(url.host, parse_host(authority.substr(0, host_end)));
    SYNCLINE_ASSIGN_OR_RETURN(
        url.port,
        parse_port(rest.empty() ? rest : rest.substr(1), url.is_tls() ? kHttpsPort : kHttpPort)
    );
    return {};
}

}  // namespace

std::string Url::authority() const {
    const bool is_v6 = host.find(':') != std::string::npos;
    return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Url::host_header() const {
    const std::string full = authority();
    return port == (is_tls() ? kHttpsPort : kHttpPort) ? full.substr(0, full.rfind(':')) : full;
}

Result<Url> parse_url(std::string_view text) {
    if (text.size() > kUrlBytesMax) {
        return malformed("is longer than " + std::to_string(kUrlBytesMax) + " bytes");
    }
    const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 0x7F && c != '\\';
    });
    if (!printable) {
        return malformed("holds a character that has to be percent-encoded");
    }
    const auto colon = text.find("://");
    Url url;
    url.scheme = colon == std::string_view::npos ? "" : lower(text.substr(0, colon));
    if (url.scheme != "http" && url.scheme != "https") {
        return malformed("has to begin with https:// or http://");
    }
    std::string_view rest = text.substr(colon + 3);
    rest = rest.substr(0, rest.find('#'));
    const auto authority_end = std::min(rest.find_first_of("/?"), rest.size());
    SYNCLINE_RETURN_IF_ERROR(parse_authority(rest.substr(0, authority_end), url));
    url.target = rest.substr(authority_end);
    if (url.target.empty() || url.target.front() == '?') {
        url.target.insert(0, "/");
    }
    return url;
}

}  // namespace syncline::connectors
