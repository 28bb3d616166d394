#include "connectors/registry.hpp"

#include <algorithm>

#include <syncline/spec_checks.hpp>

#include "connectors/connector_description.hpp"
#include "connectors/connector_proxy.hpp"
#include "connectors/host_services.hpp"
#include "connectors/plugin_library.hpp"
#include "core/guarded.hpp"
#include "core/log.hpp"

namespace syncline::connectors {
namespace {

using Connectors = std::vector<std::unique_ptr<const DescribedConnector>>;

const DescribedConnector* find_in(const Connectors& connectors, std::string_view platform_or_id) {
    for (const auto& connector : connectors) {
        if (connector->info.platform == platform_or_id || connector->info.id == platform_or_id) {
            return connector.get();
        }
    }
    return nullptr;
}

// The settings as the plugin may see them, or every problem they have.
Result<Json> plain_settings(const ConnectorInfo& info, const Json& settings) {
    Spec plain = info.spec;
    Json config = settings;
    std::erase_if(plain.settings, [&](const Setting& setting) {
        const bool is_secret = setting.type == SettingType::kSecret;
        if (is_secret && config.is_object()) {
            config.erase(setting.name);
        }
        return is_secret;
    });
    const auto problems = check_settings(plain, config);
    if (!problems.empty()) {
        std::string text;
        for (const auto& problem : problems) {
            text += (text.empty() ? "" : "; ") + problem.message;
        }
        return Error{
            ErrorCode::kConfig,
            "settings of a " + info.platform + " connection: " + text,
            "connection.settings"};
    }
    return with_defaults(plain, std::move(config));
}

}  // namespace

struct ConnectorRegistry::State {
    State(ConnectorOptions chosen, const Clock& time, std::unique_ptr<HttpClient> client)
        : options(std::move(chosen)), clock(time), http(std::move(client)) {}

    const ConnectorOptions options;
    const Clock& clock;
    const std::unique_ptr<HttpClient> http;
    PluginMetrics metrics;
    // Only ever grows; what is in it stays where it is.
    Guarded<Connectors> connectors;
    Guarded<std::vector<std::unique_ptr<PluginLibrary>>> libraries;
};

ConnectorRegistry::ConnectorRegistry(std::unique_ptr<State> state) : state_(std::move(state)) {}
ConnectorRegistry::~ConnectorRegistry() = default;

Result<std::unique_ptr<ConnectorRegistry>> ConnectorRegistry::make(
    ConnectorOptions options, const Clock& clock
) {
    SYNCLINE_ASSIGN_OR_RETURN(auto http, HttpClient::make(options.http));
    return std::unique_ptr<ConnectorRegistry>(
        new ConnectorRegistry(std::make_unique<State>(std::move(options), clock, std::move(http)))
    );
}

Result<void> ConnectorRegistry::load(const PluginConfig& plugin) {
    SYNCLINE_ASSIGN_OR_RETURN(const VettedPlugin vetted, vet_plugin(plugin));
    SYNCLINE_ASSIGN_OR_RETURN(auto library, PluginLibrary::load(vetted));
    SYNCLINE_ASSIGN_OR_RETURN(auto described, describe_connectors(library->description(), vetted));
    state_->libraries.with([&](auto& libraries) { libraries.push_back(std::move(library)); });
    // All or none: a file with one clashing connector adds nothing.
    auto added = state_->connectors.with([&](Connectors& connectors) -> Result<void> {
        Connectors fresh;
        for (auto& one : described) {
            const auto* other = find_in(connectors, one.info.platform);
            other = other == nullptr ? find_in(fresh, one.info.platform) : other;
            if (other != nullptr) {
                return Error{
                    ErrorCode::kConfig,
                    "plugin '" + vetted.file + "' offers the platform '" + one.info.platform +
                        "', which '" + other->info.file + "' offers already; configure one of them",
                    "plugin.platform_taken"};
            }
            fresh.push_back(std::make_unique<const DescribedConnector>(std::move(one)));
        }
        std::move(fresh.begin(), fresh.end(), std::back_inserter(connectors));
        return {};
    });
    SYNCLINE_RETURN_IF_ERROR(std::move(added));
    log::info("plugin loaded", {{"file", vetted.file}, {"sha256", vetted.sha256}});
    return {};
}

std::vector<ConnectorInfo> ConnectorRegistry::list() const {
    return state_->connectors.with([](const Connectors& connectors) {
        std::vector<ConnectorInfo> result;
        for (const auto& connector : connectors) {
            result.push_back(connector->info);
        }
        return result;
    });
}

const ConnectorInfo* ConnectorRegistry::find(std::string_view platform_or_id) const {
    const auto* found = state_->connectors.with([&](const Connectors& connectors) {
        return find_in(connectors, platform_or_id);
    });
    return found == nullptr ? nullptr : &found->info;
}

Result<std::unique_ptr<Connector>> ConnectorRegistry::create(
    std::string_view platform,
    const ConnectionIdentity& who,
    const Json& settings,
    ConnectionServices& services
) {
    const auto* connector = state_->connectors.with([&](const Connectors& connectors) {
        return find_in(connectors, platform);
    });
    if (connector == nullptr) {
        return Error{
            ErrorCode::kNotFound,
            "no plugin for the platform '" + std::string(platform) +
                "' is loaded; name its file under plugins in the configuration",
            "connector.unknown"};
    }
    const ConnectorInfo& info = connector->info;
    SYNCLINE_ASSIGN_OR_RETURN(const Json config, plain_settings(info, settings));
    SYNCLINE_ASSIGN_OR_RETURN(auto scope, egress_scope(info.spec, config));
    auto host = std::make_unique<HostServices>(
        HostRuntime{*state_->http, state_->clock, state_->metrics},
        info.platform,
        who,
        info.spec,
        std::move(scope),
        services
    );
    return ConnectorProxy::make(
        *connector->table, std::move(host), dump_json(config), state_->options.output_bytes_max
    );
}

std::vector<PluginMetric> ConnectorRegistry::metrics() const {
    return state_->metrics.snapshot();
}

}  // namespace syncline::connectors
