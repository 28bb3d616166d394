#include "quickbooks/remote/find.hpp"

#include <algorithm>
#include <functional>

#include <syncline/model/customer.hpp>

#include "quickbooks/customer_key.hpp"
#include "quickbooks/remote/owned.hpp"
#include "quickbooks/remote/verify.hpp"
#include "quickbooks/settings.hpp"
#include "quickbooks/source/home_currency.hpp"
#include "quickbooks/source/reading.hpp"

namespace syncline::quickbooks {
namespace {

constexpr std::size_t kListMax = 30;          // values of one IN
constexpr std::size_t kListBytesMax = 2'000;  // of them together, so that the URL stays short
constexpr std::string_view kNamePrefix = "name:";

using Keys = std::vector<const FindKey*>;

bool is_active(const Json& row) {
    return flag_at(row, "Active", true);
}

bool is_named(const FindKey& key) {
    return key.natural_key.rfind(kNamePrefix, 0) == 0;
}

bool has_marker(const Json& row, const FindKey& key) {
    return !key.marker.empty() && text_at(row, "PrivateNote").find(key.marker) != std::string::npos;
}

std::string name_member(const EntityFacts& facts) {
    return std::string(facts.name_member);
}

// "INACTIVE_CUSTOMER"
std::string inactive_code(const EntityFacts& facts) {
    std::string code = "INACTIVE_" + std::string(facts.entity);
    std::transform(code.begin(), code.end(), code.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return code;
}

// The tenant wants it active again: it is to be written, which sees to that.
bool is_to_reactivate(const EntityFacts& facts, const FindKey& key, const Json& row) {
    return !facts.transaction && !is_active(row) &&
           text_at(key.body, kInactiveMember) == enum_name(InactiveChoice::kReactivate);
}

// The names a record may have been given, in the order in which they are tried.
std::vector<std::string> names_of(const EntityFacts& facts, const FindKey& key) {
    std::vector<std::string> names{
        is_named(key) ? key.natural_key.substr(kNamePrefix.size()) : key.natural_key};
    const std::string member = name_member(facts);
    if (text_at(key.body, member) == names.front()) {
        for (const auto& other : child_at(key.body, "$alternatives")) {
            names.push_back(other.is_string() ? other.get<std::string>() : std::string());
        }
    }
    return names;
}

// Values in lists that fit one query each.
std::vector<std::vector<std::string>> chunks(const std::vector<std::string>& values) {
    std::vector<std::vector<std::string>> all;
    std::size_t bytes = 0;
    for (const auto& value : values) {
        if (all.empty() || all.back().size() >= kListMax || bytes + value.size() > kListBytesMax) {
            all.emplace_back();
            bytes = 0;
        }
        bytes += value.size();
        all.back().push_back(value);
    }
    return all;
}

Result<std::vector<Json>> rows_with(
    const Api& api,
    const EntityFacts& facts,
    const std::string& member,
    const std::vector<std::string>& values
) {
    std::vector<Query> queries;
    for (const auto& chunk : chunks(values)) {
        std::string where = is_one_of(member, chunk);
        // Inactive names are hidden unless asked for, and block a new record of that name all the
        // same.
        where += facts.transaction ? "" : " AND Active IN (true, false)";
        queries.push_back(Query{std::string(facts.type), std::move(where), ""});
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto results, api.queries(queries));
    std::vector<Json> all;
    for (auto& rows : results) {
        std::move(rows.begin(), rows.end(), std::back_inserter(all));
    }
    return all;
}

using Matches = std::function<bool(const Json& row, const FindKey& key)>;

void choose_all(
    const EntityFacts& facts,
    const Keys& keys,
    const std::vector<Json>& rows,
    const Matches& matches,
    std::vector<Found>& found
) {
    for (const FindKey* key : keys) {
        std::vector<const Json*> hits;
        for (const auto& row : rows) {
            if (matches(row, *key)) {
                hits.push_back(&row);
            }
        }
        const bool any_active =
            std::any_of(hits.begin(), hits.end(), [](const Json* row) { return is_active(*row); });
        if (!hits.empty() && !any_active && is_to_reactivate(facts, *key, *hits.front())) {
            continue;
        }
        if (auto chosen = choose(facts, *key, hits)) {
            found.push_back(*std::move(chosen));
        }
    }
}

// A customer has one currency for ever: one that is kept in another is another customer.
bool has_currency(const Json& row, const CustomerKey& key, const std::optional<Currency>& home) {
    const std::string code = reference_at(row, "CurrencyRef");
    if (key.currency) {
        return code == key.currency->code();
    }
    return code.empty() || !home || code == home->code();
}

// The member may hold a list of addresses.
bool has_email(const Json& row, const std::string& email) {
    const std::string addresses = text_at(child_at(row, "PrimaryEmailAddr"), "Address") + ",";
    for (std::size_t at = 0; at < addresses.size();) {
        const auto comma = addresses.find(',', at);
        if (normalized_email(addresses.substr(at, comma - at)) == email) {
            return true;
        }
        at = comma + 1;
    }
    return false;
}

Result<void> find_by_email(
    const Api& api, const EntityFacts& facts, const Keys& keys, std::vector<Found>& found
) {
    std::vector<std::string> emails;
    for (const FindKey* key : keys) {
        emails.push_back(parse_customer_key(key->natural_key).email);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto rows, rows_with(api, facts, "PrimaryEmailAddr", emails));
    const auto home = known_home_currency(api.host());
    choose_all(
        facts,
        keys,
        rows,
        [&](const Json& row, const FindKey& key) {
            const CustomerKey wanted = parse_customer_key(key.natural_key);
            return has_email(row, wanted.email) && has_currency(row, wanted, home);
        },
        found
    );
    return {};
}

Result<void> find_by_sku(
    const Api& api, const EntityFacts& facts, const Keys& keys, std::vector<Found>& found
) {
    std::vector<std::string> skus;
    for (const FindKey* key : keys) {
        skus.push_back(key->natural_key);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto rows, rows_with(api, facts, "Sku", skus));
    const bool told =
        std::all_of(rows.begin(), rows.end(), [](const Json& row) { return row.contains("Sku"); });
    if (!told && keys.size() > 1) {
        // Some versions leave Sku out of the answer: then only a question of its own tells whose
        // row it is.
        for (const FindKey* key : keys) {
            SYNCLINE_RETURN_IF_ERROR(find_by_sku(api, facts, {key}, found));
        }
        return {};
    }
    choose_all(
        facts,
        keys,
        rows,
        [&](const Json& row, const FindKey& key) {
            return !told || text_at(row, "Sku") == key.natural_key;
        },
        found
    );
    return {};
}

Result<void> find_by_name(
    const Api& api, const EntityFacts& facts, const Keys& keys, std::vector<Found>& found
) {
    std::vector<std::string> names;
    for (const FindKey* key : keys) {
        for (auto& name : names_of(facts, *key)) {
            names.push_back(std::move(name));
        }
    }
    const std::string member = name_member(facts);
    SYNCLINE_ASSIGN_OR_RETURN(const auto rows, rows_with(api, facts, member, names));
    for (const FindKey* key : keys) {
        for (const auto& name : names_of(facts, *key)) {
            const auto row = std::find_if(rows.begin(), rows.end(), [&](const Json& one) {
                return text_at(one, member) == name;
            });
            if (row != rows.end()) {
                if (!is_to_reactivate(facts, *key, *row)) {
                    found.push_back(found_row(facts, *key, *row));
                }
                break;
            }
        }
    }
    return {};
}

// The number is not unique in every company and may be someone else's: the marker decides.
Result<void> find_by_number(
    const Api& api, const EntityFacts& facts, const Keys& keys, std::vector<Found>& found
) {
    std::vector<std::string> numbers;
    for (const FindKey* key : keys) {
        numbers.push_back(text_at(key->body, "DocNumber"));
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto rows, rows_with(api, facts, "DocNumber", numbers));
    for (const FindKey* key : keys) {
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const Json& one) {
            return has_marker(one, *key);
        });
        if (row != rows.end()) {
            found.push_back(found_row(facts, *key, *row));
        }
    }
    return {};
}

// PrivateNote cannot be queried, so everything made since then is looked through.
Result<void> find_since(
    const Api& api,
    const EntityFacts& facts,
    const Keys& keys,
    Timestamp since,
    std::vector<Found>& found
) {
    const std::string from = since.to_string().substr(0, 19) + "+00:00";
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto rows,
        api.query(Query{
            std::string(facts.type),
            "MetaData.CreateTime >= " + query_literal(from),
            "MetaData.CreateTime"})
    );
    for (const FindKey* key : keys) {
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const Json& one) {
            return has_marker(one, *key);
        });
        if (row != rows.end()) {
            found.push_back(found_row(facts, *key, *row));
        }
    }
    return {};
}

