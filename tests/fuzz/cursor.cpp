// Cursors and other parameters of a list, and the Link header made of them.
#include <algorithm>

#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "fuzz/target.hpp"

namespace syncline::fuzz {
namespace {

using api::PageCursor;
using api::Request;

void our_own(std::int64_t at_ms, std::string_view id) {
    const PageCursor end{at_ms, std::string(id)};
    Request request;
    request.target = "/api/flows?limit=7&q=x";
    request.query = {{"q", std::string(id)}};
    const auto response = api::page_response(request, Json::array(), &end);
    const Json answered = parse_json(response.body).value();
    Request next;
    next.query = {{"cursor", answered.at("next_cursor").get<std::string>()}};
    const auto page = api::page_request(next);
    require(page.has_value(), "a cursor of ours is taken");
    require(page->after.at_ms == at_ms && page->after.id == id, "a cursor comes back as it was");
    for (const auto& [name, value] : response.headers) {
        require(
            std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7F; }),
            "nothing that is asked gets into a header as it is"
        );
    }
}

void theirs(const std::string& text) {
    Request request;
    request.query = {{"cursor", text}};
    const auto page = api::page_request(request);
    if (page && !text.empty()) {
        require(page->after.at_ms > 0, "a cursor is after the first page");
        our_own(page->after.at_ms, page->after.id);
    }
    request.query = {{"limit", text}, {"entity", text}};
    const auto limited = api::page_request(request);
    require(
        !limited || (limited->limit >= 1 && limited->limit <= api::kPageMax),
        "a page has its bounds"
    );
    static_cast<void>(api::entity_parameter(request));
    static_cast<void>(api::entity_of(text));
    const auto row = api::row_number(text, "run");
    require(!row || (*row > 0 && std::to_string(*row).size() <= text.size()), "a row has a number");
}

}  // namespace

void cursor(std::string_view input) {
    theirs(std::string(input));
    Feed feed(input);
    const auto at_ms = static_cast<std::int64_t>(feed.number(8) & 0x7FFFFFFFFFFFFFFFU);
    our_own(std::max<std::int64_t>(at_ms, 1), feed.rest());
}

}  // namespace syncline::fuzz
