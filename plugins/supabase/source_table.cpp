#include "supabase/source_table.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <syncline/json_fields.hpp>

namespace syncline::supabase {
namespace {

struct TableSetting {
    std::string table;
    std::string id;
    std::string updated_at;
    std::string deleted;
    std::map<std::string, std::string> columns;
    Json values = Json::object();

    static constexpr auto fields() {
        return std::make_tuple(
            field("table", &TableSetting::table),
            field("id", &TableSetting::id),
            field("updated_at", &TableSetting::updated_at),
            field("deleted", &TableSetting::deleted),
            field("columns", &TableSetting::columns),
            field("values", &TableSetting::values)
        );
    }
};

Error wrong(const std::string& place, const std::string& why) {
    return Error{ErrorCode::kConfig, "/tables/" + place + ": " + why, "supabase.tables"};
}

Result<void> check_names(const std::string& entity, const SourceTable& source) {
    const std::array<std::pair<const char*, const std::string*>, 4> names{
        {{"table", &source.name},
         {"id", &source.id},
         {"updated_at", &source.changed},
         {"deleted", &source.deleted}}};
    for (const auto& [member, name] : names) {
        const bool absent = name->empty() && name == &source.deleted;
        if (!absent && !is_plain_name(*name)) {
            return wrong(
                entity + "/" + member, "'" + *name + "' is no name of letters, digits and _"
            );
        }
    }
    for (const auto& [ours, theirs] : source.columns) {
        if (source.ours->column(ours) == nullptr) {
            return wrong(
                entity + "/columns/" + ours,
                "no column of " + std::string(source.ours->name) +
                    "; see the table in the SQL file for those there are"
            );
        }
        if (!is_plain_name(theirs)) {
            return wrong(
                entity + "/columns/" + ours, "'" + theirs + "' is no name of letters, digits and _"
            );
        }
    }
    return {};
}

Result<SourceTable> read_setting(const std::string& entity, const Json& json, SourceTable source) {
    const auto setting = from_json<TableSetting>(json, Unknown::kRefuse);
    if (!setting) {
        return wrong(entity, setting.error().message);
    }
    const auto take = [](std::string& into, const std::string& value) {
        into = value.empty() ? into : value;
    };
    take(source.name, setting->table);
    take(source.id, setting->id);
    take(source.changed, setting->updated_at);
    // A table of other columns has no mark unless it is named.
    const bool documented = source.name == source.ours->name && setting->columns.empty();
    source.deleted = setting->deleted.empty() && documented ? source.deleted : setting->deleted;
    source.columns = setting->columns;
    source.values = setting->values;
    if (entity == "order" && !source.is_documented()) {
        return wrong(
            "order/columns", "orders are read from the documented tables, with their lines"
        );
    }
    if (!source.values.is_object()) {
        return wrong(entity + "/values", "expected an object");
    }
    SYNCLINE_RETURN_IF_ERROR(check_names(entity, source));
    return source;
}

}  // namespace

bool is_plain_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

bool SourceTable::has(std::string_view column) const {
    return is_documented() || columns.count(std::string(column)) != 0;
}

std::string SourceTable::select_list() const {
    std::string list;
    if (is_documented()) {
        list = supabase::select_list(*ours);
    } else {
        list = id + "::text";
        for (const auto& [our, theirs] : columns) {
            // Whatever type their column has, ours is read from a text, but for JSON, flags, times.
            const ColumnKind kind = ours->column(our)->kind;
            const bool as_text = kind == ColumnKind::kText || kind == ColumnKind::kNumber ||
                                 kind == ColumnKind::kDate;
            list += "," + theirs + (as_text ? "::text" : "");
        }
    }
    list += "," + changed;
    return list + (deleted.empty() ? "" : "," + deleted);
}

Json SourceTable::renamed(const Json& row) const {
    if (is_documented()) {
        return row;
    }
    Json out{{"active", true}, {"taxable", true}};
    out.update(values);
    const auto take = [&](const std::string& our, const std::string& theirs) {
        const auto found = row.find(theirs);
        if (found != row.end()) {
            out[our] = *found;
        }
    };
    for (const auto& [our, theirs] : columns) {
        take(our, theirs);
    }
    take("id", id);
    take("updated_at", changed);
    return out;
}

bool SourceTable::is_deleted(const Json& row) const {
    const auto found = deleted.empty() ? row.end() : row.find(deleted);
    return found != row.end() && !found->is_null() && *found != Json(false);
}

Table SourceTable::rest_table() const {
    Table table = *ours;
    table.name = name;
    return table;
}

Result<SourceTables> source_tables(const Json& setting) {
    SourceTables all;
    for (const auto& table : all_tables()) {
        if (!table.entity.empty() && !table.of_host) {
            SourceTable source;
            source.name = table.name;
            source.deleted = table.marks ? kMarkColumn : "";
            source.ours = &table;
            all.emplace(table.entity, std::move(source));
        }
    }
    if (!setting.is_object()) {
        return all;
    }
    for (const auto& entry : setting.items()) {
        const auto known = all.find(entry.key());
        if (known == all.end()) {
            return wrong(
                entry.key(), "no entity to read; there are customer, product, order, invoice"
            );
        }
        SYNCLINE_ASSIGN_OR_RETURN(
            known->second, read_setting(entry.key(), entry.value(), known->second)
        );
    }
    return all;
}

}  // namespace syncline::supabase
