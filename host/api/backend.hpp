// What the handlers work with: the engine's controls, and the stores for what is only looked at.
#pragma once

#include <functional>
#include <string>

#include "api/event_feed.hpp"
#include "api/http/slots.hpp"
#include "engine/alert_control.hpp"
#include "engine/api_key_control.hpp"
#include "engine/confirmation_control.hpp"
#include "engine/conflict_control.hpp"
#include "engine/connection_control.hpp"
#include "engine/cursor_control.hpp"
#include "engine/failure_control.hpp"
#include "engine/flow_control.hpp"
#include "engine/id_mapping_control.hpp"
#include "engine/key_rotation.hpp"
#include "engine/mapping_preview.hpp"
#include "engine/match_control.hpp"
#include "engine/oauth_control.hpp"
#include "engine/schedule_control.hpp"
#include "engine/sync_control.hpp"
#include "engine/tenant_control.hpp"
#include "engine/webhook_control.hpp"

namespace syncline::api {

struct Backend {
    engine::Stores& stores;
    engine::SyncControl& syncs;
    engine::ConfirmationControl& confirmations;
    engine::FailureControl& failures;
    engine::ConflictControl& conflicts;
    engine::FlowControl& flows;
    engine::CursorControl& cursors;
    engine::ScheduleControl& schedules;
    engine::ConnectionControl& connections;
    engine::WebhookInbox& webhook_inbox;
    engine::WebhookControl& webhooks;
    engine::ConnectorSource& connectors;
    const Clock& clock;
    Slots& connector_calls;               // places for requests that wait for a connector
    std::function<Result<void>()> ready;  // can the host work now? [any]
    std::string version;
    engine::TenantControl& tenants;
    engine::ApiKeyControl& api_keys;
    std::function<void()> wake;  // there may be work to do [any]
    engine::KeyRotation& keys;
    engine::AppControl& apps;
    engine::OAuthControl& oauth;
    std::string oauth_redirect_uri;  // empty: derived from the request
    bool https = false;              // the listener speaks TLS itself
    engine::AlertControl& alerts;
    EventFeed& events;
    engine::MappingControl& mappings;
    engine::MappingPreviewer& mapping_preview;
    engine::MatchControl& matches;
    engine::IdMappingControl& id_mappings;
};

// A place for a request that waits for a connector. Errors: request.busy.
Result<Slots::Taken> connector_place(Backend& backend, TenantId tenant);

}  // namespace syncline::api
