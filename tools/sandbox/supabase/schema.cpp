#include "supabase/schema.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace sandbox::supabase {
namespace {

// Reads one `create table`; constraints may name columns that come later, so they are read last.
class TableReader {
public:
    explicit TableReader(TableDefinition& table) : table_(table) {}

    void read(SqlWords& words) {
        words.expect("(");
        do {
            const std::string& word = words.peek().text;
            if (word == "constraint" || word == "unique" || word == "primary" ||
                word == "foreign" || word == "check")
                constraint(words);
            else
                column(words);
        } while (words.take_if(","));
        words.expect(")");
        std::sort(table_.checks.begin(), table_.checks.end(), [](const auto& a, const auto& b) {
            return a.name < b.name;
        });
    }

    // Of `alter table ... add column if not exists`.
    void add_column(SqlWords& words) {
        if (table_.column(words.peek().text)) {
            while (!words.at_end()) words.take();
            return;
        }
        column(words);
    }

private:
    void column(SqlWords& words) {
        Column column;
        column.name = words.take_name();
        column.type = type(words);
        table_.columns.push_back(column);
        const std::size_t index = table_.columns.size() - 1;
        while (!words.at_end() && words.peek().text != "," && words.peek().text != ")")
            column_option(words, index);
    }

    static Type type(SqlWords& words) {
        std::string name = words.take_name();
        if (words.take_if("(")) {
            name += "(";
            while (words.peek().text != ")") name += words.take().text;
            words.expect(")");
            name += ")";
        }
        const auto known = parse_type(name);
        if (!known)
            throw std::runtime_error("schema: the type " + name + " is not simulated");
        return *known;
    }

    void column_option(SqlWords& words, std::size_t index) {
        Column& column = table_.columns[index];
        if (words.take_all({"generated", "always", "as", "identity"})) {
            column.identity = column.not_null = true;
        } else if (words.take_all({"not", "null"})) {
            column.not_null = true;
        } else if (words.take_all({"primary", "key"})) {
            column.not_null = true;
            add_key({table_.name + "_pkey", {index}, true});
        } else if (words.take_if("unique")) {
            add_key({table_.name + "_" + column.name + "_key", {index}, false});
        } else if (words.take_all({"default", "now", "(", ")"})) {
            column.default_now = true;
        } else if (words.take_if("default")) {
            column.default_value = value_from_text(column.type, words.take().text);
        } else if (words.take_if("references")) {
            foreign_key(words, table_.name + "_" + column.name + "_fkey", {index});
        } else if (words.take_if("check")) {
            check(words, "");
        } else {
            words.fail("a column option that the simulator knows");
        }
    }

    void constraint(SqlWords& words) {
        const std::string name = words.take_if("constraint") ? words.take_name() : "";
        if (words.take_all({"primary", "key"})) {
            add_key({name.empty() ? table_.name + "_pkey" : name, columns(words), true});
        } else if (words.take_if("unique")) {
            const auto key = columns(words);
            std::string automatic = table_.name;
            for (const std::size_t index : key) automatic += "_" + table_.columns[index].name;
            add_key({name.empty() ? automatic + "_key" : name, key, false});
        } else if (words.take_all({"foreign", "key"})) {
            const auto key = columns(words);
            words.expect("references");
            foreign_key(words, name, key);
        } else {
            words.expect("check");
            check(words, name);
        }
    }

    std::vector<std::size_t> columns(SqlWords& words) const {
        std::vector<std::size_t> indexes;
        for (const auto& name : words.take_names_in_parentheses()) indexes.push_back(index(name));
        return indexes;
    }

    std::size_t index(const std::string& name) const {
        const auto found = table_.column(name);
        if (!found)
            throw std::runtime_error("schema: " + table_.name + " has no column " + name);
        return *found;
    }

    void add_key(UniqueKey key) {
        if (key.primary)
            for (const std::size_t column : key.columns) table_.columns[column].not_null = true;
        table_.unique_keys.push_back(std::move(key));
    }

    void foreign_key(SqlWords& words, std::string name, std::vector<std::size_t> key) {
        ForeignKey foreign{std::move(name), std::move(key), words.take_name(), {}, false};
        foreign.parent_columns = words.take_names_in_parentheses();
        foreign.cascade = words.take_all({"on", "delete", "cascade"});
        table_.foreign_keys.push_back(std::move(foreign));
    }

    void check(SqlWords& words, std::string name) {
        words.expect("(");
        const auto condition = Condition::parse(words, [this](const std::string& column) {
            return table_.columns[index(column)].type;
        });
        words.expect(")");
        if (name.empty()) {
            const std::string column = condition.only_column();
            name = table_.name + (column.empty() ? "" : "_" + column) + "_check";
        }
        table_.checks.push_back({std::move(name), condition});
    }

