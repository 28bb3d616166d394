// Three-way merges of any documents: paths of fields, policies, decisions of a person.
#include "core/merge.hpp"

#include <set>

#include "fuzz/target.hpp"

namespace syncline::fuzz {
namespace {

Json part(const Json& all, const char* name) {
    return all.value(name, Json());
}

ConflictRules rules_of(const Json& all) {
    ConflictRules rules;
    if (const auto policy = from_json<ConflictPolicy>(part(all, "policy"))) {
        rules.policy = *policy;
    }
    const auto fields = from_json<std::vector<FieldPolicy>>(part(all, "fields"));
    if (fields && check_conflict_fields(*fields)) {
        rules.fields = *fields;
    }
    return rules;
}

Decisions decisions_of(const Json& all) {
    Decisions decisions;
    const Json given = part(all, "decisions");
    if (!given.is_object()) {
        return decisions;
    }
    for (const auto& entry : given.items()) {
        if (auto decision = from_json<FieldDecision>(entry.value())) {
            decisions[entry.key()] = std::move(*decision);
        }
    }
    return decisions;
}

void look_at_shape(const Json& a, const Json& b) {
    require(same_value(a, a), "a value is itself");
    require(same_value(a, b) == same_value(b, a), "sides may be exchanged");
    const Json joined = joined_shape(a, b);
    require(b.is_null() || !joined.is_null(), "a joined shape has what both have");
}

}  // namespace

void merge(std::string_view input) {
    const auto parsed = parse_json(input);
    if (!parsed || !parsed->is_object()) {
        return;
    }
    const Json& all = *parsed;
    MergeInput sides;
    sides.base = part(all, "base");
    sides.source = part(all, "source");
    sides.target = part(all, "target");
    if (part(all, "kept").is_object()) {
        sides.kept = part(all, "kept");
    }
    const ConflictRules rules = rules_of(all);
    look_at_shape(sides.source, sides.target);
    const Merge merged = syncline::merge(sides, rules, decisions_of(all));
    std::set<std::string> paths;
    bool conflict = false;
    for (const auto& field : merged.fields) {
        require(paths.insert(field.path).second, "a field comes once");
        conflict = conflict || field.conflict;
    }
    require(merged.conflict == conflict, "a conflict is one of a field");
    if (merged.conflict || sides.source.is_null()) {
        return;
    }
    MergeInput again = sides;
    again.base = again.target = merged.document;
    again.kept = merged.kept;
    const Merge second = syncline::merge(again, rules);
    require(!second.conflict && !second.writes, "the second time nothing is left to do");
}

}  // namespace syncline::fuzz
