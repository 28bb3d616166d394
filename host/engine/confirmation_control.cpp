#include "engine/confirmation_control.hpp"

#include <algorithm>
#include <set>

#include "core/sha256.hpp"
#include "engine/api_key_control.hpp"
#include "storage/seal.hpp"

namespace syncline::engine {
namespace {

constexpr std::int64_t kGoodForMs = 300'000;
constexpr std::size_t kTokenBytes = 24;
constexpr std::int64_t kPlanRecordsMax = 10'000;

// The part of a request that is kept until it is confirmed.
struct AskedRequest {
    std::string entity;
    std::string flow;
    std::optional<SyncMode> mode;
    storage::RunOptions options;

    static constexpr auto fields() {
        return std::make_tuple(
            field("entity", &AskedRequest::entity),
            field("flow", &AskedRequest::flow),
            field("mode", &AskedRequest::mode),
            field("options", &AskedRequest::options)
        );
    }
};

Result<std::string> new_token() {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string bytes, storage::random_bytes(kTokenBytes));
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string token;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        token += kHex[byte >> 4U];
        token += kHex[byte & 15U];
    }
    return token;
}

std::string hash_of(const std::vector<FlowPlan>& plans) {
    std::string text;
    for (const auto& plan : plans) {
        text += plan.flow + " " + std::string(enum_name(plan.mode)) + " " + plan.hash + "\n";
    }
    return sha256_hex(text);
}

using WriteKey = std::pair<std::int64_t, std::string>;  // flow, source id

std::map<WriteKey, std::string> by_key(const std::vector<storage::PlannedWrite>& writes) {
    std::map<WriteKey, std::string> keyed;
    for (const auto& write : writes) {
        keyed[{write.flow.value, write.source_id}] = write.approved;
    }
    return keyed;
}

std::vector<PlanChange> changes_between(
    const std::vector<storage::PlannedWrite>& shown, const std::vector<FlowPlan>& plans
) {
    const auto before = by_key(shown);
    const auto after = by_key(planned_writes(plans));
    const auto name_of = [&](std::int64_t flow) {
        const auto plan = std::find_if(plans.begin(), plans.end(), [&](const auto& one) {
            return one.id.value == flow;
        });
        return plan == plans.end() ? std::string() : plan->flow;
    };
    std::vector<PlanChange> changes;
    for (const auto& [key, approved] : after) {
        const auto former = before.find(key);
        if (former == before.end() || former->second != approved) {
            changes.push_back(
                {name_of(key.first), key.second, former == before.end() ? "added" : "changed"}
            );
        }
    }
    for (const auto& [key, approved] : before) {
        if (after.count(key) == 0) {
            changes.push_back({name_of(key.first), key.second, "removed"});
        }
    }
    return changes;
}

storage::AuditEntry entry_of(
    const storage::Confirmation& confirmation,
    const char* event,
    const storage::AuditActor& actor,
    std::int64_t now_ms
) {
    storage::AuditEntry entry;
    entry.tenant = confirmation.tenant;
    entry.at_ms = now_ms;
    entry.event = event;
    entry.object = "plan " + confirmation.plan_hash.substr(0, 16);
    entry.detail = {{"asked_by", confirmation.subject}, {"plan_hash", confirmation.plan_hash}};
    entry.actor = actor;
    return entry;
}

// Whoever made an API key, or made the key that made it, is whoever uses it.
bool is_behind(
    const std::vector<storage::ApiKey>& keys, const std::string& maker, const std::string& name
) {
    std::set<std::string> behind{name};
    for (bool grows = true; grows;) {
        grows = std::any_of(keys.begin(), keys.end(), [&](const storage::ApiKey& key) {
            return behind.count(key.name) != 0 && behind.insert(key.created_by).second;
        });
    }
    return behind.count(maker) != 0;
}

Result<void> check_usable(const storage::Confirmation& confirmation, Timestamp now) {
    if (confirmation.used_at_ms != 0) {
        return Error{
            ErrorCode::kExists,
            "the confirmation was used already (syncId " + confirmation.sync_id +
                "); a new run needs a new one",
            "confirmation.used"};
    }
    if (now.ms >= confirmation.expires_at_ms) {
        return Error{
            ErrorCode::kExists,
            "the confirmation was good until " + Timestamp{confirmation.expires_at_ms}.to_string() +
                "; ask for a new one",
            "confirmation.expired"};
    }
    return {};
}

}  // namespace

Result<std::vector<FlowPlan>> ConfirmationControl::plans_of(
    TenantId tenant, const StartRequest& request
) {
    SYNCLINE_ASSIGN_OR_RETURN(auto plans, syncs_.dry_run(tenant, request, kPlanRecordsMax));
    for (const auto& plan : plans) {
        if (plan.truncated) {
            return Error{
                ErrorCode::kData,
                "the run of '" + plan.flow + "' would read more than " +
                    std::to_string(kPlanRecordsMax) +
                    " records, more than one plan can show: take a part of them with \"mode\": "
                    "\"backfill\", \"from\" and \"to\", or let the flow's \"approval\" policy "
                    "exempt "
                    "\"api\"",
                "approval.too_large"};
        }
    }
    return plans;
}

Result<bool> ConfirmationControl::is_own(
    const storage::Confirmation& confirmation, const std::string& subject
) const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto keys, stores_.api_keys.list(confirmation.tenant));
    return is_behind(keys, subject, confirmation.subject) ||
           is_behind(keys, confirmation.subject, subject);
}

