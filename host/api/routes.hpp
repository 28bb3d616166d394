// The whole surface, as data. One handler per row; a file per resource. host/api/openapi/*.json
// describes each row (openapi.hpp).
#pragma once

#include <vector>

#include "api/http/route.hpp"

namespace syncline::api {

const std::vector<Route>& api_routes();

// What a listener of its own for webhooks serves: webhooks and health, nothing else.
const std::vector<Route>& webhook_listener_routes();

// sync_routes.cpp
Result<Response> start_sync(Backend& backend, const Request& request);
Result<Response> dry_run(Backend& backend, const Request& request);
Result<Response> list_syncs(Backend& backend, const Request& request);
Result<Response> show_sync(Backend& backend, const Request& request);
Result<Response> stop_sync(Backend& backend, const Request& request);

// confirmation_routes.cpp
Result<Response> request_confirmation(Backend& backend, const Request& request);
Result<Response> confirm_sync(Backend& backend, const Request& request);

// history_routes.cpp
Result<Response> list_history(Backend& backend, const Request& request);
Result<Response> show_metrics(Backend& backend, const Request& request);
Result<Response> show_record(Backend& backend, const Request& request);

// event_routes.cpp
Result<Response> watch_events(Backend& backend, const Request& request);

// failure_routes.cpp
Result<Response> list_failures(Backend& backend, const Request& request);
Result<Response> list_failure_groups(Backend& backend, const Request& request);
Result<Response> show_failure(Backend& backend, const Request& request);
Result<Response> retry_failure(Backend& backend, const Request& request);
Result<Response> edit_failure(Backend& backend, const Request& request);
Result<Response> resolve_failure(Backend& backend, const Request& request);
Result<Response> retry_failures(Backend& backend, const Request& request);

// conflict_routes.cpp
Result<Response> list_conflicts(Backend& backend, const Request& request);
Result<Response> show_conflict(Backend& backend, const Request& request);
Result<Response> resolve_conflict(Backend& backend, const Request& request);

// cursor_routes.cpp
Result<Response> show_cursor(Backend& backend, const Request& request);
Result<Response> set_cursor(Backend& backend, const Request& request);
Result<Response> reset_cursor(Backend& backend, const Request& request);

// flow_routes.cpp
Result<Response> show_flow_status(Backend& backend, const Request& request);
Result<Response> restart_flow(Backend& backend, const Request& request);
Result<Response> list_flows(Backend& backend, const Request& request);
Result<Response> create_flow(Backend& backend, const Request& request);
Result<Response> show_flow(Backend& backend, const Request& request);
Result<Response> replace_flow(Backend& backend, const Request& request);
Result<Response> patch_flow(Backend& backend, const Request& request);
Result<Response> remove_flow(Backend& backend, const Request& request);
Result<Response> pause_flow(Backend& backend, const Request& request);
Result<Response> resume_flow(Backend& backend, const Request& request);
Result<Response> stop_flow(Backend& backend, const Request& request);

// schedule_routes.cpp
Result<Response> list_schedules(Backend& backend, const Request& request);
Result<Response> create_schedule(Backend& backend, const Request& request);
Result<Response> show_schedule(Backend& backend, const Request& request);
Result<Response> replace_schedule(Backend& backend, const Request& request);
Result<Response> patch_schedule(Backend& backend, const Request& request);
Result<Response> remove_schedule(Backend& backend, const Request& request);
Result<Response> pause_schedule(Backend& backend, const Request& request);
Result<Response> resume_schedule(Backend& backend, const Request& request);
Result<Response> next_of_schedule(Backend& backend, const Request& request);

// connector_routes.cpp
Result<Response> list_connectors(Backend& backend, const Request& request);
Result<Response> show_connector(Backend& backend, const Request& request);
Result<Response> validate_settings(Backend& backend, const Request& request);

// integration_routes.cpp
Result<Response> list_connections(Backend& backend, const Request& request);
Result<Response> show_platform(Backend& backend, const Request& request);
Result<Response> put_credentials(Backend& backend, const Request& request);
Result<Response> remove_credentials(Backend& backend, const Request& request);
Result<Response> test_connection(Backend& backend, const Request& request);
Result<Response> show_integrations_health(Backend& backend, const Request& request);

// oauth_routes.cpp
Result<Response> list_apps(Backend& backend, const Request& request);
Result<Response> show_app(Backend& backend, const Request& request);
Result<Response> put_app(Backend& backend, const Request& request);
Result<Response> remove_app(Backend& backend, const Request& request);
Result<Response> authorize_connection(Backend& backend, const Request& request);
Result<Response> oauth_callback(Backend& backend, const Request& request);
Result<Response> disconnect_connection(Backend& backend, const Request& request);

// budget_routes.cpp
Result<Response> list_budgets(Backend& backend, const Request& request);

// webhook_routes.cpp
Result<Response> receive_webhook(Backend& backend, const Request& request);
Result<Response> receive_cloudevents(Backend& backend, const Request& request);
Result<Response> list_webhook_events(Backend& backend, const Request& request);
Result<Response> show_webhook_event(Backend& backend, const Request& request);
Result<Response> replay_webhook_event(Backend& backend, const Request& request);
Result<Response> list_webhook_endpoints(Backend& backend, const Request& request);
Result<Response> rotate_webhook_secret(Backend& backend, const Request& request);
// key_routes.cpp
Result<Response> show_keys(Backend& backend, const Request& request);
Result<Response> rotate_keys(Backend& backend, const Request& request);
Result<Response> show_key_rotation(Backend& backend, const Request& request);
// alert_routes.cpp
Result<Response> list_alerts(Backend& backend, const Request& request);
Result<Response> show_alert(Backend& backend, const Request& request);
Result<Response> acknowledge_alert(Backend& backend, const Request& request);
Result<Response> list_alert_rules(Backend& backend, const Request& request);
Result<Response> list_alert_channels(Backend& backend, const Request& request);
Result<Response> show_alert_channel(Backend& backend, const Request& request);
Result<Response> create_alert_channel(Backend& backend, const Request& request);
Result<Response> replace_alert_channel(Backend& backend, const Request& request);
Result<Response> remove_alert_channel(Backend& backend, const Request& request);
Result<Response> test_alert_channel(Backend& backend, const Request& request);

// mapping_routes.cpp
Result<Response> list_mappings(Backend& backend, const Request& request);
Result<Response> create_mapping(Backend& backend, const Request& request);
Result<Response> import_mapping(Backend& backend, const Request& request);
Result<Response> preview_mapping(Backend& backend, const Request& request);
Result<Response> show_mapping(Backend& backend, const Request& request);
Result<Response> replace_mapping(Backend& backend, const Request& request);
Result<Response> patch_mapping(Backend& backend, const Request& request);
Result<Response> remove_mapping(Backend& backend, const Request& request);
Result<Response> export_mapping(Backend& backend, const Request& request);
Result<Response> list_mapping_versions(Backend& backend, const Request& request);
Result<Response> show_mapping_version(Backend& backend, const Request& request);
Result<Response> test_mapping(Backend& backend, const Request& request);
Result<Response> publish_mapping(Backend& backend, const Request& request);
Result<Response> roll_back_mapping(Backend& backend, const Request& request);

// audit_routes.cpp
Result<Response> list_audit(Backend& backend, const Request& request);

// api_key_routes.cpp
Result<Response> list_api_keys(Backend& backend, const Request& request);
Result<Response> create_api_key(Backend& backend, const Request& request);
Result<Response> revoke_api_key(Backend& backend, const Request& request);
Result<Response> rotate_api_key(Backend& backend, const Request& request);

// setting_routes.cpp
Result<Response> list_settings(Backend& backend, const Request& request);
Result<Response> show_setting(Backend& backend, const Request& request);
Result<Response> put_setting(Backend& backend, const Request& request);
Result<Response> patch_setting(Backend& backend, const Request& request);

// tenant_routes.cpp
Result<Response> list_tenants(Backend& backend, const Request& request);
Result<Response> show_tenant(Backend& backend, const Request& request);
Result<Response> create_tenant(Backend& backend, const Request& request);
Result<Response> suspend_tenant(Backend& backend, const Request& request);
Result<Response> resume_tenant(Backend& backend, const Request& request);
Result<Response> create_tenant_api_key(Backend& backend, const Request& request);

// openapi_routes.cpp
Result<Response> show_openapi(Backend& backend, const Request& request);
Result<Response> show_error_page(Backend& backend, const Request& request);

// match_routes.cpp
Result<Response> list_matches(Backend& backend, const Request& request);
Result<Response> start_match(Backend& backend, const Request& request);
Result<Response> show_match(Backend& backend, const Request& request);
Result<Response> list_proposals(Backend& backend, const Request& request);
Result<Response> confirm_match(Backend& backend, const Request& request);
Result<Response> reject_match(Backend& backend, const Request& request);

// id_mapping_routes.cpp
Result<Response> list_id_mappings(Backend& backend, const Request& request);
Result<Response> show_id_mapping(Backend& backend, const Request& request);
Result<Response> create_id_mapping(Backend& backend, const Request& request);
Result<Response> remove_id_mapping(Backend& backend, const Request& request);
Result<Response> export_id_mappings(Backend& backend, const Request& request);
Result<Response> import_id_mappings(Backend& backend, const Request& request);

// health_routes.cpp
Result<Response> show_alive(Backend& backend, const Request& request);
Result<Response> show_ready(Backend& backend, const Request& request);
Result<Response> show_health(Backend& backend, const Request& request);

}  // namespace syncline::api
