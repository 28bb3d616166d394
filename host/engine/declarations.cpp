#include "engine/declarations.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <syncline/spec_checks.hpp>

#include "core/json_difference.hpp"
#include "core/json_problems.hpp"
#include "core/log.hpp"
#include "engine/connection_control.hpp"

namespace syncline::engine {
namespace {

using storage::Connection;
using storage::ConnectionState;

using Named = std::pair<std::string, std::string>;  // tenant and name

constexpr auto kGone = "it is no longer in the configuration file";

std::string at(const char* list, std::size_t index) {
    return std::string("/") + list + "/" + std::to_string(index);
}

bool lists(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

void check_tenant(
    std::vector<std::string>& problems,
    const Declarations& declarations,
    const std::string& place,
    const std::string& tenant
) {
    if (!lists(declarations.tenants, tenant)) {
        problems.push_back(
            place + "/tenant: '" + tenant + "' is not in the list of tenants; add it to /tenants"
        );
    }
}

void check_connection(
    std::vector<std::string>& problems,
    const DeclaredConnection& connection,
    const std::string& place,
    const ConnectorSource& source
) {
    const Spec* spec = source.spec(connection.platform);
    if (spec == nullptr) {
        problems.push_back(
            place + "/platform: no loaded plugin speaks to '" + connection.platform +
            "'; add its file to /connectors"
        );
        return;
    }
    for (const auto& error : check_settings(*spec, connection.settings)) {
        const bool has_place = !error.message.empty() && error.message.front() == '/';
        problems.push_back(place + "/settings" + (has_place ? "" : ": ") + error.message);
    }
}

// Against the file and the database: a flow that neither has.
Result<void> check_schedule(
    std::vector<std::string>& problems,
    const Stores& stores,
    const Declarations& declarations,
    std::size_t index
) {
    const auto& [tenant_name, wanted] = declarations.schedules[index];
    const bool declared = std::any_of(
        declarations.flows.begin(),
        declarations.flows.end(),
        [&, name = wanted.flow, of = tenant_name](const auto& flow) {
            return flow.tenant == of && flow.definition.name == name;
        }
    );
    if (wanted.flow.empty() || declared) {
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenant, stores.tenants.find(tenant_name));
    if (!stores.flows.find(tenant ? tenant->id : TenantId{}, wanted.flow)) {
        problems.push_back(
            at("schedules", index) + "/flow: there is no flow '" + wanted.flow + "'"
        );
    }
    return {};
}

// Against the database: connections that neither the file nor the database has, and flows whose
// ends would change.
Result<void> check_flow(
    std::vector<std::string>& problems,
    const Stores& stores,
    const Declarations& declarations,
    std::size_t index
) {
    const auto& [tenant_name, wanted] = declarations.flows[index];
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenant, stores.tenants.find(tenant_name));
    const TenantId id = tenant ? tenant->id : TenantId{};
    for (const auto& [side, end] :
         {std::pair{"source", wanted.source}, {"target", wanted.target}}) {
        const bool declared = std::any_of(
            declarations.connections.begin(),
            declarations.connections.end(),
            [&, name = end.connection, of = tenant_name](const auto& one) {
                return one.tenant == of && one.name == name;
            }
        );
        if (!declared && !stores.connections.find(id, end.connection)) {
            problems.push_back(
                at("flows", index) + "/" + side + "/connection: there is no connection '" +
                end.connection + "'"
            );
        }
    }
    const auto before = stores.flows.find(id, wanted.name);
    if (before && (before->definition.entity != wanted.entity ||
                   before->definition.source.connection != wanted.source.connection ||
                   before->definition.target.connection != wanted.target.connection)) {
        problems.push_back(
            at("flows", index) + "/name: the flow '" + wanted.name +
            "' exists with another entity, source or target; its cursor belongs to those: make a "
            "new flow under another name"
        );
    }
    return {};
}

Result<void> check_against_database(
    const Stores& stores, const Declarations& declarations, std::vector<std::string> problems
) {
    for (std::size_t i = 0; i < declarations.connections.size(); ++i) {
        const auto& wanted = declarations.connections[i];
        SYNCLINE_ASSIGN_OR_RETURN(const auto tenant, stores.tenants.find(wanted.tenant));
        const auto before = stores.connections.find(tenant ? tenant->id : TenantId{}, wanted.name);
        if (before && before->platform != wanted.platform) {
            problems.push_back(
                at("connections", i) + "/platform: the connection '" + wanted.name +
                "' exists and is one of " + before->platform + "; choose another name"
            );
        }
    }
    for (std::size_t i = 0; i < declarations.flows.size(); ++i) {
        SYNCLINE_RETURN_IF_ERROR(check_flow(problems, stores, declarations, i));
    }
    for (std::size_t i = 0; i < declarations.schedules.size(); ++i) {
        SYNCLINE_RETURN_IF_ERROR(check_schedule(problems, stores, declarations, i));
    }
    if (problems.empty()) {
        return {};
    }
    Error error = joined(problems, "config.invalid");
    error.code = ErrorCode::kConfig;
    return error;
}

storage::AuditEntry entry_of(
    TenantId tenant, const char* event, std::string object, std::int64_t now_ms
) {
    storage::AuditEntry entry;
    entry.tenant = tenant;
    entry.at_ms = now_ms;
    entry.event = event;
    entry.object = std::move(object);
    entry.actor.name = "config";
    return entry;
}

// Runs `put` and notes what it made or changed. `before` is null where there was nothing.
template <class Put>
Result<void> put_noted(
    Stores& stores, storage::AuditEntry entry, const Json& before, const Json& wanted, Put&& put
) {
    return stores.database.write([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_RETURN_IF_ERROR(put());
        if (before != wanted) {
            entry.event += before.is_null() ? ".created" : ".changed";
            entry.detail["difference"] =
                json_difference(before.is_null() ? Json::object() : before, wanted);
            storage::append_audit(sql, entry);
        }
        return {};
    });
}

// Answers whether any secret of the connection is another one now.
Result<bool> seed(
    Stores& stores,
    const Connection& connection,
    const std::map<std::string, std::string>& secrets,
    std::int64_t now_ms
) {
    bool any = false;
    for (const auto& [field, value] : secrets) {
        const auto apply = [&, &name = field, &secret = value](storage::Sql& sql) -> Result<bool> {
            SYNCLINE_ASSIGN_OR_RETURN(
                const bool applied,
                stores.vault.seed_credential(
                    {connection.tenant, connection.id, name}, secret, now_ms
                )
            );
            if (applied) {
                auto entry = entry_of(
                    connection.tenant, "credential.stored", "connection " + connection.name, now_ms
                );
                entry.detail = {{"platform", connection.platform}, {"secrets", {name}}};
                storage::append_audit(sql, entry);
            }
            return applied;
        };
        SYNCLINE_ASSIGN_OR_RETURN(const bool applied, stores.database.write(apply));
        any = any || applied;
    }
    return any;
}

// New credentials: the access token of the old ones is void, and a connection that waited for them
// goes on.
Result<void> renew(
    Stores& stores, const Connection& connection, bool gives_access_token, std::int64_t now_ms
) {
    if (!gives_access_token) {
        SYNCLINE_RETURN_IF_ERROR(
            stores.vault.remove_credential({connection.tenant, connection.id, "access_token"})
        );
    }
    SYNCLINE_RETURN_IF_ERROR(stores.connections.set_token_expiry(connection.id, 0));
    SYNCLINE_RETURN_IF_ERROR(stores.connections.raise_generation(connection.id));
    return resume(stores, connection, now_ms);
}

Result<void> apply_connection(
    Stores& stores,
    const ConnectorSource& source,
    TenantId tenant,
    const DeclaredConnection& wanted,
    std::int64_t now_ms
) {
    const SplitSettings split = split_settings(*source.spec(wanted.platform), wanted.settings);
    const auto before = stores.connections.find(tenant, wanted.name);
    SYNCLINE_ASSIGN_OR_RETURN(
        const Connection stored,
        stores.connections.put({tenant, wanted.name, wanted.platform, split.plain, true}, now_ms)
    );
    SYNCLINE_ASSIGN_OR_RETURN(const bool seeded, seed(stores, stored, split.secrets, now_ms));
    if (seeded) {
        return renew(stores, stored, split.secrets.count("access_token") != 0, now_ms);
    }
    // A refusal may have come from a setting (an account's id) as well as from a secret.
    const bool stands =
        stored.state == ConnectionState::kPaused || stored.state == ConnectionState::kNeedsReauth;
    if (before && before->settings != stored.settings && stands) {
        return resume(stores, stored, now_ms);
    }
    return {};
}

Result<void> apply_flow(
    Stores& stores, TenantId tenant, const FlowDefinition& wanted, std::int64_t now_ms
) {
    const auto before = stores.flows.find(tenant, wanted.name);
    SYNCLINE_RETURN_IF_ERROR(put_noted(
        stores,
        entry_of(tenant, "flow", "flow " + wanted.name, now_ms),
        before ? to_json(before->definition) : Json(),
        to_json(wanted),
        [&]() -> Result<void> {
            SYNCLINE_RETURN_IF_ERROR(stores.flows.put(tenant, wanted, true, now_ms));
            return {};
        }
    ));
    SYNCLINE_ASSIGN_OR_RETURN(const Flow stored, stores.flows.find(tenant, wanted.name));
    // It was retired when it left the file.
    const bool returns = before && !before->declared && !before->definition.enabled &&
                         before->state == FlowState::kStopped;
    if (returns && wanted.enabled) {
        SYNCLINE_RETURN_IF_ERROR(stores.flow_changes.set_state(
            stored.id, FlowState::kRunning, {"config", "declared again"}, now_ms
        ));
        return stores.jobs.unpark_flow(stored.id, now_ms);
    }
    return {};
}

Result<void> apply_schedule(
    Stores& stores, TenantId tenant, const ScheduleDefinition& wanted, std::int64_t now_ms
) {
    const auto before = stores.schedules.find(tenant, wanted.name);
    return put_noted(
        stores,
        entry_of(tenant, "schedule", "schedule " + wanted.name, now_ms),
        before ? to_json(before->definition) : Json(),
        to_json(wanted),
        [&]() -> Result<void> {
            SYNCLINE_RETURN_IF_ERROR(stores.schedules.put(tenant, wanted, true, now_ms));
            return {};
        }
    );
}

// In this order a crash in between leaves a flow that is declared still, and retired at the next
// start.
Result<void> retire_flow(Stores& stores, const Flow& flow, std::int64_t now_ms) {
    SYNCLINE_RETURN_IF_ERROR(stores.flow_changes.set_state(
        flow.id, FlowState::kStopped, {"config", "gone from the configuration file"}, now_ms
    ));
    FlowDefinition definition = flow.definition;
    definition.enabled = false;
    SYNCLINE_ASSIGN_OR_RETURN(
        const Flow retired, stores.flows.put(flow.tenant, definition, false, now_ms)
    );
    log::warn(
        "flow disabled",
        {{"tenant", flow.tenant_name}, {"flow", retired.definition.name}, {"reason", kGone}}
    );
    return {};
}

Result<void> retire_gone_schedules(
    Stores& stores, const Declarations& declarations, std::int64_t now_ms
) {
    std::set<Named> names;
    for (const auto& one : declarations.schedules) {
        names.emplace(one.tenant, one.definition.name);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto schedules, stores.schedules.list_all());
    for (const auto& schedule : schedules) {
        ScheduleDefinition definition = schedule.definition;
        if (schedule.declared && names.count({schedule.tenant_name, definition.name}) == 0) {
            definition.enabled = false;
            SYNCLINE_RETURN_IF_ERROR(stores.schedules.retire(schedule.id, definition, now_ms));
            log::warn(
                "schedule disabled",
                {{"tenant", schedule.tenant_name}, {"schedule", definition.name}, {"reason", kGone}}
            );
        }
    }
    return {};
}

Result<void> retire_what_is_gone(
    Stores& stores, const Declarations& declarations, std::int64_t now_ms
) {
    std::set<Named> connections;
    for (const auto& one : declarations.connections) {
        connections.emplace(one.tenant, one.name);
    }
    std::set<Named> flows;
    for (const auto& one : declarations.flows) {
        flows.emplace(one.tenant, one.definition.name);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto all_flows, stores.flows.list_all());
    for (const auto& flow : all_flows) {
        if (flow.declared && flows.count({flow.tenant_name, flow.definition.name}) == 0) {
            SYNCLINE_RETURN_IF_ERROR(retire_flow(stores, flow, now_ms));
        }
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto all_connections, stores.connections.list_all());
    for (const auto& one : all_connections) {
        if (one.declared && connections.count({one.tenant_name, one.name}) == 0) {
            SYNCLINE_RETURN_IF_ERROR(stores.connections.retire(one.id, kGone, now_ms));
            log::warn(
                "connection disabled",
                {{"tenant", one.tenant_name}, {"connection", one.name}, {"reason", kGone}}
            );
        }
    }
    return {};
}

Result<void> give_secrets(
    Stores& stores,
    const ConnectorSource& source,
    const Declarations& declarations,
    std::int64_t now_ms
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto connections, stores.connections.list_all());
    for (const auto& given : declarations.secrets) {
        const Spec* spec = source.spec(given.platform);
        const bool known =
            spec != nullptr &&
            std::any_of(spec->settings.begin(), spec->settings.end(), [&](const Setting& setting) {
                return setting.name == given.field;
            });
        for (const auto& connection : connections) {
            if (known && connection.platform == given.platform &&
                connection.tenant_name == given.tenant) {
                SYNCLINE_ASSIGN_OR_RETURN(
                    const bool applied,
                    seed(stores, connection, {{given.field, given.value}}, now_ms)
                );
                if (applied) {
                    SYNCLINE_RETURN_IF_ERROR(stores.connections.raise_generation(connection.id));
                }
            }
        }
    }
    return {};
}

}  // namespace

