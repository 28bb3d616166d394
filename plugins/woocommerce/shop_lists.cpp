#include "woocommerce/shop_lists.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>

#include "woocommerce/convert_parts.hpp"

namespace syncline::woocommerce {
namespace {

constexpr std::size_t kIncludeMax = 100;

struct NamedList {
    std::string entity;
    ShopList list;
};

// Products: 25 at a time, as each variable one costs a request for its variations.
const std::array<NamedList, 4> kLists{{
    {"order", {"orders", {{"status", "any"}}, true, true, true, 100}},
    {"customer", {"customers", {{"role", "all"}}, false, false, true, 100}},
    {"product", {"products", {{"status", "any"}}, true, true, true, 25}},
    {"refund", {"refunds", {}, true, true, false, 100}},
}};

// The shop takes UTC only without a zone designator; "Z" would be converted to its own time first.
std::string naive_utc(Timestamp at) {
    return at.to_string().substr(0, 19);
}

Result<Rows> get_rows(
    plugin::Call& call, Shop& shop, const std::string& path, const QueryParameters& query
) {
    SYNCLINE_ASSIGN_OR_RETURN(Answer answer, get(call, shop, path, query));
    if (!answer.body.is_array()) {
        return Error{
            ErrorCode::kTransient,
            "GET " + path + ": expected a list, found " + dump_json(answer.body).substr(0, 60),
            "woo.not_a_list"};
    }
    Rows rows;
    rows.rows.assign(
        std::make_move_iterator(answer.body.begin()), std::make_move_iterator(answer.body.end())
    );
    rows.total = answer.total;
    rows.date = answer.date;
    return rows;
}

std::string joined(const std::vector<std::string>& ids) {
    std::string text;
    for (const auto& id : ids) {
        text += (text.empty() ? "" : ",") + id;
    }
    return text;
}

// Moves the rows of `wanted` from the list to `found`; what did not come stays in `wanted`.
Result<void> collect(
    plugin::Call& call,
    Shop& shop,
    const ShopList& list,
    std::set<std::string>& wanted,
    FoundRows& found
) {
    std::vector<std::string> ids(wanted.begin(), wanted.end());
    for (std::size_t at = 0; at < ids.size(); at += kIncludeMax) {
        const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end =
            begin + static_cast<std::ptrdiff_t>(std::min(kIncludeMax, ids.size() - at));
        QueryParameters query = list.query;
        query["include"] = joined({begin, end});
        query["per_page"] = std::to_string(kIncludeMax);
        query["orderby"] = "id";
        query["order"] = "asc";
        SYNCLINE_ASSIGN_OR_RETURN(Rows rows, get_rows(call, shop, list.path, query));
        if (!found.date) {
            found.date = rows.date;
        }
        for (auto& row : rows.rows) {
            const auto id = row_id(row);
            if (id && wanted.erase(std::to_string(*id)) > 0) {
                found.rows.push_back(std::move(row));
            }
        }
    }
    return {};
}

// Ids as the shop writes them ("058" is 58), each once.
Result<std::set<std::string>> checked_ids(const std::vector<std::string>& ids) {
    std::set<std::string> checked;
    for (const auto& id : ids) {
        const auto number = parse_id(id);
        if (!number) {
            return Error{
                ErrorCode::kData,
                "'" + id.substr(0, 40) + "' is not an id of WooCommerce (a number)",
                "woo.bad_id"};
        }
        checked.insert(std::to_string(*number));
    }
    return checked;
}

}  // namespace

const ShopList* list_of(const std::string& entity) {
    for (const auto& named : kLists) {
        if (named.entity == entity) {
            return &named.list;
        }
    }
    return nullptr;
}

bool is_gone(const Error& error) {
    return error.code == ErrorCode::kData && error.http_status == 404;
}

Result<Answer> get(
    plugin::Call& call, Shop& shop, const std::string& path, const QueryParameters& query
) {
    if (call.cancelled()) {
        return Error{ErrorCode::kCancelled, "stopped before GET " + path, "woo.cancelled"};
    }
    return shop.get(path, query);
}

Result<ScanPage> scan_list(
    plugin::Call& call,
    Shop& shop,
    const ShopList& list,
    std::optional<Timestamp> changed_since,
    ScanStart start
) {
    QueryParameters fixed = list.query;
    fixed["orderby"] = "id";
    fixed["order"] = "asc";
    if (list.has_window && changed_since) {
        // Strictly after, in whole seconds.
        fixed["modified_after"] =
            naive_utc(Timestamp{shop.earliest_mark(*changed_since).ms - 1000});
        fixed["dates_are_gmt"] = "true";
    }
    const auto fetch = [&](std::int64_t offset, std::int64_t count, Detail detail) {
        QueryParameters query = fixed;
        query["per_page"] = std::to_string(count);
        if (offset > 0) {
            query["offset"] = std::to_string(offset);
        }
        if (detail == Detail::kIdOnly) {
            query["_fields"] = "id";
        }
        return get_rows(call, shop, list.path, query);
    };
    start.limit = std::clamp<std::int64_t>(start.limit, 1, list.page_max);
    start.page_max = shop.settings().page_size;
    return scan_page(fetch, start);
}

Result<std::vector<Json>> read_all(plugin::Call& call, Shop& shop, const ShopList& list) {
    std::vector<Json> rows;
    ScanStart start;
    for (bool more = true; more;) {
        SYNCLINE_ASSIGN_OR_RETURN(ScanPage page, scan_list(call, shop, list, std::nullopt, start));
        if (!page.without_id.empty()) {  // what is made of all rows would be wrong without one
            return Error{
                ErrorCode::kTransient,
                "the shop's list " + list.path + " has an entry without an id: " +
                    dump_json(page.without_id.front()).substr(0, 60),
                "woo.row_without_id"};
        }
        std::move(page.rows.begin(), page.rows.end(), std::back_inserter(rows));
        start.after_id = page.last_id;
        start.hint = page.next;
        more = page.more;
    }
    return rows;
}

Result<FoundRows> rows_by_id(
    plugin::Call& call, Shop& shop, const ShopList& list, const std::vector<std::string>& ids
) {
    SYNCLINE_ASSIGN_OR_RETURN(auto wanted, checked_ids(ids));
    FoundRows found;
    SYNCLINE_RETURN_IF_ERROR(collect(call, shop, list, wanted, found));
    if (list.has_trash && !wanted.empty()) {
        ShopList trash = list;
        trash.query["status"] = "trash";
        SYNCLINE_RETURN_IF_ERROR(collect(call, shop, trash, wanted, found));
    }
    for (const auto& id : wanted) {
        auto one = list.has_single ? get(call, shop, list.path + "/" + id, {})
                                   : Result<Answer>(Error{ErrorCode::kData, {}, {}, 404});
        if (one && one->body.is_object()) {
            found.rows.push_back(std::move(one->body));
        } else if (!one && !is_gone(one.error())) {
            return one.error();
        } else {
            found.gone.push_back(id);
        }
    }
    std::stable_sort(found.rows.begin(), found.rows.end(), source_id_less);
    return found;
}

}  // namespace syncline::woocommerce
