// What a tenant decides by what an order is: rules that choose a term, a class or a location
// (accounting.md 4.25, 4.32), and the order's members and metadata by their names.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/model/order.hpp>

namespace syncline::quickbooks {

// Every member that is not empty must match; of a list one entry is enough. An empty condition
// matches every order.
struct Condition {
    std::vector<std::string> gateways;        // "stripe"
    std::vector<std::string> statuses;        // the shop's own word: "processing"
    std::vector<std::string> countries;       // of the billing address: "DE"
    std::vector<std::string> currencies;      // "EUR"
    std::map<std::string, std::string> meta;  // the order's metadata; "*": it is there

    static constexpr auto fields() {
        return field_list(
            field("gateways", &Condition::gateways),
            field("statuses", &Condition::statuses),
            field("countries", &Condition::countries),
            field("currencies", &Condition::currencies),
            field("meta", &Condition::meta)
        );
    }
};

struct Rule {
    Condition when;
    std::string use;  // id or name

    static constexpr auto fields() {
        return field_list(field("when", &Rule::when), field("use", &Rule::use));
    }
};

// By names of the tenant's own, tried in the order of these.
using Rules = std::map<std::string, Rule>;

// The first rule that matches; nullptr if none does.
const Rule* rule_for(const Rules& rules, const Order& order);

// The value of the order's metadata `key`, as text; nothing if it has none.
std::optional<std::string> order_meta(const Order& order, std::string_view key);

// What a custom field takes: a text member of the order by its path ("number",
// "billing.company"), or "meta:KEY". Empty if the order has nothing there.
std::string order_text(const Order& order, const std::string& source);
// Whether `source` can name anything.
bool is_order_text(const std::string& source);

}  // namespace syncline::quickbooks
