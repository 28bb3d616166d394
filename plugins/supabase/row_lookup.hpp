// Rows that are in the project already, in requests that fit a URL and pages that fit its row cap.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/plugin/connector.hpp>

#include "supabase/rest_client.hpp"

namespace syncline::supabase {

inline constexpr std::size_t kRowsPerAnswer = 1000;  // the cap of a hosted project

class RowLookup {
public:
    RowLookup(plugin::Call& call, const RestClient& client) : call_(call), client_(client) {}

    // `columns` is a select list that contains id.
    Result<std::vector<Json>> by_id(
        const Table& table, std::string_view columns, const std::vector<std::string>& ids
    ) const;

    // Rows whose `key_column` (source_id, or the table's parent column) holds a key's source_id. A
    // key without tenant searches all tenants.
    Result<std::vector<Json>> by_key(
        const Table& table,
        std::string_view columns,
        std::string_view key_column,
        const std::vector<RowKey>& keys
    ) const;

    // Ids of the rows that have these keys.
    Result<std::map<RowKey, std::string>> ids_of(
        const Table& table, const std::vector<RowKey>& keys
    ) const;

private:
    Result<void> all_pages(const Table& table, const Query& query, std::vector<Json>& rows) const;

    plugin::Call& call_;
    const RestClient& client_;
};

// The row's id as text.
std::string row_id(const Json& row);

}  // namespace syncline::supabase
