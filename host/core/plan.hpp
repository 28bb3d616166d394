// From encoded documents and what is known of the target to what is to be done. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <syncline/operations.hpp>

#include "core/conflict_policy.hpp"

namespace syncline {

enum class PlanAction { kCreate, kUpdate, kSkip, kHold, kConflict, kError };
template <>
struct EnumNames<PlanAction> {
    static constexpr std::array<std::pair<PlanAction, std::string_view>, 6> kNames{{
        {PlanAction::kCreate, "create"},
        {PlanAction::kUpdate, "update"},
        {PlanAction::kSkip, "skip"},
        {PlanAction::kHold, "hold"},
        {PlanAction::kConflict, "conflict"},
        {PlanAction::kError, "error"},
    }};
};

// What an id mapping knows of a document that was written before.
struct WrittenBefore {
    std::string role;
    std::string entity;
    std::string remote_id;
    std::string version;
    std::string hash;  // of the placeholder form that was written
    Json owned;        // merge base; null if unknown
    // By path: what the source wanted when another value was kept in the target (core/merge.hpp).
    Json kept = nullptr;
    std::int64_t conflict =
        0;  // that stands open about the document; it is looked at, never skipped
};

struct PlannedDocument {
    Document document;
    std::string hash;  // of the placeholder form
    PlanAction action = PlanAction::kCreate;
    std::string remote_id;  // of an update
    std::string version;
    Json merge_base;
    Json kept = nullptr;                // WrittenBefore::kept
    std::int64_t conflict = 0;          // WrittenBefore::conflict
    std::optional<Json> merged;         // what to send after a look at the target; ids are put in
    Json to_keep = nullptr;             // `kept` once that is written
    std::vector<std::string> needs;     // keys of Encoded::needs it refers to
    std::vector<std::string> siblings;  // roles of the same record it refers to
};

struct PlannedRecord {
    std::vector<PlannedDocument> documents;  // in an order in which siblings come first
    std::vector<Need> needs;                 // those of documents that are to be written
    PlanAction action = PlanAction::kSkip;
    std::optional<Reason> reason;  // of a skip, hold or error
    std::vector<Reason> warnings;
};

// SHA-256 over everything that decides what the target will hold.
std::string document_hash(const Document& document);

// A document equal to what was written before is skipped. A record the connector now skips,
// although it was written before, is held: somebody must decide what becomes of the document in the
// target.
PlannedRecord plan_record(const Encoded& encoded, const std::vector<WrittenBefore>& before);

// A record that is gone at its source: nothing to do unless it was written before.
PlannedRecord plan_deleted(DeletePolicy policy, const std::vector<WrittenBefore>& before);

// `body` with every {"$need": key} replaced by ids[key]. Errors: kBug naming a key without id.
Result<Json> substitute(const Json& body, const std::map<std::string, std::string>& ids);

// True if `target` has every member of `wanted` with the same value, recursively; arrays must agree
// in length and order. Tells whether a document is in the target already.
bool covers(const Json& target, const Json& wanted);

}  // namespace syncline
