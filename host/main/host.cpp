#include "main/host.hpp"

#include <atomic>
#include <filesystem>

#include "api/backend.hpp"
#include "api/http/server.hpp"
#include "api/routes.hpp"
#include "connectors/system_clock.hpp"
#include "core/failpoint.hpp"
#include "core/json_problems.hpp"
#include "core/log.hpp"
#include "engine/alert_outbox.hpp"
#include "engine/alerts.hpp"
#include "engine/collect.hpp"
#include "engine/connection_control.hpp"
#include "engine/deliver.hpp"
#include "engine/dispatcher.hpp"
#include "engine/failure_control.hpp"
#include "engine/flow_control.hpp"
#include "engine/id_mapping_control.hpp"
#include "engine/key_rotation.hpp"
#include "engine/mapping_preview.hpp"
#include "engine/match_control.hpp"
#include "engine/own_records.hpp"
#include "engine/reconciler.hpp"
#include "engine/recover.hpp"
#include "engine/schedule_control.hpp"
#include "engine/scheduler.hpp"
#include "engine/sync_control.hpp"
#include "engine/token_keeper.hpp"
#include "engine/upkeep.hpp"
#include "engine/webhook_control.hpp"
#include "engine/webhook_intake.hpp"
#include "engine/webhook_watchdog.hpp"
#include "main/alert_senders.hpp"
#include "main/declared.hpp"
#include "main/issuer_keys.hpp"
#include "main/key_files.hpp"
#include "main/oauth_endpoint.hpp"
#include "main/open_files.hpp"
#include "main/plugin_source.hpp"
#include "storage/installation.hpp"
#include "storage/migrator.hpp"

namespace syncline::host {
namespace {

// Sections that are read once.
constexpr std::array<const char*, 12> kNeedRestart{
    "database",
    "keys",
    "api",
    "webhooks",
    "identity",
    "engine",
    "retention",
    "egress",
    "tls",
    "http",
    "plugin_dir",
    "connectors"};

Result<void> make_folder_of(const std::string& file) {
    const auto folder = std::filesystem::path(file).parent_path();
    std::error_code error;
    if (std::filesystem::exists(folder, error)) {
        return {};
    }
    std::filesystem::create_directories(folder, error);
    if (!error) {
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    }
    if (error) {
        return Error{
            ErrorCode::kStorage,
            "the folder of the database, " + folder.string() +
                ", cannot be made: " + error.message()};
    }
    return {};
}

Result<std::unique_ptr<storage::Database>> open_database(
    const HostConfig& config, std::int64_t now_ms
) {
    SYNCLINE_RETURN_IF_ERROR(make_folder_of(database_file(config)));
    storage::DatabaseConfig settings;
    settings.path = database_file(config);
    settings.readers = static_cast<int>(config.database.readers);
    SYNCLINE_ASSIGN_OR_RETURN(auto database, storage::Database::open(settings));
    SYNCLINE_RETURN_IF_ERROR(storage::migrate(*database, storage::embedded_migrations(), now_ms));
    return database;
}

const Clock& system_clock() {
    static const SYNCLINE_CLOCK(connectors::SystemClock) kClock;
    return kClock;
}

// The listener for webhooks is a server like the API's, with limits of its own.
api::ApiConfig webhook_listener(const HostConfig& config) {
    api::ApiConfig listener = config.api;
    listener.host = config.webhooks.host;
    listener.port = config.webhooks.port;
    listener.threads = config.webhooks.threads;
    listener.body_bytes_max = config.webhooks.body_bytes_max;
    return listener;
}

void bound_connections(HostConfig& config) {
    const std::int64_t files = raise_file_limit();
    const std::int64_t wanted = config.api.connections_max;
    const std::int64_t listeners = config.webhooks.host.empty() ? 1 : 2;
    config.api.connections_max = connections_within(files, listeners, wanted);
    if (config.api.connections_max == wanted) {
        return;
    }
    config.api.event_streams_max =
        std::min(config.api.event_streams_max, config.api.connections_max / 2);
    log::warn(
        "fewer connections at once than api.connections_max says: the process may not open "
        "enough files; raise its hard limit (LimitNOFILE of the unit, ulimit -Hn)",
        {{"connections_max", wanted},
         {"connections", config.api.connections_max},
         {"open_files_max", files}}
    );
}

std::string url_of(const api::ApiConfig& api, const std::string& host, std::uint16_t port) {
    const bool is_v6 = host.find(':') != std::string::npos;
    const std::string scheme = api.tls_certificate_file.empty() ? "http://" : "https://";
    return scheme + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

void configure_log(const HostConfig& config) {
    log::configure({config.log.level, config.log.format, {}});
}

}  // namespace

// In the order of construction; the other way round when the host stops.
struct Host::Parts {
    Parts(
        HostConfig settings,
        std::unique_ptr<PluginSource> source,
        std::unique_ptr<storage::Database> file,
        std::unique_ptr<storage::KeyEncryption> kek,
        std::unique_ptr<AlertSenders> senders
    )
        : config(std::move(settings)),
          loaded(std::move(source)),
          database(std::move(file)),
          stores(*database, std::move(kek)),
          plugins(std::make_unique<engine::WithOwnRecords>(*loaded, database.get(), clock)),
          alert_senders(std::move(senders)) {}