Result<void> find_by_id(
    const Api& api, const EntityFacts& facts, const FindKey& key, std::vector<Found>& found
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto row, api.read(facts.entity, facts.type, key.remote_id));
    if (row) {
        found.push_back(found_row(facts, key, *row));
    }
    return {};
}

// The keys in the groups that are searched alike.
struct Groups {
    Keys by_id, by_name, by_identity, by_number, by_marker;
};

bool by_name(const EntityFacts& facts, const FindKey& key) {
    return facts.search == Search::kName || is_named(key);
}

Groups group(const EntityFacts& facts, const std::vector<FindKey>& keys) {
    Groups groups;
    for (const auto& key : keys) {
        if (key.remote_id.empty() && key.natural_key.empty() && key.marker.empty()) {
            continue;  // nothing to know it by
        }
        const bool numbered = !text_at(key.body, "DocNumber").empty();
        Keys& into = !key.remote_id.empty() ? groups.by_id
                     : !facts.transaction
                         ? (by_name(facts, key) ? groups.by_name : groups.by_identity)
                     : facts.search == Search::kDocNumber && numbered ? groups.by_number
                                                                      : groups.by_marker;
        into.push_back(&key);
    }
    return groups;
}

}  // namespace

Found found_row(const EntityFacts& facts, const FindKey& key, const Json& row) {
    Found found;
    found.key = key.key;
    found.entity = facts.entity;
    found.remote_id = text_at(row, "Id");
    found.version = text_at(row, "SyncToken");
    found.owned = owned_part(facts, row, key.body);
    found.changed_at = changed_at(row);
    const std::string what = std::string(facts.type) + " " + found.remote_id;
    if (!facts.transaction && !is_active(row)) {
        const std::string key_member = facts.search == Search::kEmail ? "e-mail"
                                       : facts.search == Search::kSku ? "SKU"
                                                                      : "name";
        found.hold = Reason{
            inactive_code(facts),
            what + " ('" + text_at(row, name_member(facts)) +
                "') is inactive in QuickBooks; make it active again there, set inactive_records to "
                "reactivate, or change the " +
                key_member + " of the one or the other"};
    }
    if (facts.transaction && is_voided(row)) {
        found.hold = Reason{
            "VOIDED_IN_BOOKS",
            what + " was voided in QuickBooks; delete it there to post the order again"};
    }
    if (facts.transaction && key.money && !found.hold) {
        const auto differs = difference(row, key.body, *key.money);
        found.differs = differs ? differs->text : std::string();
    }
    return found;
}

