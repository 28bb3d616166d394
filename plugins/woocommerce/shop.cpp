#include "woocommerce/shop.hpp"

#include <charconv>
#include <utility>

#include "woocommerce/local_day.hpp"
#include "woocommerce/shop_address.hpp"

namespace syncline::woocommerce {
namespace {

using plugin::HttpRequest;
using plugin::HttpResponse;
using plugin::url_encode;

constexpr const char* kSiteKey = "site";
constexpr std::size_t kNonceBytes = 16;
constexpr std::int64_t kRepeatedHourMs = 3'600'000;

// The whole index lists every route of every plugin, easily a megabyte.
constexpr std::string_view kIndexFields = "_fields=name,home,timezone_string,gmt_offset,namespaces";

// Slashes stay readable: older shops look for "rest_route=/wc/" in the raw request line.
std::string encode_value(const std::string& name, const std::string& value) {
    if (name != "rest_route") {
        return url_encode(value);
    }
    std::string encoded;
    for (const char c : value) {
        encoded += c == '/' ? "/" : url_encode({&c, 1});
    }
    return encoded;
}

std::string with_query(const std::string& url, const QueryParameters& query) {
    std::string text = url;
    char separator = '?';
    for (const auto& [name, value] : query) {
        text += separator + url_encode(name) + "=" + encode_value(name, value);
        separator = '&';
    }
    return text;
}

std::string hex(const std::vector<std::uint8_t>& bytes) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

std::optional<std::int64_t> read_total(const HttpResponse& response) {
    const std::string_view text = response.header("X-WP-Total");
    std::int64_t total = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), total);
    const bool whole = failure == std::errc() && end == text.data() + text.size() && !text.empty();
    return whole ? std::optional<std::int64_t>(total) : std::nullopt;
}

struct ToSign {
    std::string method;
    std::string url;  // without query
};

Result<void> sign_oauth1(
    const plugin::Host& host,
    const ToSign& request,
    const std::string& secret,
    QueryParameters& query
) {
    query["oauth_signature_method"] = "HMAC-SHA256";
    query["oauth_timestamp"] = std::to_string(host.now().ms / 1000);
    query["oauth_nonce"] = hex(host.random(kNonceBytes));
    SYNCLINE_ASSIGN_OR_RETURN(
        std::string signature,
        oauth1_signature(
            oauth1_base_string(request.method, request.url, query), secret, "HMAC-SHA256"
        )
    );
    query["oauth_signature"] = std::move(signature);
    return {};
}

}  // namespace

Shop::Shop(plugin::Host host, ShopSettings settings)
    : host_(std::move(host)), settings_(std::move(settings)) {}

std::string Shop::without_secrets(std::string text) const {
    for (const char* name : {"consumer_secret", "consumer_key"}) {
        const auto secret = host_.secret(name);
        if (!secret || secret->empty()) {
            continue;
        }
        for (const std::string& form : {*secret, url_encode(*secret)}) {
            for (auto at = text.find(form); at != std::string::npos; at = text.find(form, at)) {
                text.replace(at, form.size(), "***");
            }
        }
    }
    return text;
}

Result<HttpResponse> Shop::exchange(const HttpRequest& request) const {
    auto response = host_.http(request);
    if (!response) {
        Error error = response.error();
        error.message = without_secrets(std::move(error.message));
        return error;
    }
    return response;
}

Result<void> Shop::sign(
    HttpRequest& request, const Site& site, std::string_view path, const QueryParameters& query
) const {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string key, host_.secret("consumer_key"));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string secret, host_.secret("consumer_secret"));
    auto [url, parameters] = resource_address(site.root, "wc/v3/" + std::string(path));
    parameters.insert(query.begin(), query.end());
    request.header("Accept", "application/json");
    if (settings_.auth == Auth::kBasic) {
        request.header("Authorization", "Basic " + base64(key + ":" + secret));
    } else if (settings_.auth == Auth::kQuery) {
        parameters["consumer_key"] = key;
        parameters["consumer_secret"] = secret;
    } else {
        parameters["oauth_consumer_key"] = key;
        SYNCLINE_RETURN_IF_ERROR(
            sign_oauth1(host_, {request.method, signed_address(url, site.home)}, secret, parameters)
        );
    }
    request.url = with_query(url, parameters);
    return {};
}

// A read whose connection broke, or that a proxy sent twice, arrives with a nonce the shop has
// seen, and is refused like a wrong signature. With a nonce of its own the next one is told the
// truth.
bool Shop::may_be_a_repetition(const HttpRequest& request, const HttpResponse& response) const {
    return settings_.auth == Auth::kOAuth1 && request.method == "GET" && response.status == 401;
}

Result<HttpResponse> Shop::exchange_signed(
    HttpRequest request, const Site& site, std::string_view path, const QueryParameters& query
) const {
    SYNCLINE_RETURN_IF_ERROR(sign(request, site, path, query));
    return exchange(request);
}

