// What the tests of write() share: items to write, the requests they make, and one call of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "script.hpp"

namespace syncline::quickbooks {

inline constexpr const char* kKey = "5f0c6a4e-8f1d-5e3b-9a55-6f4f3e1d2c3b";

inline std::string with_key(const std::string& path, const std::string& suffix = "") {
    return "POST " + path + (path.find('?') == std::string::npos ? "?" : "&") +
           "requestid=" + kKey + suffix + "&minorversion=75";
}

inline WriteItem receipt(Books& books, std::int64_t index = 0, const std::string& id = "60") {
    Order order = paid_order();
    order.id = order.number = id;
    return item_of(books.order(order).documents.at(0), index);
}

inline WriteItem customer(Books& books, std::int64_t index = 0) {
    const Need need = books.order(paid_order()).needs.back();
    return item_of(
        books.encode("customer", *from_json<Customer>(need.record)).documents.at(0), index
    );
}

inline WriteItem item(Books& books, std::int64_t index = 0) {
    const Need need = books.order(paid_order()).needs.front();
    return item_of(
        books.encode("product", *from_json<Product>(need.record)).documents.at(0), index
    );
}

inline std::string answered(const std::string& type, const Json& object) {
    return *print_wire({{type, object}});
}

// Runs one write; the error of the call, if any, comes back, the rest is in `outcomes`.
inline std::optional<Error> written(
    Books& books, const std::vector<WriteItem>& items, plugin::testing::FakeOutcomes& outcomes
) {
    WriteRequest request;
    request.items = items;
    for (const auto& item : items) {
        if (item.operation != DocumentOperation::kUpsert) {
            outcomes.removals.insert(item.index);
        }
    }
    const auto result = books.connector().write(books.call.call(), request, outcomes.outcomes());
    return result ? std::nullopt : std::optional<Error>(result.error());
}

}  // namespace syncline::quickbooks
