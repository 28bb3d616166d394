// What an answer of PostgREST or of the gateway before it means.
#pragma once

#include <string_view>

#include <syncline/plugin/http.hpp>
#include <syncline/result.hpp>

#include "supabase/tables.hpp"

namespace syncline::supabase {

// What to do with the other rows of the same request.
enum class Blame {
    kRow,    // one row is at fault: find it by halving
    kSize,   // too much at once: smaller pieces
    kWhole,  // no request to this table would do better
};

struct Failure {
    Error error;
    Blame blame = Blame::kWhole;
};

// `response` is not ok(). `schema` and `table` are what was asked for. Messages name the thing, the
// value and the SQL that mends it; never a whole row, since that is a customer's data.
Failure read_failure(
    std::string_view schema, const Table& table, const plugin::HttpResponse& response
);

}  // namespace syncline::supabase
