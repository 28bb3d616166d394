// Three-way merge of a document: what we wrote last (base), what the source wants now, what the
// target has now. Field by field; a field is a member that is no object, named by its JSON Pointer;
// an array is one field. Only fields that we write or wrote are looked at. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <syncline/timestamp.hpp>

#include "core/conflict_policy.hpp"

namespace syncline {

enum class MergeSide { kSource, kTarget, kValue };
template <>
struct EnumNames<MergeSide> {
    static constexpr std::array<std::pair<MergeSide, std::string_view>, 3> kNames{{
        {MergeSide::kSource, "source"},
        {MergeSide::kTarget, "target"},
        {MergeSide::kValue, "value"},
    }};
};

// What a person decided about a field, and what its sides were then.
struct FieldDecision {
    MergeSide keep = MergeSide::kSource;
    Json value;  // of kValue
    Json source;
    Json target;

    static constexpr auto fields() {
        return std::make_tuple(
            field("keep", &FieldDecision::keep),
            field("value", &FieldDecision::value),
            field("source", &FieldDecision::source),
            field("target", &FieldDecision::target)
        );
    }
};
using Decisions = std::map<std::string, FieldDecision>;  // by path

// The document of a record that is gone at its source is one field, with this path.
inline constexpr auto kWholeDocument = "";

struct MergeInput {
    Json base;    // null: not known
    Json source;  // null: the record is gone, and its document is to be removed
    Json target;
    // By path: what the source wanted when another value was kept there.
    Json kept = Json::object();
    std::optional<Timestamp> source_changed_at;
    std::optional<Timestamp> target_changed_at;
};

// A field whose sides differ. Null stands for "has none".
struct MergedField {
    std::string path;
    Json base;
    Json source;
    Json target;
    ConflictPolicy policy = ConflictPolicy::kSourceWins;
    bool conflict = false;  // nothing decides it but a person
};

struct Merge {
    std::vector<MergedField> fields;
    Json document;               // the source's, with what is kept in it; without conflict only
    Json kept = Json::object();  // MergeInput::kept of the next merge
    bool conflict = false;       // of any field
    bool writes = false;         // `document` differs from the target
    bool keeps_amounts = false;  // something other than text was kept: its total is not ours
    bool removes = false;        // the document is to be removed
};

// A decision counts only while the sides are those it was made about.
Merge merge(const MergeInput& input, const ConflictRules& rules, const Decisions& decisions = {});

// Equal, but for how a decimal number is written: "10.0" and "10.00", "5" and 5; and null and
// absent members are the same.
bool same_value(const Json& a, const Json& b);

// The members of both, `over`'s where both have one: what a target must be asked for to see
// everything a merge looks at.
Json joined_shape(const Json& below, const Json& over);

}  // namespace syncline
