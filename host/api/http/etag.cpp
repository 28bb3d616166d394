#include "api/http/etag.hpp"

#include <algorithm>

#include "api/http/input.hpp"
#include "api/http/problem.hpp"
#include "core/sha256.hpp"

namespace syncline::api {
namespace {

constexpr std::size_t kHashDigits = 20;
constexpr std::string_view kOfGzip = "-gzip";  // gzip.hpp appends it

std::string short_hash(const std::string& text) {
    return sha256_hex(text).substr(0, kHashDigits);
}

struct Tags {
    bool any = false;               // "*"
    std::vector<std::string> tags;  // without W/ and quotes
    std::vector<bool> weak;
};

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t");
    const std::size_t last = text.find_last_not_of(" \t");
    return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

// `*`, or ETags with commas between them.
std::optional<Tags> parse_tags(const std::string& header) {
    Tags parsed;
    if (trimmed(header) == "*") {
        parsed.any = true;
        return parsed;
    }
    for (std::size_t at = 0; at < header.size();) {
        at = header.find_first_not_of(" \t,", at);
        if (at == std::string::npos) {
            break;
        }
        const bool weak = header.compare(at, 2, "W/") == 0;
        at += weak ? 2 : 0;
        const std::size_t end = header.find('"', at + 1);
        if (at >= header.size() || header[at] != '"' || end == std::string::npos) {
            return std::nullopt;
        }
        parsed.tags.push_back(header.substr(at + 1, end - at - 1));
        parsed.weak.push_back(weak);
        at = header.find_first_not_of(" \t", end + 1);
        if (at != std::string::npos && header[at] != ',') {
            return std::nullopt;
        }
    }
    return parsed.tags.empty() ? std::nullopt : std::optional<Tags>(std::move(parsed));
}

std::string unquoted(const std::string& etag) {
    return etag.size() < 2 ? "" : etag.substr(1, etag.size() - 2);
}

std::string version_of(const std::string& tag) {
    return tag.substr(0, tag.find('-'));
}

// The answer is the same whether it is sent compressed or not.
std::string without_coding(const std::string& tag) {
    const bool coded = tag.size() > kOfGzip.size() &&
                       tag.compare(tag.size() - kOfGzip.size(), kOfGzip.size(), kOfGzip) == 0;
    return coded ? tag.substr(0, tag.size() - kOfGzip.size()) : tag;
}

// A weak tag never says that it is this version (RFC 9110 8.8.3.2).
bool is_version(const Tags& wanted, const std::string& etag) {
    for (std::size_t i = 0; i < wanted.tags.size(); ++i) {
        if (!wanted.weak[i] && version_of(wanted.tags[i]) == version_of(unquoted(etag))) {
            return true;
        }
    }
    return wanted.any;
}

bool is_answer(const Tags& known, const std::string& etag) {
    return known.any || std::any_of(known.tags.begin(), known.tags.end(), [&](const auto& tag) {
               return without_coding(tag) == unquoted(etag);
           });
}

const Route* get_row(const std::vector<Route>& routes, const std::string& path) {
    const auto found = std::find_if(routes.begin(), routes.end(), [&](const Route& route) {
        return route.method == "GET" && route.path == path;
    });
    return found == routes.end() ? nullptr : &*found;
}

// The row that shows what `changed` changes; null if there is none.
const Route* shown_by(const Route& changed, const std::vector<Route>& routes) {
    const std::string path(changed.path);
    if (const Route* same = get_row(routes, path)) {
        return same;
    }
    const std::string parent = path.substr(0, path.rfind('/'));
    // Credentials are never shown, but the connections of their platform are.
    const bool credentials = path.substr(parent.size()) == "/credentials";
    return get_row(routes, credentials ? parent + "/status" : parent);
}

Error unsupported(const Request& request) {
    return Error{
        ErrorCode::kInvalid,
        request.method + " " + request.target.substr(0, request.target.find('?')).substr(0, 100) +
            " takes no If-Match and no If-None-Match: nothing shows an ETag for it",
        "precondition.unsupported"};
}

Error failed(const std::string& what) {
    return Error{ErrorCode::kExists, what, kPreconditionFailed};
}

}  // namespace

void set_etag(Response& response, const Json& version) {
    response.headers.emplace_back(
        "ETag", "\"" + short_hash(dump_json(version)) + "-" + short_hash(response.body) + "\""
    );
}

void set_etag(Response& response) {
    const std::string hash = short_hash(response.body);
    response.headers.emplace_back("ETag", "\"" + hash + "-" + hash + "\"");
}

std::string etag_of(const Response& response) {
    for (const auto& [name, value] : response.headers) {
        if (name == "ETag") {
            return value;
        }
    }
    return "";
}

void leave_out_known(const Request& request, Response& response) {
    const auto known = parse_tags(header_of(request, "If-None-Match"));
    const std::string etag = etag_of(response);
    if (response.status == 200 && !etag.empty() && known && is_answer(*known, etag)) {
        response.status = 304;
        response.body.clear();
        response.content_type.clear();
    }
}

Result<Precondition> Precondition::of(
    const Request& request, const Route& route, const std::vector<Route>& routes
) {
    Precondition wanted;
    wanted.if_match_ = header_of(request, "If-Match");
    wanted.if_none_match_ = header_of(request, "If-None-Match");
    for (const auto* header : {&wanted.if_match_, &wanted.if_none_match_}) {
        if (!header->empty() && !parse_tags(*header)) {
            return Error{
                ErrorCode::kInvalid,
                "If-Match and If-None-Match take * or ETags with their quotes, found '" +
                    header->substr(0, 60) + "'",
                "precondition.malformed"};
        }
    }
    if (wanted.if_match_.empty() && wanted.if_none_match_.empty()) {
        return wanted;
    }
    wanted.shown_by_ = shown_by(route, routes);
    if (wanted.shown_by_ == nullptr) {
        return unsupported(request);
    }
    wanted.look_.method = "GET";
    wanted.look_.target = request.target;
    wanted.look_.id = request.id;
    wanted.look_.actor = request.actor;
    wanted.look_.path = request.path;
    return wanted;
}

Result<void> Precondition::check(Backend& backend) const {
    const auto shown = shown_by_->handler(backend, look_);
    if (!shown && shown.error().code != ErrorCode::kNotFound) {
        return shown.error();
    }
    const std::string etag = shown ? etag_of(*shown) : "";
    if (shown && etag.empty()) {
        return unsupported(look_);
    }
    if (!if_match_.empty() && (!shown || !is_version(*parse_tags(if_match_), etag))) {
        return failed(
            shown ? "somebody changed it since you looked: it has the ETag " + etag +
                        " now, If-Match says " + if_match_.substr(0, 100) +
                        "; get it again and decide anew"
                  : "it is not there, and If-Match says " + if_match_.substr(0, 100)
        );
    }
    if (!if_none_match_.empty() && shown && is_answer(*parse_tags(if_none_match_), etag)) {
        return failed(
            "it is there already, and If-None-Match says " + if_none_match_.substr(0, 100)
        );
    }
    return {};
}

}  // namespace syncline::api
