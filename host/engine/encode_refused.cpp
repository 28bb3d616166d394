#include "engine/encode_refused.hpp"

#include "core/log.hpp"
#include "engine/deliver_stages.hpp"
#include "engine/failure_detail.hpp"

namespace syncline::engine {

Result<void> encode_refused(
    Stores& stores,
    const Flow& flow,
    const std::vector<Work*>& works,
    const Error& error,
    std::int64_t now_ms
) {
    if (error.code == ErrorCode::kUnsupported) {
        for (Work* work : works) {
            fail(*work, error, failure_detail("encode", error));
        }
        return {};
    }
    if (error.code == ErrorCode::kConfig) {
        SYNCLINE_RETURN_IF_ERROR(stores.flow_changes.set_state(
            flow.id, FlowState::kPaused, {"host", error.message}, now_ms
        ));
        log::error(
            "flow paused",
            {{"flow", flow.definition.name}, {"code", error.name}, {"reason", error.message}}
        );
    }
    return error;
}

}  // namespace syncline::engine
