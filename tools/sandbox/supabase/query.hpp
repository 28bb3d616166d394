#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "platform.hpp"
#include "supabase/schema.hpp"
#include "supabase/store.hpp"

// The query string of a PostgREST request against one table: select, filters, order.
namespace sandbox::supabase {

// A column, or a member inside a jsonb column: raw->a->>b.
struct Path {
    struct Step {
        std::string member;
        bool as_text = false;  // "->>"
    };
    std::size_t column = 0;
    std::vector<Step> steps;

    Type type(const TableDefinition& table) const;
    Value value(const Row& row) const;
};

struct SelectItem {
    Path path;
    std::string name;      // in the answer
    bool as_text = false;  // ::text
};

struct OrderItem {
    Path path;
    bool descending = false;
    bool nulls_first = false;
};

// A filter, or several joined by and/or.
struct Filter {
    enum class Kind { kAnd, kOr, kCompare, kIn, kIs, kLike };

    Kind kind = Kind::kAnd;
    bool negated = false;
    std::vector<Filter> parts;
    Path path;
    std::string symbol;   // of kCompare: "gte"; of kLike: "like" or "ilike"
    std::string literal;  // canonical; of kIs: "null", "true", "false", "unknown"
    std::unordered_set<std::string> literals;  // of kIn; canonical, except for numeric

    bool matches(const TableDefinition& table, const Row& row) const;
};

struct Query {
    std::vector<SelectItem> select;
    Filter filter;  // everything joined by and
    bool filtered = false;
    std::vector<OrderItem> order;
    std::optional<std::size_t> limit;
    std::size_t offset = 0;
    std::optional<std::vector<std::string>> columns;
    std::optional<std::vector<std::string>> on_conflict;
};

// Throws PgError (PGRST100, 42703, 22P02, ...).
Query parse_query(const Pairs& parameters, const TableDefinition& table);

// The rows that match, ordered.
std::vector<const Row*> select_rows(
    const Store& store, const TableDefinition& table, const Query& query
);

// One row as a JSON object of the selected members.
std::string row_json(const TableDefinition& table, const Query& query, const Row& row);

}  // namespace sandbox::supabase
