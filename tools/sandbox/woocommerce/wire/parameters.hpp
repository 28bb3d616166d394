#pragma once

#include <string>
#include <vector>

#include "woocommerce/wire/rest.hpp"

namespace sandbox::woo {

class SiteTime;

// One registered argument of a route, checked as WordPress checks it.
struct Parameter {
    enum class Type { kInteger, kNumber, kBoolean, kString, kDate, kEmail, kObject, kList };

    std::string name;
    Type type = Type::kString;
    std::vector<std::string> one_of = {};  // of a string, or of each element of a list
    Type element = Type::kString;          // of a list
    std::int64_t least = INT64_MIN;
    std::int64_t most = INT64_MAX;
    bool required = false;
};

using Parameters = std::vector<Parameter>;

// Checks and converts `values` in place: "5" to 5, "a,b" to ["a","b"], "true" to true. What is not
// registered is left alone. Throws rest_missing_callback_param or rest_invalid_param.
void check_parameters(Json& values, const Parameters& registered);

// per_page, page, offset, order, orderby, search, include, exclude; the list's own come on top.
Parameters list_parameters(const std::vector<std::string>& orderby, const Parameters& own);
// after, before, modified_after, modified_before, dates_are_gmt, parent, parent_exclude.
extern const Parameters kRecordListParameters;

// "a, b, and c"
std::string sentence_list(const std::vector<std::string>& words);

}  // namespace sandbox::woo
