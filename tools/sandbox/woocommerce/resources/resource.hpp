#pragma once

#include <functional>
#include <set>
#include <string>

#include "woocommerce/shop.hpp"
#include "woocommerce/wire/parameters.hpp"
#include "woocommerce/wire/rest.hpp"

namespace sandbox::woo {

// What tells one kind of record from another in routes and errors.
struct ResourceNames {
    std::string collection;          // "/orders"; a parent's id stands as {parent}
    std::string item_in_location;    // the same as the shop prints it in Location
    std::string missing_code;        // "woocommerce_rest_shop_order_invalid_id"
    std::string missing_message;     // "Invalid ID."
    std::string post_type;           // "shop_order", "" when the kind has no "exists" error
    std::string untrashable;         // "Customers": DELETE needs force; "" when trash works
    bool total_past_the_end = true;  // whether a page past the end still tells the true total
};

// The routes that all kinds of records share. A kind says what matches a filter, how a record
// looks, and what writing means.
class Resource {
public:
    Resource(Shop& shop, ResourceNames names, Parameters listing, Parameters writing);
    virtual ~Resource() = default;

    Reply list(Call& call);
    Reply create(Call& call);
    Reply get(Call& call);
    Reply update(Call& call);
    Reply remove(Call& call);
    Reply batch(Call& call);

    const ResourceNames& names() const { return names_; }

protected:
    virtual Records& records() = 0;
    // Decides by what a request filters for beyond what all lists filter by; read once per
    // request, asked for every record. `call` outlives it.
    using Matcher = std::function<bool(const Record&)>;
    virtual Matcher matcher(const Call& call) const = 0;
    // Text that `search` looks through and `orderby` other than id and dates sorts by.
    virtual std::string search_text(const Record& record) const = 0;
    virtual std::string sort_text(const Record& record, const std::string& orderby) const = 0;
    virtual std::string default_orderby() const { return "date"; }
    virtual bool descending_by_default() const { return true; }
    // Fields the shop writes into the query before it prints page links.
    virtual void add_link_defaults(Json& query, bool any_rows) const;
    // The record as the API shows it, without `_links` and with local dates still to come.
    virtual Json present(const Record& record, const Call& call) const = 0;
    virtual Json links_of(const Record& record, const Call& call) const;
    // Stores a new record and returns its id; checks its arguments beyond their types.
    virtual std::int64_t insert(Call& call) = 0;
    // Kinds without an update leave this: it answers as for a route that does not exist.
    virtual void change(Record& record, Call& call);
    // Moves to the trash or, with force, erases; the answer shows the record as it was.
    virtual void discard(Record& record, bool force);
    // Refuses a call whose parent (in the path) does not exist.
    virtual void check_parent(const Call&) const {}

    Json shown(const Record& record, const Call& call) const;
    Json shown(std::int64_t id, const Call& call) { return shown(records().at(id), call); }
    Record& existing(const Call& call, int status_when_missing);
    std::string collection_path(const Call& call) const;

    Shop& shop_;

private:
    std::vector<const Record*> matching(const Call& call);
    void sort(std::vector<const Record*>& rows, const Call& call, std::size_t needed) const;
    Reply page_reply(const std::vector<const Record*>& rows, const Call& call) const;
    Json batch_item(const char* verb, const Json& item, const Call& call);
    static Json broken_item(const Json& item);

    const ResourceNames names_;
    const Parameters listing_;
    const Parameters writing_;
};

}  // namespace sandbox::woo
