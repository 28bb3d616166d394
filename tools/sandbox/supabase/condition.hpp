#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "supabase/sql_words.hpp"
#include "supabase/value.hpp"

namespace sandbox::supabase {

// The condition of a CHECK constraint: comparisons of a column with literals (=, <>, <, <=, >, >=,
// ~, [not] in, between, is [not] null), joined by and, or, not and parentheses.
class Condition {
public:
    // The column's type; throws when there is no such column.
    using TypeOf = std::function<Type(const std::string& column)>;
    using ValueOf = std::function<const Value&(const std::string& column)>;

    // Reads one condition and leaves `words` behind it. Throws std::runtime_error on anything it
    // does not know, so that a schema which outgrows the simulator is noticed at start.
    static Condition parse(SqlWords& words, const TypeOf& type_of);

    // As a CHECK takes it: null counts as true.
    bool allows(const ValueOf& value_of) const;
    // The one column it speaks of; empty when there are several.
    std::string only_column() const;

private:
    enum class Truth { kFalse, kTrue, kNull };
    struct Node;

    static std::shared_ptr<Node> parse_or(SqlWords& words, const TypeOf& type_of);
    static std::shared_ptr<Node> parse_and(SqlWords& words, const TypeOf& type_of);
    static std::shared_ptr<Node> parse_term(SqlWords& words, const TypeOf& type_of);
    static Truth evaluate(const Node& node, const ValueOf& value_of);
    static Truth compare(const Node& node, const Value& value);
    static void collect_columns(const Node& node, std::vector<std::string>& columns);

    std::shared_ptr<const Node> root_;
};

}  // namespace sandbox::supabase
