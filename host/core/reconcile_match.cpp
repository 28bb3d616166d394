#include "core/reconcile_match.hpp"

#include <algorithm>

#include <syncline/record.hpp>

namespace syncline {
namespace {

template <class Fact>
std::string record_key(const Fact& fact) {
    return fact.entity + '\n' + fact.record_id;
}

// An invoice stands for the same sale as a sales receipt does.
char class_of(PostedKind kind) {
    return kind == PostedKind::kPayment ? 'p' : kind == PostedKind::kRefund ? 'r' : 's';
}

template <class Fact>
std::string class_key(const Fact& fact) {
    return record_key(fact) + '\n' + class_of(fact.kind);
}

}  // namespace

ReconcileMatch::ReconcileMatch(
    const std::vector<SourceFact>& source, const std::vector<TargetFact>& target
)
    : source_of_(target.size()),
      matched_(source.size()),
      mapped_(source.size()),
      duplicate_(target.size()) {
    for (const auto& fact : source) {
        records_.insert(record_key(fact));
    }
    by_mapping(source, target);
    by_record(source, target);
}

bool ReconcileMatch::knows(const TargetFact& target) const {
    return records_.count(record_key(target)) != 0;
}

void ReconcileMatch::by_mapping(
    const std::vector<SourceFact>& source, const std::vector<TargetFact>& target
) {
    std::unordered_map<std::string, std::size_t> mapped;
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (!source[i].mapped_id.empty()) {
            mapped.emplace(source[i].target_entity + '\n' + source[i].mapped_id, i);
        }
    }
    for (std::size_t i = 0; i < target.size(); ++i) {
        const auto found = mapped.find(target[i].target_entity + '\n' + target[i].target_id);
        if (found != mapped.end()) {
            source_of_[i] = found->second;
            matched_[found->second] = true;
            mapped_[found->second] = true;
        }
    }
}

// What no mapping tells, in the order of ids, those that are not void first: the first document of
// a record's kind is its own, the others are too many.
void ReconcileMatch::by_record(
    const std::vector<SourceFact>& source, const std::vector<TargetFact>& target
) {
    std::unordered_map<std::string, std::size_t> expected;
    std::unordered_map<std::string, std::size_t> held;
    std::unordered_set<std::string> taken;
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (matched_[i]) {
            taken.insert(class_key(source[i]));
        } else if (source[i].any_kind) {
            held.emplace(record_key(source[i]), i);
        } else {
            expected.emplace(class_key(source[i]), i);
        }
    }
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < target.size(); ++i) {
        if (!source_of_[i]) {
            open.push_back(i);
        }
    }
    std::sort(open.begin(), open.end(), [&](std::size_t a, std::size_t b) {
        return target[a].voided != target[b].voided
                   ? !target[a].voided
                   : id_less(target[a].target_id, target[b].target_id);
    });
    for (const std::size_t i : open) {
        const std::string key = class_key(target[i]);
        const auto found = expected.find(key);
        const auto rest = held.find(record_key(target[i]));
        if (found != expected.end()) {
            source_of_[i] = found->second;
            matched_[found->second] = true;
            expected.erase(found);
            taken.insert(key);
        } else if (taken.count(key) != 0) {
            duplicate_[i] = true;
        } else if (rest != held.end()) {
            source_of_[i] = rest->second;
            matched_[rest->second] = true;
            taken.insert(key);
        }
    }
}

}  // namespace syncline
