// All stores over one database, built once by the composition root. Others take the ones they use.
#pragma once

#include "storage/api_key_store.hpp"
#include "storage/app_store.hpp"
#include "storage/audit_log.hpp"
#include "storage/budget_store.hpp"
#include "storage/confirmation_store.hpp"
#include "storage/conflict_store.hpp"
#include "storage/connection_store.hpp"
#include "storage/flow_change_store.hpp"
#include "storage/flow_store.hpp"
#include "storage/id_mapping_store.hpp"
#include "storage/intent_store.hpp"
#include "storage/job_store.hpp"
#include "storage/key_store.hpp"
#include "storage/kv_store.hpp"
#include "storage/log_store.hpp"
#include "storage/mapping_store.hpp"
#include "storage/oauth_store.hpp"
#include "storage/own_write_store.hpp"
#include "storage/run_store.hpp"
#include "storage/schedule_store.hpp"
#include "storage/setting_store.hpp"
#include "storage/tenant_store.hpp"
#include "storage/vault.hpp"
#include "storage/webhook_endpoint_store.hpp"
#include "storage/webhook_event_store.hpp"

namespace syncline::engine {

struct Stores {
    // `kek`: one storage::Key that stays, or a std::unique_ptr<storage::KeyEncryption>.
    template <class Keys>
    Stores(storage::Database& file, Keys kek)
        : database(file),
          vault(file, std::move(kek)),
          tenants(file),
          connections(file),
          flows(file),
          flow_changes(file, flows),
          runs(file),
          confirmations(file),
          schedules(file),
          jobs(file, runs),
          id_mappings(file, vault),
          intents(file, vault),
          conflicts(file),
          own_writes(file),
          log(file),
          budgets(file),
          kv(file, vault),
          webhook_events(file),
          webhook_endpoints(file),
          audit(file),
          api_keys(file),
          settings(file),
          keys(file, vault),
          apps(file, vault),
          oauth(file, vault),
          mappings(file) {}

    storage::Database& database;
    storage::Vault vault;
    storage::TenantStore tenants;
    storage::ConnectionStore connections;
    storage::FlowStore flows;
    storage::FlowChangeStore flow_changes;
    storage::RunStore runs;
    storage::ConfirmationStore confirmations;
    storage::ScheduleStore schedules;
    storage::JobStore jobs;
    storage::IdMappingStore id_mappings;
    storage::IntentStore intents;
    storage::ConflictStore conflicts;
    storage::OwnWriteStore own_writes;
    storage::LogStore log;
    storage::BudgetStore budgets;
    storage::KvStore kv;
    storage::WebhookEventStore webhook_events;
    storage::WebhookEndpointStore webhook_endpoints;
    storage::AuditLog audit;
    storage::ApiKeyStore api_keys;
    storage::SettingStore settings;
    storage::KeyStore keys;
    storage::AppStore apps;
    storage::OAuthStore oauth;
    storage::MappingStore mappings;
};

}  // namespace syncline::engine
