// Where the engine gets connectors from: the registry of loaded plugins, or fakes in tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <syncline/spec.hpp>

#include "connectors/connector.hpp"

namespace syncline::engine {

// What people may know of an installed connector.
struct ConnectorDescription {
    std::string id;        // "com.syncline.woocommerce"
    std::string platform;  // "woocommerce"
    std::string version;
    std::string vendor;
    std::string license;
    std::string file;  // its name, without the folder
    std::string sha256;
    std::vector<std::string> operations;
    Spec spec;
};

class ConnectorSource {
public:
    virtual ~ConnectorSource() = default;

    // Every connector there is, in the order of loading. [any]
    virtual std::vector<ConnectorDescription> list() const = 0;

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
