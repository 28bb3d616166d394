#include "api/http/input.hpp"

#include <algorithm>
#include <charconv>

#include "core/flow.hpp"

namespace syncline::api {
namespace {

constexpr std::string_view kEntities =
    "orders, customers, products, invoices, refunds, payments, id_mappings or sync_logs";

std::optional<std::int64_t> to_number(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole ? std::optional<std::int64_t>(number) : std::nullopt;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool is_header(std::string_view header, std::string_view name) {
    return std::equal(header.begin(), header.end(), name.begin(), name.end(), [](char a, char b) {
        return lower(a) == lower(b);
    });
}

std::string header_of(const Request& request, std::string_view name) {
    std::string all;
    for (const auto& [header, value] : request.headers) {
        if (is_header(header, name)) {
            all += (all.empty() ? "" : ", ") + value;
        }
    }
    return all;
}

Json merged(Json current, const Json& patch) {
    current.merge_patch(patch);
    return current;
}

Result<Json> body_object(const Request& request) {
    if (request.body.empty()) {
        return Json(Json::object());
    }
    auto json = parse_json(request.body);
    if (!json) {
        return Error{
            ErrorCode::kInvalid, "the body is " + json.error().message, "request.malformed"};
    }
    if (!json->is_object()) {
        return Error{
            ErrorCode::kInvalid,
            "the body must be a JSON object, found " + dump_json(*json).substr(0, 40),
            "request.malformed"};
    }
    return json;
}

Result<void> only_parameters(
    const Request& request, std::initializer_list<std::string_view> known
) {
    std::string names;
    for (const auto name : known) {
        names += (names.empty() ? "" : ", ") + std::string(name);
    }
    for (const auto& [name, value] : request.query) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            return invalid(
                "?" + name.substr(0, 60) +
                ": unknown parameter (known here: " + (names.empty() ? "none" : names) + ")"
            );
        }
    }
    return {};
}

std::string parameter(const Request& request, const std::string& name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
}

Result<std::int64_t> integer_parameter(
    const Request& request,
    const std::string& name,
    std::int64_t fallback,
    std::int64_t min,
    std::int64_t max
) {
    const std::string text = parameter(request, name);
    if (text.empty()) {
        return fallback;
    }
    const auto number = to_number(text);
    if (!number || *number < min || *number > max) {
        return invalid(
            "?" + name + ": expected a whole number from " + std::to_string(min) + " to " +
            std::to_string(max) + ", found '" + text.substr(0, 40) + "'"
        );
    }
    return *number;
}

Error as_request_error(Error error) {
    const bool in_body = error.code == ErrorCode::kNotFound && error.message.rfind('/', 0) == 0;
    error.code = in_body ? ErrorCode::kInvalid : error.code;
    return error;
}

Result<std::string> entity_of(const std::string& plural) {
    auto entity = entity_from_plural(plural);
    if (!entity) {
        return Error{
            ErrorCode::kNotFound,
            "there is no entity '" + plural.substr(0, 40) + "' (" + std::string(kEntities) + ")",
            "entity.unknown"};
    }
    return std::move(*entity);
}

Result<std::string> entity_parameter(const Request& request) {
    const std::string text = parameter(request, "entity");
    if (text.empty() || plural_of(text) != text) {
        return text;
    }
    auto entity = entity_from_plural(text);
    if (!entity) {
        return invalid(
            "?entity: expected " + std::string(kEntities) + ", found '" + text.substr(0, 40) + "'"
        );
    }
    return std::move(*entity);
}

Result<std::int64_t> row_number(const std::string& text, const std::string& what) {
    const auto number = to_number(text);
    if (!number || *number <= 0) {
        return Error{
            ErrorCode::kNotFound, "there is no " + what + " '" + text.substr(0, 40) + "'", {}};
    }
    return *number;
}

}  // namespace syncline::api
