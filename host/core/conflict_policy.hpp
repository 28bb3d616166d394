// What a flow does when its target was changed by somebody else, and when a record is deleted at
// its source. Part of a flow's definition.
#pragma once

#include <array>
#include <string>
#include <vector>

#include <syncline/json_fields.hpp>

namespace syncline {

// Who decides about a field of ours that the target shows otherwise than we wrote it.
enum class ConflictPolicy {
    kSourceWins,     // the source, as long as nobody changed the target: else a person
    kTargetWins,     // the target keeps what it has
    kLastWriteWins,  // whoever changed it later; a person when a time is not known
    kManual,         // a person, also where the rest of the flow has another policy
};
template <>
struct EnumNames<ConflictPolicy> {
    static constexpr std::array<std::pair<ConflictPolicy, std::string_view>, 4> kNames{{
        {ConflictPolicy::kSourceWins, "source_wins"},
        {ConflictPolicy::kTargetWins, "target_wins"},
        {ConflictPolicy::kLastWriteWins, "last_write_wins"},
        {ConflictPolicy::kManual, "manual"},
    }};
};

// A policy of its own for a field of the target's documents, and for all that is in it.
struct FieldPolicy {
    std::string path;  // JSON Pointer: "/PrivateNote", "/BillAddr"; an array is one field
    ConflictPolicy policy = ConflictPolicy::kManual;

    static constexpr auto fields() {
        return std::make_tuple(
            field("path", &FieldPolicy::path), field("policy", &FieldPolicy::policy)
        );
    }
};

// What becomes of the documents of a record that is gone at its source.
enum class DeletePolicy {
    kFlag,    // a person decides: it is held
    kVoid,    // they are voided, or deleted where the platform cannot void
    kIgnore,  // they stay
};
template <>
struct EnumNames<DeletePolicy> {
    static constexpr std::array<std::pair<DeletePolicy, std::string_view>, 3> kNames{{
        {DeletePolicy::kFlag, "flag"},
        {DeletePolicy::kVoid, "void"},
        {DeletePolicy::kIgnore, "ignore"},
    }};
};

// Both policies of conflicts, as merge() takes them.
struct ConflictRules {
    ConflictPolicy policy = ConflictPolicy::kSourceWins;
    std::vector<FieldPolicy> fields;

    // That of the field: the longest path of `fields` it lies in, else the general one.
    ConflictPolicy of(const std::string& path) const;
};

// What is wrong with the fields of a policy, as "/conflict_fields/0/path: ...".
Result<void> check_conflict_fields(const std::vector<FieldPolicy>& fields);

}  // namespace syncline
