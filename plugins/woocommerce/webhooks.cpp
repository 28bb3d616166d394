#include "woocommerce/webhooks.hpp"

#include <algorithm>
#include <set>

#include "woocommerce/shop_lists.hpp"
#include "woocommerce/source_object.hpp"

namespace syncline::woocommerce {
namespace {

Error not_understood(const std::string& message) {
    return Error{ErrorCode::kData, message, "woo.webhook_not_understood"};
}

// Topics that announce changes of an entity. Refunds have none of their own: they change their
// order.
std::vector<std::string> topics_of(const std::string& entity) {
    if (entity == "order") {
        return {"order.created", "order.updated", "order.deleted", "order.restored"};
    }
    if (entity == "refund") {
        return {"order.updated"};
    }
    if (entity == "product") {
        return {"product.created", "product.updated", "product.deleted", "product.restored"};
    }
    if (entity == "customer") {
        return {"customer.created", "customer.updated", "customer.deleted"};
    }
    return {};
}

WebhookEvent ignored(const std::string& topic, const char* code, const std::string& message) {
    WebhookEvent event;
    event.topic = topic;
    event.ignored = Reason{code, message};
    return event;
}

void add_refunds(const SourceObject& order, WebhookEvent& event) {
    for (const auto& refund : order.list("refunds")) {
        if (const std::string id = refund.id("id"); !id.empty()) {
            event.changes.push_back({"refund", id, false, {}});
        }
    }
}

ShopList all_webhooks() {
    return {"webhooks", {{"status", "all"}}, false, false, false, 100};
}

// Those of the shop's that deliver to `url`.
Result<std::vector<Json>> webhooks_to(plugin::Call& call, Shop& shop, const std::string& url) {
    SYNCLINE_ASSIGN_OR_RETURN(auto rows, read_all(call, shop, all_webhooks()));
    std::erase_if(rows, [&](const Json& row) {
        return !row.is_object() || row.value("delivery_url", Json()) != Json(url);
    });
    return rows;
}

struct Mending {
    Shop& shop;
    const WebhookRegistration& registration;
    const std::string& secret;

    Result<RegisteredWebhook> create(const std::string& topic) const {
        SYNCLINE_ASSIGN_OR_RETURN(
            const Answer made,
            shop.send(
                "POST",
                "webhooks",
                {},
                {{"name", "Syncline " + topic},
                 {"topic", topic},
                 {"delivery_url", registration.url},
                 {"secret", secret},
                 {"status", "active"}}
            )
        );
        Reading reading;
        return RegisteredWebhook{
            SourceObject(made.body, reading).id("id"), topic, WebhookState::kCreated};
    }

    Result<RegisteredWebhook> mend(const Json& row, const std::string& topic) const {
        Reading reading;
        const SourceObject found(row, reading);
        const std::string status = found.text("status");
        RegisteredWebhook webhook{found.id("id"), topic, WebhookState::kActive};
        Json change = Json::object();
        if (registration.new_secret) {
            change["secret"] = secret;
        }
        if (status == "disabled") {
            change["status"] = "active";
            change["secret"] = secret;
            webhook.state = WebhookState::kEnabled;
        } else if (status != "active") {
            webhook.state = WebhookState::kPaused;
        }
        if (!change.empty()) {
            SYNCLINE_RETURN_IF_ERROR(shop.send("PUT", "webhooks/" + webhook.id, {}, change));
        }
        return webhook;
    }
};

}  // namespace

WebhookSpec webhook_spec() {
    WebhookSpec spec;
    spec.proof = WebhookProof::kHmac;
    spec.proof_header = "X-WC-Webhook-Signature";
    spec.secrets = {"webhook_secret", "webhook_secret_former"};
    spec.secret_entities = true;
    spec.source_header = "X-WC-Webhook-Source";
    spec.source_setting = "store_url";
    spec.topic_header = "X-WC-Webhook-Topic";
    spec.webhook_header = "X-WC-Webhook-ID";
    spec.delivery_header = "X-WC-Webhook-Delivery-ID";
    spec.ping_body = "webhook_id=";
    return spec;
}

Result<WebhookEvent> parse_webhook(const WebhookDelivery& delivery, std::string_view body) {
    const std::string topic = delivery.header("X-WC-Webhook-Topic");
    const std::size_t dot = topic.find('.');
    if (dot == std::string::npos) {
        return not_understood("the delivery has no topic (header X-WC-Webhook-Topic)");
    }
    const std::string resource = topic.substr(0, dot);
    const std::string happened = topic.substr(dot + 1);
    if (topics_of(resource).empty()) {
        return ignored(topic, "TOPIC", "the topic '" + topic + "' is about nothing that is read");
    }
    const auto json = parse_json(body);
    if (!json || !json->is_object()) {
        return not_understood("the body of " + topic + " is no JSON object");
    }
    Reading reading;
    const SourceObject object(*json, reading);
    std::string id = object.id("id");
    if (id.empty() && json->contains("code") && json->contains("message")) {
        return Error{
            ErrorCode::kData,
            "the shop sent an error ('" + object.text("code").substr(0, 60) +
                "') in place of the " + resource +
                ": the user whom the webhook belongs to may not read it",
            "woo.webhook_of_error"};
    }
    if (id.empty()) {
        return not_understood("the body of " + topic + " has no id");
    }
    if (resource == "product" && object.text("type") == "variation" &&
        !object.id("parent_id").empty()) {
        id = object.id("parent_id");  // variations are part of their product
    }
    WebhookEvent event;
    event.topic = topic;
    event.changes.push_back({resource, id, happened == "deleted", object.time("date_modified")});
    if (resource == "order") {
        add_refunds(object, event);
    }
    return event;
}

Result<WebhookReport> register_webhooks(
    plugin::Call& call,
    Shop& shop,
    const WebhookRegistration& registration,
    const std::string& secret
) {
    std::set<std::string> topics;
    for (const auto& entity : registration.entities) {
        for (auto& topic : topics_of(entity)) {
            topics.insert(std::move(topic));
        }
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto rows, webhooks_to(call, shop, registration.url));
    const Mending mending{shop, registration, secret};
    WebhookReport report;
    for (const auto& topic : topics) {
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const Json& one) {
            return one.value("topic", Json()) == Json(topic);
        });
        SYNCLINE_ASSIGN_OR_RETURN(
            auto webhook, row == rows.end() ? mending.create(topic) : mending.mend(*row, topic)
        );
        report.webhooks.push_back(std::move(webhook));
    }
    return report;
}

Result<WebhookReport> unregister_webhooks(
    plugin::Call& call, Shop& shop, const WebhookRegistration& registration
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto rows, webhooks_to(call, shop, registration.url));
    for (const auto& row : rows) {
        Reading reading;
        const std::string id = SourceObject(row, reading).id("id");
        const auto removed = shop.send("DELETE", "webhooks/" + id, {{"force", "true"}}, {});
        if (!removed && !is_gone(removed.error())) {
            return removed.error();
        }
    }
    return WebhookReport{};
}

}  // namespace syncline::woocommerce
