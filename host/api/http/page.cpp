#include "api/http/page.hpp"

#include <charconv>

#include "api/http/base64url.hpp"
#include "api/http/input.hpp"
#include "api/http/problem.hpp"
#include "api/http/route.hpp"

namespace syncline::api {
namespace {

std::string encode(const PageCursor& cursor) {
    return base64url_encode(std::to_string(cursor.at_ms) + " " + cursor.id);
}

std::optional<PageCursor> decode(const std::string& text) {
    const auto plain = base64url_decode(text);
    const std::size_t space = plain ? plain->find(' ') : std::string::npos;
    if (space == std::string::npos) {
        return std::nullopt;
    }
    PageCursor cursor;
    const char* end = plain->data() + space;
    const auto [stop, error] = std::from_chars(plain->data(), end, cursor.at_ms);
    if (error != std::errc() || stop != end || cursor.at_ms <= 0) {
        return std::nullopt;
    }
    cursor.id = plain->substr(space + 1);
    return cursor;
}

void add_link(const Request& request, const PageCursor* next, Response& response) {
    const bool is_first = parameter(request, "cursor").empty();
    if (next == nullptr && is_first) {
        return;
    }
    std::string link = request.target.substr(0, request.target.find('?')) + "?";
    for (const auto& [name, value] : request.query) {
        if (name != "cursor") {
            link += percent_encode(name) + "=" + percent_encode(value) + "&";
        }
    }
    std::string links;
    if (next != nullptr) {
        links = "<" + link + "cursor=" + encode(*next) + ">; rel=\"next\"";
    }
    if (!is_first) {
        link.pop_back();
        links += (links.empty() ? "<" : ", <") + link + ">; rel=\"first\"";
    }
    response.headers.emplace_back("Link", links);
}

Error not_a_cursor() {
    return invalid(
        "?cursor: not a cursor of this list; take it from \"next_cursor\" or the Link header"
    );
}

std::string csv_cell(std::string cell) {
    if (!cell.empty() &&
        std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos) {
        cell.insert(0, "'");
    }
    if (cell.find_first_of("\",\r\n") == std::string::npos) {
        return cell;
    }
    std::string quoted = "\"";
    for (const char c : cell) {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + "\"";
}

}  // namespace

Result<PageRequest> page_request(const Request& request, std::int64_t limit) {
    PageRequest page;
    SYNCLINE_ASSIGN_OR_RETURN(page.limit, integer_parameter(request, "limit", limit, 1, kPageMax));
    const std::string text = parameter(request, "cursor");
    if (!text.empty()) {
        const auto cursor = decode(text);
        if (!cursor) {
            return not_a_cursor();
        }
        page.after = *cursor;
    }
    return page;
}

Result<std::int64_t> row_of_cursor(const PageRequest& page) {
    if (page.after.at_ms == 0) {
        return 0;
    }
    const auto row = row_number(page.after.id, "row");
    return row ? row : not_a_cursor();
}

std::string sort_key(std::int64_t number) {
    const std::string digits = std::to_string(number);
    return std::string(20 - std::min<std::size_t>(digits.size(), 20), '0') + digits;
}

Response page_response(
    const Request& request, Json items, const PageCursor* next, const Json& more
) {
    Json body{{"items", std::move(items)}, {"next_cursor", nullptr}};
    body.update(more);
    if (next != nullptr) {
        body["next_cursor"] = encode(*next);
    }
    Response response = json_response(body);
    add_link(request, next, response);
    return response;
}

Result<bool> wants_csv(const Request& request) {
    const std::string format = parameter(request, "format");
    if (!format.empty() && format != "csv" && format != "json") {
        return invalid("?format: expected json or csv, found '" + format.substr(0, 20) + "'");
    }
    const std::string& accept = request.accept;
    const auto takes = [&](const char* type) { return accept.find(type) != std::string::npos; };
    if (!format.empty() || accept.empty() || takes("*/*") || takes("application/json") ||
        takes("application/*")) {
        return format == "csv" || (format.empty() && takes("text/csv"));
    }
    if (!takes("text/csv") && !takes("text/*")) {
        return Error{
            ErrorCode::kInvalid,
            "there is application/json and text/csv, not '" + accept.substr(0, 60) + "'",
            kNoAcceptable};
    }
    return true;
}

std::string to_csv(const std::vector<std::vector<std::string>>& rows) {
    std::string text;
    for (const auto& row : rows) {
        bool first = true;
        for (const auto& cell : row) {
            text += (first ? "" : ",") + csv_cell(cell);
            first = false;
        }
        text += "\r\n";
    }
    return text;
}

Response csv_response(
    const Request& request,
    const std::vector<std::vector<std::string>>& rows,
    const PageCursor* next
) {
    Response response{200, "text/csv; charset=utf-8; header=present", to_csv(rows), {}};
    add_link(request, next, response);
    return response;
}

}  // namespace syncline::api
