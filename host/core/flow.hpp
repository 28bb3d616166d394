// A flow's definition: what is read where, and where it goes. Values as the configuration file and
// the API give them; the JSON form is in docs (architecture 8).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <syncline/json_fields.hpp>

#include "core/approval.hpp"
#include "core/conflict_policy.hpp"
#include "core/ids.hpp"
#include "core/retry.hpp"

namespace syncline {

enum class SyncMode { kIncremental, kFull, kBackfill, kIds };
template <>
struct EnumNames<SyncMode> {
    static constexpr std::array<std::pair<SyncMode, std::string_view>, 4> kNames{{
        {SyncMode::kIncremental, "incremental"},
        {SyncMode::kFull, "full"},
        {SyncMode::kBackfill, "backfill"},
        {SyncMode::kIds, "ids"},
    }};
};

// Which records of the source a flow takes. Empty members take all. A record that was delivered
// before passes always, so that its cancellation is not filtered away.
struct Filters {
    std::vector<std::string> status;          // canonical, or the source's own word
    std::vector<std::string> payment_status;  // "paid"
    std::optional<Timestamp> created_from;    // inclusive
    std::optional<Timestamp> created_to;      // exclusive

    bool empty() const {
        return status.empty() && payment_status.empty() && !created_from && !created_to;
    }
    static constexpr auto fields() {
        return std::make_tuple(
            field("status", &Filters::status),
            field("payment_status", &Filters::payment_status),
            field("created_from", &Filters::created_from),
            field("created_to", &Filters::created_to)
        );
    }
};

// One side of a flow.
struct FlowEnd {
    std::string connection;         // by name
    std::string entity;             // target only; empty: the connector's choice
    Filters filters;                // source only
    Json options = Json::object();  // target only: handed to encode() as settings

    static constexpr auto fields() {
        return std::make_tuple(
            field("connection", &FlowEnd::connection),
            field("entity", &FlowEnd::entity),
            field("filters", &FlowEnd::filters),
            field("options", &FlowEnd::options)
        );
    }
};

struct FlowDefinition {
    std::string name;
    std::string entity;  // singular: "order"
    FlowEnd source;
    FlowEnd target;
    SyncMode mode = SyncMode::kIncremental;
    std::int64_t batch_size = 1000;  // records per transaction while collecting
    bool enabled = true;
    ApprovalPolicy approval;
    std::vector<RetryOverride> retry;  // at most one per class of errors
    ConflictPolicy conflict_policy = ConflictPolicy::kSourceWins;
    std::vector<FieldPolicy> conflict_fields;  // for single fields of the target's documents
    DeletePolicy delete_policy = DeletePolicy::kFlag;
    std::string mapping;  // by name: adjusts the target's documents; empty: they stay as encoded

    ConflictRules conflict_rules() const { return {conflict_policy, conflict_fields}; }
    static constexpr auto fields() {
        return std::make_tuple(
            field("name", &FlowDefinition::name),
            field("entity", &FlowDefinition::entity),
            field("source", &FlowDefinition::source),
            field("target", &FlowDefinition::target),
            field("mode", &FlowDefinition::mode),
            field("batch_size", &FlowDefinition::batch_size),
            field("enabled", &FlowDefinition::enabled),
            field("approval", &FlowDefinition::approval),
            field("retry", &FlowDefinition::retry),
            field("conflict_policy", &FlowDefinition::conflict_policy),
            field("conflict_fields", &FlowDefinition::conflict_fields),
            field("delete_policy", &FlowDefinition::delete_policy),
            field("mapping", &FlowDefinition::mapping)
        );
    }
};

// "running" is the resting state of a healthy flow; a stopped flow reads nothing and keeps its
// cursor, a paused one also keeps its jobs from being delivered.
enum class FlowState { kRunning, kPaused, kStopped };
template <>
struct EnumNames<FlowState> {
    static constexpr std::array<std::pair<FlowState, std::string_view>, 3> kNames{{
        {FlowState::kRunning, "running"},
        {FlowState::kPaused, "paused"},
        {FlowState::kStopped, "stopped"},
    }};
};

struct Flow {
    FlowId id;
    TenantId tenant;
    std::string tenant_name;
    FlowDefinition definition;
    ConnectionId source;
    ConnectionId target;
    FlowState state = FlowState::kRunning;
    bool declared = false;  // by the configuration file
};

// The entity words of URLs ("orders") to ours ("order"), or nothing.
std::optional<std::string> entity_from_plural(std::string_view plural);
std::string plural_of(std::string_view entity);

// Whether the canonical `record` passes. Unreadable members count as not matching.
bool passes(const Filters& filters, const Json& record);

// What tells two records of an entity apart in a target: the normalised e-mail of a customer, the
// SKU of a product, else the source id. `record` is the canonical model.
std::string identity_key(std::string_view entity, std::string_view source_id, const Json& record);

// The name of a lane within a target connection (architecture 1).
std::string lane_name(std::string_view entity, std::string_view identity);

// What is wrong with the name of a flow or a schedule, as "/name: ...".
Result<void> check_name(std::string_view name);

// What is wrong with a definition on its own, naming the member; connections are checked by the
// store.
Result<void> check_definition(const FlowDefinition& definition);

}  // namespace syncline
