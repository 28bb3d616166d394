// The loaded plugins, and instances of their connectors.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/json.hpp>
#include <syncline/spec.hpp>

#include "connectors/connector.hpp"
#include "connectors/http/options.hpp"
#include "connectors/metrics.hpp"
#include "core/clock.hpp"

namespace syncline::connectors {

// A plugin as the configuration names it.
struct PluginConfig {
    std::string file;    // absolute path of the .so
    std::string sha256;  // its only acceptable hash, 64 hex digits; empty: any
};

struct ConnectorInfo {
    std::string id;        // "com.syncline.woocommerce"
    std::string platform;  // the id's last label: "woocommerce"
    std::string version;
    std::string vendor;
    std::string license;
    std::string toolchain;
    std::string file;
    std::string sha256;
    Spec spec;
    std::vector<std::string> operations;  // those it has: "read", "write"
};

struct ConnectorOptions {
    HttpOptions http;
    // Most bytes one call may answer with.
    std::size_t output_bytes_max = 64 * 1024 * 1024;
};

// Plugins are loaded into this process and never unloaded. [any thread]
class ConnectorRegistry {
public:
    // `clock` outlives the registry and every connector it made. Errors: kConfig (a malformed
    // egress.allow entry, an unreadable CA file).
    static Result<std::unique_ptr<ConnectorRegistry>> make(
        ConnectorOptions options, const Clock& clock
    );
    ~ConnectorRegistry();
    ConnectorRegistry(const ConnectorRegistry&) = delete;
    ConnectorRegistry& operator=(const ConnectorRegistry&) = delete;

    // Vets the file without running any of its code, then loads it. Errors: kConfig, one sentence
    // that names the file, what is wrong with it and the way out; kBug if its spec is unusable.
    Result<void> load(const PluginConfig& plugin);

    // In the order of loading.
    std::vector<ConnectorInfo> list() const;
    // By platform or id; nullptr if there is none. Valid as long as the registry.
    const ConnectorInfo* find(std::string_view platform_or_id) const;

    // An instance for one connection. `settings` are the connection's own (secrets among them are
    // not passed on, defaults are added); `services` outlives the connector, and so does the
    // registry. Errors: kNotFound (no such platform), kConfig (settings do not fit the spec; every
    // problem is named), or what the plugin says.
    Result<std::unique_ptr<Connector>> create(
        std::string_view platform,
        const ConnectionIdentity& who,
        const Json& settings,
        ConnectionServices& services
    );

    // What the plugins have counted so far.
    std::vector<PluginMetric> metrics() const;

private:
    struct State;
    explicit ConnectorRegistry(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace syncline::connectors
