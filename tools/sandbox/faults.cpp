#include "faults.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace sandbox {
namespace {

using nlohmann::json;

constexpr auto kErrorPage =
    "<!DOCTYPE html>\n<html><head><title>Briefly unavailable for scheduled maintenance.</title>"
    "</head><body><h1>Briefly unavailable for scheduled maintenance. Check back in a minute.</h1>"
    "</body></html>\n";

void refuse_unknown_keys(
    const json& object, const std::set<std::string>& known, const char* where
) {
    for (const auto& [key, value] : object.items())
        if (known.count(key) == 0)
            throw std::invalid_argument(std::string(where) + ": unknown key '" + key + "'");
}

Response canned_answer(const json& action) {
    Response response{action.value("status", 200), {}, ""};
    const json headers = action.value("headers", json::object());
    for (const auto& [name, value] : headers.items())
        response.headers.emplace_back(
            name, value.is_string() ? value.get<std::string>() : value.dump()
        );
    const json body = action.value("body", json(""));
    response.body = body.is_string() ? body.get<std::string>() : body.dump();
    const bool typed =
        std::any_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
            return header.first == "Content-Type" || header.first == "content-type";
        });
    if (!typed)
        response.headers.emplace_back(
            "Content-Type", body.is_string() ? "text/plain; charset=utf-8" : "application/json"
        );
    return response;
}

Response html_page(const json& action) {
    json canned = action;
    canned["body"] = action["html"].is_string() ? action["html"] : json(kErrorPage);
    canned["headers"]["Content-Type"] = "text/html; charset=UTF-8";
    return canned_answer(canned);
}

FaultAction parse_action(const json& action) {
    if (!action.is_object())
        throw std::invalid_argument("action: an object is needed");
    refuse_unknown_keys(
        action,
        {"status", "headers", "body", "delay_ms", "drop", "twice", "malformed", "html", "prefix"},
        "action"
    );
    FaultAction parsed;
    parsed.delay_ms = action.value("delay_ms", 0);
    parsed.twice = action.value("twice", false);
    parsed.malformed = action.value("malformed", false);
    parsed.prefix = action.value("prefix", "");
    const std::string drop = action.value("drop", "");
    if (drop == "before")
        parsed.drop = FaultAction::Drop::kBefore;
    else if (drop == "after")
        parsed.drop = FaultAction::Drop::kAfter;
    else if (!drop.empty())
        throw std::invalid_argument("action.drop: 'before' or 'after', not '" + drop + "'");
    if (action.contains("html"))
        parsed.answer = html_page(action);
    else if (action.contains("status") || action.contains("body"))
        parsed.answer = canned_answer(action);
    const int kinds = (parsed.answer ? 1 : 0) + (parsed.malformed ? 1 : 0) +
                      (drop.empty() ? 0 : 1) + (parsed.prefix.empty() ? 0 : 1);
    if (kinds > 1)
        throw std::invalid_argument(
            "action: only one of status/body/html, drop, malformed and prefix"
        );
    if (kinds == 0 && parsed.delay_ms <= 0 && !parsed.twice)
        throw std::invalid_argument(
            "action: needs status, body, html, drop, malformed, prefix, twice or delay_ms"
        );
    return parsed;
}

}  // namespace

json FaultList::add(const json& description) try {
    if (!description.is_object())
        throw std::invalid_argument("a JSON object is needed");
    refuse_unknown_keys(
        description, {"platform", "method", "path", "skip", "times", "once_per", "action"}, "fault"
    );
    Fault fault;
    fault.platform = description.value("platform", "");
    fault.method = description.value("method", "");
    fault.path_text = description.value("path", "");
    fault.path = std::regex(fault.path_text);
    fault.skip = description.value("skip", 0);
    fault.once_per = description.value("once_per", "");
    if (description.contains("times"))
        fault.times = description["times"].is_null()
                          ? std::nullopt
                          : std::optional(description["times"].get<int>());
    fault.action = parse_action(description.value("action", json()));
    fault.action_text = description["action"].dump();
    fault.id = next_id_++;
    faults_.push_back(std::move(fault));
    return describe(faults_.back());
} catch (const json::exception& error) {
    throw std::invalid_argument(error.what());
} catch (const std::regex_error& error) {
    throw std::invalid_argument(std::string("path: ") + error.what());
}

std::optional<FaultAction> FaultList::take(const std::string& platform, const Request& request) {
    for (Fault& fault : faults_) {
        if (fault.times == 0 || (!fault.platform.empty() && fault.platform != platform) ||
            (!fault.method.empty() && fault.method != request.method))
            continue;
        if (!fault.path_text.empty() && !std::regex_search(request.path, fault.path) &&
            !std::regex_search(request.path + "?" + request.raw_query, fault.path))
            continue;
        if (!fault.once_per.empty()) {
            const std::string* value = request.parameter(fault.once_per);
            if (!value || !fault.met.insert(*value).second)
                continue;
        }
        if (fault.skip > 0) {
            --fault.skip;
            continue;
        }
        ++fault.hits;
        if (fault.times)
            --*fault.times;
        return fault.action;
    }
    return std::nullopt;
}

json FaultList::describe(const Fault& fault) {
    return {
        {"id", fault.id},
        {"platform", fault.platform},
        {"method", fault.method},
        {"path", fault.path_text},
        {"skip", fault.skip},
        {"times", fault.times ? json(*fault.times) : json()},
        {"once_per", fault.once_per},
        {"hits", fault.hits},
        {"action", json::parse(fault.action_text)},
    };
}

json FaultList::to_json() const {
    json list = json::array();
    for (const Fault& fault : faults_) list.push_back(describe(fault));
    return list;
}

bool FaultList::erase(int id) {
    const auto it = std::find_if(faults_.begin(), faults_.end(), [&](const Fault& fault) {
        return fault.id == id;
    });
    if (it == faults_.end())
        return false;
    faults_.erase(it);
    return true;
}

}  // namespace sandbox
