#include "supabase/own_table.hpp"

#include <algorithm>

#include <syncline/json_fields.hpp>

#include "supabase/document.hpp"
#include "supabase/encode.hpp"
#include "supabase/source_table.hpp"

namespace syncline::supabase {
namespace {

struct TableOption {
    std::map<std::string, std::string> columns;
    Json values = Json::object();
    std::vector<std::string> key;

    static constexpr auto fields() {
        return std::make_tuple(
            field("columns", &TableOption::columns),
            field("values", &TableOption::values),
            field("key", &TableOption::key)
        );
    }
};

Error wrong(const std::string& place, const std::string& why) {
    return Error{
        ErrorCode::kConfig, "/target/options/table" + place + ": " + why, "supabase.own_table"};
}

// Further columns that a record has for tables of one's own.
const char* set_column(std::string_view entity) {
    return entity == "order" ? "lines" : entity == "product" ? "variations" : "";
}

Result<void> check_columns(const std::string& entity, const OwnTable& own) {
    const Table* documented = find_table(entity);
    for (const auto& [ours, theirs] : own.columns) {
        const bool known = documented == nullptr || documented->column(ours) != nullptr ||
                           ours == set_column(entity);
        if (!known) {
            return wrong(
                "/columns/" + ours,
                "no column of " + std::string(documented->name) +
                    "; docs/supabase-schema.sql has those there are"
            );
        }
        if (!is_plain_name(theirs)) {
            return wrong(
                "/columns/" + ours, "'" + theirs + "' is no name of letters, digits and _"
            );
        }
    }
    return {};
}

Result<void> check_key(const OwnTable& own) {
    for (std::size_t i = 0; i < own.key.size(); ++i) {
        const std::string& column = own.key[i];
        const bool written =
            own.columns.empty() || own.values.contains(column) ||
            std::any_of(own.columns.begin(), own.columns.end(), [&](const auto& entry) {
                return entry.second == column;
            });
        if (!is_plain_name(column) || !written) {
            return wrong(
                "/key/" + std::to_string(i),
                "'" + column + "' is no column that the flow writes; name it in columns or values"
            );
        }
    }
    return {};
}

// The table's name for one of our columns; nullptr if it takes none of it.
const std::string* name_in(const OwnTable& own, const std::string& ours) {
    if (own.columns.empty()) {
        return &ours;
    }
    const auto found = own.columns.find(ours);
    return found == own.columns.end() ? nullptr : &found->second;
}

// Without a key of its own the table has ours, under its names for them.
Result<void> default_key(OwnTable& own) {
    if (!own.key.empty()) {
        return {};
    }
    for (const char* column : {"tenant_id", "source_system", "source_id"}) {
        const std::string ours = column;
        const std::string* theirs = name_in(own, ours);
        if (theirs == nullptr) {
            return wrong(
                "/key", "name the columns that know a row, since '" + ours + "' is not written"
            );
        }
        own.key.push_back(*theirs);
    }
    return {};
}

}  // namespace

Result<std::optional<OwnTable>> own_table(const EncodeContext& context) {
    const bool documented =
        context.target_entity.empty() || find_table(context.target_entity) != nullptr;
    const Json option =
        context.settings.is_object() ? context.settings.value("table", Json()) : Json();
    if (documented && !option.is_null()) {
        return wrong("", "it describes a table of your own; name that one in /target/entity");
    }
    if (documented) {
        return std::optional<OwnTable>();
    }
    if (!is_plain_name(context.target_entity)) {
        return Error{
            ErrorCode::kConfig,
            "/target/entity: '" + context.target_entity.substr(0, 60) +
                "' is no name of a table, of letters, digits and _",
            "supabase.own_table"};
    }
    const auto read = option.is_null() ? Result<TableOption>(TableOption{})
                                       : from_json<TableOption>(option, Unknown::kRefuse);
    if (!read) {
        return wrong("", read.error().message);
    }
    if (!read->values.is_object()) {
        return wrong("/values", "expected an object");
    }
    OwnTable own{context.target_entity, read->columns, read->values, read->key};
    SYNCLINE_RETURN_IF_ERROR(check_columns(context.entity, own));
    SYNCLINE_RETURN_IF_ERROR(default_key(own));
    SYNCLINE_RETURN_IF_ERROR(check_key(own));
    return std::optional<OwnTable>(std::move(own));
}

Encoded for_own_table(const OwnTable& own, Encoded encoded) {
    if (encoded.documents.empty()) {
        return encoded;
    }
    Document document = std::move(encoded.documents.front());
    Json row = std::move(document.body);
    if (encoded.documents.size() > 1 && !own.columns.empty()) {
        const Document& set = encoded.documents[1];
        row[set.entity == "order_lines" ? "lines" : "variations"] = set.body[kRowsMember];
    }
    Json body = Json::object();
    for (const auto& entry : row.items()) {
        if (const std::string* name = name_in(own, entry.key())) {
            body[*name] = entry.value();
        }
    }
    body.update(own.values);
    for (const auto& column : own.key) {
        if (!body.contains(column) || body[column].is_null()) {
            Encoded held;
            held.hold = Reason{
                "NO_KEY",
                "the record has nothing for " + column + ", a key column of the table " + own.name};
            return held;
        }
    }
    body[kOwnKeyMember] = own.key;
    document.entity = own.name;
    document.body = std::move(body);
    encoded.documents = {std::move(document)};
    return encoded;
}

std::optional<Table> own_table_of(std::string_view item_entity, const Json& body) {
    if (!body.is_object() || !body.contains(kOwnKeyMember)) {
        return std::nullopt;
    }
    Table table;
    table.name = item_entity;
    table.marks = true;
    for (const auto& column : body[kOwnKeyMember]) {
        if (column.is_string()) {
            table.own_key.push_back(column.get_ref<const std::string&>());
        }
    }
    return table.own_key.empty() ? std::nullopt : std::optional(std::move(table));
}

std::optional<Table> own_table_of_id(std::string_view item_entity, std::string_view remote_id) {
    Table table;
    table.name = item_entity;
    table.marks = true;
    for (std::size_t at = 0; at < remote_id.size();) {
        const auto equals = remote_id.find('=', at);
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        table.own_key.push_back(remote_id.substr(at, equals - at));
        const auto next = remote_id.find('&', equals);
        at = next == std::string_view::npos ? remote_id.size() : next + 1;
    }
    return table.own_key.empty() ? std::nullopt : std::optional(std::move(table));
}

std::vector<std::pair<std::string, std::string>> parse_own_id(std::string_view remote_id) {
    std::vector<std::pair<std::string, std::string>> parts;
    for (std::size_t at = 0; at < remote_id.size();) {
        const auto equals = remote_id.find('=', at);
        if (equals == std::string_view::npos) {
            return {};
        }
        const auto next = std::min(remote_id.find('&', equals), remote_id.size());
        parts.emplace_back(
            remote_id.substr(at, equals - at),
            url_decoded(remote_id.substr(equals + 1, next - equals - 1))
        );
        at = next + 1;
    }
    return parts;
}

}  // namespace syncline::supabase
