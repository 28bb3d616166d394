#include "api/http/problem.hpp"

#include <algorithm>
#include <array>

#include "api/error_pages.hpp"
#include "core/json_problems.hpp"
#include "core/redact.hpp"
#include "core/retry.hpp"

namespace syncline::api {
namespace {

constexpr std::chrono::seconds kRetryAfter{5};

constexpr std::array<std::pair<std::string_view, int>, 12> kOwnStatus{{
    {kPreconditionFailed, 412},
    {kRateLimited, 429},
    {kTooManyKeys, 429},
    {kHeadTooLarge, 431},
    {kExpectation, 417},
    {kNotHttp, 400},
    {kTooLarge, 413},
    {kMediaType, 415},
    {kMethod, 405},
    {kBusy, 503},
    {kNoAcceptable, 406},
    {kTooManyLogins, 429},
}};

// Connectors name their errors themselves; those have no page here.
bool is_connectors(const Error& error) {
    return !error.name.empty() && !error_page(error.name);
}

std::string type_of(const Error& error, int status) {
    if (is_connectors(error) && status != 500) {
        return "/errors/platform.refused";
    }
    if (!error.name.empty() && !is_connectors(error)) {
        return "/errors/" + error.name;
    }
    switch (error.code) {
        case ErrorCode::kInvalid:
            return "/errors/request.invalid";
        case ErrorCode::kUnauthorized:
            return "/errors/token.missing";
        case ErrorCode::kForbidden:
            return "/errors/token.role";
        case ErrorCode::kNotFound:
            return "/errors/not_found";
        case ErrorCode::kExists:
            return "/errors/conflict";
        default:
            return "/errors/" + error_class(error.code);
    }
}

// A query parameter has no JSON pointer: its lines begin with "?limit: ".
Json error_entry(const std::string& line) {
    const std::size_t colon = line.find(": ");
    if (!line.empty() && line.front() == '?' && colon != std::string::npos) {
        return {{"parameter", line.substr(1, colon - 1)}, {"detail", line.substr(colon + 2)}};
    }
    const ProblemText problem = split_problem(line);
    return {{"pointer", problem.pointer}, {"detail", problem.text}};
}

Json error_entries(const Error& error) {
    Json entries = Json::array();
    if (error.code != ErrorCode::kInvalid && error.message.rfind('/', 0) != 0) {
        return entries;
    }
    for (const auto& line : problem_lines(error.message)) {
        if (!line.empty() && (line.front() == '/' || line.front() == '?')) {
            entries.push_back(error_entry(line));
        }
    }
    return entries;
}

std::string detail_of(const Error& error, int status, const std::string& request_id) {
    if (status == 500) {
        return "something in the host is wrong; its log has the reason under the request id " +
               request_id;
    }
    const auto lines = problem_lines(error.message);
    if (lines.size() == 1) {
        return redact(error.message);
    }
    return std::to_string(lines.size()) + " things are wrong; \"errors\" names each";
}

bool passes_by_itself(int status) {
    return status == 429 || status == 502 || status == 503;
}

}  // namespace

int status_of(const Error& error) {
    for (const auto& [name, status] : kOwnStatus) {
        if (error.name == name) {
            return status;
        }
    }
    switch (error.code) {
        case ErrorCode::kInvalid:
            return 400;
        case ErrorCode::kUnauthorized:
            return 401;
        case ErrorCode::kForbidden:
            return 403;
        case ErrorCode::kNotFound:
            return 404;
        case ErrorCode::kExists:
        case ErrorCode::kAuth:
        case ErrorCode::kConfig:
        case ErrorCode::kConflict:
        case ErrorCode::kHold:
        case ErrorCode::kStaleCursor:
            return 409;
        case ErrorCode::kData:
        case ErrorCode::kUnsupported:
            return 422;
        case ErrorCode::kTransient:
            return 502;
        case ErrorCode::kRateLimited:
        case ErrorCode::kStorage:
        case ErrorCode::kCancelled:
            return 503;
        case ErrorCode::kBug:
            break;
    }
    return 500;
}

std::string status_title(int status) {
    constexpr std::array<std::pair<int, std::string_view>, 22> kTitles{{
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {409, "Conflict"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
    }};
    const auto found = std::find_if(kTitles.begin(), kTitles.end(), [&](const auto& entry) {
        return entry.first == status;
    });
    return found == kTitles.end() ? "" : std::string(found->second);
}

Response problem(const Error& error, const std::string& request_id) {
    const int status = status_of(error);
    Json document{
        {"type", type_of(error, status)},
        {"title", status_title(status)},
        {"status", status},
        {"detail", detail_of(error, status, request_id)},
        {"instance", "urn:syncline:request:" + request_id}};
    if (is_connectors(error) && status != 500) {
        document["code"] = error.name;
    }
    if (Json entries = error_entries(error); status != 500 && !entries.empty()) {
        document["errors"] = std::move(entries);
    }
    Response response{status, "application/problem+json", dump_json(document), {}};
    if (status == 401) {
        response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"syncline\"");
    }
    if (passes_by_itself(status)) {
        const auto wait = error.retry_after.value_or(kRetryAfter);
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
        response.headers.emplace_back("Retry-After", std::to_string(std::max(seconds, 1L)));
    }
    return response;
}

}  // namespace syncline::api