Result<Answer> Shop::understand(const HttpResponse& response, const std::string& what) {
    const auto fail = [&] {
        Error error = answer_error(response, what, settings_.auth);
        error.message = without_secrets(std::move(error.message));
        return error;
    };
    if (!response.ok()) {
        return fail();
    }
    bool after_notices = false;
    auto body = json_in(response.body, after_notices);
    if (!body) {
        return fail();
    }
    if (after_notices && !prints_notices_) {
        prints_notices_ = true;
        host_.log(
            SYNCLINE_LOG_WARN,
            "the shop prints PHP notices before its JSON; set WP_DEBUG_DISPLAY to false",
            dump_json({{"request", what}})
        );
    }
    return Answer{*std::move(body), response.date(), read_total(response)};
}

Result<Answer> Shop::ask(HttpRequest request, std::string_view path, const QueryParameters& query) {
    const std::string what = request.method + " " + std::string(path);
    SYNCLINE_ASSIGN_OR_RETURN(const Site where, site());
    SYNCLINE_ASSIGN_OR_RETURN(HttpResponse response, exchange_signed(request, where, path, query));
    if (may_be_a_repetition(request, response)) {
        SYNCLINE_ASSIGN_OR_RETURN(response, exchange_signed(request, where, path, query));
    }
    auto answer = understand(response, what);
    if (!answer && response.status == 404 && answer.error().name == "woo.not_json") {
        forget();  // the permalinks may have been changed: look for the API anew next time
    }
    return answer;
}

Result<Answer> Shop::get(std::string_view path, const QueryParameters& query) {
    return ask({}, path, query);
}

Result<Answer> Shop::send(
    const std::string& method, std::string_view path, const QueryParameters& query, Json body
) {
    HttpRequest request;
    request.method = method;
    if (!body.is_null()) {
        request.json(body);
    }
    return ask(std::move(request), path, query);
}

Result<Site> Shop::site() {
    if (settings_.error) {
        return *settings_.error;
    }
    if (!site_) {
        if (const auto kept = host_.kv_get(kSiteKey)) {
            const auto json = parse_json(*kept);
            auto site = json ? from_json<Site>(*json) : Result<Site>(json.error());
            if (site && site->store_url == settings_.store_url) {
                site_ = *std::move(site);
            }
        }
    }
    return site_ ? Result<Site>(*site_) : discover_site();
}

Timestamp Shop::earliest_mark(Timestamp changed) const {
    const bool repeats = site_ && day_repeats_an_hour(host_, site_->zone, changed);
    return Timestamp{changed.ms - (repeats ? kRepeatedHourMs : 0)};
}

void Shop::remember(const Site& site) {
    site_ = site;
    host_.kv_put(kSiteKey, dump_json(to_json(site)));
}

void Shop::forget() {
    site_.reset();
    host_.kv_put(kSiteKey, {});
}

// The site, nothing when this is not where a REST index is, or an error that ends the search.
Result<std::optional<Site>> Shop::read_index(const std::string& root) {
    HttpRequest request;
    request.url =
        root + (root.find('?') == std::string::npos ? "?" : "&") + std::string(kIndexFields);
    request.header("Accept", "application/json");
    SYNCLINE_ASSIGN_OR_RETURN(const HttpResponse response, exchange(request));
    bool after_notices = false;
    const auto body = json_in(response.body, after_notices);
    if (body && response.ok() && body->is_object() && body->contains("namespaces")) {
        return std::optional<Site>(site_from_index(*body, settings_.store_url, root));
    }
    const Error error = answer_error(response, "GET " + root, Auth::kNone);
    if (body && (response.status == 401 || response.status == 403)) {
        Site site;
        site.store_url = settings_.store_url;
        site.home = settings_.store_url;
        site.root = root;
        site.index_closed = true;
        return std::optional<Site>(std::move(site));
    }
    const bool ends_search = error.code == ErrorCode::kRateLimited ||
                             error.code == ErrorCode::kAuth || error.name == "woo.redirected" ||
                             response.status >= 500;
    if (ends_search) {
        return error;
    }
    return std::optional<Site>();
}

Result<std::string> Shop::root_from_home_page() {
    HttpRequest request;
    request.url = settings_.store_url + "/";
    SYNCLINE_ASSIGN_OR_RETURN(const HttpResponse response, exchange(request));
    for (const auto& [name, value] : response.headers) {
        if (plugin::same_header(name, "Link")) {
            const std::string root = api_link(value);
            if (!root.empty()) {
                return at_same_host(root, settings_.store_url);
            }
        }
    }
    return std::string();
}

Result<Site> Shop::discover_site() {
    if (settings_.error) {
        return *settings_.error;
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto site, read_index(settings_.store_url + "/wp-json/"));
    if (!site) {
        SYNCLINE_ASSIGN_OR_RETURN(const std::string linked, root_from_home_page());
        if (!linked.empty()) {
            SYNCLINE_ASSIGN_OR_RETURN(site, read_index(linked));
        }
    }
    if (!site) {
        SYNCLINE_ASSIGN_OR_RETURN(site, read_index(settings_.store_url + "/?rest_route=/"));
    }
    if (!site) {
        return Error{
            ErrorCode::kConfig,
            "no WordPress REST API at " + settings_.store_url +
                ": neither /wp-json/ nor /?rest_route=/ answers with it; check store_url (with the"
                " sub-directory, if the shop is in one) and that no plugin turns the REST API off",
            "woo.not_wordpress"};
    }
    remember(*site);
    return *std::move(site);
}

}  // namespace syncline::woocommerce
