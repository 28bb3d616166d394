// A tenant's transformer_config on its way to connectors: checked by them before it is stored, and
// given to their encode() below the connection's own settings and the flow's options.
#pragma once

#include <string>
#include <vector>

#include "core/flow.hpp"
#include "engine/connection_session.hpp"
#include "engine/connector_source.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

// Everything that is wrong with `value` for the tenant's connections as they were last discovered:
// "/terms/bacs: connection 'books': QuickBooks has no term ...". A member that no loaded connector
// has as an optional setting is unknown. Nothing is requested and nothing is stored. Errors:
// kConfig "setting.unverified" when a connector cannot tell, for one because nothing is known yet
// of the account.
Result<std::vector<std::string>> transformer_problems(
    const Stores& stores, ConnectorSource& source, TenantId tenant, const Json& value
);

// EncodeContext::settings of a flow: what the tenant's transformer_config says for this target, on
// which go the flow's options. What the connection sets itself is left to the connector, which has
// it. Errors: kConfig "setting.malformed" when the stored value is none.
Result<Json> target_settings(
    const Stores& stores, const Flow& flow, const storage::Connection& target, const Spec& spec
);

// What encode() of a target is told besides the records. Errors: as target_settings().
Result<EncodeContext> encoding_for(
    const Stores& stores,
    const ConnectionSession& target,
    const Flow& flow,
    const storage::Connection& source,
    const Json& facts
);

}  // namespace syncline::engine
