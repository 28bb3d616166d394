#include "woocommerce/resources/webhooks.hpp"

#include <set>

namespace sandbox::woo {
namespace {

using Type = Parameter::Type;

constexpr auto kBadTopic = "woocommerce_rest_shop_webhook_invalid_topic";
constexpr auto kBadUrl = "woocommerce_rest_shop_webhook_invalid_delivery_url";

Parameters listing() {
    Parameters own = kRecordListParameters;
    own.push_back({"status", Type::kString, {"all", "active", "paused", "disabled"}});
    return list_parameters({"date", "id", "include", "title"}, own);
}

Parameters writing() {
    Parameter url{"delivery_url", Type::kString};
    url.required = true;
    Parameter topic{"topic", Type::kString};
    topic.required = true;
    return {
        topic,
        url,
        {"name", Type::kString},
        {"secret", Type::kString},
        {"status", Type::kString, {"active", "paused", "disabled"}},
    };
}

bool is_topic(const std::string& topic) {
    static const std::set<std::string> kEvents{"created", "updated", "deleted", "restored"};
    static const std::set<std::string> kResources{"coupon", "customer", "order", "product"};
    const auto dot = topic.find('.');
    if (dot == std::string::npos || dot + 1 == topic.size())
        return false;
    const std::string resource = topic.substr(0, dot);
    const std::string event = topic.substr(dot + 1);
    return resource == "action" || topic == "product.published" ||
           (kResources.count(resource) != 0 && kEvents.count(event) != 0 &&
            topic != "customer.restored");
}

Json hooks_of(const std::string& resource, const std::string& event) {
    if (resource == "action")
        return Json::array({event});
    if (resource == "order" && event == "updated")
        return {"woocommerce_update_order", "woocommerce_order_refunded"};
    const std::string verb = event == "created" ? "new" : event == "updated" ? "update" : event;
    return Json::array({"woocommerce_" + verb + "_" + resource});
}

void check_url(const std::string& url) {
    if (url.rfind("http://", 0) != 0 && url.rfind("https://", 0) != 0)
        fail(
            400,
            kBadUrl,
            "Webhook delivery URL must be a valid URL starting with http:// or https://."
        );
}

void write_topic(Json& webhook, const std::string& topic) {
    if (!is_topic(topic))
        fail(400, kBadTopic, "Webhook topic is required and must be valid.");
    const auto dot = topic.find('.');
    webhook["topic"] = topic;
    webhook["resource"] = topic.substr(0, dot);
    webhook["event"] = topic.substr(dot + 1);
    webhook["hooks"] = hooks_of(topic.substr(0, dot), topic.substr(dot + 1));
}

}  // namespace

Webhooks::Webhooks(Shop& shop)
    : Resource(
          shop,
          {"/webhooks",
           "/webhooks",
           "woocommerce_rest_shop_webhook_invalid_id",
           "Invalid ID.",
           "shop_webhook",
           "Webhooks"},
          listing(),
          writing()
      ) {}

Webhooks::Matcher Webhooks::matcher(const Call& call) const {
    const std::string status = text_of(call.query, "status");
    return [status](const Record& record) {
        return status.empty() || status == "all" || record.status == status;
    };
}

std::string Webhooks::search_text(const Record& record) const {
    return text_of(*record.document, "name");
}

std::string Webhooks::sort_text(const Record& record, const std::string&) const {
    return text_of(*record.document, "name");
}

// The secret can be written but never read.
Json Webhooks::present(const Record& record, const Call&) const {
    Json webhook = document_of(record);
    webhook.erase("secret");
    return webhook;
}

std::int64_t Webhooks::insert(Call& call) {
    const std::int64_t id = shop_.ids.webhook;
    const std::string now = shop_.time.now_gmt();
    const std::string name = text_of(call.body, "name");
    const std::string status = text_of(call.body, "status");
    Json webhook{
        {"id", id},
        {"name", name.empty() ? "Webhook created on " + long_date(now) : name},
        {"status", status.empty() ? "active" : status},
    };
    write_topic(webhook, text_of(call.body, "topic"));
    check_url(text_of(call.body, "delivery_url"));
    webhook["delivery_url"] = text_of(call.body, "delivery_url");
    webhook["date_created"] = nullptr;
    webhook["date_created_gmt"] = now;
    webhook["date_modified"] = nullptr;
    webhook["date_modified_gmt"] = nullptr;
    webhook["secret"] = text_of(call.body, "secret");
    ++shop_.ids.webhook;
    shop_.webhooks[id] = make_record(std::move(webhook));
    return id;
}

void Webhooks::change(Record& record, Call& call) {
    Json webhook = document_of(record);
    if (call.body.contains("topic"))
        write_topic(webhook, text_of(call.body, "topic"));
    if (call.body.contains("delivery_url"))
        check_url(text_of(call.body, "delivery_url"));
    for (const char* field : {"name", "status", "delivery_url", "secret"})
        if (member(call.body, field).is_string())
            webhook[field] = call.body[field];
    webhook["date_modified_gmt"] = shop_.time.modified_now_gmt();
    record = make_record(std::move(webhook));
}

}  // namespace sandbox::woo
