// What a mapping is typed against: the canonical models on the source's side, and what a connector
// tells of its documents on the target's. Plain values, pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/operations.hpp>

namespace syncline::mapping {

// kAny: not known before there is a record, as below `raw`.
enum class Kind { kAny, kNothing, kText, kNumber, kMoney, kBoolean, kTime, kObject, kList };

// "text", "an amount": for messages.
std::string_view kind_name(Kind kind);

// The form of a value of a canonical model, made from the fields() of the SDK's models, so that the
// two cannot differ.
struct Shape {
    struct Member {
        std::string_view name;
        const Shape& (*shape)();  // called late: a product has products in it
    };
    Kind kind = Kind::kAny;
    const Member* members = nullptr;      // of an object
    std::size_t size = 0;                 // how many members
    const Shape& (*element)() = nullptr;  // of a list

    const Shape* member(std::string_view name) const;  // nullptr: it has none of that name
};

// Of "order", "customer", "product", "refund", "payment", "invoice"; nullptr for any other.
const Shape* model_shape(std::string_view entity);
std::string model_names();  // "customer, invoice, order, ...": for messages

// Whether a member of that name holds an amount, wherever it stands ("total", "shipping_tax"):
// such a value is never rounded, also where the schema cannot tell.
bool names_an_amount(std::string_view member);

// A place of a target's document that a mapping may set.
struct TargetPath {
    std::vector<std::string> steps;  // {"CustomerMemo", "value"}
    Kind kind = Kind::kAny;
    std::string date_format;           // of a kTime: "%Y-%m-%d"; empty: RFC 3339
    std::uint32_t length_max = 0;      // characters; 0: no limit
    std::vector<std::string> allowed;  // the only values it takes; empty: any
};

struct TargetSchema {
    std::string entity;                    // "invoice"
    std::vector<std::string> owned_paths;  // JSON pointers; nothing there, above or below is set
    std::vector<TargetPath> paths;         // empty: every place that is not owned may be set
    // Ids of the custom fields that the account has; nullopt: not known, or there is no such thing.
    std::optional<std::vector<std::string>> custom_fields;
};

// From what the connector discovered. Errors: kInvalid when the catalog has no such entity, or it
// is no target.
Result<TargetSchema> target_schema(const Catalog& catalog, std::string_view target_entity);

// For linting without a connection: nothing is owned but what a definition may never set.
TargetSchema open_target(std::string_view target_entity);

}  // namespace syncline::mapping
