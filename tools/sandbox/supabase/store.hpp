#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "supabase/schema.hpp"

namespace sandbox::supabase {

using Row = std::vector<Value>;  // one per column of the table

// What an INSERT does about a row whose key is there already.
enum class OnConflict { kFail, kIgnore, kMerge };

struct InsertStatement {
    std::vector<std::size_t> columns;                 // that the rows give
    std::vector<std::vector<Value>> rows;             // one value per column above
    std::vector<std::vector<bool>> use_default = {};  // where set, the column's default instead
    OnConflict on_conflict = OnConflict::kFail;
    const UniqueKey* conflict_key = nullptr;  // of kIgnore and kMerge
};

struct InsertResult {
    std::vector<Row> rows;  // inserted or updated, in the order given
    std::size_t inserted = 0;
};

// The tables' contents, with PostgreSQL's rules: every statement is checked against NOT NULL,
// CHECK, UNIQUE and FOREIGN KEY and is done as a whole or not at all (it then throws PgError).
// Identity values and the clock move on even when a statement fails.
class Store {
public:
    using Now = std::function<std::int64_t()>;  // milliseconds since 1970

    Store(Schema schema, Now now);
    ~Store();

    const Schema& schema() const { return schema_; }
    // Throws std::out_of_range for a table that is not in the schema, as the functions below do.
    const TableDefinition& definition(const std::string& table) const { return schema_.at(table); }

    // In the order of insertion. The rows are valid until the next change of the table.
    std::vector<const Row*> rows(const std::string& table) const;

    using Matches = std::function<bool(const Row&)>;
    InsertResult insert(const std::string& table, const InsertStatement& statement);
    // `values` is column -> value. Gives the rows as they are then.
    std::vector<Row> update(
        const std::string& table, const Matches& matches, const std::map<std::size_t, Value>& values
    );
    // Gives the rows as they were.
    std::vector<Row> erase(const std::string& table, const Matches& matches);

    void clear();
    void clear(const std::string& table);

private:
    struct Table;
    class Statement;

    Schema schema_;
    Now now_;
    std::map<std::string, std::unique_ptr<Table>> tables_;
};

}  // namespace sandbox::supabase
