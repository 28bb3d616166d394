// A flow's mapping where its documents are made: in a delivery and in a dry run, after encode and
// before the plan, so that both see the same documents.
#pragma once

#include <optional>
#include <string>

#include "core/flow.hpp"
#include "core/mapping/program.hpp"
#include "engine/connection_session.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

// Which mapping adjusted a document.
struct MappingUse {
    std::string name;
    std::int64_t version = 0;  // 0: a shipped one
};

struct FlowMapping {
    MappingUse use;
    mapping::Program program;
};

// `definition` against what the connection's account has; `catalog` is its own. Errors: kInvalid
// "mapping.invalid" with every problem, each with its pointer into the definition; kNotFound when
// no plugin speaks to the platform.
Result<mapping::Program> compile_for(
    const ConnectionSession& target, const Catalog& catalog, const mapping::Definition& definition
);

// The version in force of the flow's mapping, compiled for its target; nothing if it names none.
// Errors: kConfig "mapping.unusable" naming flow, mapping and problem, when it cannot be used as
// it stands: a person must publish another version or take it out of the flow; of the database; of
// discover.
Result<std::optional<FlowMapping>> flow_mapping(
    const Stores& stores, ConnectionSession& target, const Flow& flow
);

// Adjusts what was encoded of `record`, the text of the canonical model.
void apply_mapping(const FlowMapping& mapping, const std::string& record, Encoded& encoded);

// Whether a flow of the tenant may name the mapping: it is shipped, or a version of it is in force,
// and it is for records of the flow's entity. Errors: kInvalid "mapping.unusable" at "/mapping".
Result<void> check_flow_mapping(
    const Stores& stores, TenantId tenant, const FlowDefinition& definition
);

}  // namespace syncline::engine
