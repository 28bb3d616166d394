// Which document of the target belongs to which expected one (reconcile.hpp). Pure.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/reconcile.hpp"

namespace syncline {

class ReconcileMatch {
public:
    // The facts are referred to by their place; they are not kept.
    ReconcileMatch(const std::vector<SourceFact>& source, const std::vector<TargetFact>& target);

    std::optional<std::size_t> source_of(std::size_t target) const { return source_of_[target]; }
    bool is_matched(std::size_t source) const { return matched_[source]; }
    // By its id mapping, whatever else names its record.
    bool is_mapped(std::size_t source) const { return mapped_[source]; }
    // Its record has a document of that kind already, and this is another.
    bool is_duplicate(std::size_t target) const { return duplicate_[target]; }
    // Whether the source told of the record the document was made for.
    bool knows(const TargetFact& target) const;

private:
    void by_mapping(const std::vector<SourceFact>& source, const std::vector<TargetFact>& target);
    void by_record(const std::vector<SourceFact>& source, const std::vector<TargetFact>& target);

    std::vector<std::optional<std::size_t>> source_of_;
    std::vector<bool> matched_;
    std::vector<bool> mapped_;
    std::vector<bool> duplicate_;
    std::unordered_set<std::string> records_;
};

}  // namespace syncline
