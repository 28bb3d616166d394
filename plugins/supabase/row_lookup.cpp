#include "supabase/row_lookup.hpp"

#include <set>

namespace syncline::supabase {

std::string row_id(const Json& row) {
    const auto id = row.find("id");
    if (id == row.end()) {
        return {};
    }
    return id->is_string() ? id->get<std::string>() : dump_json(*id);
}

Result<void> RowLookup::all_pages(const Table& table, const Query& query, std::vector<Json>& rows)
    const {
    std::size_t received = 0;
    std::string last_id = "0";
    while (true) {
        if (call_.cancelled()) {
            return Error{
                ErrorCode::kCancelled, "stopped between two requests", "supabase.cancelled"};
        }
        RestRequest request;
        request.query = query;
        request.query.where("id", "gt", last_id).order("id.asc").limit(kRowsPerAnswer);
        // The count says whether the server's cap, which may be lower than asked for, cut the
        // answer.
        request.prefer = "count=exact";
        SYNCLINE_ASSIGN_OR_RETURN(const Rows page, client_.rows(table, request));
        received = page.items.size();
        for (const auto& row : page.items) {
            rows.push_back(row);
            last_id = row_id(row);
        }
        if (received == 0 || (page.total && *page.total <= received)) {
            return {};
        }
    }
}

Result<std::vector<Json>> RowLookup::by_id(
    const Table& table, std::string_view columns, const std::vector<std::string>& ids
) const {
    std::vector<Json> rows;
    for (const auto& part : url_sized(ids)) {
        Query query;
        query.select(columns).where_in("id", part);
        SYNCLINE_RETURN_IF_ERROR(all_pages(table, query, rows));
    }
    return rows;
}

Result<std::vector<Json>> RowLookup::by_key(
    const Table& table,
    std::string_view columns,
    std::string_view key_column,
    const std::vector<RowKey>& keys
) const {
    std::map<std::pair<std::string, std::string>, std::set<std::string>> by_system;
    for (const auto& key : keys) {
        by_system[{key.tenant, key.source_system}].insert(key.source_id);
    }
    std::vector<Json> rows;
    for (const auto& [system, ids] : by_system) {
        for (const auto& part : url_sized({ids.begin(), ids.end()})) {
            Query query;
            query.select(columns);
            if (!system.first.empty()) {
                query.where("tenant_id", "eq", system.first);
            }
            query.where("source_system", "eq", system.second).where_in(key_column, part);
            SYNCLINE_RETURN_IF_ERROR(all_pages(table, query, rows));
        }
    }
    return rows;
}

Result<std::map<RowKey, std::string>> RowLookup::ids_of(
    const Table& table, const std::vector<RowKey>& keys
) const {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto rows, by_key(table, "id," + std::string(kKeyColumns), "source_id", keys)
    );
    std::map<RowKey, std::string> ids;
    for (const auto& row : rows) {
        if (auto key = row_key(row)) {
            ids[*std::move(key)] = row_id(row);
        }
    }
    return ids;
}

}  // namespace syncline::supabase
