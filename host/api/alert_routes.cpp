// What needs a person: alerts, their rules, and the channels that are told.
#include "api/audited.hpp"
#include "api/backend.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/routes.hpp"
#include "api/views.hpp"
#include "engine/alerts.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kDeliveriesShown = 20;

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json alert_json(const storage::Alert& alert) {
    return {
        {"id", alert.id.value},
        {"rule", alert.rule},
        {"subject", alert.subject},
        {"state", alert.state},
        {"severity", std::string(enum_name(alert.severity))},
        {"level", alert.level},
        {"value", alert.value},
        {"summary", alert.summary},
        {"opened_at", time_or_null(alert.opened_at_ms)},
        {"updated_at", time_or_null(alert.updated_at_ms)},
        {"resolved_at", time_or_null(alert.resolved_at_ms)},
        {"told", alert.told_level > 0},
        {"acknowledged",
         alert.acked_at_ms == 0 ? Json()
                                : Json{
                                      {"at", time_or_null(alert.acked_at_ms)},
                                      {"by", alert.acked_by},
                                      {"note", text_or_null(alert.ack_note)}}}};
}

Json channel_json(const storage::AlertChannel& channel) {
    return {
        {"name", channel.name},
        {"kind", channel.kind},
        {"settings", channel.settings},
        {"has_secrets", !channel.sealed_secrets.empty()},
        {"enabled", channel.enabled},
        {"severity_min", std::string(enum_name(channel.severity_min))},
        {"waiting", channel.waiting},
        {"failures_in_a_row", channel.failures},
        {"last_answer", text_or_null(channel.last_answer)},
        {"last_sent_at", time_or_null(channel.last_sent_ms)}};
}

// A URL's query may be a token: those who may change it see it.
Json channel_json_for(const Actor& actor, const storage::AlertChannel& channel) {
    Json json = channel_json(channel);
    if (actor.role != Role::kAdmin && json["settings"].contains("url")) {
        const auto url = json["settings"]["url"].get<std::string>();
        json["settings"]["url"] = url.substr(0, url.find('?'));
    }
    return json;
}

Json delivery_json(const storage::AlertDelivery& delivery) {
    return {
        {"message_id", delivery.message_id},
        {"type", delivery.type},
        {"state", delivery.state},
        {"attempts", delivery.attempts},
        {"answer", text_or_null(delivery.answer)},
        {"created_at", time_or_null(delivery.created_at_ms)},
        {"next_attempt_at", time_or_null(delivery.state == "waiting" ? delivery.run_at_ms : 0)},
        {"finished_at", time_or_null(delivery.finished_at_ms)}};
}

struct ChannelBody {
    std::string name;
    std::string kind;
    Json settings = Json::object();
    std::map<std::string, std::string> secrets;
    bool enabled = true;
    AlertSeverity severity_min = AlertSeverity::kWarning;

    static constexpr auto fields() {
        return std::make_tuple(
            field("name", &ChannelBody::name),
            field("kind", &ChannelBody::kind),
            field("settings", &ChannelBody::settings),
            field("secrets", &ChannelBody::secrets),
            field("enabled", &ChannelBody::enabled),
            field("severity_min", &ChannelBody::severity_min)
        );
    }
};

engine::NewAlertChannel wanted_channel(ChannelBody body) {
    return {
        std::move(body.name),
        std::move(body.kind),
        std::move(body.settings),
        std::move(body.secrets),
        body.enabled,
        body.severity_min};
}

struct AcknowledgeBody {
    std::string note;

    static constexpr auto fields() {
        return std::make_tuple(field("note", &AcknowledgeBody::note));
    }
};

Result<AlertId> alert_id(const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t number, row_number(request.at("id"), "alert"));
    return AlertId{number};
}

}  // namespace