    void build(
        const std::string& installation,
        storage::Key token_key,
        const std::string& version,
        const api::FetchKeys& fetch_keys,
        const engine::AskEndpoint& ask_endpoint
    );
    Result<void> ready() const;

    HostConfig config;
    const Clock& clock = system_clock();
    std::unique_ptr<PluginSource> loaded;
    std::unique_ptr<storage::Database> database;
    engine::Stores stores;
    std::unique_ptr<engine::ConnectorSource> plugins;  // those loaded, and the host's own records
    std::unique_ptr<AlertSenders> alert_senders;
    std::unique_ptr<engine::ConnectionPool> pool;
    std::unique_ptr<engine::Writer> writer;
    std::unique_ptr<engine::NeedResolver> needs;
    std::unique_ptr<engine::Collector> collector;
    std::unique_ptr<engine::Deliverer> deliverer;
    std::unique_ptr<engine::Recoverer> recoverer;
    std::unique_ptr<engine::Dispatcher> dispatcher;
    std::unique_ptr<engine::Preview> preview;
    std::unique_ptr<engine::SyncControl> syncs;
    std::unique_ptr<engine::ConfirmationControl> confirmations;
    std::unique_ptr<engine::Scheduler> scheduler;
    std::unique_ptr<engine::Restarts> restarts;
    std::unique_ptr<engine::FailureControl> failures;
    std::unique_ptr<engine::Upkeep> upkeep;
    std::unique_ptr<engine::Reconciler> reconciler;
    std::unique_ptr<engine::ConflictControl> conflicts;
    std::unique_ptr<engine::FlowControl> flows;
    std::unique_ptr<engine::CursorControl> cursors;
    std::unique_ptr<engine::ScheduleControl> schedules;
    std::unique_ptr<engine::ConnectionControl> connections;
    std::unique_ptr<engine::WebhookReceivers> webhook_receivers;
    std::unique_ptr<engine::WebhookIntake> webhook_intake;
    std::unique_ptr<engine::WebhookInbox> webhook_inbox;
    std::unique_ptr<engine::WebhookControl> webhooks;
    std::unique_ptr<engine::WebhookWatchdog> webhook_watchdog;
    std::unique_ptr<engine::TenantControl> tenant_control;
    std::unique_ptr<engine::ApiKeyControl> api_keys;
    std::unique_ptr<engine::KeyRotation> keys;
    std::unique_ptr<engine::AppControl> apps;
    std::unique_ptr<engine::OAuthControl> oauth;
    std::unique_ptr<engine::TokenKeeper> token_keeper;
    std::unique_ptr<engine::AlertStores> alert_stores;
    std::unique_ptr<engine::Alerts> alerts;
    std::unique_ptr<engine::AlertControl> alert_control;
    std::unique_ptr<engine::AlertOutbox> alert_outbox;
    std::unique_ptr<engine::MappingControl> mappings;
    std::unique_ptr<engine::MappingPreviewer> mapping_preview;
    std::unique_ptr<engine::MatchControl> matches;
    std::unique_ptr<engine::IdMappingControl> id_mappings;
    std::unique_ptr<api::Slots> connector_calls;
    std::unique_ptr<api::EventFeed> events;
    std::unique_ptr<api::Backend> backend;
    std::unique_ptr<api::Surface> surface;
    std::unique_ptr<api::Surface> webhook_surface;
    std::unique_ptr<api::Server> server;
    std::unique_ptr<api::Server> webhook_server;  // absent: the API's serves them
    std::atomic<bool> stopping{false};
};

void Host::Parts::build(
    const std::string& installation,
    storage::Key token_key,
    const std::string& version,
    const api::FetchKeys& fetch_keys,
    const engine::AskEndpoint& ask_endpoint
) {
    const auto wake = [this] { dispatcher->wake(); };
    pool = std::make_unique<engine::ConnectionPool>(stores, *plugins, clock, config.engine);
    writer = std::make_unique<engine::Writer>(stores, clock, installation);
    needs = std::make_unique<engine::NeedResolver>(stores, *writer);
    collector = std::make_unique<engine::Collector>(stores, *pool, clock, config.engine);
    deliverer = std::make_unique<engine::Deliverer>(stores, *pool, *writer, clock, config.engine);
    recoverer = std::make_unique<engine::Recoverer>(stores, *pool, *writer, clock, config.engine);
    dispatcher = std::make_unique<engine::Dispatcher>(
        stores, *collector, *deliverer, *recoverer, clock, config.engine
    );
    preview = std::make_unique<engine::Preview>(stores, *pool, *needs, clock, config.engine);
    syncs = std::make_unique<engine::SyncControl>(stores, *preview, clock, wake);
    confirmations = std::make_unique<engine::ConfirmationControl>(stores, *syncs, clock);
    scheduler = std::make_unique<engine::Scheduler>(stores, *syncs, clock, &pool->budgets());
    restarts = std::make_unique<engine::Restarts>(stores, *syncs, clock);
    failures = std::make_unique<engine::FailureControl>(stores, clock, wake);
    conflicts = std::make_unique<engine::ConflictControl>(stores, clock, wake);
    flows = std::make_unique<engine::FlowControl>(stores, *restarts, clock, wake);
    cursors = std::make_unique<engine::CursorControl>(stores, *preview, clock);
    upkeep = std::make_unique<engine::Upkeep>(
        *database, clock, config.retention, storage::LongestWaits{config.engine.lease_ms}
    );
    reconciler = std::make_unique<engine::Reconciler>(
        stores, *pool, *plugins, dispatcher->reading_slots(), clock
    );
    schedules = std::make_unique<engine::ScheduleControl>(stores, clock);
    connections = std::make_unique<engine::ConnectionControl>(
        stores, *pool, *plugins, clock, wake, config.webhooks.public_url
    );
    webhook_receivers = std::make_unique<engine::WebhookReceivers>(stores, *plugins, clock);
    webhook_intake = std::make_unique<engine::WebhookIntake>(stores, *pool, clock, wake);
    const auto wake_intake = [this] { webhook_intake->wake(); };
    webhook_inbox = std::make_unique<engine::WebhookInbox>(
        stores, *plugins, *webhook_receivers, clock, wake_intake
    );
    webhooks = std::make_unique<engine::WebhookControl>(
        stores, *plugins, *webhook_receivers, clock, config.webhooks.public_url, wake_intake
    );
    webhook_watchdog = std::make_unique<engine::WebhookWatchdog>(
        stores, *pool, *plugins, *webhook_receivers, *syncs, clock, config.webhooks.public_url
    );
    tenant_control = std::make_unique<engine::TenantControl>(stores, clock, wake);
    api_keys = std::make_unique<engine::ApiKeyControl>(stores, clock);
    keys = std::make_unique<engine::KeyRotation>(stores, clock);
    apps = std::make_unique<engine::AppControl>(stores, *plugins, clock);
    oauth =
        std::make_unique<engine::OAuthControl>(stores, *connections, *plugins, ask_endpoint, clock);
    token_keeper = std::make_unique<engine::TokenKeeper>(stores, *pool, *plugins, clock);
    alert_stores = std::make_unique<engine::AlertStores>(stores);
    alerts = std::make_unique<engine::Alerts>(*alert_stores, *plugins, pool->budgets(), clock);
    alert_control = std::make_unique<engine::AlertControl>(*alert_stores, *alert_senders, clock);
    alert_outbox = std::make_unique<engine::AlertOutbox>(*alert_stores, *alert_control, clock);
    mappings = std::make_unique<engine::MappingControl>(stores, *pool, *plugins, clock, wake);
    mapping_preview = std::make_unique<engine::MappingPreviewer>(stores, *pool, *mappings);
    matches = std::make_unique<engine::MatchControl>(stores, *pool, *writer, clock);
    id_mappings = std::make_unique<engine::IdMappingControl>(stores, *pool, *writer, clock);
    connector_calls = std::make_unique<api::Slots>(
        config.api.connector_calls_max, config.api.connector_calls_per_tenant_max
    );
    events = std::make_unique<api::EventFeed>(stores.log, stores.flows, clock, config.api);
    backend.reset(new api::Backend{
        stores,
        *syncs,
        *confirmations,
        *failures,
        *conflicts,
        *flows,
        *cursors,
        *schedules,
        *connections,
        *webhook_inbox,
        *webhooks,
        *plugins,
        clock,
        *connector_calls,
        [this] { return ready(); },
        version,
        *tenant_control,
        *api_keys,
        wake,
        *keys,
        *apps,
        *oauth,
        config.api.oauth_redirect_uri,
        !config.api.tls_certificate_file.empty(),
        *alert_control,
        *events,
        *mappings,
        *mapping_preview,
        *matches,
        *id_mappings});
    webhook_surface = std::make_unique<api::Surface>(
        *backend, api::webhook_listener_routes(), storage::Key(), webhook_listener(config)
    );
    surface = std::make_unique<api::Surface>(
        *backend, api::api_routes(), std::move(token_key), config.api, config.identity, fetch_keys
    );
}

Result<void> Host::Parts::ready() const {
    if (stopping) {
        return Error{ErrorCode::kCancelled, "the host is stopping"};
    }
    SYNCLINE_RETURN_IF_ERROR(database->health());
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenants, stores.tenants.list());
    return tenants.empty() ? Result<void>(Error{ErrorCode::kConfig, "there is no tenant"})
                           : Result<void>();
}

Host::Host(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Host::~Host() {
    stop();
}

Result<std::unique_ptr<Host>> Host::start(
    HostConfig config, const Environment& environment, const std::string& version
) {
    configure_log(config);
    bound_connections(config);
    SYNCLINE_ASSIGN_OR_RETURN(auto kek, encryption_keys(config, environment));
    SYNCLINE_ASSIGN_OR_RETURN(storage::Key signing, token_key(config));
    SYNCLINE_ASSIGN_OR_RETURN(const auto fetch_keys, issuer_keys(config, version));
    SYNCLINE_ASSIGN_OR_RETURN(const auto ask_endpoint, oauth_endpoint(config, version));
    SYNCLINE_ASSIGN_OR_RETURN(auto plugins, PluginSource::load(config, version, system_clock()));
    SYNCLINE_ASSIGN_OR_RETURN(auto senders, AlertSenders::make(http_options(config, version)));
    const std::int64_t now = system_clock().now().ms;
    SYNCLINE_ASSIGN_OR_RETURN(auto database, open_database(config, now));
    std::unique_ptr<Host> host(new Host(std::make_unique<Parts>(
        std::move(config),
        std::move(plugins),
        std::move(database),
        std::move(kek),
        std::move(senders)
    )));
    Parts& parts = *host->parts_;
    SYNCLINE_RETURN_IF_ERROR(parts.stores.vault.check_key());
    // The audit log begins with it.
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto installation, storage::installation_id(*parts.database, now)
    );
    SYNCLINE_RETURN_IF_ERROR(engine::apply_declarations(
        parts.stores, *parts.plugins, declarations_of(parts.config, environment), now
    ));
    parts.build(installation, std::move(signing), version, fetch_keys, ask_endpoint);
    SYNCLINE_ASSIGN_OR_RETURN(auto weights, weights_of(parts.config, parts.stores));
    parts.dispatcher->set_weights(std::move(weights));
    parts.pool->limits().set_overrides(limits_of(parts.config));
    parts.pool->budgets().set_budgets(budgets_of(parts.config));
    SYNCLINE_RETURN_IF_ERROR(parts.dispatcher->recover_state());
    SYNCLINE_RETURN_IF_ERROR(parts.reconciler->recover_state());
    SYNCLINE_ASSIGN_OR_RETURN(parts.server, api::Server::start(parts.config.api, *parts.surface));
    if (!parts.config.webhooks.host.empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(
            parts.webhook_server,
            api::Server::start(webhook_listener(parts.config), *parts.webhook_surface)
        );
    }
    parts.dispatcher->start();
    parts.webhook_intake->start();
    parts.webhook_watchdog->start();
    parts.token_keeper->start();
    parts.scheduler->start();
    parts.upkeep->start();
    parts.reconciler->start();
    parts.keys->start();
    parts.alerts->start();
    parts.alert_outbox->start();
    parts.events->start();
    parts.matches->start();
    return host;
}

std::string Host::url() const {
    return url_of(parts_->config.api, parts_->config.api.host, parts_->server->port());
}

std::string Host::webhook_url() const {
    return parts_->webhook_server == nullptr ? std::string()
                                             : url_of(
                                                   parts_->config.api,
                                                   parts_->config.webhooks.host,
                                                   parts_->webhook_server->port()
                                               );
}

Result<void> Host::reload(const HostConfig& config, const Environment& environment) {
    SYNCLINE_RETURN_IF_ERROR(engine::apply_declarations(
        parts_->stores,
        *parts_->plugins,
        declarations_of(config, environment),
        parts_->clock.now().ms
    ));
    SYNCLINE_ASSIGN_OR_RETURN(auto weights, weights_of(config, parts_->stores));
    parts_->dispatcher->set_weights(std::move(weights));
    parts_->pool->limits().set_overrides(limits_of(config));
    parts_->pool->budgets().set_budgets(budgets_of(config));
    configure_log(config);
    const Json before = to_json(parts_->config);
    const Json after = to_json(config);
    for (const char* section : kNeedRestart) {
        if (before[section] != after[section]) {
            log::warn("a changed setting needs a restart", {{"section", section}});
        }
    }
    parts_->dispatcher->wake();
    log::info("configuration loaded again");
    return {};
}

void Host::stop() {
    if (parts_->stopping.exchange(true)) {
        return;
    }
    if (parts_->server == nullptr) {
        return;  // it never started
    }
    parts_->server->close();
    if (parts_->webhook_server != nullptr) {
        parts_->webhook_server->close();
    }
    parts_->events->stop();
    parts_->matches->stop();
    parts_->keys->stop();
    parts_->alert_outbox->stop();
    parts_->alerts->stop();
    parts_->reconciler->stop();
    parts_->upkeep->stop();
    parts_->scheduler->stop();
    parts_->token_keeper->stop();
    parts_->webhook_watchdog->stop();
    parts_->webhook_intake->stop();
    parts_->dispatcher->stop(parts_->config.engine.drain_ms);
    parts_->pool->close();
    parts_->server->stop();
    if (parts_->webhook_server != nullptr) {
        parts_->webhook_server->stop();
    }
}

Result<void> check_config(
    const HostConfig& config, const Environment& environment, const std::string& version
) {
    SYNCLINE_RETURN_IF_ERROR(encryption_keys(config, environment));
    SYNCLINE_RETURN_IF_ERROR(token_key(config));
    SYNCLINE_RETURN_IF_ERROR(issuer_keys(config, version));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto loaded, PluginSource::load(config, version, system_clock())
    );
    const engine::WithOwnRecords plugins(*loaded, nullptr, system_clock());
    const auto problems =
        engine::declaration_problems(declarations_of(config, environment), plugins);
    if (problems.empty()) {
        return {};
    }
    Error error = joined(problems, "config.invalid");
    error.code = ErrorCode::kConfig;
    return error;
}

}  // namespace syncline::host
