// Where the engine gets connectors from: the registry of loaded plugins, or fakes in tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <syncline/spec.hpp>

#include "connectors/connector.hpp"

namespace syncline::engine {

class ConnectorSource {
public:
    virtual ~ConnectorSource() = default;

    // What the platform's connector says about itself; nullptr if no plugin speaks to it. Valid as
    // long as the source. [any]
    virtual const Spec* spec(const std::string& platform) const = 0;

    // A new instance for a connection. Errors: kNotFound, kConfig. [any]
    virtual Result<std::unique_ptr<connectors::Connector>> create(
        const std::string& platform,
        const connectors::ConnectionIdentity& who,
        const Json& settings,
        connectors::ConnectionServices& services
    ) = 0;
};

}  // namespace syncline::engine
