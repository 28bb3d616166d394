#include "quickbooks/encode/scope.hpp"

#include "quickbooks/entities.hpp"

namespace syncline::quickbooks {

Result<Json> Draft::reference(Need need) {
    Json placeholder{{"$need", need.key}};
    for (const auto& known : needs_) {
        if (known.key == need.key) {
            if (known.source_id != need.source_id) {
                return hold(
                    "DUPLICATE_SKU",
                    "products " + known.source_id + " and " + need.source_id + " share the SKU '" +
                        need.natural_key + "'; give each its own in the shop"
                );
            }
            return placeholder;
        }
    }
    needs_.push_back(std::move(need));
    return placeholder;
}

void Draft::warn(std::string code, std::string message) {
    warnings_.push_back(Reason{std::move(code), std::move(message)});
}

Encoded Draft::finish(std::vector<Document> documents) {
    Encoded encoded;
    encoded.documents = std::move(documents);
    encoded.needs = std::move(needs_);
    encoded.warnings = std::move(warnings_);
    return encoded;
}

void mark_inactive_choice(const Scope& scope, Json& body) {
    if (scope.choices.inactive_records == InactiveChoice::kReactivate) {
        body[std::string(kInactiveMember)] = enum_name(InactiveChoice::kReactivate);
    }
}

std::string marker_of(const Scope& scope, const std::string& record_id) {
    return "[syncline " + scope.context.source + ":" + record_id + " v1]";
}

}  // namespace syncline::quickbooks
