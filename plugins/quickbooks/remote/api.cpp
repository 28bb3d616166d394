#include "quickbooks/remote/api.hpp"

#include <algorithm>
#include <map>

namespace syncline::quickbooks {
namespace {

constexpr std::size_t kPageMax = 1000;
constexpr std::int64_t kTimeoutMs = 130'000;  // QuickBooks gives up after 120 s

std::string statement(const Query& query, const Slice& slice) {
    std::string text = "SELECT * FROM " + query.type;
    text += query.where.empty() ? "" : " WHERE " + query.where;
    text += query.order.empty() ? "" : " ORDERBY " + query.order;
    return text + " STARTPOSITION " + std::to_string(slice.start) + " MAXRESULTS " +
           std::to_string(slice.count);
}

// No hits is an answer without the member.
std::vector<Json> rows_of(const Json& holder, const std::string& type) {
    const Json& rows = child_at(child_at(holder, "QueryResponse"), type);
    return rows.is_array() ? rows.get<std::vector<Json>>() : std::vector<Json>();
}

std::optional<Timestamp> time_in(const Json& body) {
    const auto time = Timestamp::parse(text_at(body, "time"));
    return time ? std::optional<Timestamp>(*time) : std::nullopt;
}

}  // namespace

Error Answer::error() const {
    return fault ? to_error(*fault, occasion) : to_error_by_status(occasion);
}

std::string query_literal(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' || c == '\\' ? "\\" : "";
        out += c;
    }
    return out + "'";
}

std::string is_one_of(std::string_view member, const std::vector<std::string>& values) {
    if (values.size() == 1) {
        return std::string(member) + " = " + query_literal(values.front());
    }
    std::string list;
    for (const auto& value : values) {
        list += (list.empty() ? "" : ", ") + query_literal(value);
    }
    return std::string(member) + " IN (" + list + ")";
}

std::string Api::url(const std::string& path, const std::string& options) const {
    return endpoint_.base_url + "/v3/company/" + plugin::url_encode(endpoint_.realm_id) + "/" +
           path + "?" + options + "minorversion=75";
}

Result<Answer> Api::exchange(plugin::HttpRequest request, const std::string& what) const {
    if (call_.cancelled()) {
        return Error{ErrorCode::kCancelled, "stopped before " + what, {}};
    }
    const auto token = host_.secret("access_token");
    if (!token) {
        return Error{ErrorCode::kAuth, "there is no access token yet", "auth.token_expired"};
    }
    request.header("Authorization", "Bearer " + *token);
    request.header("Accept", "application/json");
    request.timeout_ms = kTimeoutMs;
    SYNCLINE_ASSIGN_OR_RETURN(const plugin::HttpResponse response, host_.http(request));

    Answer answer;
    answer.occasion = Occasion{
        what, std::string(response.header("intuit_tid")), response.status, response.retry_after()};
    answer.time = response.date();
    auto parsed = parse_json(response.body);
    if (parsed && parsed->is_object()) {
        answer.body = std::move(*parsed);
        answer.fault = fault_in(answer.body);
        const auto told = time_in(answer.body);
        answer.time = told ? told : answer.time;
    } else if (response.ok()) {
        // A cut-off or foreign answer to something that may well have been done.
        Error error = to_error_by_status(answer.occasion);
        error.code = ErrorCode::kTransient;
        error.name = "http.not_json";
        error.message += " with something that is not JSON";
        return error;
    }
    if (answer.fault || !response.ok()) {
        // The gateway's status says more than its fault, whose shape differs from place to place.
        const bool by_status = response.status == 401 || response.status == 429;
        Error error = answer.error();
        if (by_status && !concerns_connection(error)) {
            error = to_error_by_status(answer.occasion);
        }
        if (concerns_connection(error) || !answer.fault) {
            return error;
        }
    }
    return answer;
}

Result<Json> Api::get(const std::string& path) const {
    plugin::HttpRequest request;
    request.url = url(path, "");
    SYNCLINE_ASSIGN_OR_RETURN(
        Answer answer, exchange(std::move(request), "reading " + path.substr(0, path.find('?')))
    );
    if (answer.fault) {
        return answer.error();
    }
    return std::move(answer.body);
}

Result<std::optional<Json>> Api::read(
    std::string_view entity, std::string_view type, const std::string& id
) const {
    plugin::HttpRequest request;
    const std::string path = std::string(entity) + "/" + plugin::url_encode(id);
    request.url = url(path, "");
    SYNCLINE_ASSIGN_OR_RETURN(const Answer answer, exchange(std::move(request), "reading " + path));
    if (answer.fault) {
        if (answer.fault->code == "610") {
            return std::optional<Json>();
        }
        return answer.error();
    }
    const Json& object = child_at(answer.body, type);
    return object.empty() || text_at(object, "status") == "Deleted" ? std::optional<Json>()
                                                                    : std::optional<Json>(object);
}

