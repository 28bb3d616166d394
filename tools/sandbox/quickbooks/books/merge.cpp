#include "quickbooks/books/merge.hpp"

#include "quickbooks/books/life_cycle.hpp"

namespace sandbox::quickbooks {
namespace {

// Puts `to` in place of every reference of that name to `from`, at any depth.
bool redirect(Json& value, const std::string& reference, const std::string& from, const Json& to) {
    bool changed = false;
    if (value.is_object() && value.contains(reference) &&
        text_at(value, reference + ".value") == from) {
        value[reference] = to;
        changed = true;
    }
    if (value.is_structured())
        for (auto& child : value) changed = redirect(child, reference, from, to) || changed;
    return changed;
}

}  // namespace

Outcome merge_objects(Company& company, const Merge& merge, Millis now) {
    const Record* keeps = company.find(merge.entity, merge.keeps);
    const Record* goes = company.find(merge.entity, merge.goes);
    if (!keeps || !goes || merge.keeps == merge.goes)
        return Outcome::fault(business_rule("Two objects that are there are needed to merge."));
    const bool customer = merge.entity == Entity::kCustomer;
    const std::string name = text_at(keeps->doc, customer ? "DisplayName" : "Name");
    const Json reference{{"value", merge.keeps}, {"name", name}};
    for (const EntityInfo& entity : all_entities()) {
        if (entity.family != Family::kSale && entity.family != Family::kOther)
            continue;
        for (const auto& [id, record] : Company::Table(company.table(entity.entity))) {
            Record next = record;
            if (next.deleted ||
                !redirect(next.doc, customer ? "CustomerRef" : "ItemRef", merge.goes, reference))
                continue;
            renew(next.doc, now);
            next.changed = now;
            company.put(entity.entity, id, std::move(next));
        }
    }
    Record gone = *company.find(merge.entity, merge.goes);
    gone.deleted = true;
    gone.changed = now;
    renew(gone.doc, now);
    company.put(merge.entity, *parse_id(merge.goes), std::move(gone));
    return {company.find(merge.entity, merge.keeps)->doc, {}};
}

}  // namespace sandbox::quickbooks
