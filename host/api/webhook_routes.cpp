// Webhooks: taking deliveries in, and looking at what came.
#include <algorithm>

#include "api/audited.hpp"
#include "api/backend.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/routes.hpp"
#include "api/views.hpp"
#include "storage/seal.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

Result<Response> receive(
    Backend& backend,
    const Request& request,
    const std::string& platform,
    const std::string& connection
) {
    if (request.broken) {
        return *request.broken;
    }
    engine::IncomingWebhook incoming;
    incoming.platform = platform;
    incoming.connection = connection;
    incoming.body = request.body;
    for (const auto& [name, value] : request.headers) {
        incoming.delivery.headers.push_back({name, value});
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto receipt, backend.webhook_inbox.accept(incoming));
    switch (receipt) {
        case engine::WebhookReceipt::kStored:
            return json_response({{"status", "stored"}});
        case engine::WebhookReceipt::kRepeated:
            return json_response({{"status", "repeated"}});
        case engine::WebhookReceipt::kPing:
            return json_response({{"status", "pong"}});
        case engine::WebhookReceipt::kNobodys:
            break;
    }
    return json_response({{"status", "unclaimed"}});
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

bool is_utf8(const std::string& text) {
    try {
        static_cast<void>(Json(text).dump());
        return true;
    } catch (const Json::exception&) {
        return false;
    }
}

// As text where it is one, else in base64.
void add_body(Json& json, const std::string& body) {
    const bool text = is_utf8(body);
    json["body"] = text ? body : storage::to_base64(body);
    json["body_encoding"] = text ? "text" : "base64";
}

Json headers_json(const std::vector<WebhookHeader>& headers) {
    Json all = Json::array();
    for (const auto& header : headers) {
        all.push_back({{"name", header.name}, {"value", header.value}});
    }
    return all;
}

Json event_json(const storage::ReceivedWebhook& event) {
    const auto changes = parse_json(event.changes);
    return {
        {"id", event.id.value},
        {"platform", event.platform},
        {"connection", event.connection_name},
        {"received_at", time_or_null(event.received_at_ms)},
        {"topic", text_or_null(event.topic)},
        {"webhook_id", text_or_null(event.webhook_id)},
        {"delivery_id", text_or_null(event.delivery_id)},
        {"body_sha256", event.body_sha256},
        {"body_bytes", event.body_bytes},
        {"state", event.state},
        {"changes", changes ? *changes : Json::array()},
        {"reason",
         event.reason.empty() ? Json()
                              : Json{{"code", event.reason_code}, {"message", event.reason}}},
        {"attempts", event.attempts},
        {"next_attempt_at", time_or_null(event.state == "stored" ? event.run_at_ms : 0)},
        {"repeats", event.repeats},
        {"repeated_at", time_or_null(event.repeated_at_ms)},
        {"replays", event.replays},
        {"handled_at", time_or_null(event.handled_at_ms)}};
}

Json stray_json(const engine::OpenedStray& stray) {
    return {
        {"number", stray.stray.number},
        {"platform", stray.stray.platform},
        {"connection", text_or_null(stray.stray.connection)},
        {"received_at", time_or_null(stray.stray.received_at_ms)},
        {"state", "unclaimed"},
        {"reason", {{"code", stray.stray.reason}}},
        {"body_sha256", stray.stray.body_sha256},
        {"body_bytes", stray.stray.body_bytes}};
}

Json endpoint_json(const engine::WebhookEndpointView& view) {
    const auto webhooks = parse_json(view.endpoint.webhooks);
    return {
        {"platform", view.platform},
        {"connection", view.connection},
        {"url", text_or_null(view.url)},
        {"has_secret", view.has_secret},
        {"former_secret_until", time_or_null(view.endpoint.former_until_ms)},
        {"last_event_at", time_or_null(view.endpoint.last_event_ms)},
        {"checked_at", time_or_null(view.endpoint.checked_at_ms)},
        {"caught_up_at", time_or_null(view.endpoint.caught_up_at_ms)},
        {"webhooks", webhooks ? *webhooks : Json::array()},
        {"error", text_or_null(view.endpoint.error)}};
}

Result<WebhookEventId> event_id(const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t number, row_number(request.at("id"), "webhook event")
    );
    return WebhookEventId{number};
}

