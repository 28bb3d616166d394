// One company's QuickBooks API: addresses, headers, queries, batches. Every answer is looked
// through for faults, whatever its HTTP status is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/plugin.hpp>

#include "quickbooks/remote/fault.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {

inline constexpr std::size_t kBatchMax = 30;

struct Endpoint {
    std::string base_url;  // "https://quickbooks.api.intuit.com"
    std::string realm_id;
};

struct Answer {
    Json body;
    std::optional<Fault> fault;
    Occasion occasion;
    std::optional<Timestamp> time;  // of QuickBooks' clock

    // The answer's error, if it is one.
    Error error() const;
};

// `WHERE` part and order of a query; always asked for in pages of 1000.
struct Query {
    std::string type;   // "Customer"
    std::string where;  // may be empty
    std::string order;  // member; may be empty
};

// Rows of a query: the first one's number, counted from 1, and how many at most.
struct Slice {
    std::size_t start = 1;
    std::size_t count = 1000;
};

struct Listing {
    std::vector<Json> rows;
    std::optional<Timestamp> time;  // of QuickBooks' clock
};

// 'text' with quotes, escaped for a query.
std::string query_literal(std::string_view text);
// "Sku = 'a'" or "Sku IN ('a', 'b')".
std::string is_one_of(std::string_view member, const std::vector<std::string>& values);

// Borrows the call: make one per operation. [instance]
class Api {
public:
    Api(plugin::Host host, const Endpoint& endpoint, plugin::Call& call)
        : host_(host), endpoint_(endpoint), call_(call) {}

    // GET /{path}; faults are errors.
    Result<Json> get(const std::string& path) const;
    // The object of that id, or nothing if QuickBooks has none.
    Result<std::optional<Json>> read(
        std::string_view entity, std::string_view type, const std::string& id
    ) const;

    // All rows, page after page.
    Result<std::vector<Json>> query(const Query& query) const;
    // The rows of each, in order; one request for up to 30 that each fit a page.
    Result<std::vector<std::vector<Json>>> queries(const std::vector<Query>& queries) const;

    // One page of a query's rows.
    Result<Listing> rows(const Query& query, const Slice& slice) const;
    // What changed at or after `since` (change data capture): whole objects, and for those deleted
    // {"status": "Deleted", "Id", "MetaData"}; 1000 at most, and then others are missing. Nothing
    // if QuickBooks does not look that far back.
    Result<std::optional<Listing>> changes(const std::string& type, Timestamp since) const;

    // POST /{path}?{options}requestid={request_id}. A fault that concerns one record comes back in
    // the Answer; what concerns the connection is an error.
    Result<Answer> post(
        const std::string& path,
        const std::string& options,
        const std::string& body,
        const std::string& request_id
    ) const;

    plugin::Host host() const { return host_; }

private:
    Result<Answer> exchange(plugin::HttpRequest request, const std::string& what) const;
    std::string url(const std::string& path, const std::string& options) const;
    Result<std::vector<std::vector<Json>>> query_batch(const std::vector<Query>& queries) const;

    plugin::Host host_;
    const Endpoint& endpoint_;
    plugin::Call& call_;
};

}  // namespace syncline::quickbooks
