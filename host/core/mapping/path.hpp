// Paths of a mapping, as text and taken apart:
//   billing.email   lines[0].sku   lines[].sku   raw.meta_data[key=_vat_id].value   raw["a.b"]
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <syncline/json.hpp>

namespace syncline::mapping {

struct PathStep {
    enum class Type {
        kMember,  // .name
        kIndex,   // [3], from 0
        kEach,    // []: every element
        kWhere,   // [name=value]: the first element whose member `name` is `value`
    };
    Type type = Type::kMember;
    std::string name;
    std::string value;
    std::size_t index = 0;
};
using Path = std::vector<PathStep>;

inline constexpr std::size_t kPathBytesMax = 500;

// Errors: kInvalid naming the character (from 1) and what was expected there.
Result<Path> parse_path(std::string_view text);
std::string path_text(const Path& path);

// Whether an element's member `name` is that text; a whole number counts as its digits.
bool member_is(const Json& element, const std::string& name, const std::string& value);

// Sets the place to `value`, making the objects and arrays on the way there; `path` has no kEach. A
// kWhere that finds nothing adds an element {name: value}. Errors: kInvalid when something of
// another kind stands in the way, or an index is beyond the end.
Result<void> write_at(Json& document, const Path& path, Json value);

// The place one step below `json`; nullptr if there is none. Not for kEach.
const Json* place_below(const Json& json, const PathStep& step);

// What stands there; nullptr if there is nothing. `path` has no kEach.
const Json* read_at(const Json& document, const Path& path);

}  // namespace syncline::mapping