    TableDefinition& table_;
};

TableDefinition& table_named(Schema& schema, const std::string& name) {
    const auto found = schema.find(name);
    if (found == schema.end())
        throw std::runtime_error("schema: there is no table " + name);
    return found->second;
}

void read_trigger(SqlWords& words, Schema& schema) {
    words.take_name();
    if (!words.take_all({"before", "update", "on"}))
        words.fail("before update on");
    const std::string table = words.take_name();
    while (!words.at_end() && !words.take_if("function")) words.take();
    if (words.take_name() != "syncline_set_updated_at")
        words.fail("the trigger function syncline_set_updated_at");
    table_named(schema, table).sets_updated_at = true;
}

void read_policy(SqlWords& words, Schema& schema) {
    words.take_name();
    words.expect("on");
    TableDefinition& table = table_named(schema, words.take_name());
    if (!words.take_all({"for", "select", "to"}))
        words.fail("for select to");
    const std::string role = words.take_name();
    if (!words.take_all(
            {"using", "(", "tenant_id", "=", "(", "select", "public", ".", "syncline_tenant_id"}
        ))
        words.fail("a policy by tenant_id = (select public.syncline_tenant_id())");
    table.tenant_readers.insert(role);
}

void read_grant(SqlWords& words, Schema& schema) {
    std::set<std::string> privileges;
    do privileges.insert(words.take().text);
    while (words.take_if(","));
    words.expect("on");
    std::vector<std::string> names;
    do names.push_back(words.take_name());
    while (words.take_if(","));
    words.expect("to");
    do {
        const std::string role = words.take_name();
        for (const auto& name : names)
            if (const auto table = schema.find(name); table != schema.end())  // not of a view
                table->second.grants[role].insert(privileges.begin(), privileges.end());
    } while (words.take_if(","));
}

void read_create(SqlWords& words, Schema& schema) {
    words.take_all({"or", "replace"});
    if (words.take_if("table")) {
        words.take_all({"if", "not", "exists"});
        TableDefinition table;
        table.name = words.take_name();
        TableReader(table).read(words);
        schema[table.name] = std::move(table);
    } else if (words.take_if("trigger")) {
        read_trigger(words, schema);
    } else if (words.take_if("policy")) {
        read_policy(words, schema);
    } else if (words.peek().text != "index" && words.peek().text != "view" &&
               words.peek().text != "function") {
        words.fail("a statement that the simulator knows");
    }
}

void read_statement(SqlWords& words, Schema& schema) {
    static constexpr std::array<std::string_view, 6> kReadOver{
        "begin", "commit", "drop", "revoke", "comment", "notify"};
    if (words.take_if("create")) {
        read_create(words, schema);
    } else if (words.take_all({"alter", "table"})) {
        TableDefinition& table = table_named(schema, words.take_name());
        if (words.take_all({"add", "column", "if", "not", "exists"}))
            return TableReader(table).add_column(words);
        if (!words.take_all({"enable", "row", "level", "security"}))
            words.fail("enable row level security");
        table.row_level_security = true;
    } else if (words.take_if("grant")) {
        if (words.peek().text != "execute")
            read_grant(words, schema);
    } else if (std::find(kReadOver.begin(), kReadOver.end(), words.peek().text) == kReadOver.end()) {
        words.fail("a statement that the simulator knows");
    }
}

}  // namespace

std::optional<std::size_t> TableDefinition::column(std::string_view wanted) const {
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].name == wanted)
            return i;
    return std::nullopt;
}

bool TableDefinition::may(const std::string& role, const std::string& privilege) const {
    const auto found = grants.find(role);
    return found != grants.end() && found->second.count(privilege) > 0;
}

Schema parse_schema(std::string_view sql) {
    Schema schema;
    for (SqlWords& words : SqlWords::statements(sql)) read_statement(words, schema);
    return schema;
}

nlohmann::json describe(const Schema& schema) {
    nlohmann::json tables = nlohmann::json::object();
    for (const auto& [name, table] : schema) {
        nlohmann::json& described = tables[name];
        for (const auto& column : table.columns)
            described["columns"].push_back(
                {{"name", column.name},
                 {"type", column.type.name() == "json" ? "jsonb" : column.type.name()},
                 {"not_null", column.not_null}}
            );
        const auto names = [](const auto& constraints) {
            nlohmann::json list = nlohmann::json::array();
            for (const auto& constraint : constraints) list.push_back(constraint.name);
            std::sort(list.begin(), list.end());
            return list;
        };
        described["unique"] = names(table.unique_keys);
        described["checks"] = names(table.checks);
        described["foreign"] = names(table.foreign_keys);
        described["grants"] = table.grants;
        described["row_level_security"] = table.row_level_security;
    }
    return tables;
}

}  // namespace sandbox::supabase