std::vector<std::string> declaration_problems(
    const Declarations& declarations, const ConnectorSource& source
) {
    std::vector<std::string> problems;
    std::map<Named, std::size_t> seen;
    for (std::size_t i = 0; i < declarations.connections.size(); ++i) {
        const auto& connection = declarations.connections[i];
        const std::string place = at("connections", i);
        const auto [first, is_new] = seen.emplace(Named{connection.tenant, connection.name}, i);
        if (!is_new) {
            problems.push_back(
                place + "/name: '" + connection.name + "' is taken by " +
                at("connections", first->second)
            );
        }
        check_tenant(problems, declarations, place, connection.tenant);
        check_connection(problems, connection, place, source);
    }
    seen.clear();
    for (std::size_t i = 0; i < declarations.flows.size(); ++i) {
        const auto& flow = declarations.flows[i];
        const std::string place = at("flows", i);
        const auto [first, is_new] = seen.emplace(Named{flow.tenant, flow.definition.name}, i);
        if (!is_new) {
            problems.push_back(
                place + "/name: '" + flow.definition.name + "' is taken by " +
                at("flows", first->second)
            );
        }
        check_tenant(problems, declarations, place, flow.tenant);
        if (const auto checked = check_definition(flow.definition); !checked) {
            for (const auto& problem : problem_lines(checked.error().message)) {
                problems.push_back(place + problem);
            }
        }
    }
    seen.clear();
    for (std::size_t i = 0; i < declarations.schedules.size(); ++i) {
        const auto& schedule = declarations.schedules[i];
        const std::string place = at("schedules", i);
        const auto [first, is_new] =
            seen.emplace(Named{schedule.tenant, schedule.definition.name}, i);
        if (!is_new) {
            problems.push_back(
                place + "/name: '" + schedule.definition.name + "' is taken by " +
                at("schedules", first->second)
            );
        }
        check_tenant(problems, declarations, place, schedule.tenant);
        if (const auto checked = check_definition(schedule.definition); !checked) {
            problems.push_back(place + checked.error().message);
        }
    }
    return problems;
}

