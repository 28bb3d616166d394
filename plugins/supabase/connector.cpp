#include "supabase/connector.hpp"

#include <algorithm>

#include "supabase/encode.hpp"
#include "supabase/find.hpp"
#include "supabase/read.hpp"
#include "supabase/schema_check.hpp"
#include "supabase/webhooks.hpp"
#include "supabase/write.hpp"

namespace syncline::supabase {
namespace {

Json setting(const Json& settings, const char* name, Json fallback) {
    const auto found = settings.find(name);
    return found == settings.end() || found->is_null() ? std::move(fallback) : *found;
}

Setting make_setting(
    std::string name, SettingType type, std::string help, Json default_value = nullptr
) {
    Setting setting;
    setting.name = std::move(name);
    setting.type = type;
    setting.help = std::move(help);
    setting.default_value = std::move(default_value);
    return setting;
}

std::vector<Setting> all_settings() {
    Setting url = make_setting(
        "project_url",
        SettingType::kUrl,
        "The project's URL, as https://abcdefghijklmnopqrst.supabase.co."
    );
    Setting key = make_setting(
        "service_role_key",
        SettingType::kSecret,
        "A secret key (sb_secret_...) or the older service_role key of the project."
    );
    url.required = key.required = true;
    Setting deleted = make_setting(
        "deleted_rows",
        SettingType::kString,
        "What becomes of the rows of a record that is gone at its source, where the flow's "
        "delete_policy is void: delete, or mark (deleted_at is set).",
        "delete"
    );
    deleted.choices = {"delete", "mark"};
    return {
        url,
        key,
        make_setting(
            "schema", SettingType::kString, "The exposed schema that holds the tables.", "public"
        ),
        make_setting("read_only", SettingType::kBoolean, "Refuse every write.", false),
        make_setting(
            "read_tenant",
            SettingType::kString,
            "As a source: read only rows of this tenant_id. Without it all rows are read."
        ),
        make_setting(
            "tables",
            SettingType::kObject,
            "As a source: tables of your own by entity, and columns that mark deleted rows."
        ),
        make_setting(
            "own_tables_only",
            SettingType::kBoolean,
            "Flows read and write tables of your own only: the documented ones may be absent.",
            false
        ),
        std::move(deleted),
        make_setting(
            "webhook_secret",
            SettingType::kSecret,
            "What database webhooks send in the header X-Webhook-Secret."
        ),
        make_setting(
            "webhook_secret_former",
            SettingType::kSecret,
            "The secret before it, while it may still be used."
        ),
    };
}

// "abc" of "https://abc.supabase.co", else the host.
std::string project_name(const std::string& url) {
    const auto begin = url.find("//") + 2;
    const std::string host = url.substr(begin, url.find_first_of("/:", begin) - begin);
    const auto dot = host.find(".supabase.co");
    return host.substr(0, dot);
}

}  // namespace

Spec SupabaseConnector::spec() {
    Spec spec;
    spec.title = "Supabase";
    spec.summary = "Orders, customers, products and invoices in the tables of a Supabase project.";
    spec.settings = all_settings();
    spec.auth = AuthKind::kKey;
    spec.host_settings = {"project_url"};
    spec.write_safety = WriteSafety::kNaturalKey;
    spec.limits.read_page_max = 500;
    spec.limits.write_batch_max = 500;
    spec.limits.find_batch_max = 200;
    spec.limits.in_flight_max = 4;  // PostgREST's pool is small on small projects
    spec.limits.requests_per_minute = 1200;
    spec.webhooks = webhook_spec();
    return spec;
}

SupabaseConnector::SupabaseConnector(plugin::Host host, const Json& settings)
    : host_(host),
      read_only_(setting(settings, "read_only", false).get<bool>()),
      own_tables_only_(setting(settings, "own_tables_only", false).get<bool>()),
      marks_deleted_(setting(settings, "deleted_rows", "delete").get<std::string>() == "mark"),
      read_tenant_(setting(settings, "read_tenant", "").get<std::string>()),
      tables_(source_tables(setting(settings, "tables", Json::object()))),
      client_(
          host,
          normalized_project_url(settings.at("project_url").get<std::string>()),
          setting(settings, "schema", "public").get<std::string>()
      ),
      bulk_(client_, host_, marks_deleted_) {}

Result<void> SupabaseConnector::check_key() const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto key, host_.secret("service_role_key"));
    const std::string role = role_of_key(key);
    if (key.rfind("sb_publishable_", 0) == 0 || (!role.empty() && role != "service_role")) {
        return Error{
            ErrorCode::kConfig,
            "service_role_key holds a key for browsers (" + (role.empty() ? "publishable" : role) +
                "); use a secret key (sb_secret_...) or the service_role key from the project's "
                "settings, API keys",
            "supabase.wrong_key"};
    }
    return {};
}

