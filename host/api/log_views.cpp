#include "api/log_views.hpp"

#include "api/views.hpp"

namespace syncline::api {

Result<FlowNames> flow_names(const storage::FlowStore& flows, TenantId tenant) {
    FlowNames names;
    SYNCLINE_ASSIGN_OR_RETURN(const auto all, flows.list(tenant));
    for (const auto& flow : all) {
        names[flow.id.value] = flow.definition.name;
    }
    return names;
}

Json entry_json(const storage::LogEntry& entry, const FlowNames& flows) {
    Json json{
        {"at", time_or_null(entry.at_ms)},
        {"level", entry.level},
        {"event", entry.event},
        {"message", entry.message}};
    if (entry.run) {
        json["run"] = *entry.run;
    }
    if (const auto flow = flows.find(entry.flow.value); flow != flows.end()) {
        json["flow"] = flow->second;
    }
    if (const auto detail = parse_json(entry.detail); detail && !detail->empty()) {
        json["detail"] = *detail;
    }
    return json;
}

Json event_json(const storage::LogEntry& entry, const FlowNames& flows) {
    Json json = entry_json(entry, flows);
    if (!entry.entity.empty()) {
        json["entity"] = entry.entity;
    }
    if (!entry.source_id.empty()) {
        json["source_id"] = entry.source_id;
    }
    return json;
}

}  // namespace syncline::api
