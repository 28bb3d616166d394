#include "supabase/find.hpp"

#include <algorithm>
#include <map>

#include "supabase/document.hpp"
#include "supabase/encode.hpp"
#include "supabase/find_own.hpp"
#include "supabase/row_lookup.hpp"
#include "supabase/source_table.hpp"

namespace syncline::supabase {
namespace {

bool is_number(const std::string& text) {
    return !text.empty() && text.size() < 19 &&
           text.find_first_not_of("0123456789") == std::string::npos;
}

std::string columns_of(const Table& table) {
    return select_list(table) + ",updated_at";
}

Found found_row(const Table& table, const FindKey& key, const Json& row) {
    Found found;
    found.key = key.key;
    found.entity = table.name;
    found.remote_id = row_id(row);
    found.version = text_of(row, "updated_at");
    found.owned = canonical_row(table, row);
    return found;
}

Found found_set(
    const Table& table, const FindKey& key, const RowKey& parent, std::vector<const Json*> children
) {
    std::sort(children.begin(), children.end(), [](const Json* a, const Json* b) {
        const Json left = a->value("position", Json());
        const Json right = b->value("position", Json());
        return left != right ? left < right : text_of(*a, "source_id") < text_of(*b, "source_id");
    });
    Json rows = Json::array();
    for (const auto* child : children) {
        rows.push_back(canonical_row(table, *child));
    }
    Found found;
    found.key = key.key;
    found.entity = table.name;
    found.remote_id = set_remote_id(parent);
    found.owned = {
        {"tenant_id", parent.tenant},
        {"source_system", parent.source_system},
        {kParentMember, parent.source_id},
        {kRowsMember, std::move(rows)}};
    return found;
}

// Keys that look alike for the purpose of one search.
struct Wanted {
    std::vector<const FindKey*> by_id;
    std::vector<std::pair<const FindKey*, RowKey>> by_key;
    std::vector<std::pair<const FindKey*, RowKey>> sets;
};

Wanted sort_keys(const FindRequest& request) {
    Wanted wanted;
    for (const auto& key : request.keys) {
        auto document = document_key(key.body, key.remote_id);
        if (document && is_set(key.body, key.remote_id)) {
            wanted.sets.emplace_back(&key, *std::move(document));
        } else if (is_number(key.remote_id)) {
            wanted.by_id.push_back(&key);
        } else if (auto natural = document ? document : parse_natural_key(key.natural_key)) {
            wanted.by_key.emplace_back(&key, *std::move(natural));
        }
    }
    return wanted;
}

Result<void> find_by_id(
    const RowLookup& lookup, const Table& table, const Wanted& wanted, std::vector<Found>& found
) {
    std::vector<std::string> ids;
    for (const auto* key : wanted.by_id) {
        ids.push_back(key->remote_id);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto rows, lookup.by_id(table, columns_of(table), ids));
    for (const auto* key : wanted.by_id) {
        for (const auto& row : rows) {
            if (row_id(row) == key->remote_id) {
                found.push_back(found_row(table, *key, row));
            }
        }
    }
    return {};
}

bool same_key(const RowKey& wanted, const Json& row, std::string_view key_column) {
    return (wanted.tenant.empty() || wanted.tenant == text_of(row, "tenant_id")) &&
           wanted.source_system == text_of(row, "source_system") &&
           wanted.source_id == text_of(row, key_column);
}

std::vector<RowKey> keys_of(const std::vector<std::pair<const FindKey*, RowKey>>& wanted) {
    std::vector<RowKey> keys;
    for (const auto& [key, row] : wanted) {
        keys.push_back(row);
    }
    return keys;
}

Result<void> find_by_key(
    const RowLookup& lookup, const Table& table, const Wanted& wanted, std::vector<Found>& found
) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto rows,
        lookup.by_key(table, columns_of(table), "source_id", keys_of(wanted.by_key))
    );
    for (const auto& [key, row_key] : wanted.by_key) {
        std::optional<Found> hit;
        for (const auto& row : rows) {
            if (!same_key(row_key, row, "source_id")) {
                continue;
            }
            if (hit) {
                hit->hold = Reason{
                    "AMBIGUOUS",
                    std::string(table.name) + " has " + row_key.source_system + " " +
                        row_key.source_id + " for more than one tenant"};
            } else {
                hit = found_row(table, *key, row);
            }
        }
        if (hit) {
            found.push_back(std::move(*hit));
        }
    }
    return {};
}

Result<void> find_sets(
    const RowLookup& lookup, const Table& table, const Wanted& wanted, std::vector<Found>& found
) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto rows,
        lookup.by_key(table, columns_of(table), table.parent_column, keys_of(wanted.sets))
    );
    for (const auto& [key, parent] : wanted.sets) {
        std::vector<const Json*> children;
        for (const auto& row : rows) {
            if (same_key(parent, row, table.parent_column)) {
                children.push_back(&row);
            }
        }
        if (!children.empty()) {
            found.push_back(found_set(table, *key, parent, std::move(children)));
        }
    }
    return {};
}

}  // namespace

Result<std::vector<Found>> find_documents(
    plugin::Call& call, const RestClient& client, const FindRequest& request
) {
    const Table* table = find_table(request.entity);
    if (table == nullptr && is_plain_name(request.entity)) {
        return find_in_own_table(call, client, request);
    }
    if (table == nullptr) {
        return Error{
            ErrorCode::kUnsupported,
            "Supabase has no table '" + request.entity.substr(0, 60) + "'",
            "supabase.no_table"};
    }
    const RowLookup lookup(call, client);
    const Wanted wanted = sort_keys(request);
    std::vector<Found> found;
    if (!wanted.by_id.empty()) {
        SYNCLINE_RETURN_IF_ERROR(find_by_id(lookup, *table, wanted, found));
    }
    if (!wanted.by_key.empty()) {
        SYNCLINE_RETURN_IF_ERROR(find_by_key(lookup, *table, wanted, found));
    }
    if (!wanted.sets.empty() && !table->parent_table.empty()) {
        SYNCLINE_RETURN_IF_ERROR(find_sets(lookup, *table, wanted, found));
    }
    return found;
}

}  // namespace syncline::supabase