Result<CheckReport> SupabaseConnector::check(plugin::Call&) {
    SYNCLINE_RETURN_IF_ERROR(check_key());
    if (!tables_) {
        return tables_.error();
    }
    SYNCLINE_RETURN_IF_ERROR(check_tables());
    CheckReport report;
    report.account = "Supabase project " + project_name(client_.project_url()) + " (" +
                     client_.project_url() + ", schema " + client_.schema() + ")";
    report.remote_identity = client_.project_url() + "/" + client_.schema();
    if (read_only_) {
        report.warnings.emplace_back("read_only is set: nothing will be written");
    }
    return report;
}

Result<void> SupabaseConnector::check_tables() const {
    SchemaCheck check(client_, read_only_);
    for (const auto& table : all_tables()) {
        if (!only_own_tables()) {
            SYNCLINE_RETURN_IF_ERROR(check.look_at(table));
        }
    }
    SYNCLINE_RETURN_IF_ERROR(check.verdict());
    for (const auto& [entity, source] : *tables_) {
        SYNCLINE_RETURN_IF_ERROR(check_source(source));
    }
    return {};
}

bool SupabaseConnector::only_own_tables() const {
    return own_tables_only_ ||
           (read_only_ && std::any_of(tables_->begin(), tables_->end(), [](const auto& entry) {
                return !entry.second.is_documented();
            }));
}

Result<void> SupabaseConnector::check_source(const SourceTable& source) const {
    // The documented tables are looked at as such; without any, those of one's own are all there
    // is.
    const bool documented = source.is_documented() && source.name == source.ours->name;
    const bool marked = !source.deleted.empty() && source.deleted != kMarkColumn;
    if (documented && (!marked || only_own_tables())) {
        return {};
    }
    RestRequest get;
    get.query.select(source.select_list()).limit(0);
    SYNCLINE_RETURN_IF_ERROR(client_.rows(source.rest_table(), get));
    return {};
}

Result<Catalog> SupabaseConnector::discover(plugin::Call& call) {
    SYNCLINE_RETURN_IF_ERROR(check_key());
    if (!tables_) {
        return tables_.error();
    }
    if (call.cancelled()) {
        return Error{ErrorCode::kCancelled, "stopped between two requests", "supabase.cancelled"};
    }
    SYNCLINE_RETURN_IF_ERROR(check_tables());
    Catalog catalog;
    catalog.facts["tables"] = Json::array();
    for (const auto& table : all_tables()) {
        if (!only_own_tables()) {
            catalog.facts["tables"].push_back(table.name);
        }
        if (!table.entity.empty()) {
            catalog.entities.push_back(catalog_entity(table));
        }
    }
    for (const char* entity : {"refund", "payment"}) {
        if (!read_only_) {
            catalog.entities.push_back(
                {entity, {}, {"create", "update", "delete"}, owned_paths(entity)}
            );
        }
    }
    for (const auto& [entity, source] : *tables_) {
        if (!source.is_documented()) {
            catalog.facts["tables"].push_back(source.name);
        }
    }
    catalog.facts["schema"] = client_.schema();
    catalog.facts["read_only"] = read_only_;
    return catalog;
}

CatalogEntity SupabaseConnector::catalog_entity(const Table& table) const {
    CatalogEntity entity;
    entity.name = table.entity;
    const SourceTables& sources = *tables_;
    const auto source = sources.find(entity.name);
    if (source != sources.end() && (!only_own_tables() || !source->second.is_documented())) {
        entity.read = {"window", "ids"};
    }
    if (!read_only_) {
        entity.write = {"create", "update", "delete", "void"};
        if (!marks_deleted_) {
            entity.write.pop_back();
        }
        entity.owned_paths = owned_paths(table.entity);
    }
    return entity;
}

Result<Page> SupabaseConnector::read(plugin::Call& call, const ReadRequest& request) {
    if (!tables_) {
        return tables_.error();
    }
    return read_page(call, client_, *tables_, read_tenant_, request);
}

Result<std::vector<Encoded>> SupabaseConnector::encode(
    plugin::Call&, const EncodeRequest& request
) {
    return encode_records(request);
}

Result<std::vector<Found>> SupabaseConnector::find(plugin::Call& call, const FindRequest& request) {
    return find_documents(call, client_, request);
}

Result<void> SupabaseConnector::write(
    plugin::Call& call, const WriteRequest& request, plugin::Outcomes& outcomes
) {
    if (read_only_) {
        return Error{
            ErrorCode::kConfig,
            "the connection is read-only: remove the setting read_only, or do not make it the "
            "target "
            "of a flow",
            "supabase.read_only"};
    }
    return write_documents(call, client_, bulk_, request, outcomes);
}

Result<Json> SupabaseConnector::webhook_parse(plugin::Call& call, const Json& /*in*/) {
    if (!tables_) {
        return tables_.error();
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto event, parse_webhook(call.attachment(), *tables_, client_.schema())
    );
    return to_json(event);
}

}  // namespace syncline::supabase
