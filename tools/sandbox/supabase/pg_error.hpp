#pragma once

#include <optional>
#include <string>
#include <utility>

namespace sandbox::supabase {

// What PostgREST answers in place of a result; thrown inside the simulator, caught once in
// rest.cpp.
struct PgError {
    int status = 400;
    std::string code;
    std::string message;
    std::optional<std::string> details = std::nullopt;
    std::optional<std::string> hint = std::nullopt;
    std::string www_authenticate = {};  // header of a 401; empty: none
};

inline PgError with_details(
    int status, std::string code, std::string message, std::string details
) {
    return PgError{status, std::move(code), std::move(message), std::move(details)};
}

}  // namespace sandbox::supabase
