// Making and changing what has a name and a definition: flows, schedules.
#pragma once

#include <string>
#include <utility>

#include "api/audited.hpp"
#include "api/backend.hpp"
#include "core/json_difference.hpp"

namespace syncline::api {

// Makes or changes the `kind` ("flow") that the address names, as `wanted(before)` says, which is
// asked in the unit of work of the change. `find(name)` answers what there is (a Result), `replace
// (definition)` stores it; the answer is replace()'s. Errors: of all three; kInvalid for another
// name than the address has.
template <class Find, class Wanted, class Replace>
auto change_definition(
    Backend& backend,
    const Request& request,
    const std::string& kind,
    const Find& find,
    const Wanted& wanted,
    const Replace& replace
) {
    const std::string& name = request.at("name");
    const std::string object = kind + " " + name;
    return audited(
        backend,
        audit_entry(backend, request, kind + ".changed", object),
        [&](storage::AuditEntry& entry) -> decltype(replace(find(name)->definition)) {
            const auto before = find(name);
            SYNCLINE_ASSIGN_OR_RETURN(auto definition, wanted(before));
            if (!definition.name.empty() && definition.name != name) {
                return invalid(
                    "/name: the address says '" + name.substr(0, 60) + "', found '" +
                    definition.name.substr(0, 60) + "'; a " + kind + "'s name does not change"
                );
            }
            definition.name = name;
            entry.event = before ? entry.event : kind + ".created";
            entry.detail["difference"] = json_difference(
                before ? to_json(before->definition) : Json::object(), to_json(definition)
            );
            return replace(definition);
        }
    );
}

}  // namespace syncline::api
