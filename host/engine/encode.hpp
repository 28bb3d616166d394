// What becomes of records before anything is planned or written. A delivery, a dry run and a
// reconciliation use the same, so that they never see different documents.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/connection_session.hpp"
#include "engine/flow_mapping.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

// Records of one entity, and what the target has of each.
struct EncodeBatch {
    std::vector<std::string> records;               // texts of the canonical model
    std::vector<std::vector<KnownDocument>> known;  // none: nothing is known of any
};

// Encodes; a batch of which the connector refuses a record is encoded one by one, so that one bad
// record does not stop the others. Errors: what is no single record's fault.
Result<std::vector<Result<Encoded>>> encode_isolating(
    ConnectionSession& session, const EncodeContext& context, const EncodeBatch& batch
);

struct MappedBatch {
    std::optional<MappingUse> mapping;     // nothing if the flow names none
    std::vector<Result<Encoded>> records;  // as many as were given, in their order
};

// As encode_isolating(), adjusted by the flow's mapping. Errors also: of flow_mapping().
Result<MappedBatch> encode_mapped(
    const Stores& stores,
    ConnectionSession& session,
    const Flow& flow,
    const EncodeContext& context,
    const EncodeBatch& batch
);

}  // namespace syncline::engine
