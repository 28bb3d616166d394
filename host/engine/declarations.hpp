// Tenants, connections, flows and schedules that the configuration file declares, brought into the
// database: at start and when the file is loaded again.
#pragma once

#include <string>
#include <vector>

#include "core/clock.hpp"
#include "engine/connector_source.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

struct DeclaredConnection {
    std::string tenant;
    std::string name;
    std::string platform;
    Json settings = Json::object();  // secrets among them
};

struct DeclaredFlow {
    std::string tenant;
    FlowDefinition definition;
};

struct DeclaredSchedule {
    std::string tenant;
    ScheduleDefinition definition;
};

// A secret that the environment gives to every connection of the platform of one tenant.
struct GivenSecret {
    std::string tenant;
    std::string platform;
    std::string field;
    std::string value;
};

struct Declarations {
    std::vector<std::string> tenants;
    std::vector<DeclaredConnection> connections;
    std::vector<DeclaredFlow> flows;
    std::vector<DeclaredSchedule> schedules;
    std::vector<GivenSecret> secrets;
};

// What is wrong with the declarations, as far as it can be seen without the database: settings
// against the specs of the loaded connectors, names that come twice, tenants that are not declared,
// flows on their own. Lines "/connections/0/settings/store_url: ...".
std::vector<std::string> declaration_problems(
    const Declarations& declarations, const ConnectorSource& source
);

// Makes the database agree: what is declared is made or changed, what is declared no longer is
// disabled and stays (its history, its id mappings, its cursor). Secrets are seeds: applied only
// when the file's value is another than the one applied last, so that a restart never restores a
// refresh token that was rotated away. Checks everything before it changes anything. Errors:
// kConfig with one line per problem; kStorage.
Result<void> apply_declarations(
    Stores& stores,
    const ConnectorSource& source,
    const Declarations& declarations,
    std::int64_t now_ms
);

}  // namespace syncline::engine
