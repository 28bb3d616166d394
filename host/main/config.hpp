// The configuration: one JSON file with comments, and the environment (architecture 7). Sections
// that belong to a part of the host are structs beside that part.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <syncline/json_fields.hpp>

#include "api/api_config.hpp"
#include "api/identity_config.hpp"
#include "core/flow.hpp"
#include "core/log.hpp"
#include "core/rate_limit.hpp"
#include "core/schedule.hpp"
#include "engine/engine_config.hpp"
#include "engine/retention_config.hpp"

namespace syncline {
template <>
struct EnumNames<log::Level> {
    static constexpr std::array<std::pair<log::Level, std::string_view>, 5> kNames{{
        {log::Level::kDebug, "debug"},
        {log::Level::kInfo, "info"},
        {log::Level::kWarn, "warn"},
        {log::Level::kError, "error"},
        {log::Level::kOff, "off"},
    }};
};
template <>
struct EnumNames<log::Format> {
    static constexpr std::array<std::pair<log::Format, std::string_view>, 2> kNames{{
        {log::Format::kText, "text"},
        {log::Format::kJson, "json"},
    }};
};
}  // namespace syncline

namespace syncline::host {

struct DatabaseSettings {
    // "sqlite:" and the file. Environment: DATABASE_URL.
    std::string url = "sqlite:./data/syncline.db";
    // Connections for reading.
    std::int64_t readers = 4;

    static constexpr auto fields() {
        return std::make_tuple(
            field("url", &DatabaseSettings::url), field("readers", &DatabaseSettings::readers)
        );
    }
};

struct KeySettings {
    // Seals what rests in the database. Environment: INTEGRATION_ENCRYPTION_KEY (the key itself).
    std::string encryption_key_file = "./keys/encryption.key";
    // The key before it, which opens what is not sealed with the new one yet; empty: beside the
    // encryption key's file, with ".former" after its name. Environment:
    // INTEGRATION_ENCRYPTION_KEY_FORMER (the key itself).
    std::string former_encryption_key_file;
    // Signs bearer tokens.
    std::string token_key_file = "./keys/token.key";

    static constexpr auto fields() {
        return std::make_tuple(
            field("encryption_key_file", &KeySettings::encryption_key_file),
            field("former_encryption_key_file", &KeySettings::former_encryption_key_file),
            field("token_key_file", &KeySettings::token_key_file)
        );
    }
};

struct LogSettings {
    log::Level level = log::Level::kInfo;
    log::Format format = log::Format::kText;

    static constexpr auto fields() {
        return std::make_tuple(
            field("level", &LogSettings::level), field("format", &LogSettings::format)
        );
    }
};

// Where connectors may connect to, beyond the public internet over TLS.
struct EgressSettings {
    std::vector<std::string> allow;  // "127.0.0.1:*", "books.intern:443"

    static constexpr auto fields() {
        return std::make_tuple(field("allow", &EgressSettings::allow));
    }
};

struct TlsSettings {
    std::string extra_ca_file;  // PEM; trusted besides the system's authorities

    static constexpr auto fields() {
        return std::make_tuple(field("extra_ca_file", &TlsSettings::extra_ca_file));
    }
};

// Requests that connectors make.
struct HttpSettings {
    std::int64_t connect_timeout_ms = 10'000;  // name, connection and TLS together
    std::int64_t read_timeout_ms = 30'000;     // longest silence of the other side
    std::int64_t total_timeout_ms = 120'000;   // the whole exchange
    std::int64_t body_bytes_max = 64 * 1024 * 1024;

    static constexpr auto fields() {
        return std::make_tuple(
            field("connect_timeout_ms", &HttpSettings::connect_timeout_ms),
            field("read_timeout_ms", &HttpSettings::read_timeout_ms),
            field("total_timeout_ms", &HttpSettings::total_timeout_ms),
            field("body_bytes_max", &HttpSettings::body_bytes_max)
        );
    }
};

struct ConnectorSettings {
    std::string file;    // in plugin_dir, or absolute
    std::string sha256;  // its only acceptable hash; empty: any

    static constexpr auto fields() {
        return std::make_tuple(
            field("file", &ConnectorSettings::file), field("sha256", &ConnectorSettings::sha256)
        );
    }
};

struct TenantSettings {
    std::string name;
    // Its share of the deliveries, against that of others who wait at the same time.
    std::int64_t weight = 1;

