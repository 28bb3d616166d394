#include "main/plugin_source.hpp"

#include <filesystem>

#include "core/json_problems.hpp"
#include "core/log.hpp"

namespace syncline::host {

connectors::HttpOptions http_options(const HostConfig& config, const std::string& version) {
    using std::chrono::milliseconds;
    connectors::HttpOptions options;
    options.limits.connect = milliseconds(config.http.connect_timeout_ms);
    options.limits.read = milliseconds(config.http.read_timeout_ms);
    options.limits.total = milliseconds(config.http.total_timeout_ms);
    options.limits.body_bytes = static_cast<std::size_t>(config.http.body_bytes_max);
    options.tls.extra_ca_file = config.tls.extra_ca_file;
    options.egress.allow = config.egress.allow;
    options.user_agent = "Syncline/" + version;
    return options;
}

Result<std::unique_ptr<PluginSource>> PluginSource::load(
    const HostConfig& config, const std::string& version, const Clock& clock
) {
    connectors::ConnectorOptions options;
    options.http = http_options(config, version);
    SYNCLINE_ASSIGN_OR_RETURN(auto registry, connectors::ConnectorRegistry::make(options, clock));
    std::vector<std::string> problems;
    for (std::size_t i = 0; i < config.connectors.size(); ++i) {
        const auto& plugin = config.connectors[i];
        if (const auto loaded = registry->load({plugin.file, plugin.sha256}); !loaded) {
            problems.push_back("/connectors/" + std::to_string(i) + ": " + loaded.error().message);
        }
    }
    if (!problems.empty()) {
        Error error = joined(problems, "config.connectors");
        error.code = ErrorCode::kConfig;
        return error;
    }
    for (const auto& info : registry->list()) {
        log::info("connector loaded", {{"platform", info.platform}, {"version", info.version}});
    }
    return std::unique_ptr<PluginSource>(new PluginSource(std::move(registry)));
}

std::vector<engine::ConnectorDescription> PluginSource::list() const {
    std::vector<engine::ConnectorDescription> all;
    for (auto& info : registry_->list()) {
        all.push_back(
            {info.id,
             info.platform,
             info.version,
             info.vendor,
             info.license,
             std::filesystem::path(info.file).filename().string(),
             info.sha256,
             info.operations,
             info.spec}
        );
    }
    return all;
}

const Spec* PluginSource::spec(const std::string& platform) const {
    const auto* info = registry_->find(platform);
    return info == nullptr || info->platform != platform ? nullptr : &info->spec;
}

Result<std::unique_ptr<connectors::Connector>> PluginSource::create(
    const std::string& platform,
    const connectors::ConnectionIdentity& who,
    const Json& settings,
    connectors::ConnectionServices& services
) {
    return registry_->create(platform, who, settings, services);
}

}  // namespace syncline::host
