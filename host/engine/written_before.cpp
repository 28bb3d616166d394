#include "engine/written_before.hpp"

namespace syncline::engine {

Result<std::vector<WrittenBefore>> written_by_identity(
    const Stores& stores,
    const Flow& flow,
    const std::string& source_id,
    const std::string& identity
) {
    if (identity.rfind('#', 0) == 0) {
        return std::vector<WrittenBefore>();
    }
    return stores.id_mappings.by_identity(
        {flow.tenant, flow.source, flow.target, flow.definition.entity, source_id, identity}
    );
}

}  // namespace syncline::engine
