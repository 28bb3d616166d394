// A compiled mapping: what compile() makes and apply(), explain() and run_tests() run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/mapping/expression.hpp"

namespace syncline::mapping {

struct CompiledRule {
    std::size_t index = 0;  // "/rules/{index}"
    Operand source;         // with the rule's transform
    std::optional<Condition> when;
    Path target;
    const TargetPath* place = nullptr;  // what the connector says of the target; nullptr: nothing
    std::optional<Json> default_value;
    bool required = false;
    bool amount = false;  // what it sets is an amount, or text with one in it
};

// A JSON pointer taken apart.
struct OwnedPlace {
    std::string pointer;
    std::vector<std::string> tokens;
};

struct Code {
    Definition definition;
    TargetSchema target;
    std::vector<CompiledRule> rules;
    std::vector<OwnedPlace> owned;
};

// Whether two places are the same, or one is above the other. An element chosen by [] or by a
// member may be any.
bool overlap(const Path& path, const OwnedPlace& owned);
bool overlap(const Path& a, const Path& b);

// Whether a member of `json`, at any depth, has a name that only connectors may use ("$need").
bool has_reserved_member(const Json& json);

// What a rule did.
struct RuleOutcome {
    std::string text;         // for people
    bool cut = false;         // a text was too long for the target
    std::optional<Json> set;  // what was written; of a spread list, the list
};

// Runs one rule on `body`. `evaluation` reads that same body. Errors: MAPPING_*; the body may be
// half changed then.
Result<RuleOutcome> run_rule(
    const CompiledRule& rule, Evaluation& evaluation, Json& body, Trace* trace = nullptr
);

// The body after all rules; `cut` gets the targets whose text was cut. Errors: MAPPING_*, naming
// mapping and rule.
Result<Json> run_rules(
    const Code& code, const Json& record, const Json& body, std::vector<std::string>& cut
);

}  // namespace syncline::mapping
