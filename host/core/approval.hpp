// Which runs need a person's confirmation before they write, and what exactly was confirmed. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <syncline/json_fields.hpp>

namespace syncline {

// Who starts a run.
enum class Starter { kApi, kSchedule, kWebhook };
template <>
struct EnumNames<Starter> {
    static constexpr std::array<std::pair<Starter, std::string_view>, 3> kNames{{
        {Starter::kApi, "api"},
        {Starter::kSchedule, "schedule"},
        {Starter::kWebhook, "webhook"},
    }};
};

// Part of a flow's definition. Each of the first three is a reason of its own.
struct ApprovalPolicy {
    std::int64_t records_max = 10;  // a run that would write more records needs it
    bool destructive = true;        // so does one that would delete or void a document
    bool first_post = true;         // and the first one that would ever write to the target
    // Whose runs need none. A script that starts runs unattended has "api" here.
    std::vector<Starter> exempt{Starter::kSchedule, Starter::kWebhook};

    bool exempts(Starter starter) const {
        return std::find(exempt.begin(), exempt.end(), starter) != exempt.end();
    }
    static constexpr auto fields() {
        return std::make_tuple(
            field("records_max", &ApprovalPolicy::records_max),
            field("destructive", &ApprovalPolicy::destructive),
            field("first_post", &ApprovalPolicy::first_post),
            field("exempt", &ApprovalPolicy::exempt)
        );
    }
};

// What is wrong with a policy, as "/approval/...".
Result<void> check_approval(const ApprovalPolicy& policy);

struct PlannedRecord;

// What may be written for a record, as a job carries it. Empty: whatever it becomes.
inline constexpr auto kApprovedNothing = "!";

// The documents of a plan that would be written, each with the records it needs, by their hashes:
// the text that covers() understands. kApprovedNothing when nothing would be written.
std::string approved_form(const PlannedRecord& planned);

// Whether all that `planned` would write is among what was approved. Documents that are written
// already do not count, so that a delivery that was interrupted may go on.
bool approval_covers(const std::string& approved, const PlannedRecord& planned);

}  // namespace syncline
