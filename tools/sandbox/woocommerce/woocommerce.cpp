#include "woocommerce/woocommerce.hpp"

#include <memory>

#include "woocommerce/routes.hpp"
#include "woocommerce/shop_control.hpp"

namespace sandbox {
namespace {

using namespace woo;

constexpr auto kNoRoute = "No route was found matching the URL and request method.";
constexpr auto kJsonType = "application/json; charset=UTF-8";

// A shop and its routes; a reset makes a new one.
struct Installation {
    Installation(const PlatformOptions& options)
        : shop(options, options.woocommerce_shop), routes(shop) {}
    Shop shop;
    Routes routes;
    Authenticator authenticator;
};

std::string route_of(const Request& request) {
    if (const std::string* route = request.parameter("rest_route"))
        return *route;
    return request.path.substr(std::string("/wp-json").size());
}

std::string without_slash(std::string route) {
    while (route.size() > 1 && route.back() == '/') route.pop_back();
    return route;
}

std::string overridden_method(const Request& request) {
    if (request.method != "POST")
        return request.method == "HEAD" ? "GET" : request.method;
    if (const std::string* method = request.parameter("_method"))
        return *method;
    const std::string* header = request.header("X-HTTP-Method-Override");
    return header ? *header : request.method;
}

Call make_call(const Request& request) {
    Call call;
    call.method = overridden_method(request);
    call.route = without_slash(route_of(request));
    call.site = request.base_url();
    call.query = php_parameters(request.query);
    call.query.erase("rest_route");
    return call;
}

Json parsed_body(const Request& request) {
    const std::string* type = request.header("Content-Type");
    if (request.body.empty())
        return Json::object();
    if (!type || type->find("json") == std::string::npos)
        return php_parameters(parse_form(request.body));
    Json body = Json::parse(request.body, nullptr, false);
    if (body.is_discarded())
        throw RestError{
            400,
            "rest_invalid_json",
            "Invalid JSON body passed.",
            {{"status", 400}, {"json_error_code", 4}, {"json_error_message", "Syntax error"}}};
    return body.is_object() ? body : Json::object();
}

class WooCommerce : public Platform {
public:
    explicit WooCommerce(const PlatformOptions& options) : options_(options) { reset(); }

    std::string name() const override { return "woocommerce"; }
    bool serves(const Request& request) const override;
    Response handle(const Request& request) override;
    Response control(const Request& request) override {
        return control_shop(installation_->shop, request);
    }
    void reset() override { installation_ = std::make_unique<Installation>(options_); }
    nlohmann::json credentials(const std::string& base_url) const override;

private:
    Reply answer(const Request& request, Call& call);
    std::optional<ApiKey> authenticate(const Request& request, const Call& call);
    Response finished(const Reply& reply, const Call& call) const;

    const PlatformOptions options_;
    std::unique_ptr<Installation> installation_;
};

bool WooCommerce::serves(const Request& request) const {
    const std::string& path = request.path;
    return path == "/" || path == "/index.php" || path == "/wp-json" ||
           path.rfind("/wp-json/", 0) == 0;
}

Response WooCommerce::handle(const Request& request) {
    ++installation_->shop.requests;
    const std::string api = request.base_url() + "/wp-json/";
    if (request.path.rfind("/wp-json", 0) != 0 && !request.parameter("rest_route"))
        return {
            200,
            {{"Content-Type", "text/html; charset=UTF-8"},
             {"Link", "<" + api + ">; rel=\"https://api.w.org/\""}},
            "<!DOCTYPE html>\n<html><head><title>Sandbox shop</title></head><body></body></html>\n",
        };
    Call call = make_call(request);
    Reply reply;
    try {
        reply = answer(request, call);
        if (const std::string fields = text_of(call.query, "_fields"); !fields.empty())
            keep_fields(reply.body, fields);
    } catch (const RestError& error) {
        reply = error.reply();
    }
    if (const std::string allow = installation_->routes.allow_header(call); !allow.empty())
        reply.headers.emplace_back("Allow", allow);
    return finished(reply, call);
}

Reply WooCommerce::answer(const Request& request, Call& call) {
    const bool shop_route = call.route == "/wc" || call.route.rfind("/wc/", 0) == 0;
    if (shop_route) {
        const auto key = authenticate(request, call);
        if (key)
            check_rights(*key, call.method);
        call.authenticated = key.has_value();
    }
    const Route* route = installation_->routes.find(call);
    if (!route)
        fail(404, "rest_no_route", kNoRoute);
    call.body = parsed_body(request);
    if (route->needs_key && !call.authenticated)
        throw route->refusal(call.method);
    return route->handle(call);
}

std::optional<ApiKey> WooCommerce::authenticate(const Request& request, const Call& call) {
    const Oddities& odd = installation_->shop.odd;
    AuthenticationTerms terms;
    terms.tls = request.tls || options_.woocommerce_assume_tls;
    terms.strip_authorization = odd.strip_authorization;
    terms.query_keys_over_http = odd.query_keys_over_http;
    terms.now_s = options_.clock->now_ms() / 1000;
    return installation_->authenticator.authenticate(request, call, terms);
}

Response WooCommerce::finished(const Reply& reply, const Call& call) const {
    Response response;
    response.status = reply.status;
    response.body = to_php_json(reply.body);
    Pairs headers{
        {"Content-Type", kJsonType},
        {"X-Robots-Tag", "noindex"},
        {"X-Content-Type-Options", "nosniff"},
        {"Access-Control-Expose-Headers", "X-WP-Total, X-WP-TotalPages, Link"},
    };
    bool linked = false;
    for (const auto& header : reply.headers) {
        linked = linked || header.first == "Link";
        headers.push_back(header);
    }
    if (!linked)
        headers.emplace_back("Link", "<" + call.rest_url("/") + ">; rel=\"https://api.w.org/\"");
    for (const auto& header : headers)
        if (installation_->shop.odd.dropped_headers.count(header.first) == 0)
            response.headers.push_back(header);
    return response;
}

nlohmann::json WooCommerce::credentials(const std::string& base_url) const {
    nlohmann::json keys = nlohmann::json::object();
    for (const ApiKey& key : kDemoKeys)
        keys[key.rights_name()] = {{"consumer_key", key.key}, {"consumer_secret", key.secret}};
    return {
        {"store_url", base_url},
        {"consumer_key", kDemoKeys.front().key},
        {"consumer_secret", kDemoKeys.front().secret},
        {"keys", keys},
    };
}

}  // namespace

std::unique_ptr<Platform> make_woocommerce(const PlatformOptions& options) {
    return std::make_unique<WooCommerce>(options);
}

}  // namespace sandbox
