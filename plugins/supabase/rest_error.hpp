// What an answer of PostgREST or of the gateway before it means.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// Something that the project's tables lack.
struct Drift {
    std::string what;       // "the table public.orders has no column 'refunds'"
    std::string statement;  // SQL that mends it
    std::string column;     // the one that is missing; empty when it is something else
};

struct Failure {
    Error error;
    Blame blame = Blame::kWhole;
    std::optional<Drift> drift = std::nullopt;
};

// The name of such an error.
inline constexpr const char* kDriftName = "supabase.schema_drift";

// All that is missing, with everything to be run, in one error: kConfig.
Error drift_error(const std::vector<Drift>& drifts);

// `response` is not ok(). `schema` and `table` are what was asked for. Messages name the thing, the
// value and the SQL that mends it; never a whole row, since that is a customer's data.
Failure read_failure(
    std::string_view schema, const Table& table, const plugin::HttpResponse& response
);

}  // namespace syncline::supabase
