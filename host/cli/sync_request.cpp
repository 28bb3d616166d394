#include "cli/sync_request.hpp"

#include <charconv>

namespace syncline::cli {
namespace {

Json list_of(const std::string& text) {
    Json list = Json::array();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        list.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return list;
}

}  // namespace

Result<std::int64_t> count_option(const Invocation& invocation, const std::string& name) {
    const std::string text = invocation.option(name);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 1) {
        return usage_error("--" + name + ": expected a number of at least 1, found '" + text + "'");
    }
    return number;
}

Result<Json> sync_request(const Invocation& invocation) {
    Json body = Json::object();
    for (const char* name : {"flow", "mode", "from", "to"}) {
        if (invocation.has(name)) {
            body[name] = invocation.option(name);
        }
    }
    if (invocation.has("ids")) {
        body["ids"] = list_of(invocation.option("ids"));
        if (!invocation.has("mode")) {
            body["mode"] = "ids";
        }
    }
    if (invocation.has("from") && !invocation.has("mode")) {
        body["mode"] = "backfill";
    }
    if (invocation.has("status")) {
        body["filters"]["status"] = list_of(invocation.option("status"));
    }
    if (invocation.has("payment-status")) {
        body["filters"]["payment_status"] = list_of(invocation.option("payment-status"));
    }
    if (invocation.has("batch-size")) {
        SYNCLINE_ASSIGN_OR_RETURN(body["batch_size"], count_option(invocation, "batch-size"));
    }
    if (invocation.has("limit")) {
        SYNCLINE_ASSIGN_OR_RETURN(body["limit"], count_option(invocation, "limit"));
    }
    return body;
}

std::string query_of(const Invocation& invocation, const std::vector<std::string>& names) {
    std::string query;
    for (const auto& name : names) {
        if (invocation.has(name)) {
            query += (query.empty() ? "?" : "&") + name + "=" + encoded(invocation.option(name));
        }
    }
    return query;
}

}  // namespace syncline::cli
