#include "supabase/store.hpp"

#include <algorithm>
#include <optional>

#include "supabase/pg_error.hpp"

namespace sandbox::supabase {

struct Store::Table {
    using Id = std::int64_t;

    const TableDefinition* definition = nullptr;
    std::map<Id, Row> rows;
    Id next_row = 1;
    std::int64_t next_identity = 1;
    std::vector<std::unordered_map<std::string, Id>> unique;                // per unique key
    std::vector<std::unordered_map<std::string, std::set<Id>>> references;  // per foreign key
};

namespace {

// The values of `columns` as one text that no other values have; nullopt when one of them is null.
std::optional<std::string> key_of(const Row& row, const std::vector<std::size_t>& columns) {
    std::string key;
    for (const std::size_t column : columns) {
        if (!row[column])
            return std::nullopt;
        key += std::to_string(row[column]->size()) + ":" + *row[column];
    }
    return key;
}

std::string names(const TableDefinition& table, const std::vector<std::size_t>& columns) {
    std::string text;
    for (const std::size_t column : columns)
        text += (text.empty() ? "" : ", ") + table.columns[column].name;
    return text;
}

// "Key (a, b)=(1, 2)"
std::string key_text(
    const TableDefinition& table, const Row& row, const std::vector<std::size_t>& columns
) {
    std::string values;
    for (const std::size_t column : columns)
        values +=
            (values.empty() ? "" : ", ") + to_plain_text(table.columns[column].type, row[column]);
    return "Key (" + names(table, columns) + ")=(" + values + ")";
}

// PostgreSQL cuts each value after 64 bytes here.
std::string failing_row(const TableDefinition& table, const Row& row) {
    std::string values;
    for (std::size_t i = 0; i < row.size(); ++i) {
        std::string value = row[i] ? to_plain_text(table.columns[i].type, row[i]) : "null";
        if (value.size() > 64)
            value = value.substr(0, 64) + "...";
        values += (values.empty() ? "" : ", ") + value;
    }
    return "Failing row contains (" + values + ").";
}

std::vector<std::size_t> indexes(
    const TableDefinition& table, const std::vector<std::string>& columns
) {
    std::vector<std::size_t> found;
    for (const auto& name : columns) found.push_back(table.column(name).value());
    return found;
}

}  // namespace

// One statement on one table (and the tables its cascades reach). Undone when it is destroyed
// without commit().
class Store::Statement {
public:
    Statement(Store& store, const std::string& table)
        : store_(store),
          table_(*store.tables_.at(table)),
          definition_(*table_.definition),
          now_(timestamp_text(store.now_() * 1000)) {}
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() {
        for (auto step = undo_.rbegin(); step != undo_.rend(); ++step)
            put(*step->table, step->id, std::move(step->before));
    }

    InsertResult insert(const InsertStatement& statement);
    std::vector<Row> update(const Matches& matches, const std::map<std::size_t, Value>& values);
    std::vector<Row> erase(const Matches& matches);

    void commit() {
        check_references();
        undo_.clear();
    }

private:
    using Id = Table::Id;
    struct Change {
        Table* table;
        Id id;
        std::optional<Row> before;
    };

    static void put(Table& table, Id id, std::optional<Row> row);
    void change(Table& table, Id id, std::optional<Row> row);
    Row new_row(const InsertStatement& statement, std::size_t index);
    void check_row(const Row& row) const;
    void check_unique(const Row& row, std::optional<Id> except) const;
    Row updated(const Row& before, Row after) const;
    void erase_row(Table& table, Id id);
    void erase_children(const Table& parent, const Row& row);
    void check_references() const;
    void check_parent(const ForeignKey& foreign, const Row& row) const;
    void check_children(const Row& before, const Row& after) const;

