// Requests to one project's Data API (PostgREST below /rest/v1), with either style of key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <syncline/plugin/host.hpp>

#include "supabase/query.hpp"
#include "supabase/rest_error.hpp"
#include "supabase/tables.hpp"

namespace syncline::supabase {

inline constexpr const char* kConnectorVersion = "0.1.0";

// "https://abc.supabase.co/rest/v1/" to "https://abc.supabase.co".
std::string normalized_project_url(std::string url);

// The claim "role" of a key of the old style (a JWT); empty for other keys.
std::string role_of_key(std::string_view key);

struct RestRequest {
    std::string method = "GET";
    Query query;
    std::string prefer;  // of the header Prefer
    std::string body;    // JSON
};

// Rows as an answer brought them.
struct Rows {
    Json items = Json::array();
    std::optional<std::size_t> total;      // with Prefer: count=exact
    std::optional<Timestamp> server_time;  // Date of the answer
};

class RestClient {
public:
    RestClient(plugin::Host host, std::string project_url, std::string schema)
        : host_(host), project_url_(std::move(project_url)), schema_(std::move(schema)) {}

    // Either rows or why not. An answer without a body is no rows.
    std::variant<Rows, Failure> send(const Table& table, const RestRequest& request) const;
    // As send(), for callers who do nothing about a failure.
    Result<Rows> rows(const Table& table, const RestRequest& request) const;
    // GET of something beside the Data API: "/auth/v1/health".
    Result<plugin::HttpResponse> get(std::string_view path) const;

    const std::string& project_url() const { return project_url_; }
    const std::string& schema() const { return schema_; }

private:
    Result<plugin::HttpRequest> prepare(std::string method, std::string url) const;

    plugin::Host host_;
    const std::string project_url_;
    const std::string schema_;
};

}  // namespace syncline::supabase
