#include "woocommerce/answer.hpp"

#include <array>
#include <string>

#include "woocommerce/html.hpp"

namespace syncline::woocommerce {
namespace {

using plugin::HttpResponse;

constexpr std::size_t kExcerptMax = 80;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Where a JSON document may start behind printed notices: at the start of a line or right behind a
// tag. Only the first such place counts: one further in would be a part of a document that is cut
// off.
std::size_t json_start(std::string_view body) {
    for (std::size_t at = 1; at < body.size(); ++at) {
        const bool fresh = body[at - 1] == '\n' || body[at - 1] == '>';
        const std::string_view rest = body.substr(at, 2);
        if (fresh && (rest == "[{" || rest == "{\"" || rest == "[]")) {
            return at;
        }
    }
    return std::string_view::npos;
}

std::string with_excerpt(const HttpResponse& response) {
    const std::string words = excerpt(plain_text(response.body), kExcerptMax);
    return words.empty() ? "an empty body" : "'" + words + "'";
}

std::string location_without_query(const HttpResponse& response) {
    const std::string_view location = response.header("Location");
    return excerpt(location.substr(0, location.find('?')), 120);
}

Error not_json(const HttpResponse& response, const std::string& what) {
    Error error = response.error(what);
    const std::string status = "HTTP " + std::to_string(response.status);
    error.name = "woo.not_json";
    if (error.code == ErrorCode::kRateLimited) {
        error.message =
            what + ": the shop asks us to wait (" + status + ", " + with_excerpt(response) + ")";
        return error;
    }
    if (response.status == 401 && !response.header("WWW-Authenticate").empty()) {
        error.code = ErrorCode::kAuth;
        error.message = what +
                        ": the web server in front of the shop asks for a password of its own"
                        " (" +
                        status + "); exempt /wp-json/ from it";
        return error;
    }
    error.code = ErrorCode::kTransient;
    const auto first = response.body.find_first_not_of(" \t\r\n");
    const bool cut_off =
        first != std::string::npos && (response.body[first] == '{' || response.body[first] == '[');
    error.message =
        cut_off
            ? what + ": the shop's JSON is cut off or damaged (" + status + ", " +
                  std::to_string(response.body.size()) +
                  " bytes); if this stays, lower page_size or look into the shop's PHP error log"
            : what + ": the shop answered " + status + " with " + with_excerpt(response) +
                  " in place of JSON; a firewall, a cache, a maintenance page or a PHP error"
                  " stands before the REST API: let this server reach /wp-json/wc/v3/";
    return error;
}

// WordPress' `data`: an object with `status`, or (refund controllers) the bare number, or neither.
int meant_status(const Json& body, int status) {
    const Json& data = body.value("data", Json());
    const Json meant = data.is_object() ? data.value("status", Json()) : data;
    const bool plausible = meant.is_number_integer() && meant >= 400 && meant <= 599;
    return plausible ? meant.get<int>() : status;
}

std::string secret_advice(Auth auth) {
    if (auth == Auth::kOAuth1) {
        return "the consumer key or secret is wrong, the key may not read, the signature does not "
               "fit"
               " (store_url must be the shop's own address, with or without www as the shop has "
               "it),"
               " or the clocks differ by more than 15 minutes";
    }
    return "the consumer secret does not belong to this consumer key, or the key may not read;"
           " check both under WooCommerce > Settings > Advanced > REST API";
}

std::string rights_advice(int status, Auth auth) {
    if (status == 403) {
        return "the key is good, but its user lacks the right; give the key to a shop manager or"
               " administrator";
    }
    std::string advice = "the shop does not know this consumer key, or never saw it";
    if (auth == Auth::kBasic) {
        advice +=
            ": a web server that strips the Authorization header needs auth \"query\", one that"
            " hides TLS from WordPress needs auth \"oauth1\"";
    } else if (auth == Auth::kQuery) {
        advice += ": WordPress may not see that the request came over TLS; try auth \"oauth1\"";
    }
    return advice;
}

std::string parameter_names(const Json& body) {
    const Json data = body.value("data", Json());
    const Json params = data.is_object() ? data.value("params", Json()) : Json();
    std::string names;
    for (const auto& entry : params.items()) {
        const std::string name = params.is_object() ? entry.key() : dump_json(entry.value());
        names += (names.empty() ? "" : ", ") + name;
    }
    return names.empty() ? "a parameter" : excerpt(names, kExcerptMax);
}

struct Meaning {
    ErrorCode code;
    std::string advice;
};

std::optional<Meaning> meaning_of(
    const std::string& code, int status, const Json& body, Auth auth
) {
    if (code == "woocommerce_rest_authentication_error" ||
        code == "woocommerce_rest_authentication_missing_parameter") {
        return Meaning{ErrorCode::kAuth, secret_advice(auth)};
    }
    if (status == 401 || status == 403) {
        return Meaning{ErrorCode::kAuth, rights_advice(status, auth)};
    }
    if (code == "rest_no_route") {
        return Meaning{
            ErrorCode::kConfig,
            "WooCommerce is not active there, or older than 3.5, or lacks this resource"};
    }
    if (code == "rest_invalid_param" || code == "rest_missing_callback_param") {
        return Meaning{
            ErrorCode::kUnsupported,
            "the shop (or a plugin of it) does not take " + parameter_names(body)};
    }
    return std::nullopt;
}

Error coded_error(
    const HttpResponse& response, const Json& body, const std::string& what, Auth auth
) {
    const std::string code = body["code"].get<std::string>();
    HttpResponse meant = response;
    meant.status = meant_status(body, response.status);
    Error error = meant.error(what);
    error.name = excerpt(code, 56);
    error.message = what + ": the shop answered HTTP " + std::to_string(response.status) + " " +
                    excerpt(code, 80);
    const auto meaning = meaning_of(code, meant.status, body, auth);
    if (meaning) {
        error.code = meaning->code;
        error.message += ": " + meaning->advice;
        return error;
    }
    const Json message = body.value("message", Json());
    if (message.is_string()) {
        error.message += " ('" + excerpt(plain_text(message.get<std::string>()), 120) + "')";
    }
    return error;
}

}  // namespace

std::optional<Json> json_in(std::string_view body, bool& after_notices) {
    if (body.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
        body.remove_prefix(kByteOrderMark.size());
    }
    const auto first = body.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) {
        return std::nullopt;
    }
    const bool clean = body[first] == '{' || body[first] == '[';
    const auto start = clean ? first : json_start(body);
    if (start == std::string_view::npos) {
        return std::nullopt;
    }
    auto parsed = parse_json(body.substr(start));
    if (!parsed || !parsed->is_structured()) {
        return std::nullopt;
    }
    after_notices = after_notices || !clean;
    return *std::move(parsed);
}

Error answer_error(const HttpResponse& response, std::string_view what_view, Auth auth) {
    const std::string what(what_view);
    if (response.status >= 300 && response.status < 400) {
        return Error{
            ErrorCode::kConfig,
            what + ": the shop redirects to " + location_without_query(response) +
                "; set store_url to the address the shop uses itself",
            "woo.redirected",
            response.status};
    }
    bool after_notices = false;
    const auto body = json_in(response.body, after_notices);
    if (!body) {
        return not_json(response, what);
    }
    if (body->is_object() && body->contains("code") && (*body)["code"].is_string()) {
        return coded_error(response, *body, what, auth);
    }
    Error error = response.error(what);
    error.message += " with " + excerpt(plain_text(dump_json(*body)), kExcerptMax);
    return error;
}

}  // namespace syncline::woocommerce
