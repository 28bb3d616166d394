// Paths and queries as anybody sends them: percent decoding, and which row of a table is meant.
#include "api/http/route.hpp"

#include <algorithm>

#include "fuzz/target.hpp"

namespace syncline::fuzz {
namespace {

using api::Match;
using api::Route;

Route row(std::string_view method, std::string_view path) {
    Route made{};
    made.method = method;
    made.path = path;
    return made;
}

const std::vector<Route>& table() {
    static const std::vector<Route> kRows{
        row("GET", "/"),
        row("GET", "/livez"),
        row("GET", "/api/flows"),
        row("POST", "/api/flows"),
        row("GET", "/api/flows/{name}"),
        row("PUT", "/api/flows/{name}"),
        row("POST", "/api/flows/{name}/pause"),
        row("GET", "/api/sync/status"),
        row("POST", "/api/sync/{entity}"),
        row("POST", "/api/webhooks/{platform}"),
        row("POST", "/api/webhooks/{platform}/{connection}"),
        row("POST", "/api/webhooks/quickbooks/cloudevents"),
    };
    return kRows;
}

std::vector<std::string> parts_of(std::string_view path) {
    std::vector<std::string> parts(1);
    for (const char c : path) {
        if (c == '/') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

bool is_parameter(const std::string& part) {
    return part.size() > 2 && part.front() == '{';
}

// The template that is meant by another way: all that fit, the first one when parameters are taken
// to stand behind literals.
std::string meant(const std::vector<std::string>& wanted) {
    std::string best;
    std::string best_kinds;
    for (const auto& route : table()) {
        const auto parts = parts_of(route.path);
        bool fits = parts.size() == wanted.size();
        std::string kinds;
        for (std::size_t i = 0; fits && i < parts.size(); ++i) {
            fits = is_parameter(parts[i]) ? !wanted[i].empty() : parts[i] == wanted[i];
            kinds += is_parameter(parts[i]) ? '2' : '1';
        }
        if (fits && (best.empty() || kinds < best_kinds)) {
            best = route.path;
            best_kinds = kinds;
        }
    }
    return best;
}

void decode_and_encode(std::string_view input) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 127; };
    for (const bool plus_is_space : {false, true}) {
        if (const auto decoded = api::percent_decode(input, plus_is_space)) {
            require(decoded->size() <= input.size(), "decoding makes nothing longer");
            require(
                std::none_of(decoded->begin(), decoded->end(), is_control),
                "no control character comes through"
            );
            require(
                api::percent_decode(api::percent_encode(*decoded), plus_is_space) == decoded,
                "what was encoded decodes to itself"
            );
        }
    }
    const auto again = api::percent_decode(api::percent_encode(input), true);
    const bool clean = std::none_of(input.begin(), input.end(), is_control);
    require(again.has_value() == clean, "every text without control characters can be sent");
    require(!again || *again == input, "what was encoded decodes to itself");
}

void match(std::string_view path) {
    const auto matched = api::match_route(table(), "POST", path);
    if (path.substr(0, 1) != "/") {
        require(matched && matched->methods.empty(), "a path begins with a slash");
        return;
    }
    std::vector<std::string> wanted;
    bool proper = true;
    for (const auto& part : parts_of(path)) {
        const auto decoded = api::percent_decode(part, false);
        proper = proper && decoded.has_value();
        wanted.push_back(decoded.value_or(""));
    }
    require(matched.has_value() == proper, "only a path that is not properly encoded is refused");
    if (!matched) {
        return;
    }
    const std::string expected = meant(wanted);
    require(matched->methods.empty() == expected.empty(), "a row is found where one fits");
    if (expected.empty()) {
        return;
    }
    const auto found = api::match_route(table(), matched->methods.front(), path);
    require(found && found->route != nullptr, "a method that a path has is found");
    require(found->route->path == expected, "the most literal row is taken");
    std::string rebuilt;
    const auto parts = parts_of(expected);
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto name = is_parameter(parts[i]) ? parts[i].substr(1, parts[i].size() - 2) : "";
        rebuilt += "/" + (name.empty() ? parts[i] : api::percent_encode(found->path.at(name)));
    }
    const auto again = api::match_route(table(), matched->methods.front(), rebuilt);
    require(again && again->route == found->route, "a path made of its parameters is the same");
    require(again->path == found->path, "parameters come back as they were");
}

void query(std::string_view text) {
    const auto parsed = api::parse_query(text);
    if (!parsed) {
        return;
    }
    std::string rebuilt;
    for (const auto& [name, value] : *parsed) {
        rebuilt += api::percent_encode(name) + "=" + api::percent_encode(value) + "&";
    }
    const auto again = api::parse_query(rebuilt);
    require(again && *again == *parsed, "a query made of its parameters is the same");
}

}  // namespace

void route(std::string_view input) {
    decode_and_encode(input);
    const std::size_t question = input.find('?');
    match(input.substr(0, question));
    query(question == std::string_view::npos ? input : input.substr(question + 1));
}

}  // namespace syncline::fuzz
