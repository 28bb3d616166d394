#include "core/json_difference.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <syncline/json_fields.hpp>

namespace syncline {
namespace {

void compare(const Json& before, const Json& after, const std::string& path, Json& entries);

void compare_members(
    const Json& before, const Json& after, const std::string& path, Json& entries
) {
    std::set<std::string> names;
    for (const auto* side : {&before, &after}) {
        for (const auto& entry : side->items()) {
            names.insert(entry.key());
        }
    }
    for (const auto& name : names) {
        const std::string place = path + "/" + detail::pointer_token(name);
        if (!after.contains(name)) {
            entries.push_back({{"path", place}, {"before", before[name]}});
        } else if (!before.contains(name)) {
            entries.push_back({{"path", place}, {"after", after[name]}});
        } else {
            compare(before[name], after[name], place, entries);
        }
    }
}

void compare_elements(
    const Json& before, const Json& after, const std::string& path, Json& entries
) {
    for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
        const std::string place = path + "/" + std::to_string(i);
        if (i >= after.size()) {
            entries.push_back({{"path", place}, {"before", before[i]}});
        } else if (i >= before.size()) {
            entries.push_back({{"path", place}, {"after", after[i]}});
        } else {
            compare(before[i], after[i], place, entries);
        }
    }
}

void compare(const Json& before, const Json& after, const std::string& path, Json& entries) {
    if (before.is_object() && after.is_object()) {
        compare_members(before, after, path, entries);
    } else if (before.is_array() && after.is_array()) {
        compare_elements(before, after, path, entries);
    } else if (before != after) {
        entries.push_back({{"path", path}, {"before", before}, {"after", after}});
    }
}

}  // namespace

Json json_difference(const Json& before, const Json& after) {
    Json entries = Json::array();
    compare(before, after, "", entries);
    return entries;
}

}  // namespace syncline
