#include "engine/unreadable.hpp"

#include <algorithm>

#include "core/flow.hpp"
#include "engine/deliver_stages.hpp"
#include "engine/failure_detail.hpp"

namespace syncline::engine {

Error unreadable_error(const UnreadableRecord& record) {
    return Error{ErrorCode::kData, record.reason, record.code};
}

bool has_made_up_id(const std::string& source_id) {
    return source_id.rfind(kUnreadableId, 0) == 0;
}

storage::UnreadableJob to_unreadable_job(
    Stores& stores, const Flow& flow, const UnreadableRecord& record
) {
    storage::UnreadableJob job;
    job.source_id = record.id;
    // Whose it is cannot be told either; when it can, the job moves to that lane.
    job.lane = lane_name(flow.definition.entity, "#" + record.id);
    // Not what a readable record of the same text has.
    job.content_hash = "unreadable:" + record.code + ":" + record.content_hash;
    job.error = unreadable_error(record);
    job.seal_detail = [&stores, tenant = flow.tenant, detail = failure_detail(record)](JobId id) {
        return sealed_detail(stores.vault, tenant, id, detail);
    };
    return job;
}

void fail_unreadable(
    const std::vector<UnreadableRecord>& unreadable,
    const std::map<std::string, Work*>& works,
    const std::map<std::string, Work*>& missing
) {
    const UnreadableRecord* nobodys = nullptr;
    for (const auto& record : unreadable) {
        const auto wanted = works.find(record.id);
        if (record.has_own_id && wanted != works.end()) {
            fail(*wanted->second, unreadable_error(record), failure_detail(record));
        } else {
            nobodys = &record;
        }
    }
    for (const auto& [id, work] : missing) {
        if (nobodys != nullptr && !work->outcome) {
            const Error error{
                ErrorCode::kData,
                "it did not come back, but a record did of which it cannot be told whether it is "
                "this one: " +
                    nobodys->reason,
                nobodys->code};
            Json detail = failure_detail(*nobodys);
            detail["response"]["message"] = error.message;
            fail(*work, error, std::move(detail));
        }
    }
}

}  // namespace syncline::engine
