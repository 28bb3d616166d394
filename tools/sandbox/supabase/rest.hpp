#pragma once

#include <optional>
#include <string>

#include "platform.hpp"
#include "supabase/pg_error.hpp"
#include "supabase/prefer.hpp"
#include "supabase/query.hpp"
#include "supabase/store.hpp"

namespace sandbox::supabase {

// Who asks, as the JWT says it.
struct Caller {
    std::string role = "anon";
    std::optional<std::string> tenant;  // claim tenant_id
};

struct RestSettings {
    int version = 12;  // of PostgREST: 12 answers like 12.0.2, 13 and more as documented since
    std::size_t rows_max = 1000;
    // A write of more rows than this runs into the statement timeout (57014); 0: none does.
    std::size_t timeout_rows = 0;
};

// PostgREST over one store: everything below /rest/v1.
class Rest {
public:
    // Both outlive it.
    Rest(Store& store, const RestSettings& settings) : store_(store), settings_(settings) {}

    // `path` is what follows /rest/v1, "/orders".
    Response answer(const Caller& caller, const Request& request, const std::string& path);
    // The error as PostgREST words it.
    Response error(const PgError& error, const Caller& caller) const;

private:
    struct Exchange;

    Response dispatch(Exchange& exchange, const std::string& name);
    Response get(Exchange& exchange);
    Response post(Exchange& exchange);
    Response put(Exchange& exchange);
    Response patch(Exchange& exchange);
    Response erase(Exchange& exchange);

    const TableDefinition& table_for(const Exchange& exchange, const std::string& name) const;
    void check_profile(const Request& request) const;
    void check_privilege(const Exchange& exchange, const std::string& privilege) const;
    void check_statement_time(std::size_t rows) const;
    void check_affected(const Exchange& exchange, std::size_t rows) const;
    InsertStatement read_insert(const Exchange& exchange) const;
    const UniqueKey* conflict_key(const Exchange& exchange) const;
    Response mutation(
        const Exchange& exchange, int status, const std::vector<Row>& rows, std::string range
    ) const;
    bool visible(const Exchange& exchange, const Row& row) const;

    Store& store_;
    const RestSettings& settings_;
};

}  // namespace sandbox::supabase
