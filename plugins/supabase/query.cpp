#include "supabase/query.hpp"

#include <cassert>

#include <syncline/plugin/http.hpp>

namespace syncline::supabase {
namespace {

// Gateways cut request lines at 8 KB; select, other filters and encoding take their part of it.
constexpr std::size_t kListBytesMax = 3000;
constexpr std::size_t kListLengthMax = 200;

}  // namespace

std::string quoted_value(std::string_view value) {
    std::string quoted = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
        }
        quoted += c;
    }
    return quoted + "\"";
}

Query& Query::add(std::string_view name, std::string_view value) {
    text_ += text_.empty() ? "?" : "&";
    text_ += plugin::url_encode(name) + "=" + plugin::url_encode(value);
    return *this;
}

Query& Query::where(std::string_view column, std::string_view operation, std::string_view value) {
    return add(column, std::string(operation) + "." + std::string(value));
}

Query& Query::where_in(std::string_view column, const std::vector<std::string>& values) {
    assert(!values.empty());
    std::string list;
    for (const auto& value : values) {
        list += (list.empty() ? "" : ",") + quoted_value(value);
    }
    return add(column, "in.(" + list + ")");
}

std::vector<std::vector<std::string>> url_sized(const std::vector<std::string>& values) {
    std::vector<std::vector<std::string>> parts;
    std::size_t bytes = 0;
    for (const auto& value : values) {
        const std::size_t size = plugin::url_encode(quoted_value(value)).size() + 3;
        const bool full =
            parts.empty() || bytes + size > kListBytesMax || parts.back().size() >= kListLengthMax;
        if (full) {
            parts.emplace_back();
            bytes = 0;
        }
        parts.back().push_back(value);
        bytes += size;
    }
    return parts;
}

}  // namespace syncline::supabase
