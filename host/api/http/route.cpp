#include "api/http/route.hpp"

#include <algorithm>
#include <set>

namespace syncline::api {
namespace {

constexpr std::size_t kParametersMax = 30;

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    for (std::size_t at = 1; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        segments.push_back(path.substr(at, end - at));
        at = end + 1;
    }
    return segments;
}

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool fits(const std::vector<std::string_view>& pattern, const std::vector<std::string>& path) {
    return pattern.size() == path.size() && std::equal(
                                                pattern.begin(),
                                                pattern.end(),
                                                path.begin(),
                                                [](auto wanted, const auto& found) {
                                                    return is_parameter(wanted) ? !found.empty()
                                                                                : wanted == found;
                                                }
                                            );
}

// The earlier a template has a literal where another has a parameter, the better it fits.
bool is_more_literal(std::string_view a, std::string_view b) {
    const auto left = segments_of(a);
    const auto right = segments_of(b);
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (is_parameter(left[i]) != is_parameter(right[i])) {
            return is_parameter(right[i]);
        }
    }
    return false;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i] == '+' && plus_is_space ? ' ' : text[i];
        if (text[i] == '%') {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return std::nullopt;
            }
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (is_control(c)) {
            return std::nullopt;
        }
        decoded += c;
    }
    return decoded;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') ||
                           std::string_view("-._~").find(c) != std::string_view::npos;
        if (plain) {
            encoded += c;
        } else {
            encoded.append("%").append(1, kHex[byte >> 4U]).append(1, kHex[byte & 15U]);
        }
    }
    return encoded;
}

std::string_view area_of(const Route& route) {
    const auto segments = segments_of(route.path);
    if (segments.empty()) {
        return "";
    }
    return segments[0] == "api" && segments.size() > 1 ? segments[1] : segments[0];
}

bool scopes_allow(const std::vector<std::string>& scopes, const Route& route) {
    const std::string area(area_of(route));
    return scopes.empty() || std::any_of(scopes.begin(), scopes.end(), [&](const auto& scope) {
               return scope == area + ":write" ||
                      (route.method == "GET" && scope == area + ":read");
           });
}

std::vector<std::string> scope_problems(
    const std::vector<std::string>& scopes, const std::vector<Route>& routes
) {
    std::set<std::string_view> areas;
    for (const auto& route : routes) {
        if (route.access != Access::kPublic) {
            areas.insert(area_of(route));
        }
    }
    std::string known;
    for (const auto area : areas) {
        known += (known.empty() ? "" : ", ") + std::string(area);
    }
    std::vector<std::string> problems;
    for (std::size_t i = 0; i < scopes.size(); ++i) {
        if (areas.count(scopes[i].substr(0, scopes[i].find(':'))) == 0) {
            problems.push_back(
                "/scopes/" + std::to_string(i) + ": there is no area '" + scopes[i].substr(0, 60) +
                "' (there are: " + known + ")"
            );
        }
    }
    return problems;
}

Result<Match> match_route(
    const std::vector<Route>& routes, std::string_view method, std::string_view path
) {
    if (path.substr(0, 1) != "/") {
        return Match{};
    }
    std::vector<std::string> segments;
    for (const auto segment : segments_of(path)) {
        auto decoded = percent_decode(segment, false);
        if (!decoded) {
            return invalid("the path is not properly percent-encoded");
        }
        segments.push_back(std::move(*decoded));
    }
    std::string_view best;
    for (const auto& route : routes) {
        if (fits(segments_of(route.path), segments) &&
            (best.empty() || is_more_literal(route.path, best))) {
            best = route.path;
        }
    }
    Match match;
    for (const auto& route : routes) {
        if (best.empty() || route.path != best) {
            continue;
        }
        match.methods.push_back(route.method);
        if (route.method == method) {
            match.route = &route;
        }
    }
    const auto pattern = segments_of(best);
    for (std::size_t i = 0; i < pattern.size() && !best.empty(); ++i) {
        if (is_parameter(pattern[i])) {
            match.path[std::string(pattern[i].substr(1, pattern[i].size() - 2))] = segments[i];
        }
    }
    return match;
}

Result<std::map<std::string, std::string>> parse_query(std::string_view query) {
    std::map<std::string, std::string> parameters;
    for (std::size_t at = 0; at < query.size();) {
        const std::size_t end = std::min(query.find('&', at), query.size());
        const std::string_view part = query.substr(at, end - at);
        at = end + 1;
        if (part.empty()) {
            continue;
        }
        const std::size_t equals = std::min(part.find('='), part.size());
        const auto name = percent_decode(part.substr(0, equals), true);
        const auto value = percent_decode(part.substr(std::min(equals + 1, part.size())), true);
        if (!name || !value) {
            return invalid("the query is not properly percent-encoded");
        }
        if (!parameters.emplace(*name, *value).second) {
            return invalid("?" + name->substr(0, 60) + ": comes twice");
        }
        if (parameters.size() > kParametersMax) {
            return invalid("the query has more than " + std::to_string(kParametersMax) + " parts");
        }
    }
    return parameters;
}

}  // namespace syncline::api
