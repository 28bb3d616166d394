#include "supabase/host_rows.hpp"

#include "supabase/row_parts.hpp"

namespace syncline::supabase {
namespace {

// Parts of a key are joined by '/'; one inside a part is written as in URLs.
std::string key_part(const std::string& part) {
    std::string text;
    for (const char c : part) {
        text += c == '%' ? "%25" : c == '/' ? "%2F" : std::string(1, c);
    }
    return text;
}

Json key_of(const EncodeContext& context, const std::string& source, std::string source_id) {
    return {
        {"tenant_id", context.tenant},
        {"source_system", source},
        {"source_id", std::move(source_id)}};
}

Encoded only(std::string role, std::string_view table, Json row) {
    Document document;
    document.role = std::move(role);
    document.entity = table;
    document.natural_key =
        row["source_system"].get<std::string>() + ":" + row["source_id"].get<std::string>();
    document.body = std::move(row);
    Encoded encoded;
    encoded.documents.push_back(std::move(document));
    return encoded;
}

}  // namespace

Result<Encoded> encode_id_mapping(const EncodeContext& context, const IdMappingRecord& mapping) {
    Json row = key_of(
        context,
        mapping.source,
        key_part(mapping.entity) + "/" + key_part(mapping.record_id) + "/" +
            key_part(mapping.target) + "/" + key_part(mapping.role)
    );
    row.update({
        {"entity", mapping.entity},
        {"record_id", mapping.record_id},
        {"target_system", mapping.target},
        {"role", mapping.role},
        {"target_id", mapping.target_id},
        {"target_version", text_or_null(mapping.target_version)},
        {"raw", to_json(mapping)},
        {"source_created_at", mapping.created_at.to_string()},
        {"source_updated_at", mapping.updated_at.to_string()},
    });
    return only("id_mapping", "id_mappings", std::move(row));
}

Result<Encoded> encode_sync_log(const EncodeContext& context, const SyncLogRecord& log) {
    Json row = key_of(context, log.source, log.id);
    row.update({
        {"flow", log.flow},
        {"entity", log.entity},
        {"status", log.status},
        {"records_read", log.read},
        {"records_created", log.created},
        {"records_updated", log.updated},
        {"records_skipped", log.skipped},
        {"records_held", log.held},
        {"records_failed", log.failed},
        {"message", text_or_null(log.message)},
        {"raw", to_json(log)},
        {"started_at", time_or_null(log.started_at)},
        {"finished_at", time_or_null(log.finished_at)},
        {"source_created_at", log.created_at.to_string()},
        {"source_updated_at", time_or_null(log.finished_at ? log.finished_at : log.started_at)},
    });
    return only("sync_log", "sync_logs", std::move(row));
}

}  // namespace syncline::supabase