Result<void> apply_declarations(
    Stores& stores,
    const ConnectorSource& source,
    const Declarations& declarations,
    std::int64_t now_ms
) {
    SYNCLINE_RETURN_IF_ERROR(
        check_against_database(stores, declarations, declaration_problems(declarations, source))
    );
    std::map<std::string, TenantId> tenants;
    for (const auto& name : declarations.tenants) {
        SYNCLINE_ASSIGN_OR_RETURN(tenants[name], stores.tenants.ensure(name, now_ms));
        SYNCLINE_RETURN_IF_ERROR(stores.vault.prepare_tenant(tenants[name], now_ms));
    }
    SYNCLINE_RETURN_IF_ERROR(retire_gone_schedules(stores, declarations, now_ms));
    SYNCLINE_RETURN_IF_ERROR(retire_what_is_gone(stores, declarations, now_ms));
    for (const auto& connection : declarations.connections) {
        SYNCLINE_RETURN_IF_ERROR(
            apply_connection(stores, source, tenants.at(connection.tenant), connection, now_ms)
        );
    }
    for (const auto& flow : declarations.flows) {
        SYNCLINE_RETURN_IF_ERROR(
            apply_flow(stores, tenants.at(flow.tenant), flow.definition, now_ms)
        );
    }
    for (const auto& schedule : declarations.schedules) {
        SYNCLINE_RETURN_IF_ERROR(
            apply_schedule(stores, tenants.at(schedule.tenant), schedule.definition, now_ms)
        );
    }
    return give_secrets(stores, source, declarations, now_ms);
}

}  // namespace syncline::engine
