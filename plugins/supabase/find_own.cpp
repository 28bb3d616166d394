#include "supabase/find_own.hpp"

#include <syncline/money.hpp>

#include "supabase/own_table.hpp"

namespace syncline::supabase {
namespace {

// Whether the database shows, in its way, what was written as `wanted`: 12.3 for "12.30", a time
// with another offset.
bool means_the_same(const Json& wanted, const Json& shown) {
    if (wanted == shown) {
        return true;
    }
    if (!wanted.is_string() || shown.is_structured()) {
        return false;
    }
    const std::string ours = wanted.get<std::string>();
    const std::string theirs = shown.is_string() ? shown.get<std::string>() : dump_json(shown);
    if (ours == theirs) {
        return true;
    }
    const auto number = Decimal::parse(ours);
    const auto other = Decimal::parse(theirs);
    if (number && other) {
        return *number == *other;
    }
    const auto time = Timestamp::parse(ours);
    const auto other_time = Timestamp::parse(theirs);
    return time && other_time && *time == *other_time;
}

Json owned_of(const Json& body, const Json& row) {
    if (!body.is_object()) {
        return row;
    }
    Json owned = Json::object();
    for (const auto& entry : body.items()) {
        const auto shown = row.find(entry.key());
        const bool same = entry.key() == kOwnKeyMember ||
                          (shown != row.end() && means_the_same(entry.value(), *shown));
        owned[entry.key()] = same ? entry.value() : shown == row.end() ? Json() : *shown;
    }
    return owned;
}

Result<std::optional<Found>> find_one(
    const RestClient& client, const Table& table, const FindKey& key, const std::string& id
) {
    RestRequest get;
    get.query.select("*").limit(2);
    for (const auto& [column, value] : parse_own_id(id)) {
        get.query.where(column, "eq", value);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Rows rows, client.rows(table, get));
    if (rows.items.empty()) {
        return std::optional<Found>();
    }
    Found found;
    found.key = key.key;
    found.entity = table.name;
    found.remote_id = id;
    found.owned = owned_of(key.body, rows.items[0]);
    if (rows.items.size() > 1) {
        found.hold =
            Reason{"AMBIGUOUS", std::string(table.name) + " has more than one row with " + id};
    }
    return std::optional<Found>(std::move(found));
}

}  // namespace

Result<std::vector<Found>> find_in_own_table(
    plugin::Call& call, const RestClient& client, const FindRequest& request
) {
    std::vector<Found> all;
    for (const auto& key : request.keys) {
        if (call.cancelled()) {
            return Error{
                ErrorCode::kCancelled, "stopped between two requests", "supabase.cancelled"};
        }
        auto table = own_table_of(request.entity, key.body);
        const auto in_body = table ? key_in(*table, key.body) : std::nullopt;
        const std::string id = in_body ? in_body->source_id : key.remote_id;
        table = table ? table : own_table_of_id(request.entity, id);
        if (!table || id.empty()) {
            continue;  // nothing says by what it is known
        }
        SYNCLINE_ASSIGN_OR_RETURN(auto found, find_one(client, *table, key, id));
        if (found) {
            all.push_back(*std::move(found));
        }
    }
    return all;
}

}  // namespace syncline::supabase
