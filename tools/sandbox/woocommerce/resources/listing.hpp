#pragma once

#include <set>
#include <string>
#include <vector>

#include "woocommerce/shop.hpp"
#include "woocommerce/wire/rest.hpp"

namespace sandbox::woo {

// What every list of records can be filtered by, read once per request.
class ListFilter {
public:
    ListFilter(const Json& query, const Shop& shop);
    // All but `search`.
    bool passes(const Record& record) const;
    const std::string& search() const { return search_; }  // in lower case

private:
    std::set<std::int64_t> include_, exclude_, parents_, other_parents_;
    // Bounds in UTC, exclusive; "" = none.
    std::string after_, before_, modified_after_, modified_before_;
    std::string search_;
};

// Which rows of a list a request wants.
struct Window {
    std::size_t page = 1;
    std::size_t per_page = 10;
    std::size_t first = 0;  // index of the first row
    explicit Window(const Json& query);
};

std::set<std::int64_t> integers_of(const Json& query, const char* name);
std::set<std::string> strings_of(const Json& query, const char* name);
std::string lower_case(std::string text);

}  // namespace sandbox::woo
