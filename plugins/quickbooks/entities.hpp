// What differs between the entities of QuickBooks, as one table: a new kind of document is a row.
#pragma once

#include <string_view>
#include <vector>

#include <syncline/json.hpp>

namespace syncline::quickbooks {

// How an object is taken out of the books.
enum class Removal {
    kDeactivate,     // name lists: Active=false
    kVoidOperation,  // ?operation=void
    kVoidByUpdate,   // ?operation=update&include=void
    kDelete,         // cannot be voided
};

// What find() searches by when no id is known.
enum class Search { kEmail, kSku, kDocNumber, kMarker, kName };

struct EntityFacts {
    std::string_view entity;     // ours, and the path of its URL: "salesreceipt"
    std::string_view canonical;  // what needs call it: "product"
    std::string_view type;       // in envelopes and queries: "SalesReceipt"
    bool transaction;            // has money, a date, and can be deleted
    Removal removal;
    Search search;
    // Members that are sent when the object is made and never again: the bookkeeper may change
    // them.
    std::vector<std::string_view> create_only;
    // The members encode() makes of every record; of a remote object nothing else is compared,
    // unless the document has it.
    std::string_view shape;
    std::vector<std::string_view> owned_paths;  // CatalogEntity::owned_paths
    std::string_view name_member = "Name";      // of name lists
    bool writable = true;
    // Its records are the native object under "raw"; see source/native.hpp. No other model fits.
    bool native = false;
    bool has_active = true;  // of name lists: can be inactive
    bool in_changes = true;  // change data capture knows it
};

// In the body of a document, or in the record of a need: what to do with one that is inactive.
inline constexpr std::string_view kInactiveMember = "$inactive";

const std::vector<EntityFacts>& entities();

// By either of our names; nullptr if QuickBooks has no such entity here.
const EntityFacts* find_entity(std::string_view name);

// The types whose DocNumbers share one sequence.
const std::vector<std::string_view>& numbered_types();

}  // namespace syncline::quickbooks
