#include "main/config_checks.hpp"

#include <set>

#include "api/http/token_issuer.hpp"

namespace syncline::host {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kWeightMax = 100;
constexpr std::int64_t kRequestsPerMinuteMax = 1'000'000;
constexpr std::int64_t kKeptDaysMax = 36'500;

struct Range {
    const char* place;
    std::int64_t value;
    std::int64_t min;
    std::int64_t max;
};

void check_ranges(const HostConfig& config, std::vector<std::string>& problems) {
    const auto& [api, engine, http] = std::tie(config.api, config.engine, config.http);
    const std::vector<Range> ranges{
        {"/database/readers", config.database.readers, 1, 64},
        {"/api/port", api.port, 0, 65'535},
        {"/api/threads", api.threads, 4, 512},
        {"/api/connections_max", api.connections_max, 16, 65'535},
        {"/api/head_bytes_max", api.head_bytes_max, 1024, 1024 * 1024},
        {"/api/headers_max", api.headers_max, 10, 1000},
        {"/api/head_timeout_ms", api.head_timeout_ms, 100, 600'000},
        {"/api/body_timeout_ms", api.body_timeout_ms, 100, 3'600'000},
        {"/api/send_timeout_ms", api.send_timeout_ms, 100, 3'600'000},
        {"/api/idle_timeout_ms", api.idle_timeout_ms, 100, 3'600'000},
        {"/api/waiting_bytes_max",
         api.waiting_bytes_max,
         api.body_bytes_max,
         std::int64_t{64} * 1024 * 1024 * 1024},
        {"/api/body_bytes_max", api.body_bytes_max, 1024, 64 * 1024 * 1024},
        {"/api/connector_calls_max", api.connector_calls_max, 1, api.threads / 2},
        {"/api/connector_calls_per_tenant_max",
         api.connector_calls_per_tenant_max,
         1,
         api.threads / 2},
        {"/api/requests_per_minute_per_tenant",
         api.requests_per_minute_per_tenant,
         0,
         kRequestsPerMinuteMax},
        {"/api/requests_per_minute_per_credential",
         api.requests_per_minute_per_credential,
         0,
         kRequestsPerMinuteMax},
        {"/api/event_streams_max", api.event_streams_max, 0, api.connections_max / 2},
        {"/api/event_streams_per_tenant_max",
         api.event_streams_per_tenant_max,
         0,
         api.connections_max / 2},
        {"/api/event_stream_ms_max", api.event_stream_ms_max, 1'000, kDayMs},
        {"/webhooks/port", config.webhooks.port, 0, 65'535},
        {"/webhooks/threads", config.webhooks.threads, 4, 512},
        {"/webhooks/body_bytes_max", config.webhooks.body_bytes_max, 1024, 64 * 1024 * 1024},
        {"/identity/failed_logins_max", config.identity.failed_logins_max, 0, 100'000},
        {"/identity/failed_logins_per_minute", config.identity.failed_logins_per_minute, 1, 60'000},
        {"/identity/failed_logins_per_key_max",
         config.identity.failed_logins_per_key_max,
         0,
         100'000},
        {"/engine/deliveries_max", engine.deliveries_max, 1, 256},
        {"/engine/deliveries_per_connection_max", engine.deliveries_per_connection_max, 1, 64},
        {"/engine/collects_max", engine.collects_max, 1, 64},
        {"/engine/tick_ms", engine.tick_ms, 10, 60'000},
        {"/engine/lease_ms", engine.lease_ms, 1'000, kDayMs},
        {"/engine/call_timeout_ms", engine.call_timeout_ms, 1'000, engine.lease_ms},
        {"/engine/overlap_ms", engine.overlap_ms, 0, 30 * kDayMs},
        {"/engine/margin_ms", engine.margin_ms, 0, kDayMs},
        {"/engine/in_doubt_wait_ms", engine.in_doubt_wait_ms, 0, kDayMs},
        {"/engine/facts_max_age_ms", engine.facts_max_age_ms, 0, 365 * kDayMs},
        {"/engine/drain_ms", engine.drain_ms, 0, 3'600'000},
        {"/retention/jobs_days", config.retention.jobs_days, 0, kKeptDaysMax},
        {"/retention/runs_days", config.retention.runs_days, 0, kKeptDaysMax},
        {"/retention/logs_days", config.retention.logs_days, 0, kKeptDaysMax},
        {"/retention/requests_days", config.retention.requests_days, 0, kKeptDaysMax},
        {"/retention/webhooks_days", config.retention.webhooks_days, 0, kKeptDaysMax},
        {"/http/connect_timeout_ms", http.connect_timeout_ms, 1, 600'000},
        {"/http/read_timeout_ms", http.read_timeout_ms, 1, 600'000},
        {"/http/total_timeout_ms", http.total_timeout_ms, 1, 3'600'000},
        {"/http/body_bytes_max", http.body_bytes_max, 1024, 1024 * 1024 * 1024},
    };
    for (const auto& range : ranges) {
        if (range.value < range.min || range.value > range.max) {
            problems.push_back(
                std::string(range.place) + ": expected " + std::to_string(range.min) + " to " +
                std::to_string(range.max) + ", found " + std::to_string(range.value)
            );
        }
    }
}

void check_database(const HostConfig& config, std::vector<std::string>& problems) {
    const std::string& url = config.database.url;
    if (url.rfind("sqlite:", 0) == 0 && url.size() > 7) {
        return;
    }
    // Not the whole of it: other databases' URLs hold passwords.
    problems.push_back(
        "/database/url: expected sqlite: and a file (as sqlite:./data/syncline.db), found one of "
        "'" +
        url.substr(0, std::min(url.find(':'), std::size_t{20})) + "'; no other database yet"
    );
}

bool is_hash(const std::string& text) {
    return text.size() == 64 &&
           text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

void check_connectors(const HostConfig& config, std::vector<std::string>& problems) {
    for (std::size_t i = 0; i < config.connectors.size(); ++i) {
        const std::string place = "/connectors/" + std::to_string(i);
        const auto& connector = config.connectors[i];
        if (connector.file.empty()) {
            problems.push_back(place + "/file: missing (the plugin's .so)");
        }
        if (!connector.sha256.empty() && !is_hash(connector.sha256)) {
            problems.push_back(
                place + "/sha256: expected 64 hex digits, found '" +
                connector.sha256.substr(0, 70) + "'"
            );
        }
    }
}

bool is_tenant_name(const std::string& name) {
    return !name.empty() && name.size() <= 63 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

bool is_connection_name(const std::string& name) {
    return !name.empty() && name.size() <= 63 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
}

void check_tenants(const HostConfig& config, std::vector<std::string>& problems) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < config.tenants.size(); ++i) {
        const std::string place = "/tenants/" + std::to_string(i) + "/name: ";
        const std::string& name = config.tenants[i].name;
        if (!is_tenant_name(name)) {
            problems.push_back(
                place + "expected 1 to 63 characters of a-z, 0-9 and '-', found '" +
                name.substr(0, 70) + "'"
            );
        } else if (!seen.insert(name).second) {
            problems.push_back(place + "'" + name + "' comes twice");
        }
        const std::int64_t weight = config.tenants[i].weight;
        if (weight < 1 || weight > kWeightMax) {
            problems.push_back(
                "/tenants/" + std::to_string(i) + "/weight: expected 1 to " +
                std::to_string(kWeightMax) + ", found " + std::to_string(weight)
            );
        }
    }
}

void check_limits(
    const RateLimitOverride& limits, const std::string& place, std::vector<std::string>& problems
) {
    const auto check = [&](const char* name,
                           const std::optional<std::int64_t>& value,
                           std::int64_t min,
                           std::int64_t max) {
        if (value && (*value < min || *value > max)) {
            problems.push_back(
                place + name + ": expected " + std::to_string(min) + " to " + std::to_string(max) +
                ", found " + std::to_string(*value)
            );
        }
    };
    check("/in_flight_max", limits.in_flight_max, 1, 64);
    check("/requests_per_minute", limits.requests_per_minute, 6, 100'000);
    check("/batches_per_minute", limits.batches_per_minute, 0, 100'000);
}

void check_connections(const HostConfig& config, std::vector<std::string>& problems) {
    for (std::size_t i = 0; i < config.connections.size(); ++i) {
        const std::string place = "/connections/" + std::to_string(i);
        const auto& connection = config.connections[i];
        if (!is_connection_name(connection.name)) {
            problems.push_back(
                place + "/name: expected 1 to 63 characters of a-z, 0-9, '-' and '_', found '" +
                connection.name.substr(0, 70) + "'"
            );
        }
        check_limits(connection.limits, place + "/limits", problems);
        if (connection.platform.empty()) {
            problems.push_back(place + "/platform: missing (as woocommerce)");
        }
        if (!connection.settings.is_object()) {
            problems.push_back(place + "/settings: expected an object");
        }
    }
}

void check_budgets(const HostConfig& config, std::vector<std::string>& problems) {
    std::set<std::pair<std::string, std::string>> seen;
    for (std::size_t i = 0; i < config.budgets.size(); ++i) {
        const std::string place = "/budgets/" + std::to_string(i);
        const auto& budget = config.budgets[i];
        if (budget.platform.empty()) {
            problems.push_back(place + "/platform: missing (as quickbooks)");
        }
        if (budget.reads_per_month < 0) {
            problems.push_back(
                place + "/reads_per_month: expected 0 (no limit) or more, found " +
                std::to_string(budget.reads_per_month)
            );
        }
        if (!seen.insert({budget.platform, budget.app}).second) {
            problems.push_back(place + ": this platform and app come twice");
        }
    }
}

}  // namespace

std::vector<std::string> config_problems(const HostConfig& config) {
    std::vector<std::string> problems;
    check_database(config, problems);
    check_ranges(config, problems);
    check_connectors(config, problems);
    check_tenants(config, problems);
    check_connections(config, problems);
    check_budgets(config, problems);
    const std::string& hooks = config.webhooks.public_url;
    if (!hooks.empty() && hooks.rfind("https://", 0) != 0 && hooks.rfind("http://", 0) != 0) {
        problems.push_back(
            "/webhooks/public_url: expected a URL (as https://hooks.example.com), found '" +
            hooks.substr(0, 60) + "'"
        );
    }
    for (auto& problem : api::issuer_problems(config.identity)) {
        problems.push_back(std::move(problem));
    }
    const std::string& uri = config.api.oauth_redirect_uri;
    if (!uri.empty() && uri.rfind("https://", 0) != 0 && uri.rfind("http://", 0) != 0) {
        problems.push_back(
            "/api/oauth_redirect_uri: expected a URL (as https://sync.example/api/integrations/quickbooks/callback), "
            "found '" +
            uri.substr(0, 60) + "'"
        );
    }
    return problems;
}

}  // namespace syncline::host
