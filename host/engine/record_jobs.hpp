// Records of a source as the jobs they raise: filters, lanes, sealed copies. What
// a run collects and what a webhook announces become jobs in the same way.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <syncline/record.hpp>

#include "engine/stores.hpp"

namespace syncline::engine {

struct RaiseRules {
    int priority = 2;
    bool always = false;     // also when the content is what it was
    bool asked_for = false;  // by their ids: also from quarantine
    Filters filters;         // besides the flow's own
    // What may be written, by source id; absent: the jobs are free to write what they become.
    std::optional<std::map<std::string, std::string>> approved;
};

// Records that were not delivered before and do not pass a filter raise none.
Result<std::vector<storage::RaisedJob>> jobs_of(
    Stores& stores, const Flow& flow, const std::vector<Record>& records, const RaiseRules& rules
);

}  // namespace syncline::engine
