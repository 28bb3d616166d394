#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "supabase/condition.hpp"
#include "supabase/value.hpp"

// Tables as their CREATE statements define them. The simulator has no table of its own: it reads
// docs/supabase-schema.sql, so that it cannot differ from what a customer runs.
namespace sandbox::supabase {

struct Column {
    std::string name;
    Type type;
    bool not_null = false;
    bool identity = false;  // generated always as identity
    bool default_now = false;
    Value default_value;
};

struct UniqueKey {
    std::string name;
    std::vector<std::size_t> columns;
    bool primary = false;
};

struct Check {
    std::string name;
    Condition condition;
};

struct ForeignKey {
    std::string name;
    std::vector<std::size_t> columns;
    std::string parent;
    std::vector<std::string> parent_columns;
    bool cascade = false;  // on delete
};

struct TableDefinition {
    std::string name;
    std::vector<Column> columns;
    std::vector<UniqueKey> unique_keys;
    std::vector<Check> checks;  // by name, the order in which PostgreSQL looks at them
    std::vector<ForeignKey> foreign_keys;
    bool sets_updated_at = false;  // has the trigger syncline_set_updated_at()
    bool row_level_security = false;
    std::set<std::string> tenant_readers;  // roles with a policy for the rows of their tenant_id
    std::map<std::string, std::set<std::string>> grants;  // role -> "select", "insert", ...

    std::optional<std::size_t> column(std::string_view name) const;
    bool may(const std::string& role, const std::string& privilege) const;
};

using Schema = std::map<std::string, TableDefinition>;

// Throws std::runtime_error on a statement, constraint or type that is not simulated. Views,
// indexes, comments, functions and their grants are read over: the REST subset does not show them.
Schema parse_schema(std::string_view sql);

// For tests that compare it with a real database's catalog.
nlohmann::json describe(const Schema& schema);

}  // namespace sandbox::supabase