std::optional<Found> choose(
    const EntityFacts& facts, const FindKey& key, const std::vector<const Json*>& rows
) {
    std::vector<const Json*> active;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(active), [](const Json* row) {
        return is_active(*row);
    });
    if (rows.empty()) {
        return std::nullopt;
    }
    if (active.size() <= 1) {
        return found_row(facts, key, active.empty() ? *rows.front() : *active.front());
    }
    Found found = found_row(facts, key, *active.front());
    const bool customer = facts.search == Search::kEmail;
    std::string ids;
    for (const Json* row : active) {
        ids += (ids.empty() ? "" : ", ") + text_at(*row, "Id");
    }
    found.hold = Reason{
        customer ? "AMBIGUOUS_CUSTOMER" : "DUPLICATE_SKU",
        "QuickBooks has " + std::to_string(active.size()) + " active " +
            (customer ? "customers with this e-mail" : "items with this SKU") + " (ids " + ids +
            "); merge them or link the right one"};
    return found;
}

Result<std::vector<Found>> find(const Api& api, const FindRequest& request) {
    const EntityFacts* facts = find_entity(request.entity);
    if (facts == nullptr) {
        return Error{
            ErrorCode::kUnsupported,
            "QuickBooks has no entity '" + request.entity + "' here",
            "qbo.entity"};
    }
    const Groups groups = group(*facts, request.keys);
    std::vector<Found> found;
    for (const FindKey* key : groups.by_id) {
        SYNCLINE_RETURN_IF_ERROR(find_by_id(api, *facts, *key, found));
    }
    if (!groups.by_identity.empty()) {
        SYNCLINE_RETURN_IF_ERROR(
            facts->search == Search::kEmail ? find_by_email(api, *facts, groups.by_identity, found)
                                            : find_by_sku(api, *facts, groups.by_identity, found)
        );
    }
    if (!groups.by_name.empty()) {
        SYNCLINE_RETURN_IF_ERROR(find_by_name(api, *facts, groups.by_name, found));
    }
    if (!groups.by_number.empty()) {
        SYNCLINE_RETURN_IF_ERROR(find_by_number(api, *facts, groups.by_number, found));
    }
    if (!groups.by_marker.empty() && request.since) {
        SYNCLINE_RETURN_IF_ERROR(find_since(api, *facts, groups.by_marker, *request.since, found));
    }
    return found;
}

}  // namespace syncline::quickbooks
