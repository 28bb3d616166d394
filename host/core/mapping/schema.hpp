// What a mapping is typed against: the canonical models on the source's side, and what a connector
// tells of its documents on the target's. Plain values, pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/operations.hpp>

#include "core/mapping/path.hpp"

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

inline const Shape kAnyShape{};

// Of "order", "customer", "product", "refund", "payment", "invoice"; nullptr for any other.
const Shape* model_shape(std::string_view entity);
std::string model_names();  // "customer, invoice, order, ...": for messages

// `json` as that model with every member it has by default. Errors: kInvalid with its JSON pointer
// when it is none; unknown members too.
Result<Json> complete_record(std::string_view entity, const Json& json);

// Whether a member of that name holds an amount, wherever it stands ("total", "shipping_tax"):
// such a value is never rounded, also where the schema cannot tell.
bool names_an_amount(std::string_view member);

// A place of a target's document that a mapping may set: MappablePath of the catalog, taken apart.
struct TargetPath {
    Path path;  // a kWhere without a value stands for every element, chosen by that member
    Kind kind = Kind::kAny;            // kText, kNumber, kBoolean, kTime or kAny
    bool date = false;                 // a text that is a date, YYYY-MM-DD
    std::size_t length_max = 0;        // characters; 0: no limit
    std::vector<std::string> allowed;  // the only values it takes; empty: any
    std::vector<std::string> keys;     // by which elements may be chosen; empty: any
};

struct TargetSchema {
    std::string entity;                    // "invoice"
    std::vector<std::string> owned_paths;  // JSON pointers; nothing there, above or below is set
    std::vector<TargetPath> paths;         // empty: every place that is not owned may be set
};

// From what the connector discovered. Errors: kInvalid when the catalog has no such entity, or it
// is no target; kBug when the connector names a place that is no path.
Result<TargetSchema> target_schema(const Catalog& catalog, std::string_view target_entity);

// For linting without a connection: nothing is owned but what a definition may never set.
TargetSchema open_target(std::string_view target_entity);

}  // namespace syncline::mapping
