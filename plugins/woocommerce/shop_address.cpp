#include "woocommerce/shop_address.hpp"

#include <algorithm>

#include "woocommerce/html.hpp"

namespace syncline::woocommerce {
namespace {

constexpr std::string_view kRouteParameter = "?rest_route=";

struct UrlParts {
    std::string_view scheme;     // "https"
    std::string_view authority;  // "shop.example:8443"
    std::string_view path;       // "/sub", with all that follows
};

UrlParts split(std::string_view url) {
    const auto colon = url.find("://");
    const std::string_view scheme = colon == std::string_view::npos ? "" : url.substr(0, colon);
    const std::string_view rest = colon == std::string_view::npos ? url : url.substr(colon + 3);
    const auto end = std::min(rest.find_first_of("/?#"), rest.size());
    return {scheme, rest.substr(0, end), rest.substr(end)};
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

std::string_view without_trailing_slashes(std::string_view path) {
    while (!path.empty() && path.back() == '/') {
        path.remove_suffix(1);
    }
    return path;
}

std::string without_default_port(const std::string& scheme, std::string authority) {
    const std::string port = scheme == "https" ? ":443" : ":80";
    if (authority.size() > port.size() &&
        authority.compare(authority.size() - port.size(), port.size(), port) == 0) {
        authority.resize(authority.size() - port.size());
    }
    return authority;
}

// WordPress gives hours, and 5.5 arrives as text, since parse_json() keeps fractions exact.
std::int64_t offset_minutes(const Json& index) {
    const Json offset = index.value("gmt_offset", Json());
    const auto hours =
        Decimal::parse(offset.is_string() ? offset.get<std::string>() : dump_json(offset));
    const auto minutes = hours ? hours->times(Decimal(60, 0)) : hours;
    const auto whole = minutes ? minutes->rounded(0) : minutes;
    return whole && whole->abs() <= Decimal(24 * 60, 0) ? whole->units() : 0;
}

std::string text_member(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::string normal_store_url(std::string_view url) {
    const UrlParts parts = split(url.substr(0, url.find_first_of("?#")));
    const std::string scheme = lower(parts.scheme);
    std::string_view path = parts.path;
    path = path.substr(0, path.find("/wp-json"));
    return scheme + "://" + without_default_port(scheme, lower(parts.authority)) +
           std::string(without_trailing_slashes(path));
}

std::string shop_identity(std::string_view home) {
    const std::string url = normal_store_url(home);
    std::string identity = url.substr(url.find("://") + 3);
    return identity.rfind("www.", 0) == 0 ? identity.substr(4) : identity;
}

std::pair<std::string, QueryParameters> resource_address(
    const std::string& root, const std::string& path
) {
    const auto route = root.find(kRouteParameter);
    if (route == std::string::npos) {
        return {root + path, {}};
    }
    const std::string prefix = root.substr(route + kRouteParameter.size());
    return {root.substr(0, route), {{"rest_route", prefix + path}}};
}

std::string signed_address(const std::string& url, const std::string& home) {
    const UrlParts used = split(url);
    const UrlParts configured = split(home);
    const std::string_view path = used.path == "/" ? std::string_view() : used.path;
    const std::string_view authority =
        configured.authority.empty() ? used.authority : configured.authority;
    const bool home_only = path == std::string(configured.path) + "/";
    return std::string(used.scheme) + "://" + std::string(authority) +
           std::string(home_only ? without_trailing_slashes(path) : path);
}

std::string api_link(std::string_view header) {
    const auto rel = header.find("rel=\"https://api.w.org/\"");
    if (rel == std::string_view::npos) {
        return {};
    }
    const auto open = header.rfind('<', rel);
    const auto close = open == std::string_view::npos ? open : header.find('>', open);
    return close == std::string_view::npos || close > rel
               ? std::string()
               : std::string(header.substr(open + 1, close - open - 1));
}

std::string at_same_host(std::string_view url, std::string_view base) {
    const UrlParts own = split(base);
    return std::string(own.scheme) + "://" + std::string(own.authority) +
           std::string(split(url).path);
}

Site site_from_index(const Json& index, const std::string& store_url, const std::string& root) {
    Site site;
    site.store_url = store_url;
    site.root = root;
    site.home = text_member(index, "home");
    if (site.home.empty()) {
        site.home = store_url;
    }
    site.name = decode_entities(text_member(index, "name"));
    site.zone = text_member(index, "timezone_string");
    site.gmt_offset_minutes = offset_minutes(index);
    const Json namespaces = index.value("namespaces", Json::array());
    for (const auto& entry : namespaces) {
        if (entry.is_string()) {
            site.namespaces.push_back(entry.get<std::string>());
        }
    }
    return site;
}

}  // namespace syncline::woocommerce