Result<void> check_state(const std::string& state) {
    for (const char* known : {"", "stored", "raised", "ignored", "failed", "unclaimed"}) {
        if (state == known) {
            return {};
        }
    }
    return invalid(
        "?state: expected stored, raised, ignored, failed or unclaimed, found '" +
        state.substr(0, 40) + "'"
    );
}

struct SecretBody {
    std::string connection;
    std::string secret;
    std::int64_t overlap_hours = 24;

    static constexpr auto fields() {
        return std::make_tuple(
            field("connection", &SecretBody::connection),
            field("secret", &SecretBody::secret),
            field("overlap_hours", &SecretBody::overlap_hours)
        );
    }
};

}  // namespace

Result<Response> receive_webhook(Backend& backend, const Request& request) {
    const auto connection = request.path.find("connection");
    return receive(
        backend,
        request,
        request.at("platform"),
        connection == request.path.end() ? std::string() : connection->second
    );
}

Result<Response> receive_cloudevents(Backend& backend, const Request& request) {
    return receive(backend, request, "quickbooks", "");
}

Result<Response> list_webhook_events(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(
        only_parameters(request, {"state", "connection", "topic", "limit", "cursor"})
    );
    SYNCLINE_ASSIGN_OR_RETURN(const PageRequest page, page_request(request));
    storage::WebhookEventFilter filter;
    filter.state = parameter(request, "state");
    SYNCLINE_RETURN_IF_ERROR(check_state(filter.state));
    filter.connection = parameter(request, "connection");
    filter.topic = parameter(request, "topic");
    Json items = Json::array();
    if (filter.state == "unclaimed") {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto strays, backend.webhooks.strays(request.actor.tenant, page.limit)
        );
        for (const auto& stray : strays) {
            items.push_back(stray_json(stray));
        }
        return page_response(request, std::move(items), nullptr);
    }
    SYNCLINE_ASSIGN_OR_RETURN(filter.before_id, row_of_cursor(page));
    filter.limit = page.limit + 1;
    SYNCLINE_ASSIGN_OR_RETURN(
        auto events, backend.stores.webhook_events.list(request.actor.tenant, filter)
    );
    const auto next = cut_extra_row(page, events, [](const auto& last) {
        return PageCursor{last.received_at_ms, std::to_string(last.id.value)};
    });
    for (const auto& event : events) {
        items.push_back(event_json(event));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> show_webhook_event(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const WebhookEventId id, event_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto opened, backend.webhooks.open(request.actor.tenant, id));
    Json json = event_json(opened.event);
    json["readable"] = opened.readable;
    json["headers"] = headers_json(opened.headers);
    add_body(json, opened.body);
    return json_response(json);
}

Result<Response> replay_webhook_event(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const WebhookEventId id, event_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto event, backend.webhooks.replay(request.actor.tenant, id));
    return json_response(event_json(event), 202);
}

Result<Response> list_webhook_endpoints(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"limit", "cursor"}));
    SYNCLINE_ASSIGN_OR_RETURN(auto endpoints, backend.webhooks.endpoints(request.actor.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(const auto next, cut_page(request, endpoints, [](const auto& one) {
                                  return one.connection;
                              }));
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t unclaimed, backend.stores.webhook_events.stray_count()
    );
    Json items = Json::array();
    for (const auto& endpoint : endpoints) {
        items.push_back(endpoint_json(endpoint));
    }
    return page_response(
        request, std::move(items), next ? &*next : nullptr, {{"unclaimed", unclaimed}}
    );
}

Result<Response> rotate_webhook_secret(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const SecretBody body, body_as<SecretBody>(request));
    if (body.overlap_hours < 0 || body.overlap_hours > 24 * 30) {
        return invalid("/overlap_hours: expected a number from 0 to 720");
    }
    const std::string& platform = request.at("platform");
    const std::string& connection = body.connection.empty() ? platform : body.connection;
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto view,
        audited(
            backend,
            audit_entry(backend, request, "credential.stored", "connection " + connection),
            [&](storage::AuditEntry& entry) {
                entry.detail = {{"secret", "webhook"}, {"overlap_hours", body.overlap_hours}};
                return backend.webhooks.rotate(
                    request.actor.tenant,
                    platform,
                    connection,
                    body.secret,
                    body.overlap_hours * kHourMs
                );
            }
        )
    );
    return json_response(endpoint_json(view));
}

}  // namespace syncline::api
