#include "quickbooks/cdc.hpp"

#include <algorithm>

namespace sandbox::quickbooks {
namespace {

constexpr std::size_t kObjectsMax = 1000;
constexpr Millis kLookBackMax = 30 * kDay;

struct Change {
    Entity entity;
    const Record* record = nullptr;
};

std::vector<const EntityInfo*> named_entities(const std::string& list, Errors& errors) {
    std::vector<const EntityInfo*> entities;
    for (std::size_t at = 0; at <= list.size();) {
        const auto comma = std::min(list.find(',', at), list.size());
        const std::string name = list.substr(at, comma - at);
        const EntityInfo* entity = entity_named(name);
        if (entity && entity->in_cdc)
            entities.push_back(entity);
        else
            errors.push_back(
                other_fault(2000, "Invalid or unsupported object name", "Object Name: " + name)
            );
        at = comma + 1;
    }
    return entities;
}

// The service's times have whole seconds.
bool changed_since(const Record& record, Millis since) {
    return record.changed / kSecond >= since / kSecond;
}

std::vector<Change> oldest_changes(
    const Company& company, const std::vector<const EntityInfo*>& entities, Millis since
) {
    std::vector<Change> changes;
    for (const EntityInfo* entity : entities)
        for (const auto& [id, record] : company.table(entity->entity))
            if (changed_since(record, since))
                changes.push_back({entity->entity, &record});
    std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
        return a.record->changed < b.record->changed;
    });
    changes.resize(std::min(changes.size(), kObjectsMax));
    return changes;
}

Json shown(const Record& record) {
    if (!record.deleted)
        return record.doc;
    return {
        {"domain", "QBO"},
        {"status", "Deleted"},
        {"Id", text_at(record.doc, "Id")},
        {"MetaData", {{"LastUpdatedTime", text_at(record.doc, "MetaData.LastUpdatedTime")}}}};
}

Json group_of(const EntityInfo& entity, const std::vector<Change>& changes) {
    Json objects = Json::array();
    for (const Change& change : changes)
        if (change.entity == entity.entity)
            objects.push_back(shown(*change.record));
    if (objects.empty())
        return Json::object();
    const std::size_t count = objects.size();
    return {
        {std::string(entity.name), std::move(objects)},
        {"startPosition", 1},
        {"maxResults", count},
        {"totalCount", count}};
}

}  // namespace

Outcome changes_since(
    const Company& company,
    const WireOptions& options,
    const std::string& entities,
    const std::string& changed_since,
    Millis now
) {
    if (entities.empty())
        return Outcome::fault(missing("entities"));
    if (changed_since.empty())
        return Outcome::fault(missing("changedSince"));
    Errors errors;
    const auto named = named_entities(entities, errors);
    const auto since = parse_time(changed_since);
    if (!since)
        errors.push_back(invalid_date("changedSince", changed_since));
    else if (*since < now - kLookBackMax)
        errors.push_back(
            other_fault(2190, "Invalid Date Range", "changedSince may lie 30 days back at most.")
        );
    if (!errors.empty())
        return {Json(), std::move(errors)};
    const auto changes = oldest_changes(company, named, *since);
    std::vector<Json> groups;
    for (const EntityInfo* entity : named) groups.push_back(group_of(*entity, changes));
    if (options.reverse_cdc)
        std::reverse(groups.begin(), groups.end());
    Json response{{"QueryResponse", Json(groups)}};
    return {{{"CDCResponse", Json::array({std::move(response)})}}, {}};
}

}  // namespace sandbox::quickbooks
