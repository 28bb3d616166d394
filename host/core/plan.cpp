#include "core/plan.hpp"

#include <algorithm>

#include "core/sha256.hpp"

namespace syncline {
namespace {

constexpr std::string_view kSiblingPrefix = "document:";

void collect_references(const Json& body, PlannedDocument& into) {
    if (body.is_object()) {
        const auto need = body.find("$need");
        if (need != body.end() && need->is_string()) {
            const auto& key = need->get_ref<const std::string&>();
            const bool sibling = key.rfind(kSiblingPrefix, 0) == 0;
            (sibling ? into.siblings : into.needs)
                .push_back(sibling ? key.substr(kSiblingPrefix.size()) : key);
            return;
        }
    }
    if (body.is_structured()) {
        for (const auto& child : body) {
            collect_references(child, into);
        }
    }
}

PlannedDocument plan_document(const Document& document, const std::vector<WrittenBefore>& before) {
    PlannedDocument planned;
    planned.document = document;
    planned.hash = document_hash(document);
    collect_references(document.body, planned);
    for (const auto& written : before) {
        if (written.role == document.role) {
            const bool settled = written.hash == planned.hash && written.conflict == 0;
            planned.action = settled ? PlanAction::kSkip : PlanAction::kUpdate;
            planned.remote_id = written.remote_id;
            planned.version = written.version;
            planned.merge_base = written.owned;
            planned.kept = written.kept;
            planned.conflict = written.conflict;
        }
    }
    return planned;
}

// Siblings before those that refer to them; at most a handful of documents, so a simple pass will
// do.
bool order_by_siblings(std::vector<PlannedDocument>& documents) {
    std::vector<PlannedDocument> ordered;
    while (!documents.empty()) {
        const auto ready = std::find_if(documents.begin(), documents.end(), [&](const auto& one) {
            return std::all_of(one.siblings.begin(), one.siblings.end(), [&](const auto& role) {
                return std::any_of(ordered.begin(), ordered.end(), [&](const auto& done) {
                    return done.document.role == role;
                });
            });
        });
        if (ready == documents.end()) {
            return false;
        }
        ordered.push_back(std::move(*ready));
        documents.erase(ready);
    }
    documents = std::move(ordered);
    return true;
}

bool has_need(const std::vector<Need>& needs, const std::string& key) {
    return std::any_of(needs.begin(), needs.end(), [&](const Need& need) {
        return need.key == key;
    });
}

PlannedRecord stopped(PlanAction action, Reason reason, std::vector<Reason> warnings) {
    PlannedRecord record;
    record.action = action;
    record.reason = std::move(reason);
    record.warnings = std::move(warnings);
    return record;
}

// Chooses the record's action from its documents' and keeps the needs that are still wanted.
void conclude(PlannedRecord& record, const std::vector<Need>& needs) {
    for (const auto& planned : record.documents) {
        if (planned.action == PlanAction::kSkip) {
            continue;
        }
        const bool create = planned.action == PlanAction::kCreate;
        record.action = create && record.action != PlanAction::kUpdate ? PlanAction::kCreate
                                                                       : PlanAction::kUpdate;
        for (const auto& need : needs) {
            const bool wanted = std::find(planned.needs.begin(), planned.needs.end(), need.key) !=
                                planned.needs.end();
            if (wanted && !has_need(record.needs, need.key)) {
                record.needs.push_back(need);
            }
        }
    }
}

}  // namespace

std::string document_hash(const Document& document) {
    const Json form{
        {"role", document.role},
        {"entity", document.entity},
        {"operation", std::string(enum_name(document.operation))},
        {"natural_key", document.natural_key},
        {"marker", document.marker},
        {"body", document.body}};
    return sha256_hex(dump_json(form));
}

PlannedRecord plan_record(const Encoded& encoded, const std::vector<WrittenBefore>& before) {
    if (encoded.hold) {
        return stopped(PlanAction::kHold, *encoded.hold, encoded.warnings);
    }
    if (encoded.skip && before.empty()) {
        return stopped(PlanAction::kSkip, *encoded.skip, encoded.warnings);
    }
    if (encoded.skip) {
        return stopped(
            PlanAction::kHold,
            {"SKIPPED_AFTER_WRITE",
             "it was written to the target as " + before.front().entity + " " +
                 before.front().remote_id +
                 ", and now it would be left out: " + encoded.skip->message},
            encoded.warnings
        );
    }
    PlannedRecord record;
    record.warnings = encoded.warnings;
    for (const auto& document : encoded.documents) {
        record.documents.push_back(plan_document(document, before));
        for (const auto& key : record.documents.back().needs) {
            if (!has_need(encoded.needs, key)) {
                return stopped(
                    PlanAction::kError,
                    {"UNDECLARED_NEED",
                     "document '" + document.role + "' refers to '" + key +
                         "', which its connector did not declare as a need"},
                    {}
                );
            }
        }
    }
    if (!order_by_siblings(record.documents)) {
        return stopped(
            PlanAction::kError,
            {"CIRCULAR_DOCUMENTS", "the record's documents refer to each other in a circle"},
            {}
        );
    }
    conclude(record, encoded.needs);
    return record;
}

PlannedRecord plan_deleted(DeletePolicy policy, const std::vector<WrittenBefore>& before) {
    if (before.empty()) {
        return stopped(
            PlanAction::kSkip,
            {"SOURCE_DELETED", "it was deleted at the source before it was written"},
            {}
        );
    }
    const std::string what = "it was deleted at the source; the target still has " +
                             before.front().entity + " " + before.front().remote_id;
    if (policy == DeletePolicy::kFlag) {
        return stopped(PlanAction::kHold, {"SOURCE_DELETED", what}, {});
    }
    if (policy == DeletePolicy::kIgnore) {
        return stopped(
            PlanAction::kSkip, {"SOURCE_DELETED", what + ", where the flow leaves it"}, {}
        );
    }
    PlannedRecord record;
    record.reason = Reason{"SOURCE_DELETED", "it was deleted at the source"};
    // What was written last refers to what was written before it: a payment goes before its
    // invoice.
    for (auto written = before.rbegin(); written != before.rend(); ++written) {
        Document document;
        document.role = written->role;
        document.entity = written->entity;
        document.operation = DocumentOperation::kVoid;
        record.documents.push_back(plan_document(document, before));
        if (record.documents.size() > 1) {
            record.documents.back().siblings.push_back(std::prev(written)->role);
        }
    }
    conclude(record, {});
    return record;
}

Result<Json> substitute(const Json& body, const std::map<std::string, std::string>& ids) {
    if (body.is_object() && body.contains("$need") && body["$need"].is_string()) {
        const auto found = ids.find(body["$need"].get_ref<const std::string&>());
        if (found == ids.end()) {
            return Error{
                ErrorCode::kBug,
                "no id is known for " + dump_json(body["$need"]),
                "plan.unresolved_need"};
        }
        return Json(found->second);
    }
    if (!body.is_structured()) {
        return body;
    }
    Json result = body;
    for (auto& child : result) {
        SYNCLINE_ASSIGN_OR_RETURN(child, substitute(child, ids));
    }
    return result;
}

bool covers(const Json& target, const Json& wanted) {
    if (wanted.is_object()) {
        return target.is_object() &&
               std::all_of(wanted.items().begin(), wanted.items().end(), [&](const auto& entry) {
                   const auto found = target.find(entry.key());
                   return found != target.end() && covers(*found, entry.value());
               });
    }
    if (wanted.is_array()) {
        return target.is_array() && target.size() == wanted.size() &&
               std::equal(target.begin(), target.end(), wanted.begin(), covers);
    }
    return target == wanted;
}

}  // namespace syncline