Result<void> ConfirmationControl::check_person(
    const storage::Confirmation& confirmation,
    const std::string& subject,
    const storage::AuditActor& actor
) const {
    SYNCLINE_ASSIGN_OR_RETURN(const bool own, is_own(confirmation, subject));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto settings, setting_of<ApprovalSettings>(stores_, confirmation.tenant)
    );
    const bool releases = actor.role == "approver" || actor.role == "admin";
    if (!own && releases) {
        return {};
    }
    if (own && !settings.second_person && actor.role != "approver") {
        return {};
    }
    auto entry = entry_of(confirmation, "approval.refused", actor, clock_.now().ms);
    entry.outcome = "refused";
    SYNCLINE_RETURN_IF_ERROR(stores_.audit.append(entry));
    if (own) {
        return Error{
            ErrorCode::kForbidden,
            "nobody approves their own run here: somebody else with the role approver or admin "
            "must confirm it",
            "confirmation.own"};
    }
    return Error{
        ErrorCode::kForbidden,
        "the confirmation was given to somebody else; ask for one of your own",
        "confirmation.not_yours"};
}

Result<ConfirmationControl::Asked> ConfirmationControl::ask(
    TenantId tenant,
    const std::string& subject,
    const StartRequest& request,
    const storage::AuditActor& actor
) {
    SYNCLINE_RETURN_IF_ERROR(syncs_.check_startable(tenant, request));
    Asked asked;
    SYNCLINE_ASSIGN_OR_RETURN(asked.plans, plans_of(tenant, request));
    for (const auto& plan : asked.plans) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto reasons, syncs_.approval().reasons(plan));
        asked.reasons.insert(asked.reasons.end(), reasons.begin(), reasons.end());
    }
    asked.plan_hash = hash_of(asked.plans);
    SYNCLINE_ASSIGN_OR_RETURN(asked.token, new_token());
    const std::int64_t now = clock_.now().ms;
    asked.expires_at = Timestamp{now + kGoodForMs};
    storage::Confirmation confirmation;
    confirmation.tenant = tenant;
    confirmation.subject = subject;
    confirmation.request =
        dump_json(to_json(AskedRequest{request.entity, request.flow, request.mode, request.options})
        );
    confirmation.plan_hash = asked.plan_hash;
    confirmation.created_at_ms = now;
    confirmation.expires_at_ms = asked.expires_at.ms;
    const auto writes = planned_writes(asked.plans);
    SYNCLINE_RETURN_IF_ERROR(
        stores_.confirmations.put(confirmation, sha256_hex(asked.token), writes)
    );
    // It is stored in slices; its token is good for nothing before whoever asked has it.
    auto entry = entry_of(confirmation, "approval.requested", actor, now);
    entry.detail["entity"] = request.entity;
    entry.detail["flow"] = request.flow;
    entry.detail["writes"] = writes.size();
    SYNCLINE_RETURN_IF_ERROR(stores_.audit.append(entry));
    return asked;
}

Result<ConfirmationControl::Confirmed> ConfirmationControl::confirm(
    TenantId tenant,
    const std::string& subject,
    const std::string& token,
    const storage::AuditActor& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto confirmation, stores_.confirmations.find(tenant, sha256_hex(token))
    );
    SYNCLINE_RETURN_IF_ERROR(check_person(confirmation, subject, actor));
    SYNCLINE_RETURN_IF_ERROR(check_usable(confirmation, clock_.now()));
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, parse_json(confirmation.request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto kept, from_json<AskedRequest>(json));
    StartRequest request;
    request.entity = kept.entity;
    request.flow = kept.flow;
    request.mode = kept.mode;
    request.options = kept.options;
    request.requested_by = confirmation.subject;
    // Who confirms twice at once is told so, and not that the flow is reading.
    const auto or_used = [&](const Error& error) {
        const auto now = stores_.confirmations.find(tenant, sha256_hex(token));
        const auto usable = now ? check_usable(*now, clock_.now()) : Result<void>(now.error());
        return error.name == "flow.busy" && !usable ? usable.error() : error;
    };
    if (const auto startable = syncs_.check_startable(tenant, request); !startable) {
        return or_used(startable.error());
    }
    Confirmed confirmed;
    SYNCLINE_ASSIGN_OR_RETURN(confirmed.plans, plans_of(tenant, request));
    confirmed.plan_hash = hash_of(confirmed.plans);
    if (confirmed.plan_hash != confirmation.plan_hash) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto shown, stores_.confirmations.writes(confirmation.id));
        confirmed.changes = changes_between(shown, confirmed.plans);
        return confirmed;
    }
    request.options.confirmation = confirmation.id;
    request.also = [&](storage::Sql& sql, const std::string& sync_id) -> Result<void> {
        const std::int64_t now = clock_.now().ms;
        auto entry = entry_of(confirmation, "approval.confirmed", actor, now);
        entry.detail["sync_id"] = sync_id;
        storage::append_audit(sql, entry);
        return stores_.confirmations.use(sql, confirmation.id, sync_id, now);
    };
    auto started = syncs_.start(tenant, request);
    if (!started) {
        return or_used(started.error());
    }
    confirmed.started = std::move(*started);
    return confirmed;
}

}  // namespace syncline::engine
