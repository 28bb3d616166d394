// The loaded plugins, as the engine wants them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/registry.hpp"
#include "engine/connector_source.hpp"
#include "main/config.hpp"

namespace syncline::host {

// How this host makes HTTP requests, under its egress rules.
connectors::HttpOptions http_options(const HostConfig& config, const std::string& version);

class PluginSource : public engine::ConnectorSource {
public:
    // Loads the plugins that the configuration names. `clock` outlives it. Errors: kConfig with one
    // line per plugin that cannot be loaded.
    static Result<std::unique_ptr<PluginSource>> load(
        const HostConfig& config, const std::string& version, const Clock& clock
    );

    std::vector<engine::ConnectorDescription> list() const override;
    const Spec* spec(const std::string& platform) const override;
    Result<std::unique_ptr<connectors::Connector>> create(
        const std::string& platform,
        const connectors::ConnectionIdentity& who,
        const Json& settings,
        connectors::ConnectionServices& services
    ) override;

private:
    explicit PluginSource(std::unique_ptr<connectors::ConnectorRegistry> registry)
        : registry_(std::move(registry)) {}

    const std::unique_ptr<connectors::ConnectorRegistry> registry_;
};

}  // namespace syncline::host
