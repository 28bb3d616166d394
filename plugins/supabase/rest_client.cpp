#include "supabase/rest_client.hpp"

#include <charconv>

namespace syncline::supabase {
namespace {

// The API itself ends statements of service_role after 60 s.
constexpr std::int64_t kTimeoutMs = 70'000;

bool is_jwt(std::string_view key) {
    return key.substr(0, 3) == "eyJ";
}

std::string from_base64url(std::string_view text) {
    static constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string bytes;
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : text) {
        const auto digit = kAlphabet.find(c);
        if (digit == std::string_view::npos) {
            return {};
        }
        buffer = (buffer << 6U) | static_cast<unsigned>(digit);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>((buffer >> bits) & 255U);
        }
    }
    return bytes;
}

// "0-24/3573" to 3573; nullopt for "0-24/*".
std::optional<std::size_t> total_of(std::string_view content_range) {
    const auto slash = content_range.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view digits = content_range.substr(slash + 1);
    std::size_t total = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), total);
    return error == std::errc() && end == digits.data() + digits.size() ? std::optional(total)
                                                                        : std::nullopt;
}

}  // namespace

std::string normalized_project_url(std::string url) {
    for (const std::string_view tail : {"/", "/rest/v1", "/"}) {
        while (url.size() > tail.size() &&
               url.compare(url.size() - tail.size(), tail.size(), tail) == 0) {
            url.resize(url.size() - tail.size());
        }
    }
    return url;
}

std::string role_of_key(std::string_view key) {
    const auto first = key.find('.');
    const auto last = key.rfind('.');
    if (!is_jwt(key) || first == last) {
        return {};
    }
    const auto claims = parse_json(from_base64url(key.substr(first + 1, last - first - 1)));
    return claims ? text_of(*claims, "role") : std::string();
}

Result<plugin::HttpRequest> RestClient::prepare(std::string method, std::string url) const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto key, host_.secret("service_role_key"));
    plugin::HttpRequest request;
    request.method = std::move(method);
    request.url = std::move(url);
    request.timeout_ms = kTimeoutMs;
    request.header("apikey", key);
    // A key of the new style is no JWT and must not be sent as one.
    if (is_jwt(key)) {
        request.header("Authorization", "Bearer " + key);
    }
    // Keys of the new style are refused when the sender looks like a browser.
    std::string agent = "syncline-supabase/";
    agent += kConnectorVersion;
    request.header("User-Agent", agent);
    request.header("Accept", "application/json");
    return request;
}

std::variant<Rows, Failure> RestClient::send(const Table& table, const RestRequest& request) const {
    auto prepared = prepare(
        request.method, project_url_ + "/rest/v1/" + std::string(table.name) + request.query.text()
    );
    if (!prepared) {
        return Failure{prepared.error(), Blame::kWhole};
    }
    const bool reads = request.method == "GET" || request.method == "HEAD";
    prepared->header(reads ? "Accept-Profile" : "Content-Profile", schema_);
    if (!request.prefer.empty()) {
        prepared->header("Prefer", request.prefer);
    }
    if (!request.body.empty()) {
        prepared->header("Content-Type", "application/json");
        prepared->body = request.body;
    }
    auto response = host_.http(*prepared);
    if (!response) {
        return Failure{response.error(), Blame::kWhole};
    }
    if (!response->ok()) {
        Failure failure = read_failure(schema_, table, *response);
        if (failure.drift) {
            host_.log(
                SYNCLINE_LOG_WARN,
                "the project lacks something: " + failure.drift->what,
                dump_json({{"statement", failure.drift->statement}})
            );
        }
        return failure;
    }
    Rows rows;
    rows.total = total_of(response->header("Content-Range"));
    rows.server_time = response->date();
    if (!response->body.empty()) {
        auto json = response->json();
        if (json && !json->is_array()) {
            json = Error{
                ErrorCode::kTransient,
                std::string(table.name) + ": the answer is no list of rows",
                "supabase.not_rows",
                response->status};
        }
        if (!json) {
            return Failure{json.error(), Blame::kWhole};
        }
        rows.items = std::move(*json);
    }
    return rows;
}

Result<Rows> RestClient::rows(const Table& table, const RestRequest& request) const {
    auto sent = send(table, request);
    if (auto* failure = std::get_if<Failure>(&sent)) {
        return std::move(failure->error);
    }
    return std::move(std::get<Rows>(sent));
}

Result<plugin::HttpResponse> RestClient::get(std::string_view path) const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto request, prepare("GET", project_url_ + std::string(path)));
    return host_.http(request);
}

}  // namespace syncline::supabase
