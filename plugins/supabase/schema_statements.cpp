#include "supabase/schema_statements.hpp"

#include <vector>

namespace syncline::supabase {
namespace {

#include "schema_text.inc"

// Past the literal, comment or $$ body that begins at `at`; `at` itself if none does.
std::size_t after_quoted(std::string_view sql, std::size_t at) {
    const auto past = [&](std::string_view end, std::size_t from) {
        const auto found = sql.find(end, from);
        return found == std::string_view::npos ? sql.size() : found + end.size();
    };
    if (sql[at] == '\'') {
        return past("'", at + 1);
    }
    if (sql.substr(at, 2) == "--") {
        return past("\n", at);
    }
    return sql.substr(at, 2) == "$$" ? past("$$", at + 2) : at;
}

// Splits where `separator` stands outside of literals, comments and parentheses. White space
// becomes one space, comments go.
std::vector<std::string> split(std::string_view sql, char separator) {
    std::vector<std::string> parts(1);
    int depth = 0;
    for (std::size_t at = 0; at < sql.size();) {
        const std::size_t past = after_quoted(sql, at);
        std::string& part = parts.back();
        if (past > at && sql[at] != '-') {
            part += sql.substr(at, past - at);
        }
        if (past > at) {
            at = past;
            continue;
        }
        const char c = sql[at++];
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        const bool blank = c == ' ' || c == '\n';
        if (c == ')' && !part.empty() && part.back() == ' ') {
            part.pop_back();
        }
        if (c == separator && depth == 0) {
            parts.emplace_back();
        } else if (!blank) {
            part += c;
        } else if (!part.empty() && part.back() != ' ' && part.back() != '(') {
            part += ' ';
        }
    }
    for (auto& part : parts) {
        while (!part.empty() && part.back() == ' ') {
            part.pop_back();
        }
    }
    return parts;
}

const std::vector<std::string>& statements() {
    static const std::vector<std::string> kAll = split(kSchemaText, ';');
    return kAll;
}

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

bool contains(std::string_view text, std::string_view what) {
    return text.find(what) != std::string_view::npos;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
    return text;
}

std::string in_schema(std::string statement, std::string_view schema) {
    return replaced(std::move(statement), "public.", std::string(schema) + ".") + ";";
}

std::string create_table(std::string_view table) {
    const std::string begin = "create table if not exists public." + std::string(table) + " (";
    for (const auto& statement : statements()) {
        if (starts_with(statement, begin)) {
            return statement;
        }
    }
    return {};
}

// Columns and constraints, as they stand between the outer parentheses.
std::vector<std::string> members_of(std::string_view table) {
    const std::string statement = create_table(table);
    const auto open = statement.find('(');
    if (open == std::string::npos) {
        return {};
    }
    auto members =
        split(std::string_view(statement).substr(open + 1, statement.size() - open - 2), ',');
    for (auto& member : members) {
        member.erase(0, member.find_first_not_of(' '));
    }
    return members;
}

std::string alter(std::string_view schema, std::string_view table, const std::string& what) {
    return in_schema("alter table public." + std::string(table) + " " + what, schema);
}

}  // namespace

std::string table_statements(std::string_view schema, std::string_view table) {
    const std::string create = create_table(table);
    if (create.empty()) {
        return {};
    }
    const std::string name = " public." + std::string(table);
    std::string all = in_schema(create, schema);
    for (const auto& statement : statements()) {
        const bool trigger = starts_with(statement, "create or replace trigger ") &&
                             contains(statement, " on" + name + " for ");
        const bool policy =
            contains(statement, " policy ") &&
            (contains(statement, " on" + name + " for ") ||
             (starts_with(statement, "drop policy ") && statement.size() >= name.size() &&
              statement.compare(statement.size() - name.size(), name.size(), name) == 0));
        const bool secured = statement == "alter table" + name + " enable row level security";
        if (trigger || policy || secured) {
            all += " " + in_schema(statement, schema);
        }
    }
    all += " " + grant_statement(schema, table);
    return all + " grant select on " + std::string(schema) + "." + std::string(table) +
           " to authenticated;";
}

std::string column_statement(
    std::string_view schema, std::string_view table, std::string_view column
) {
    for (auto& member : members_of(table)) {
        if (!starts_with(member, std::string(column) + " ")) {
            continue;
        }
        if (!contains(member, " default ")) {
            member = replaced(member, " not null", "");
        }
        return alter(schema, table, "add column if not exists " + member);
    }
    return {};
}

std::string unique_key_statement(std::string_view schema, std::string_view table) {
    for (const auto& member : members_of(table)) {
        if (starts_with(member, "constraint ") &&
            contains(member, " unique (tenant_id, source_system, source_id)")) {
            return alter(schema, table, "add " + member);
        }
    }
    return {};
}

std::string grant_statement(std::string_view schema, std::string_view table) {
    return "grant select, insert, update, delete on " + std::string(schema) + "." +
           std::string(table) + " to service_role;";
}

}  // namespace syncline::supabase
