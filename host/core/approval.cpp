#include "core/approval.hpp"

#include "core/plan.hpp"
#include "core/sha256.hpp"

namespace syncline {
namespace {

constexpr std::int64_t kRecordsMost = 1'000'000'000;

// The document, what would be done with it, and the records that would be made for it.
std::string form_of(const PlannedDocument& document, const std::vector<Need>& needs) {
    std::string text =
        document.hash + " " + std::string(enum_name(document.action)) + " " + document.remote_id;
    for (const auto& key : document.needs) {
        for (const auto& need : needs) {
            if (need.key == key) {
                text += "\n" + key + " " + dump_json(need.record);
            }
        }
    }
    return sha256_hex(text);
}

}  // namespace

Result<void> check_approval(const ApprovalPolicy& policy) {
    if (policy.records_max < 0 || policy.records_max > kRecordsMost) {
        return invalid(
            "/approval/records_max: expected 0 to " + std::to_string(kRecordsMost) + ", found " +
            std::to_string(policy.records_max)
        );
    }
    return {};
}

std::string approved_form(const PlannedRecord& planned) {
    std::string text;
    for (const auto& document : planned.documents) {
        if (document.action != PlanAction::kSkip) {
            text += (text.empty() ? "" : " ") + form_of(document, planned.needs);
        }
    }
    return text.empty() ? kApprovedNothing : text;
}

bool approval_covers(const std::string& approved, const PlannedRecord& planned) {
    return approved.empty() ||
           std::all_of(
               planned.documents.begin(),
               planned.documents.end(),
               [&](const PlannedDocument& document) {
                   return document.action == PlanAction::kSkip ||
                          approved.find(form_of(document, planned.needs)) != std::string::npos;
               }
           );
}

}  // namespace syncline
