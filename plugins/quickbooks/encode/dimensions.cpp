#include "quickbooks/encode/dimensions.hpp"

#include <algorithm>

#include "quickbooks/encode/text.hpp"
#include "quickbooks/rules.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

// A list of the company's that rules choose from.
struct Dimension {
    const char* choice;  // "class_rules"
    const char* kind;    // "class"
    const char* unknown;
    const Rules& rules;
    const std::vector<NamedId>& known;
    bool tracked;
};

// The id of what the rules choose; empty: nothing.
Result<std::string> chosen(const Dimension& dimension, const Order& order) {
    const Rule* rule = rule_for(dimension.rules, order);
    if (rule == nullptr) {
        return std::string();
    }
    if (!dimension.tracked) {
        return hold(
            "DIMENSION_NOT_TRACKED",
            std::string("QuickBooks does not track by ") + dimension.kind +
                "; switch that on there, or take " + dimension.choice + " away"
        );
    }
    const NamedId* found = find_named(dimension.known, rule->use);
    if (found == nullptr) {
        return hold(
            dimension.unknown,
            std::string("QuickBooks has no ") + dimension.kind + " '" + rule->use + "'; change " +
                dimension.choice
        );
    }
    return found->id;
}

void put_class(const CompanyFacts& company, const std::string& id, Json& body) {
    const Json reference{{"value", id}};
    if (company.classes_per_document) {
        body["ClassRef"] = reference;
        return;
    }
    for (auto& line : body["Line"]) {
        if (line.contains("SalesItemLineDetail")) {
            line["SalesItemLineDetail"]["ClassRef"] = reference;
        }
    }
}

bool has_id(const std::vector<NamedId>& all, const std::string& id) {
    return std::any_of(all.begin(), all.end(), [&](const NamedId& one) { return one.id == id; });
}

Result<void> put_custom_fields(const Scope& scope, Draft& draft, const Order& order, Json& body) {
    Json fields = Json::array();
    for (const auto& [id, source] : scope.choices.custom_field_mappings) {
        const auto& known = scope.company.custom_fields;
        if (!has_id(known, id)) {
            return hold(
                "CUSTOM_FIELD_UNKNOWN",
                "QuickBooks uses no custom field with the definition id '" + id +
                    "'; change custom_field_mappings"
            );
        }
        Json field{{"DefinitionId", id}, {"Type", "StringType"}};
        put_text(
            scope,
            draft,
            field,
            {"StringValue", limits::kCustomField},
            one_line(order_text(order, source))
        );
        if (field.contains("StringValue")) {
            fields.push_back(std::move(field));
        }
    }
    if (!fields.empty()) {
        body["CustomField"] = std::move(fields);
    }
    return {};
}

}  // namespace

Result<void> add_dimensions(const Scope& scope, Draft& draft, const Order& order, Json& body) {
    const CompanyFacts& company = scope.company;
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::string class_id,
        chosen(
            {"class_rules",
             "class",
             "CLASS_UNKNOWN",
             scope.choices.class_rules,
             company.classes,
             company.classes_per_document || company.classes_per_line},
            order
        )
    );
    if (!class_id.empty()) {
        put_class(company, class_id, body);
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::string location,
        chosen(
            {"location_rules",
             "location",
             "LOCATION_UNKNOWN",
             scope.choices.location_rules,
             company.locations,
             company.tracks_locations},
            order
        )
    );
    if (!location.empty()) {
        body["DepartmentRef"] = {{"value", location}};
    }
    return put_custom_fields(scope, draft, order, body);
}

}  // namespace syncline::quickbooks