Result<Response> list_alerts(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"state", "rule", "limit", "cursor"}));
    SYNCLINE_ASSIGN_OR_RETURN(const PageRequest page, page_request(request));
    storage::AlertFilter filter;
    filter.state = parameter(request, "state");
    filter.rule = parameter(request, "rule");
    if (!filter.state.empty() && filter.state != "open" && filter.state != "resolved") {
        return invalid(
            "?state: expected open or resolved, found '" + filter.state.substr(0, 40) + "'"
        );
    }
    if (!filter.rule.empty() && find_alert_rule(filter.rule) == nullptr) {
        return invalid("?rule: there is no rule '" + filter.rule.substr(0, 60) + "'");
    }
    SYNCLINE_ASSIGN_OR_RETURN(filter.before_id, row_of_cursor(page));
    filter.limit = page.limit + 1;
    SYNCLINE_ASSIGN_OR_RETURN(
        auto alerts, backend.alerts.stores().alerts.list(request.actor.tenant, filter)
    );
    const auto next = cut_extra_row(page, alerts, [](const auto& last) {
        return PageCursor{last.opened_at_ms, std::to_string(last.id.value)};
    });
    Json items = Json::array();
    for (const auto& alert : alerts) {
        items.push_back(alert_json(alert));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> show_alert(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const AlertId id, alert_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto alert, backend.alerts.stores().alerts.find(request.actor.tenant, id)
    );
    return json_response(alert_json(alert));
}

Result<Response> acknowledge_alert(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const AlertId id, alert_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto body, body_as<AcknowledgeBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto alert,
        backend.alerts.acknowledge(request.actor.tenant, id, body.note, audit_actor(request))
    );
    return json_response(alert_json(alert));
}

Result<Response> list_alert_rules(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto own, engine::Alerts::settings_of(backend.stores, request.actor.tenant)
    );
    Json items = Json::array();
    for (const auto& rule : alert_rules()) {
        const auto& set = own.settings.rules.at(std::string(rule.name));
        Json severities = Json::array();
        for (const auto& level : rule.levels) {
            severities.push_back(std::string(enum_name(level.severity)));
        }
        items.push_back(
            {{"rule", rule.name},
             {"about", rule.about},
             {"summary", rule.summary},
             {"enabled", is_enabled(own.settings, rule)},
             {"unit", text_or_null(std::string(rule.unit))},
             {"thresholds", to_json(set.thresholds)},
             {"severities", std::move(severities)}}
        );
    }
    return json_response({{"items", std::move(items)}});
}

Result<Response> list_alert_channels(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto channels, backend.alerts.stores().channels.list(request.actor.tenant)
    );
    Json items = Json::array();
    for (const auto& channel : channels) {
        items.push_back(channel_json_for(request.actor, channel));
    }
    return json_response({{"items", std::move(items)}});
}

Result<Response> show_alert_channel(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto channel,
        backend.alerts.stores().channels.find(request.actor.tenant, request.at("name"))
    );
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto deliveries,
        backend.alerts.stores().channels.deliveries(channel.id, kDeliveriesShown)
    );
    Json json = channel_json_for(request.actor, channel);
    json["deliveries"] = Json::array();
    for (const auto& delivery : deliveries) {
        json["deliveries"].push_back(delivery_json(delivery));
    }
    return json_response(json);
}

Result<Response> create_alert_channel(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(auto body, body_as<ChannelBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto made,
        backend.alerts.create(
            request.actor.tenant, wanted_channel(std::move(body)), audit_actor(request)
        )
    );
    Json json = channel_json(made.channel);
    if (!made.made_secret.empty()) {
        json["secret"] = made.made_secret;
    }
    return json_response(json, 201);
}

Result<Response> replace_alert_channel(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(auto body, body_as<ChannelBody>(request));
    const std::string& name = request.at("name");
    if (!body.name.empty() && body.name != name) {
        return invalid("/name: a channel's name does not change");
    }
    body.name = name;
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto made,
        backend.alerts.replace(
            request.actor.tenant, wanted_channel(std::move(body)), audit_actor(request)
        )
    );
    return json_response(channel_json(made.channel));
}

Result<Response> remove_alert_channel(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_RETURN_IF_ERROR(
        backend.alerts.remove(request.actor.tenant, request.at("name"), audit_actor(request))
    );
    return no_content();
}

Result<Response> test_alert_channel(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const Json body, body_object(request));
    if (!body.empty()) {
        return invalid("/" + body.begin().key() + ": unknown (nothing is known here)");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, request.actor.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto test,
        backend.alerts.test(request.actor.tenant, request.at("name"), audit_actor(request))
    );
    return json_response(
        {{"channel", request.at("name")},
         {"ok", test.taken},
         {"answer", test.answer},
         {"message_id", test.message_id},
         {"took_ms", test.took_ms}}
    );
}

}  // namespace syncline::api
