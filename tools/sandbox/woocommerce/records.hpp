#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "woocommerce/wire/json_text.hpp"

namespace sandbox::woo {

// One stored thing of the shop. The members win over the same fields of the document, which lets
// thousands of multiplied records share one document.
struct Record {
    std::int64_t id = 0;
    std::int64_t parent = 0;               // of a variation or a refund
    std::int64_t customer = 0;             // of an order
    std::string status;                    // "" where the kind has none
    std::string created;                   // UTC, "2026-11-21T07:34:10"
    std::string modified;                  // UTC; "" = never
    std::shared_ptr<const Json> document;  // amounts with six decimals, no _links
    int copy = 0;  // > 0: the n-th multiple of a recorded one, see copies.hpp
};

using Records = std::map<std::int64_t, Record>;

// Takes the members out of a document in the form of the API; `parent` comes from parent_id.
Record make_record(Json document);

// The record's document with its members written back; the clock fields without "_gmt" are stale.
Json document_of(const Record& record);

}  // namespace sandbox::woo