Result<Listing> Api::rows(const Query& query, const Slice& slice) const {
    plugin::HttpRequest request;
    request.url = url("query", "query=" + plugin::url_encode(statement(query, slice)) + "&");
    SYNCLINE_ASSIGN_OR_RETURN(
        const Answer answer, exchange(std::move(request), "the query for " + query.type)
    );
    if (answer.fault) {
        return answer.error();
    }
    return Listing{rows_of(answer.body, query.type), answer.time};
}

Result<std::optional<Listing>> Api::changes(const std::string& type, Timestamp since) const {
    plugin::HttpRequest request;
    const std::string time = since.to_string().substr(0, 19) + "+00:00";
    request.url =
        url("cdc", "entities=" + type + "&changedSince=" + plugin::url_encode(time) + "&");
    SYNCLINE_ASSIGN_OR_RETURN(
        const Answer answer, exchange(std::move(request), "reading the changes of " + type)
    );
    if (answer.fault) {
        // What concerns the connection is an error already: this is about the request's date.
        return std::optional<Listing>();
    }
    std::vector<Json> rows;
    for (const auto& response : child_at(answer.body, "CDCResponse")) {
        for (const auto& group : child_at(response, "QueryResponse")) {
            const Json& objects = child_at(group, type);
            rows.insert(rows.end(), objects.begin(), objects.end());
        }
    }
    return std::optional<Listing>(Listing{std::move(rows), answer.time});
}

Result<std::vector<Json>> Api::query(const Query& query) const {
    std::vector<Json> all;
    while (true) {
        SYNCLINE_ASSIGN_OR_RETURN(Listing page, rows(query, {all.size() + 1, kPageMax}));
        const bool last = page.rows.size() < kPageMax;
        std::move(page.rows.begin(), page.rows.end(), std::back_inserter(all));
        if (last) {
            return all;
        }
    }
}

Result<std::vector<std::vector<Json>>> Api::queries(const std::vector<Query>& queries) const {
    std::vector<std::vector<Json>> all;
    for (std::size_t at = 0; at < queries.size(); at += kBatchMax) {
        const auto count = std::min(kBatchMax, queries.size() - at);
        if (count == 1) {
            SYNCLINE_ASSIGN_OR_RETURN(std::vector<Json> rows, query(queries[at]));
            all.push_back(std::move(rows));
            continue;
        }
        const auto begin = queries.begin() + static_cast<std::ptrdiff_t>(at);
        const std::vector<Query> chunk(begin, begin + static_cast<std::ptrdiff_t>(count));
        SYNCLINE_ASSIGN_OR_RETURN(auto chunk_rows, query_batch(chunk));
        std::move(chunk_rows.begin(), chunk_rows.end(), std::back_inserter(all));
    }
    return all;
}

Result<std::vector<std::vector<Json>>> Api::query_batch(const std::vector<Query>& queries) const {
    Json items = Json::array();
    for (std::size_t i = 0; i < queries.size(); ++i) {
        items.push_back(
            {{"bId", "q" + std::to_string(i)}, {"Query", statement(queries[i], {1, kPageMax})}}
        );
    }
    host_.count_reads(queries.size());
    SYNCLINE_ASSIGN_OR_RETURN(
        const Answer answer, post("batch", "", dump_json({{"BatchItemRequest", items}}), "")
    );
    if (answer.fault) {
        return answer.error();
    }
    std::map<std::string, const Json*> by_id;
    for (const auto& item : child_at(answer.body, "BatchItemResponse")) {
        by_id[text_at(item, "bId")] = &item;
    }
    std::vector<std::vector<Json>> all;
    for (std::size_t i = 0; i < queries.size(); ++i) {
        const auto found = by_id.find("q" + std::to_string(i));
        if (found == by_id.end()) {
            return Error{
                ErrorCode::kTransient,
                "the batch answered nothing to the query for " + queries[i].type,
                "qbo.no_answer"};
        }
        if (const auto fault = fault_in(*found->second)) {
            Occasion occasion = answer.occasion;
            occasion.what = "the query for " + queries[i].type;
            return to_error(*fault, occasion);
        }
        all.push_back(rows_of(*found->second, queries[i].type));
        if (all.back().size() >= kPageMax) {
            SYNCLINE_ASSIGN_OR_RETURN(all.back(), query(queries[i]));
        }
    }
    return all;
}

Result<Answer> Api::post(
    const std::string& path,
    const std::string& options,
    const std::string& body,
    const std::string& request_id
) const {
    plugin::HttpRequest request;
    request.method = "POST";
    request.url = url(
        path,
        options + (request_id.empty() ? "" : "requestid=" + plugin::url_encode(request_id) + "&")
    );
    request.body = body;
    request.header("Content-Type", "application/json");
    return exchange(std::move(request), "writing to " + path);
}

}  // namespace syncline::quickbooks
