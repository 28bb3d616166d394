#include "supabase/webhooks.hpp"

#include <algorithm>

#include "supabase/tables.hpp"

namespace syncline::supabase {
namespace {

Error not_understood(const std::string& what) {
    return Error{
        ErrorCode::kData,
        "the delivery is not understood: " + what,
        "supabase.webhook_not_understood"};
}

std::string id_in(const Json& row, const std::string& column) {
    const auto found = row.is_object() ? row.find(column) : row.end();
    if (!row.is_object() || found == row.end()) {
        return "";
    }
    return found->is_string()           ? found->get<std::string>()
           : found->is_number_integer() ? found->dump()
                                        : std::string();
}

}  // namespace

WebhookSpec webhook_spec() {
    WebhookSpec spec;
    spec.proof = WebhookProof::kSecret;
    spec.proof_header = "X-Webhook-Secret";
    spec.secrets = {"webhook_secret", "webhook_secret_former"};
    // A row that changes there and back again sends the same body a second time.
    spec.repeats_are_news = true;
    return spec;
}

Result<WebhookEvent> parse_webhook(
    std::string_view body, const SourceTables& tables, const std::string& schema
) {
    const auto json = parse_json(body);
    if (!json || !json->is_object()) {
        return not_understood("its body is no JSON object");
    }
    const std::string type = text_of(*json, "type");
    const std::string table = text_of(*json, "table");
    if (table.empty() || (type != "INSERT" && type != "UPDATE" && type != "DELETE")) {
        return not_understood("it names no table, or is no INSERT, UPDATE or DELETE");
    }
    WebhookEvent event;
    event.topic = table + "." + type;
    const auto source = std::find_if(tables.begin(), tables.end(), [&](const auto& entry) {
        return entry.second.name == table && text_of(*json, "schema") == schema;
    });
    if (source == tables.end()) {
        event.ignored = Reason{
            "TABLE",
            "the table '" + table.substr(0, 60) + "' of that schema is not one that is read"};
        return event;
    }
    const Json& row = json->value(type == "DELETE" ? "old_record" : "record", Json());
    const std::string id = id_in(row, source->second.id);
    if (id.empty()) {
        return not_understood("its row has no '" + source->second.id + "'");
    }
    event.changes.push_back({source->first, id, type == "DELETE", {}});
    return event;
}

}  // namespace syncline::supabase
