#include "platform.hpp"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

namespace sandbox {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) {
        return lower(x) == lower(y);
    });
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

}  // namespace

Platform::~Platform() = default;

const std::string* Request::header(std::string_view name) const {
    const auto it = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
        return equal_ignoring_case(header.first, name);
    });
    return it == headers.end() ? nullptr : &it->second;
}

const std::string* Request::parameter(std::string_view name) const {
    const auto it = std::find_if(query.begin(), query.end(), [&](const auto& parameter) {
        return parameter.first == name;
    });
    return it == query.end() ? nullptr : &it->second;
}

std::string Request::base_url() const {
    const std::string* host = header("Host");
    return std::string(tls ? "https://" : "http://") + (host ? *host : "127.0.0.1");
}

Response json_response(int status, std::string body) {
    return Response{status, {{"Content-Type", "application/json"}}, std::move(body)};
}

Response control_error(int status, std::string_view message) {
    return json_response(status, nlohmann::json{{"error", message}}.dump() + "\n");
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return decoded;
}

Pairs parse_form(std::string_view text) {
    Pairs pairs;
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const auto part = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (part.empty())
            continue;
        const auto equals = part.find('=');
        pairs.emplace_back(
            percent_decode(part.substr(0, equals), true),
            equals == std::string_view::npos ? std::string()
                                             : percent_decode(part.substr(equals + 1), true)
        );
    }
    return pairs;
}

std::int64_t Clock::now_ms() const {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() + offset_ms_;
}

}  // namespace sandbox
