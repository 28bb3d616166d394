#include "woocommerce/resources/listing.hpp"

#include <algorithm>

namespace sandbox::woo {
namespace {

// The bound as UTC. With `dates_are_gmt` the wall clock is taken for UTC as it stands, which is
// right for naive texts and wrong by the zone's offset for those with "Z" or an offset.
std::string bound(const Json& query, const char* name, const Shop& shop) {
    if (shop.odd.ignored_parameters.count(name) != 0)
        return "";
    const auto wall_clock = shop.time.filter_wall_clock(text_of(query, name));
    if (!wall_clock)
        return "";
    const bool gmt = member(query, "dates_are_gmt") == true &&
                     shop.odd.ignored_parameters.count("dates_are_gmt") == 0;
    return gmt ? *wall_clock : shop.time.to_gmt(*wall_clock);
}

bool within(const std::string& time, const std::string& after, const std::string& before) {
    return (after.empty() || time > after) && (before.empty() || (time < before && !time.empty()));
}

}  // namespace

ListFilter::ListFilter(const Json& query, const Shop& shop)
    : include_(integers_of(query, "include")),
      exclude_(integers_of(query, "exclude")),
      parents_(integers_of(query, "parent")),
      other_parents_(integers_of(query, "parent_exclude")),
      after_(bound(query, "after", shop)),
      before_(bound(query, "before", shop)),
      modified_after_(bound(query, "modified_after", shop)),
      modified_before_(bound(query, "modified_before", shop)),
      search_(lower_case(text_of(query, "search"))) {}

bool ListFilter::passes(const Record& record) const {
    return (include_.empty() || include_.count(record.id) != 0) && exclude_.count(record.id) == 0 &&
           (parents_.empty() || parents_.count(record.parent) != 0) &&
           other_parents_.count(record.parent) == 0 && within(record.created, after_, before_) &&
           within(record.modified, modified_after_, modified_before_);
}

Window::Window(const Json& query)
    : page(static_cast<std::size_t>(integer_of(query, "page", 1))),
      per_page(static_cast<std::size_t>(integer_of(query, "per_page", 10))),
      first((page - 1) * per_page) {
    const std::int64_t offset = integer_of(query, "offset", -1);
    if (offset >= 0)
        first = static_cast<std::size_t>(offset);
}

std::set<std::int64_t> integers_of(const Json& query, const char* name) {
    std::set<std::int64_t> values;
    for (const Json& value : member(query, name))
        if (value.is_number_integer())
            values.insert(value.get<std::int64_t>());
    return values;
}

std::set<std::string> strings_of(const Json& query, const char* name) {
    std::set<std::string> values;
    for (const Json& value : member(query, name))
        if (value.is_string())
            values.insert(value.get<std::string>());
    return values;
}

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return text;
}

}  // namespace sandbox::woo