    static constexpr auto fields() {
        return std::make_tuple(
            field("name", &TenantSettings::name), field("weight", &TenantSettings::weight)
        );
    }
};

struct ConnectionSettings {
    std::string tenant = "default";
    std::string name;
    std::string platform;
    Json settings = Json::object();  // as the connector's spec says; "${NAME}" is taken from the
                                     // environment
    RateLimitOverride limits;        // in place of the connector's

    static constexpr auto fields() {
        return std::make_tuple(
            field("tenant", &ConnectionSettings::tenant),
            field("name", &ConnectionSettings::name),
            field("platform", &ConnectionSettings::platform),
            field("settings", &ConnectionSettings::settings),
            field("limits", &ConnectionSettings::limits)
        );
    }
};

struct FlowSettings : FlowDefinition {
    std::string tenant = "default";

    static constexpr auto fields() {
        return std::tuple_cat(
            std::make_tuple(field("tenant", &FlowSettings::tenant)), FlowDefinition::fields()
        );
    }
};

struct ScheduleSettings : ScheduleDefinition {
    std::string tenant = "default";

    static constexpr auto fields() {
        return std::tuple_cat(
            std::make_tuple(field("tenant", &ScheduleSettings::tenant)),
            ScheduleDefinition::fields()
        );
    }
};

// Reads per month that a platform grants an app.
struct BudgetSettings {
    std::string platform;
    std::string app;  // its client id; empty: every app of the platform
    std::int64_t reads_per_month = 0;

    static constexpr auto fields() {
        return std::make_tuple(
            field("platform", &BudgetSettings::platform),
            field("app", &BudgetSettings::app),
            field("reads_per_month", &BudgetSettings::reads_per_month)
        );
    }
};

struct HostConfig {
    std::string schema;  // for editors
    DatabaseSettings database;
    KeySettings keys;
    api::ApiConfig api;
    api::WebhookConfig webhooks;
    api::IdentityConfig identity;
    LogSettings log;
    engine::EngineConfig engine;
    engine::RetentionConfig retention;
    EgressSettings egress;
    TlsSettings tls;
    HttpSettings http;
    // Where plugins are; empty: lib/syncline/plugins beside the program's bin folder.
    std::string plugin_dir;
    std::vector<ConnectorSettings> connectors;
    std::vector<TenantSettings> tenants{{"default"}};
    std::vector<ConnectionSettings> connections;
    std::vector<FlowSettings> flows;
    std::vector<ScheduleSettings> schedules;
    std::vector<BudgetSettings> budgets;

    static constexpr auto fields() {
        return std::make_tuple(
            field("$schema", &HostConfig::schema),
            field("database", &HostConfig::database),
            field("keys", &HostConfig::keys),
            field("api", &HostConfig::api),
            field("webhooks", &HostConfig::webhooks),
            field("identity", &HostConfig::identity),
            field("log", &HostConfig::log),
            field("engine", &HostConfig::engine),
            field("retention", &HostConfig::retention),
            field("egress", &HostConfig::egress),
            field("tls", &HostConfig::tls),
            field("http", &HostConfig::http),
            field("plugin_dir", &HostConfig::plugin_dir),
            field("connectors", &HostConfig::connectors),
            field("tenants", &HostConfig::tenants),
            field("connections", &HostConfig::connections),
            field("flows", &HostConfig::flows),
            field("schedules", &HostConfig::schedules),
            field("budgets", &HostConfig::budgets)
        );
    }
};

// Looks up an environment variable; unset and empty are the same.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
std::optional<std::string> process_environment(const std::string& name);

// The file with the environment's overrides, all paths absolute. Errors: kConfig with one line per
// problem: "<file>: <JSON pointer>: <what is wrong>"; every problem is named, not only the first.
Result<HostConfig> load_config(const std::string& file, const Environment& environment);

// The same without what needs the secrets of the environment (connections, flows): for commands
// that only want the host's keys or address.
Result<HostConfig> load_own_settings(const std::string& file, const Environment& environment);

// `text` of the configuration with comments ("//" and "/* */") blanked out, so that places in it
// stay what they are.
std::string without_comments(const std::string& text);

// The database's file, from a checked "sqlite:" URL.
std::string database_file(const HostConfig& config);

}  // namespace syncline::host
