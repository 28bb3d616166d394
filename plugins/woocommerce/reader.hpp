// Pages of records, per entity: window scans and given ids.
//
// The flow's filters are left to the host: an order that left the filter (cancelled) must still
// reach a target that has it, so nothing but the window narrows what is read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <syncline/operations.hpp>
#include <syncline/plugin/connector.hpp>

#include "woocommerce/convert.hpp"
#include "woocommerce/shop.hpp"

namespace syncline::woocommerce {

class Reader {
public:
    explicit Reader(Shop& shop) : shop_(shop) {}

    // Window: every record changed at or after `window.from` and perhaps more. `to` is not sent,
    // since rows that change during the scan would leave the list and shift the others; what
    // changed later is left out here. Customers know no window.
    // Ids: a record that is gone comes as kDelete; a draft does not come.
    // Errors: those of Shop::get() and scan_page(); kData for an id that is no number;
    // kUnsupported for an entity the shop does not have.
    Result<Page> read(plugin::Call& call, const ReadRequest& request);

    // A row as the shop answered it to a write, made a record as read() makes it. Nothing for what
    // the row alone does not tell (variations are lists of their own), for what read() leaves out,
    // and while the shop does not say what its rows are read with.
    std::optional<ReadBack> read_back(plugin::Call& call, const std::string& entity, Json row);

private:
    Result<Page> read_window(plugin::Call& call, const ReadRequest& request);
    Result<Page> read_ids(plugin::Call& call, const ReadRequest& request);
    Result<Page> read_refunds_by_order(plugin::Call& call, const ReadRequest& request);

    // Converts `rows` and appends them to `page`, with what belongs to them read as well.
    Result<void> add(
        plugin::Call& call, const std::string& entity, std::vector<Json> rows, Page& page
    );
    Result<void> add_products(plugin::Call& call, std::vector<Json> rows, Page& page);
    // Of a customer or an order; nothing for a cart that is no order yet.
    std::optional<Record> record_of(const std::string& entity, Json row) const;
    Result<void> know_currency(plugin::Call& call);
    Result<void> add_refunds(plugin::Call& call, std::vector<Json> rows, Page& page);
    // With its variations; nothing if it was deleted since its row was read.
    Result<std::optional<Product>> complete_product(plugin::Call& call, Json row);
    Result<void> add_refunds_of(plugin::Call& call, const Json& order, Page& page);
    // Of the order each of the refunds belongs to, by order id; an order that is gone is not in it.
    Result<std::map<std::string, Order>> orders_of(
        plugin::Call& call, const std::vector<Json>& refunds
    );

    Shop& shop_;
    ShopFacts facts_;  // the currency is empty until products are read
};

}  // namespace syncline::woocommerce
