// The query string of a PostgREST request.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace syncline::supabase {

// A value inside in.(...): quoted, so that commas and parentheses are part of it.
std::string quoted_value(std::string_view value);

class Query {
public:
    Query& select(std::string_view columns) { return add("select", columns); }
    // column=operation.value, the value as it is: "id", "gt", "42".
    Query& where(std::string_view column, std::string_view operation, std::string_view value);
    // column=in.("a","b"). Never call it with an empty list: that would match nothing where nothing
    // was asked for, or, left out, everything (asserted).
    Query& where_in(std::string_view column, const std::vector<std::string>& values);
    Query& order(std::string_view order) { return add("order", order); }
    Query& limit(std::size_t rows) { return add("limit", std::to_string(rows)); }
    Query& add(std::string_view name, std::string_view value);

    bool empty() const { return text_.empty(); }
    // "?a=1&b=2"; empty if there is nothing.
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

// Parts of `values` that each fit a URL, none empty.
std::vector<std::vector<std::string>> url_sized(const std::vector<std::string>& values);

}  // namespace syncline::supabase
