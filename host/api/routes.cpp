#include "api/routes.hpp"

#include "api/reconciliation_routes.hpp"
#include "api/setting_history_routes.hpp"

namespace syncline::api {

const std::vector<Route>& api_routes() {
    using A = Access;
    // clang-format off
    static const std::vector<Route> kRoutes{
        {"POST",   "/api/sync/{entity}",             A::kOperator, start_sync,     "Start a sync, or preview it (dryRun)"},
        {"POST",   "/api/sync/dry-run/{entity}",     A::kOperator, dry_run,        "What a sync would do, with the exact documents"},
        {"POST",   "/api/sync/bulk/request-confirmation", A::kOperator, request_confirmation, "A plan, and a token that confirms it once"},
        {"POST",   "/api/sync/confirm/{token}",      A::kOperator, confirm_sync,   "Run exactly the plan that was shown"},
        {"GET",    "/api/sync/status",               A::kViewer,   list_syncs,     "The latest syncs and the queue"},
        {"GET",    "/api/sync/status/{syncId}",      A::kViewer,   show_sync,      "One sync and its runs"},
        {"POST",   "/api/sync/status/{syncId}/stop", A::kOperator, stop_sync,      "Ask a sync to stop"},
        {"GET",    "/api/sync/history",              A::kViewer,   list_history,   "Runs, newest first; JSON or CSV"},
        {"GET",    "/api/sync/metrics",              A::kViewer,   show_metrics,   "Sums over a time"},
        {"GET",    "/api/sync/failures",             A::kViewer,   list_failures,  "Records that need help"},
        {"GET",    "/api/sync/failures/groups",      A::kViewer,   list_failure_groups, "How many there are of each kind"},
        {"GET",    "/api/sync/failures/{id}",        A::kOperator, show_failure,   "One of them with its record, document and answer"},
        {"POST",   "/api/sync/failures/{id}/retry",  A::kOperator, retry_failure,  "Send it again"},
        {"POST",   "/api/sync/failures/{id}/edit",   A::kOperator, edit_failure,   "Send it with another record, or show the difference (dryRun)"},
        {"POST",   "/api/sync/failures/{id}/resolve", A::kOperator, resolve_failure, "Take it off the list, with a reason"},
        {"POST",   "/api/sync/retry",                A::kOperator, retry_failures, "Send all of a kind again, or count them (dryRun)"},
        {"GET",    "/api/conflicts",                 A::kViewer,   list_conflicts, "Documents that somebody else changed in the target"},
        {"GET",    "/api/conflicts/{id}",            A::kOperator, show_conflict,  "One of them with its three sides"},
        {"POST",   "/api/conflicts/{id}/resolve",    A::kOperator, resolve_conflict, "Keep the source's, the target's, or a value per field"},
        {"GET",    "/api/reconciliations",           A::kViewer,   list_reconciliations, "Comparisons of the books with the shop, newest first"},
        {"POST",   "/api/reconciliations",           A::kOperator, start_reconciliation, "Compare a window of days; dryRun only says what it costs"},
        {"GET",    "/api/reconciliations/{id}",      A::kViewer,   show_reconciliation, "One of them: its sums by day, and what is explained"},
        {"POST",   "/api/reconciliations/{id}/stop", A::kOperator, stop_reconciliation, "Stop it"},
        {"GET",    "/api/reconciliations/{id}/findings", A::kViewer, list_reconciliation_findings, "What is wrong with single records"},
        {"GET",    "/api/reconciliations/{id}/report.csv", A::kViewer, reconciliation_report_csv, "The findings, or the sums by day (?part=days), as CSV"},
        {"GET",    "/api/reconciliations/{id}/report.html", A::kViewer, reconciliation_report_html, "The report as a page to print"},
        {"POST",   "/api/reconciliations/{id}/heal", A::kOperator, heal_reconciliation, "Deliver once more what a delivery mends; more than 10 with a confirmation"},
        {"GET",    "/api/records/{entity}/{source_id}", A::kViewer, show_record,   "Everything that happened to one record"},

        {"GET",    "/api/matches",                   A::kViewer,   list_matches,   "Looks at what two systems have in common, newest first"},
        {"POST",   "/api/matches",                   A::kOperator, start_match,    "Look through both sides of a flow for records that are the same"},
        {"GET",    "/api/matches/{id}",              A::kViewer,   show_match,     "How far a match is, and how many proposals it has"},
        {"GET",    "/api/matches/{id}/proposals",    A::kOperator, list_proposals, "What may be the same, how sure that is, and why"},
        {"POST",   "/api/matches/{id}/confirm",      A::kOperator, confirm_match,  "Link what proposals say: some, or all of a grade"},
        {"POST",   "/api/matches/{id}/reject",       A::kOperator, reject_match,   "They are not the same, and are not proposed again"},
        {"GET",    "/api/id-mappings",               A::kViewer,   list_id_mappings, "Which document of a target stands for which record"},
        {"POST",   "/api/id-mappings",               A::kOperator, create_id_mapping, "Link a record with a document that is there"},
        {"GET",    "/api/id-mappings/export",        A::kOperator, export_id_mappings, "All of them as CSV, as an import takes it"},
        {"POST",   "/api/id-mappings/import",        A::kOperator, import_id_mappings, "Links from CSV: every line or none; or only check (dryRun)"},
        {"GET",    "/api/id-mappings/{id}",          A::kOperator, show_id_mapping, "One id mapping"},
        {"DELETE", "/api/id-mappings/{id}",          A::kOperator, remove_id_mapping, "Forget that they are the same"},

        {"GET",    "/api/flows",                     A::kViewer,   list_flows,     "Flows"},
        {"POST",   "/api/flows",                     A::kOperator, create_flow,    "Define a flow"},
        {"GET",    "/api/flows/{name}",              A::kViewer,   show_flow,      "One flow"},
        {"PUT",    "/api/flows/{name}",              A::kOperator, replace_flow,   "Define or change a flow"},
        {"PATCH",  "/api/flows/{name}",              A::kOperator, patch_flow,     "Change some members of a flow (RFC 7396)"},
        {"DELETE", "/api/flows/{name}",              A::kOperator, remove_flow,    "Remove a flow with its cursor and queue"},
        {"PUT",    "/api/flows/{name}/pause",        A::kOperator, pause_flow,     "Hold deliveries"},
        {"PUT",    "/api/flows/{name}/resume",       A::kOperator, resume_flow,    "Go on"},
        {"PUT",    "/api/flows/{name}/stop",         A::kOperator, stop_flow,      "End its runs and hold deliveries"},
        {"PUT",    "/api/flows/{name}/restart",      A::kOperator, restart_flow,   "Run again now what failed"},
        {"GET",    "/api/flows/{name}/status",       A::kViewer,   show_flow_status, "Its state, its failure, who changed it and why"},
        {"GET",    "/api/flows/{name}/cursor",       A::kViewer,   show_cursor,    "Where its reading stands"},
        {"PATCH",  "/api/flows/{name}/cursor",       A::kOperator, set_cursor,     "Read from another time; while stopped; ?dryRun=true"},
        {"DELETE", "/api/flows/{name}/cursor",       A::kOperator, reset_cursor,   "Read from the beginning; while stopped; ?dryRun=true"},

        {"GET",    "/api/events",                    A::kViewer,   watch_events,      "What happens, as it happens: server-sent events"},

        {"GET",    "/api/sync/schedules",                 A::kViewer,   list_schedules,   "When flows run by themselves"},
        {"POST",   "/api/sync/schedules",                 A::kOperator, create_schedule,  "Define a schedule"},
        {"GET",    "/api/sync/schedules/{name}",          A::kViewer,   show_schedule,    "One schedule"},
        {"PUT",    "/api/sync/schedules/{name}",          A::kOperator, replace_schedule, "Define or change a schedule"},
        {"PATCH",  "/api/sync/schedules/{name}",          A::kOperator, patch_schedule,   "Change some members of a schedule (RFC 7396)"},
        {"DELETE", "/api/sync/schedules/{name}",          A::kOperator, remove_schedule,  "Remove a schedule"},
        {"PUT",    "/api/sync/schedules/{name}/pause",    A::kOperator, pause_schedule,   "Start nothing"},
        {"PUT",    "/api/sync/schedules/{name}/resume",   A::kOperator, resume_schedule,  "Go on with its next time"},
        {"GET",    "/api/sync/schedules/{name}/next",     A::kViewer,   next_of_schedule, "When it starts next"},

        {"GET",    "/api/mappings",                  A::kViewer,   list_mappings,  "Mappings: the tenant's own and those that are shipped"},
        {"POST",   "/api/mappings",                  A::kOperator, create_mapping, "Make a mapping, as a draft"},
        {"POST",   "/api/mappings/import",           A::kOperator, import_mapping, "Take an exported mapping as a draft"},
        {"POST",   "/api/mappings/preview",          A::kOperator, preview_mapping, "What a mapping makes of a sample or a live record; writes nothing"},
        {"GET",    "/api/mappings/{name}",           A::kViewer,   show_mapping,   "One mapping with its draft"},
        {"PUT",    "/api/mappings/{name}",           A::kOperator, replace_mapping, "Change its draft"},
        {"PATCH",  "/api/mappings/{name}",           A::kOperator, patch_mapping,  "Change some members of its draft (RFC 7396)"},
        {"DELETE", "/api/mappings/{name}",           A::kOperator, remove_mapping, "Remove a mapping that no flow names, with its versions"},
        {"GET",    "/api/mappings/{name}/export",    A::kViewer,   export_mapping, "Its draft, or one of its versions, to be imported elsewhere"},
        {"GET",    "/api/mappings/{name}/versions",  A::kViewer,   list_mapping_versions, "What was published, newest first"},
        {"GET",    "/api/mappings/{name}/versions/{version}", A::kViewer, show_mapping_version, "One version with its definition"},
        {"POST",   "/api/mappings/{name}/test",      A::kOperator, test_mapping,   "Run its tests"},
        {"POST",   "/api/mappings/{name}/publish",   A::kAdmin,    publish_mapping, "Put the draft in force as the next version"},
        {"POST",   "/api/mappings/{name}/rollback",  A::kAdmin,    roll_back_mapping, "Put an earlier version in force again"},

        {"GET",    "/api/connectors",                A::kViewer,   list_connectors,   "Loaded plugins"},
        {"GET",    "/api/connectors/{id}",           A::kViewer,   show_connector,    "One of them, with its settings"},
        {"PUT",    "/api/connectors/{id}/config/validate", A::kViewer, validate_settings, "Check settings without storing them"},

        {"GET",    "/api/integrations/connections",  A::kViewer,   list_connections,  "Connections"},
        {"GET",    "/api/integrations/health",       A::kViewer,   show_integrations_health, "Which connections work"},
        {"POST",   "/api/integrations/{platform}/credentials", A::kAdmin, put_credentials, "Store settings and credentials"},
        {"DELETE", "/api/integrations/{platform}/credentials", A::kAdmin, remove_credentials, "Forget credentials"},
        {"GET",    "/api/integrations/{platform}/status", A::kViewer, show_platform,  "Connections of a platform"},
        {"POST",   "/api/integrations/{platform}/test", A::kOperator, test_connection, "Do settings and credentials work?"},
        {"GET",    "/api/integrations/{platform}/apps", A::kViewer,  list_apps,      "Apps registered at the platform, without their secrets"},
        {"GET",    "/api/integrations/{platform}/apps/{app}", A::kViewer, show_app,  "One of them, and who uses it"},
        {"PUT",    "/api/integrations/{platform}/apps/{app}", A::kAdmin, put_app,    "Store or change an app"},
        {"DELETE", "/api/integrations/{platform}/apps/{app}", A::kAdmin, remove_app, "Forget an app that nobody uses"},
        {"POST",   "/api/integrations/{platform}/authorize", A::kAdmin, authorize_connection, "The platform's page where a person connects an account"},
        {"GET",    "/api/integrations/{platform}/callback", A::kPublic, oauth_callback, "Where the platform sends them back to; its state says whose it is"},
        {"POST",   "/api/integrations/{platform}/disconnect", A::kAdmin, disconnect_connection, "Revoke the tokens at the platform and forget them"},

        {"GET",    "/api/budgets",                   A::kViewer,   list_budgets,   "What is left of the reads that platforms count"},

        {"POST",   "/api/webhooks/{platform}",       A::kPublic,   receive_webhook, "A delivery; its source says of which connection"},
        {"POST",   "/api/webhooks/{platform}/{connection}", A::kPublic, receive_webhook, "A delivery to a connection"},
        {"POST",   "/api/webhooks/quickbooks/cloudevents", A::kPublic, receive_cloudevents, "The same as /api/webhooks/quickbooks"},
        {"GET",    "/api/webhook-events",            A::kViewer,   list_webhook_events, "Deliveries, newest first; ?state=unclaimed: those not accepted"},
        {"GET",    "/api/webhook-events/{id}",       A::kOperator, show_webhook_event, "One of them with its headers and body"},
        {"POST",   "/api/webhook-events/{id}/replay", A::kOperator, replay_webhook_event, "Handle it once more"},
        {"GET",    "/api/webhook-endpoints",         A::kViewer,   list_webhook_endpoints, "Where platforms deliver to, and whether they do"},
        {"POST",   "/api/integrations/{platform}/webhook-secret", A::kAdmin, rotate_webhook_secret, "Replace a webhook secret; the former one proves for a while"},
        {"GET",    "/api/keys",                      A::kInstallation, show_keys,  "Encryption keys, which of them are needed, and what cannot be read"},
        {"POST",   "/api/keys/rotate",               A::kInstallation, rotate_keys, "Go over to a new encryption key; both are good meanwhile"},
        {"GET",    "/api/keys/rotations/{id}",       A::kInstallation, show_key_rotation, "How far that is"},
        {"GET",    "/api/alerts",                    A::kViewer,   list_alerts,    "What needs somebody, newest first; ?state=open, ?rule="},
        {"GET",    "/api/alerts/{id}",               A::kViewer,   show_alert,     "One alert"},
        {"POST",   "/api/alerts/{id}/acknowledge",   A::kOperator, acknowledge_alert, "Somebody looks after it; it stays open until its cause ends"},
        {"GET",    "/api/alert-rules",               A::kViewer,   list_alert_rules, "What is looked for, with the tenant's thresholds"},
        {"GET",    "/api/alert-channels",            A::kViewer,   list_alert_channels, "Who is told of alerts, and whether they can be reached"},
        {"POST",   "/api/alert-channels",            A::kAdmin,    create_alert_channel, "Make a channel: email, slack or webhook"},
        {"GET",    "/api/alert-channels/{name}",     A::kViewer,   show_alert_channel, "One channel with its latest deliveries"},
        {"PUT",    "/api/alert-channels/{name}",     A::kAdmin,    replace_alert_channel, "Change a channel; secrets that are left out stay"},
        {"DELETE", "/api/alert-channels/{name}",     A::kAdmin,    remove_alert_channel, "Remove a channel with what waits for it"},
        {"POST",   "/api/alert-channels/{name}/test", A::kOperator, test_alert_channel, "Send one message now; answers what the other side said"},
        {"GET",    "/api/audit",                     A::kAdmin,    list_audit,     "Who did what, newest first; JSON, NDJSON or CSV"},
        {"GET",    "/api/api-keys",                  A::kAdmin,    list_api_keys,  "API keys, without their secrets"},
        {"POST",   "/api/api-keys",                  A::kAdmin,    create_api_key, "Make an API key; shown this once"},
        {"DELETE", "/api/api-keys/{id}",             A::kAdmin,    revoke_api_key, "Revoke an API key"},
        {"POST",   "/api/api-keys/{id}/rotate",      A::kAdmin,    rotate_api_key, "A new key in its place; both are good for a while"},
        {"GET",    "/api/settings",                  A::kViewer,   list_settings,  "What the tenant can set, and how it is set"},
        {"GET",    "/api/settings/{key}",            A::kViewer,   show_setting,   "One setting"},
        {"PUT",    "/api/settings/{key}",            A::kAdmin,    put_setting,    "Set it, as a whole"},
        {"PATCH",  "/api/settings/{key}",            A::kAdmin,    patch_setting,  "Change some members of it (RFC 7396)"},
        {"GET",    "/api/settings/{key}/versions",   A::kViewer,   list_setting_versions, "The values it had, the newest first"},
        {"POST",   "/api/settings/{key}/rollback",   A::kAdmin,    roll_back_setting, "Set the value of a former version again"},
        {"GET",    "/api/tenants",                   A::kInstallation, list_tenants, "Tenants"},
        {"POST",   "/api/tenants",                   A::kInstallation, create_tenant, "Make a tenant"},
        {"GET",    "/api/tenants/{tenant}",          A::kInstallation, show_tenant, "One tenant"},
        {"POST",   "/api/tenants/{tenant}/suspend",  A::kInstallation, suspend_tenant, "Its credentials and flows rest; its work is kept"},
        {"POST",   "/api/tenants/{tenant}/resume",   A::kInstallation, resume_tenant, "Everything goes on"},
        {"POST",   "/api/tenants/{tenant}/api-keys", A::kInstallation, create_tenant_api_key, "A tenant's first API key"},

        {"GET",    "/health",                        A::kPublic,   show_health,    "Health as Kafka Connect tells it"},
        {"GET",    "/livez",                         A::kPublic,   show_alive,     "Is the process alive?"},
        {"GET",    "/readyz",                        A::kPublic,   show_ready,     "Can it work?"},
        {"GET",    "/openapi.json",                  A::kPublic,   show_openapi,   "This description, as OpenAPI 3.1"},
        {"GET",    "/errors/{name}",                 A::kPublic,   show_error_page, "What a problem of this name means, and what to do"},
    };
    // clang-format on
    return kRoutes;
}

const std::vector<Route>& webhook_listener_routes() {
    static const std::vector<Route> kRoutes = [] {
        std::vector<Route> routes;
        for (const Route& route : api_routes()) {
            const bool webhook = route.path.substr(0, 14) == "/api/webhooks/";
            const bool health =
                route.path == "/health" || route.path == "/livez" || route.path == "/readyz";
            if (route.access == Access::kPublic && (webhook || health)) {
                routes.push_back(route);
            }
        }
        return routes;
    }();
    return kRoutes;
}

}  // namespace syncline::api
