#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbox::quickbooks {

enum class Compare { kEqual, kLess, kGreater, kLessOrEqual, kGreaterOrEqual, kIn, kLike };

struct Condition {
    std::string field;
    Compare compare = Compare::kEqual;
    std::vector<std::string> values;  // one, save for kIn; unescaped
};

struct OrderBy {
    std::string field;
    bool descending = false;
};

// SELECT * | COUNT(*) | a, b  FROM Entity  [WHERE c AND d]  [ORDERBY f [DESC], g]
// [STARTPOSITION n] [MAXRESULTS n]
struct Query {
    bool count = false;
    std::vector<std::string> columns;  // "*" among them means all
    std::string entity;
    std::vector<Condition> conditions;
    std::vector<OrderBy> order;
    long start_position = 1;
    long max_results = 100;
};

// False, and what is wrong where in `error`, when the text is no such statement. Keywords may be
// written in any case, names may not. Whether the limits hold is not looked at.
bool parse_query(std::string_view text, Query& query, std::string& error);

}  // namespace sandbox::quickbooks