    Store& store_;
    Table& table_;
    const TableDefinition& definition_;
    const std::string now_;
    std::vector<Change> undo_;
    std::set<Id> touched_;
};

void Store::Statement::put(Table& table, Id id, std::optional<Row> row) {
    const auto& definition = *table.definition;
    if (const auto old = table.rows.find(id); old != table.rows.end()) {
        for (std::size_t i = 0; i < table.unique.size(); ++i)
            if (const auto key = key_of(old->second, definition.unique_keys[i].columns))
                table.unique[i].erase(*key);
        for (std::size_t i = 0; i < table.references.size(); ++i)
            if (const auto key = key_of(old->second, definition.foreign_keys[i].columns))
                table.references[i][*key].erase(id);
        table.rows.erase(old);
    }
    if (!row)
        return;
    for (std::size_t i = 0; i < table.unique.size(); ++i)
        if (const auto key = key_of(*row, definition.unique_keys[i].columns))
            table.unique[i][*key] = id;
    for (std::size_t i = 0; i < table.references.size(); ++i)
        if (const auto key = key_of(*row, definition.foreign_keys[i].columns))
            table.references[i][*key].insert(id);
    table.rows.emplace(id, std::move(*row));
}

void Store::Statement::change(Table& table, Id id, std::optional<Row> row) {
    const auto old = table.rows.find(id);
    undo_.push_back(
        {&table, id, old == table.rows.end() ? std::nullopt : std::optional(old->second)}
    );
    put(table, id, std::move(row));
}

Row Store::Statement::new_row(const InsertStatement& statement, std::size_t index) {
    Row row;
    for (const auto& column : definition_.columns) {
        if (column.identity)
            row.emplace_back(std::to_string(table_.next_identity++));
        else if (column.default_now)
            row.emplace_back(now_);
        else
            row.push_back(column.default_value);
    }
    for (std::size_t i = 0; i < statement.columns.size(); ++i) {
        const bool use_default = !statement.use_default.empty() && statement.use_default[index][i];
        if (!use_default)
            row[statement.columns[i]] = statement.rows[index][i];
    }
    return row;
}

void Store::Statement::check_row(const Row& row) const {
    for (std::size_t i = 0; i < row.size(); ++i)
        if (definition_.columns[i].not_null && !row[i])
            throw with_details(
                400,
                "23502",
                "null value in column \"" + definition_.columns[i].name + "\" of relation \"" +
                    definition_.name + "\" violates not-null constraint",
                failing_row(definition_, row)
            );
    const auto value_of = [&](const std::string& name) -> const Value& {
        return row[definition_.column(name).value()];
    };
    for (const auto& check : definition_.checks)
        if (!check.condition.allows(value_of))
            throw with_details(
                400,
                "23514",
                "new row for relation \"" + definition_.name + "\" violates check constraint \"" +
                    check.name + "\"",
                failing_row(definition_, row)
            );
}

void Store::Statement::check_unique(const Row& row, std::optional<Id> except) const {
    for (std::size_t i = 0; i < definition_.unique_keys.size(); ++i) {
        const UniqueKey& unique = definition_.unique_keys[i];
        const auto key = key_of(row, unique.columns);
        const auto found = key ? table_.unique[i].find(*key) : table_.unique[i].end();
        if (found != table_.unique[i].end() && found->second != except)
            throw with_details(
                409,
                "23505",
                "duplicate key value violates unique constraint \"" + unique.name + "\"",
                key_text(definition_, row, unique.columns) + " already exists."
            );
    }
}

// The trigger syncline_set_updated_at().
Row Store::Statement::updated(const Row& before, Row after) const {
    if (!definition_.sets_updated_at)
        return after;
    if (const auto created_at = definition_.column("created_at"))
        after[*created_at] = before[*created_at];
    const std::size_t updated_at = definition_.column("updated_at").value();
    after[updated_at] = before[updated_at];
    if (after != before)
        after[updated_at] = now_;
    return after;
}

InsertResult Store::Statement::insert(const InsertStatement& statement) {
    InsertResult result;
    for (std::size_t i = 0; i < statement.rows.size(); ++i) {
        Row row = new_row(statement, i);
        check_row(row);
        std::optional<Id> existing;
        if (statement.conflict_key != nullptr) {
            const auto number =
                static_cast<std::size_t>(statement.conflict_key - definition_.unique_keys.data());
            const auto key = key_of(row, statement.conflict_key->columns);
            const auto found = key ? table_.unique[number].find(*key) : table_.unique[number].end();
            if (found != table_.unique[number].end())
                existing = found->second;
        }
        if (existing && statement.on_conflict == OnConflict::kIgnore)
            continue;
        Id id = existing.value_or(table_.next_row);
        if (existing) {
            if (touched_.count(id) > 0)
                throw PgError{
                    500,
                    "21000",
                    "ON CONFLICT DO UPDATE command cannot affect row a second time",
                    std::nullopt,
                    "Ensure that no rows proposed for insertion within the same command have "
                    "duplicate constrained values."};
            const Row& before = table_.rows.at(id);
            Row merged = before;
            for (const std::size_t column : statement.columns) merged[column] = row[column];
            row = updated(before, std::move(merged));
            check_row(row);
            check_unique(row, id);
        } else {
            check_unique(row, std::nullopt);
            ++table_.next_row;
            ++result.inserted;
        }
        touched_.insert(id);
        result.rows.push_back(row);
        change(table_, id, std::move(row));
    }
    return result;
}

std::vector<Row> Store::Statement::update(
    const Matches& matches, const std::map<std::size_t, Value>& values
) {
    std::vector<Id> found;
    for (const auto& [id, row] : table_.rows)
        if (matches(row))
            found.push_back(id);
    std::vector<Row> result;
    for (const Id id : found) {
        const Row before = table_.rows.at(id);
        Row after = before;
        for (const auto& [column, value] : values) after[column] = value;
        after = updated(before, std::move(after));
        check_row(after);
        check_unique(after, id);
        check_children(before, after);
        touched_.insert(id);
        result.push_back(after);
        change(table_, id, std::move(after));
    }
    return result;
}

std::vector<Row> Store::Statement::erase(const Matches& matches) {
    std::vector<Id> found;
    std::vector<Row> result;
    for (const auto& [id, row] : table_.rows) {
        if (matches(row)) {
            found.push_back(id);
            result.push_back(row);
        }
    }
    for (const Id id : found) erase_row(table_, id);
    return result;
}

void Store::Statement::erase_row(Table& table, Id id) {
    const auto found = table.rows.find(id);
    if (found == table.rows.end())
        return;  // a cascade was here before
    const Row row = found->second;
    change(table, id, std::nullopt);
    erase_children(table, row);
}

void Store::Statement::erase_children(const Table& parent, const Row& row) {
    for (const auto& [name, child] : store_.tables_) {
        for (std::size_t i = 0; i < child->references.size(); ++i) {
            const ForeignKey& foreign = child->definition->foreign_keys[i];
            if (foreign.parent != parent.definition->name)
                continue;
            const auto key = key_of(row, indexes(*parent.definition, foreign.parent_columns));
            const auto children =
                key ? child->references[i].find(*key) : child->references[i].end();
            if (children == child->references[i].end() || children->second.empty())
                continue;
            if (!foreign.cascade)
                throw with_details(
                    409,
                    "23503",
                    "update or delete on table \"" + parent.definition->name +
                        "\" violates foreign key constraint \"" + foreign.name + "\" on table \"" +
                        name + "\"",
                    key_text(
                        *parent.definition, row, indexes(*parent.definition, foreign.parent_columns)
                    ) + " is still referenced from table \"" +
                        name + "\"."
                );
            const std::set<Id> ids = children->second;
            for (const Id id : ids) erase_row(*child, id);
        }
    }
}

void Store::Statement::check_children(const Row& before, const Row& after) const {
    for (const auto& [name, child] : store_.tables_) {
        for (std::size_t i = 0; i < child->references.size(); ++i) {
            const ForeignKey& foreign = child->definition->foreign_keys[i];
            if (foreign.parent != definition_.name)
                continue;
            const auto columns = indexes(definition_, foreign.parent_columns);
            const auto key = key_of(before, columns);
            const auto children =
                key ? child->references[i].find(*key) : child->references[i].end();
            const bool referenced =
                children != child->references[i].end() && !children->second.empty();
            if (referenced && key != key_of(after, columns))
                throw with_details(
                    409,
                    "23503",
                    "update or delete on table \"" + definition_.name +
                        "\" violates foreign key constraint \"" + foreign.name + "\" on table \"" +
                        name + "\"",
                    key_text(definition_, before, columns) + " is still referenced from table \"" +
                        name + "\"."
                );
        }
    }
}

void Store::Statement::check_references() const {
    for (const Id id : touched_)
        for (const auto& foreign : definition_.foreign_keys)
            check_parent(foreign, table_.rows.at(id));
}

void Store::Statement::check_parent(const ForeignKey& foreign, const Row& row) const {
    const auto key = key_of(row, foreign.columns);
    if (!key)
        return;
    const Table& parent = *store_.tables_.at(foreign.parent);
    const auto columns = indexes(*parent.definition, foreign.parent_columns);
    for (std::size_t i = 0; i < parent.unique.size(); ++i)
        if (parent.definition->unique_keys[i].columns == columns &&
            parent.unique[i].count(*key) > 0)
            return;
    throw with_details(
        409,
        "23503",
        "insert or update on table \"" + definition_.name +
            "\" violates foreign key constraint \"" + foreign.name + "\"",
        key_text(definition_, row, foreign.columns) + " is not present in table \"" +
            foreign.parent + "\"."
    );
}

Store::Store(Schema schema, Now now) : schema_(std::move(schema)), now_(std::move(now)) {
    clear();
}

Store::~Store() = default;

std::vector<const Row*> Store::rows(const std::string& table) const {
    std::vector<const Row*> all;
    for (const auto& [id, row] : tables_.at(table)->rows) all.push_back(&row);
    return all;
}

InsertResult Store::insert(const std::string& table, const InsertStatement& insert) {
    Statement statement(*this, table);
    InsertResult result = statement.insert(insert);
    statement.commit();
    return result;
}

std::vector<Row> Store::update(
    const std::string& table, const Matches& matches, const std::map<std::size_t, Value>& values
) {
    Statement statement(*this, table);
    std::vector<Row> result = statement.update(matches, values);
    statement.commit();
    return result;
}

std::vector<Row> Store::erase(const std::string& table, const Matches& matches) {
    Statement statement(*this, table);
    std::vector<Row> result = statement.erase(matches);
    statement.commit();
    return result;
}

void Store::clear() {
    for (const auto& [name, definition] : schema_) {
        auto table = std::make_unique<Table>();
        table->definition = &definition;
        table->unique.resize(definition.unique_keys.size());
        table->references.resize(definition.foreign_keys.size());
        tables_[name] = std::move(table);
    }
}

void Store::clear(const std::string& table) {
    Statement statement(*this, table);
    statement.erase([](const Row&) { return true; });
    statement.commit();
}

}  // namespace sandbox::supabase
