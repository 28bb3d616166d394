// The shop's lists: a page of a scan, all of a short list, rows by id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <syncline/plugin/connector.hpp>

#include "woocommerce/scan.hpp"
#include "woocommerce/shop.hpp"

namespace syncline::woocommerce {

// A list and what every request to it carries.
struct ShopList {
    std::string path;             // "orders"
    QueryParameters query;        // {"status": "any"}
    bool has_window = false;      // it knows modified_after
    bool has_trash = false;       // status=trash lists what status=any hides
    bool has_single = false;      // "<path>/<id>" answers one
    std::int64_t page_max = 100;  // rows per page, since each may need requests of its own
};

// nullptr for an entity the shop does not have.
const ShopList* list_of(const std::string& entity);

// Rows of given ids, and the ids of which the shop has nothing.
struct FoundRows {
    std::vector<Json> rows;  // in order of ids
    std::vector<std::string> gone;
    std::optional<Timestamp> date;
};

// GET of one thing; kCancelled when the call is.
Result<Answer> get(
    plugin::Call& call, Shop& shop, const std::string& path, const QueryParameters& query
);

// One page, `start.limit` being cut to what list and settings allow. `changed_since`: only rows
// changed then or later.
Result<ScanPage> scan_list(
    plugin::Call& call,
    Shop& shop,
    const ShopList& list,
    std::optional<Timestamp> changed_since,
    ScanStart start
);

// Everything in a list that is known to be short: variations, the refunds of an order.
Result<std::vector<Json>> read_all(plugin::Call& call, Shop& shop, const ShopList& list);

// Asks for the ids in chunks; those that do not come are looked for in the trash and then one by
// one, so that only what the shop itself calls missing counts as gone.
Result<FoundRows> rows_by_id(
    plugin::Call& call, Shop& shop, const ShopList& list, const std::vector<std::string>& ids
);

// The shop says that there is no such thing.
bool is_gone(const Error& error);

}  // namespace syncline::woocommerce
