#include "quickbooks/webhooks.hpp"

#include <algorithm>
#include <set>

#include "quickbooks/source/models.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

Error not_understood(const std::string& what) {
    return Error{
        ErrorCode::kData, "the delivery is not understood: " + what, "qbo.webhook_not_understood"};
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

// By QuickBooks' name in any case: "SalesReceipt", "salesreceipt".
const SourceEntity* entity_named(const std::string& name) {
    const auto& all = source_entities();
    const auto found = std::find_if(all.begin(), all.end(), [&](const SourceEntity& one) {
        return lower(std::string(one.type)) == lower(name);
    });
    return found == all.end() ? nullptr : &*found;
}

std::string text_in(const Json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && found != object.end() && found->is_string()
               ? found->get<std::string>()
               : std::string();
}

// An array in an object; empty when there is none.
Json list_in(const Json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && found != object.end() && found->is_array() ? *found
                                                                            : Json::array();
}

// What one notification says, whichever its format.
struct Notice {
    std::string name;
    std::string id;
    std::string happened;  // "deleted", "merged", ... in lower case
    std::string deleted_id;
    std::string at;
};

void add(const Notice& notice, std::set<std::string>& topics, WebhookEvent& event) {
    topics.insert(lower(notice.name) + "." + notice.happened);
    const SourceEntity* entity = entity_named(notice.name);
    if (entity == nullptr || notice.id.empty()) {
        return;
    }
    const auto at = Timestamp::parse(notice.at);
    const std::string name(entity->entity);
    const bool deleted = notice.happened == "delete" || notice.happened == "deleted";
    event.changes.push_back(
        {name, notice.id, deleted, at ? std::optional<Timestamp>(*at) : std::nullopt}
    );
    if (!notice.deleted_id.empty()) {
        event.changes.push_back({name, notice.deleted_id, true, {}});
    }
}

Result<void> read_legacy(
    const Json& json, const std::string& realm, std::set<std::string>& topics, WebhookEvent& event
) {
    const Json& all = json.at("eventNotifications");
    if (!all.is_array()) {
        return not_understood("/eventNotifications is no array");
    }
    for (const auto& company : all) {
        if (!company.is_object() || text_in(company, "realmId") != realm) {
            continue;
        }
        const Json changes = company.value("dataChangeEvent", Json::object());
        for (const auto& entity : list_in(changes, "entities")) {
            add({text_in(entity, "name"),
                 text_in(entity, "id"),
                 lower(text_in(entity, "operation")),
                 text_in(entity, "deletedId"),
                 text_in(entity, "lastUpdated")},
                topics,
                event);
        }
    }
    return {};
}

// "qbo.invoice.created.v1" -> invoice, created.
Result<void> read_cloudevents(
    const Json& json, const std::string& realm, std::set<std::string>& topics, WebhookEvent& event
) {
    for (const auto& one : json) {
        const std::string type = text_in(one, "type");
        const std::size_t first = type.find('.');
        const std::size_t second = first == std::string::npos ? first : type.find('.', first + 1);
        if (text_in(one, "specversion").empty() || second == std::string::npos) {
            return not_understood("an item of the array is no CloudEvent");
        }
        if (text_in(one, "intuitaccountid") != realm) {
            continue;
        }
        const std::size_t third = std::min(type.find('.', second + 1), type.size());
        const Json data = one.value("data", Json::object());
        add({type.substr(first + 1, second - first - 1),
             text_in(one, "intuitentityid"),
             lower(type.substr(second + 1, third - second - 1)),
             text_in(data, "deletedid"),
             text_in(one, "time")},
            topics,
            event);
    }
    return {};
}

}  // namespace

WebhookSpec webhook_spec() {
    WebhookSpec spec;
    spec.proof = WebhookProof::kHmac;
    spec.proof_header = "intuit-signature";
    spec.secrets = {"webhook_verifier_token", "webhook_verifier_token_former"};
    spec.source_paths = {"/eventNotifications/*/realmId", "/*/intuitaccountid"};
    spec.source_setting = "realm_id";
    spec.silence_max_s = 6 * 3600;
    spec.catch_up_s = 24 * 3600;
    return spec;
}

Result<WebhookEvent> parse_webhook(std::string_view body, const std::string& realm) {
    const auto json = parse_json(body);
    if (!json) {
        return not_understood("its body is " + json.error().message);
    }
    WebhookEvent event;
    std::set<std::string> topics;
    if (json->is_array()) {
        SYNCLINE_RETURN_IF_ERROR(read_cloudevents(*json, realm, topics, event));
    } else if (json->is_object() && json->contains("eventNotifications")) {
        SYNCLINE_RETURN_IF_ERROR(read_legacy(*json, realm, topics, event));
    } else {
        return not_understood("it has neither /eventNotifications nor is it an array of CloudEvents"
        );
    }
    event.topic = topics.size() == 1 ? *topics.begin() : topics.empty() ? "" : "several";
    if (event.changes.empty()) {
        event.ignored = Reason{"NOTHING_READ", "it is about nothing that is read of this company"};
    }
    return event;
}

}  // namespace syncline::quickbooks
