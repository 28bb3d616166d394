// Writes batches to the shop and settles each item by itself.
#pragma once

#include <syncline/operations.hpp>
#include <syncline/plugin/connector.hpp>

#include "woocommerce/reader.hpp"
#include "woocommerce/shop.hpp"

namespace syncline::woocommerce {

// Where it is written to, and who tells how it reads there.
struct TargetShop {
    Shop& shop;
    Reader& reader;
    std::size_t batch_max;
};

// In requests of at most `batch_max` items. Before an update the rows are read: one whose fields of
// ours are not what `version` says is a kConflict, one that is gone or in the trash is held. A
// create whose SKU or e-mail another record holds becomes an update of that one (Written::adopted),
// since that is what identifies it. A product is deleted into the trash; a void makes a product a
// draft and cancels an order. Orders are only changed, never made. Written::read_back is the shop's
// answer, left out where somebody else may have changed the record since `version`. Errors: what
// concerns the whole (no answer, credentials); items reported before it are settled.
Result<void> write_records(
    plugin::Call& call,
    const TargetShop& target,
    const WriteRequest& request,
    plugin::Outcomes& outcomes
);

}  // namespace syncline::woocommerce
