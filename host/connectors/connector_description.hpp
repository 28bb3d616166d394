// What a loaded plugin says about each of its connectors, checked.
#pragma once

#include <string>
#include <vector>

#include <syncline/abi.h>

#include "connectors/plugin_file.hpp"
#include "connectors/registry.hpp"

namespace syncline::connectors {

struct DescribedConnector {
    ConnectorInfo info;
    const syncline_connector* table = nullptr;
};

// Runs the connectors' spec(). Errors: kBug "plugin.contract": file and fault.
Result<std::vector<DescribedConnector>> describe_connectors(
    const syncline_plugin& plugin, const VettedPlugin& vetted
);

}  // namespace syncline::connectors
