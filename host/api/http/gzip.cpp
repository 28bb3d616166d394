#include "api/http/gzip.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

#include <Poco/DeflatingStream.h>

#include "api/http/input.hpp"

namespace syncline::api {
namespace {

constexpr std::size_t kBytesMin = 1024;
constexpr int kLevel = 6;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    text.erase(
        std::remove_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\t'; }),
        text.end()
    );
    return text;
}

// "q=0.8" in thousandths; nothing for what is none.
std::optional<int> weight(const std::string& text) {
    if (text.size() < 3 || text.size() > 7 || text.compare(0, 2, "q=") != 0 ||
        (text[2] != '0' && text[2] != '1') || (text.size() > 3 && text[3] != '.')) {
        return std::nullopt;
    }
    std::string digits = text.size() > 4 ? text.substr(4) : "";
    if (digits.find_first_not_of("0123456789") != std::string::npos) {
        return std::nullopt;
    }
    digits.append(3 - digits.size(), '0');
    const int thousandths = (text[2] - '0') * 1000 + std::stoi(digits);
    return thousandths > 1000 ? std::nullopt : std::optional<int>(thousandths);
}

// Of what the header names; -1: not named.
struct Weights {
    int gzip = -1;
    int identity = -1;
    int any = -1;
};

bool may_be_compressed(const Request& request, const Response& response) {
    const std::string& type = response.content_type;
    constexpr std::array<std::string_view, 4> kTypes{
        "application/json", "application/problem+json", "application/x-ndjson", "text/csv"};
    const bool text = std::any_of(kTypes.begin(), kTypes.end(), [&](std::string_view known) {
        return type.compare(0, known.size(), known) == 0;
    });
    return text && (request.method == "GET" || response.may_compress);
}

std::string gzipped(const std::string& body) {
    std::ostringstream out;
    Poco::DeflatingOutputStream stream(out, Poco::DeflatingStreamBuf::STREAM_GZIP, kLevel);
    stream.write(body.data(), static_cast<std::streamsize>(body.size()));
    stream.close();
    return out.str();
}

}  // namespace

bool prefers_gzip(const std::string& accept_encoding) {
    Weights weights;
    std::istringstream parts(lower(accept_encoding));
    for (std::string part; std::getline(parts, part, ',');) {
        const std::size_t semicolon = std::min(part.find(';'), part.size());
        const std::string coding = part.substr(0, semicolon);
        const auto q = semicolon == part.size() ? 1000 : weight(part.substr(semicolon + 1));
        if (!q) {
            return false;
        }
        if (coding == "gzip" || coding == "x-gzip") {
            weights.gzip = *q;
        } else if (coding == "identity") {
            weights.identity = *q;
        } else if (coding == "*") {
            weights.any = *q;
        }
    }
    const int gzip = weights.gzip >= 0 ? weights.gzip : weights.any;
    return gzip > 0 && gzip >= weights.identity;
}

void compress(const Request& request, Response& response) {
    if (!may_be_compressed(request, response)) {
        return;
    }
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (response.body.size() < kBytesMin || !prefers_gzip(header_of(request, "Accept-Encoding"))) {
        return;
    }
    std::string smaller = gzipped(response.body);
    if (smaller.size() >= response.body.size()) {
        return;
    }
    response.body = std::move(smaller);
    response.headers.emplace_back("Content-Encoding", "gzip");
    for (auto& [name, value] : response.headers) {
        if (name == "ETag") {
            value.insert(value.size() - 1, "-gzip");  // other bytes, so another strong tag
        }
    }
}

}  // namespace syncline::api
