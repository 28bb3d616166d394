#pragma once

#include <string>
#include <vector>

#include "platform.hpp"
#include "woocommerce/wire/json_text.hpp"

namespace sandbox::woo {

// What WordPress makes of a request before a controller sees it.
struct Call {
    std::string method;             // after X-HTTP-Method-Override or _method
    std::string route;              // "/wc/v3/orders/12"
    std::vector<std::string> path;  // what the {placeholders} of the route stand for, in order
    std::string site;               // "http://127.0.0.1:4711", no slash at the end
    Json query = Json::object();    // as PHP parses it: strings, lists, objects; validated in place
    Json body = Json::object();     // the JSON or form parameters
    bool authenticated = false;
    bool batched = false;  // an item of a batch: argument validation does not take place

    std::int64_t id(std::size_t index = 0) const;
    std::string rest_url(const std::string& route_path) const {
        return site + "/wp-json" + route_path;
    }
    std::string api_url(const std::string& below) const { return rest_url("/wc/v3" + below); }
};

struct Reply {
    int status = 200;
    Json body;
    Pairs headers;
};

// An error a controller returns; `data` null stands for {"status": status}.
struct RestError {
    int status;
    std::string code;
    std::string message;
    Json data = nullptr;
    Pairs headers = {};

    Reply reply() const;
    Json error_json() const;  // {"code", "message", "data"}
};

[[noreturn]] void fail(int status, std::string code, std::string message);

// "a=1&b[]=x&b[]=y&c[k]=v" as PHP reads it; a later scalar replaces an earlier one.
Json php_parameters(const Pairs& pairs);
// The query string WordPress builds from such an object, keys and values encoded.
std::string php_query(const Json& parameters);
// RFC 3986, as PHP's rawurlencode.
std::string raw_url_encode(std::string_view text);

// The `_fields` parameter applied to an answer: keeps the named members (dots go deeper). Members
// of a list are pruned wholly; a single record keeps its `_links`.
void keep_fields(Json& answer, const std::string& fields);

// {"self": [...], "collection": [...]} below the given addresses.
Json links(
    const std::string& self, const std::string& collection, const std::vector<std::string>& allow
);
extern const std::vector<std::string> kEditable;  // GET, POST, PUT, PATCH, DELETE

// The `Link` header of a page, or "" when it has neither a previous nor a next one.
// `extra` are the defaults that the controller wrote into the request while it answered.
struct PageLinks {
    std::string collection;  // address of the list, without query
    Json query;
    int page = 1;
    int pages = 0;
    std::string header() const;
};

}  // namespace sandbox::woo
