#include <set>

#include "supabase/exact_json.hpp"
#include "supabase/rest.hpp"

namespace sandbox::supabase {
namespace {

// The wording that changed after PostgREST 12; the code of the newer form comes first.
PgError as_since_13(PgError error) {
    if (error.code == "42P01") {
        const auto from = error.message.find('"');
        const auto to = error.message.rfind('"');
        const std::string name = error.message.substr(from + 1, to - from - 1);
        return {404, "PGRST205", "Could not find the table '" + name + "' in the schema cache"};
    }
    if (error.code == "PGRST116")
        error.message = "Cannot coerce the result to a single JSON object";
    if (error.code == "PGRST301" && error.message == "JWT expired")
        error.code = "PGRST303";
    if (error.code == "PGRST204") {
        const auto from = error.message.find('\'');
        const auto to = error.message.find('\'', from + 1);
        const auto table = error.message.find('\'', to + 1);
        error.message = "Could not find the " + error.message.substr(from, to - from + 1) +
                        " column of " +
                        error.message.substr(table, error.message.rfind('\'') - table + 1) +
                        " in the schema cache";
    }
    if (error.code == "PGRST106") {
        error.hint = "Only the following schemas are exposed: public";
        error.message = "Invalid schema: " + error.details.value_or("");
        error.details = std::nullopt;
    }
    return error;
}

PgError as_in_12(PgError error) {
    if (error.code == "21000")
        error.status = 400;
    if (error.code == "PGRST106")
        error.details = std::nullopt;
    return error;
}

std::string json_or_null(const std::optional<std::string>& text) {
    return text ? quote_json(*text) : "null";
}

}  // namespace

Response Rest::error(const PgError& raised, const Caller& caller) const {
    PgError error = settings_.version >= 13 ? as_since_13(raised) : as_in_12(raised);
    if (error.code == "42501") {
        error.status = caller.role == "anon" ? 401 : 403;
        error.www_authenticate = caller.role == "anon" ? "Bearer" : "";
    }
    Response response{error.status, {}, ""};
    response.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
    if (!error.www_authenticate.empty())
        response.headers.emplace_back("WWW-Authenticate", error.www_authenticate);
    if (settings_.version >= 13)
        response.headers.emplace_back("Proxy-Status", "PostgREST; error=" + error.code);
    response.body =
        "{\"code\":" + quote_json(error.code) + ",\"details\":" + json_or_null(error.details) +
        ",\"hint\":" + json_or_null(error.hint) + ",\"message\":" + quote_json(error.message) + "}";
    return response;
}

}  // namespace sandbox::supabase
