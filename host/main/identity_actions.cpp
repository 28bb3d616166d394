// API keys and the audit log: the part of what the command line does on this machine's database,
// whether a host has it open or not.
#include <filesystem>
#include <ostream>

#include "api/api_key_views.hpp"
#include "api/audit_views.hpp"
#include "api/http/page.hpp"
#include "api/routes.hpp"
#include "connectors/system_clock.hpp"
#include "core/json_problems.hpp"
#include "engine/api_key_control.hpp"
#include "main/host_actions.hpp"
#include "main/key_files.hpp"
#include "main/local_database.hpp"
#include "storage/guard.hpp"
#include "storage/plain_session.hpp"

namespace syncline::host {
namespace {

Result<ApiKeyId> key_named(
    const engine::ApiKeyControl& keys, TenantId tenant, const std::string& named
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto all, keys.list(tenant));
    for (const auto& key : all) {
        if (key.prefix == named || std::to_string(key.id.value) == named) {
            return key.id;
        }
    }
    return Error{
        ErrorCode::kNotFound,
        "there is no API key '" + named.substr(0, 60) + "'; `syncline api-key list` shows them",
        "api_key.unknown"};
}

Result<Json> made(Result<engine::MadeApiKey> key, std::int64_t now_ms) {
    if (!key) {
        return key.error();
    }
    return api::made_api_key_json(*key, now_ms);
}

Result<Json> do_request(
    engine::ApiKeyControl& keys, TenantId tenant, const cli::ApiKeyRequest& request
) {
    const std::int64_t now = connectors::SystemClock().now().ms;
    if (request.what == "create") {
        const auto problems = api::scope_problems(request.scopes, api::api_routes());
        if (!problems.empty()) {
            return joined(problems, "api_key.invalid");
        }
        return made(
            keys.create(
                tenant, {request.name, request.role, request.scopes, request.lives_s}, local_actor()
            ),
            now
        );
    }
    if (request.what == "list") {
        SYNCLINE_ASSIGN_OR_RETURN(const auto all, keys.list(tenant));
        Json items = Json::array();
        for (const auto& key : all) {
            items.push_back(api::api_key_json(key, now));
        }
        return Json{{"items", std::move(items)}};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const ApiKeyId id, key_named(keys, tenant, request.id));
    if (request.what == "rotate") {
        return made(keys.rotate(tenant, id, request.overlap_s, local_actor()), now);
    }
    SYNCLINE_RETURN_IF_ERROR(keys.revoke(tenant, id, request.reason, local_actor()));
    SYNCLINE_ASSIGN_OR_RETURN(const auto all, keys.list(tenant));
    Json revoked;
    for (const auto& key : all) {
        revoked = key.id == id ? api::api_key_json(key, now) : revoked;
    }
    return revoked;
}

}  // namespace

Result<Json> HostActions::api_key(const cli::ApiKeyRequest& request) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const HostConfig loaded, load_own_settings(request.config, environment_)
    );
    SYNCLINE_ASSIGN_OR_RETURN(auto kek, encryption_keys(loaded, environment_));
    SYNCLINE_ASSIGN_OR_RETURN(const auto database, open_beside(loaded));
    engine::Stores stores(*database, std::move(kek));
    SYNCLINE_RETURN_IF_ERROR(stores.vault.check_key());
    const connectors::SystemClock clock;
    // A host that was never started has none of its tenants yet.
    for (const auto& declared : loaded.tenants) {
        if (declared.name == request.tenant) {
            SYNCLINE_ASSIGN_OR_RETURN(
                const TenantId id, stores.tenants.ensure(declared.name, clock.now().ms)
            );
            SYNCLINE_RETURN_IF_ERROR(stores.vault.prepare_tenant(id, clock.now().ms));
        }
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenant, stores.tenants.find(request.tenant));
    if (!tenant) {
        return Error{
            ErrorCode::kNotFound,
            "there is no tenant '" + request.tenant.substr(0, 70) +
                "'; add it to the configuration's tenants, or with `syncline tenants create`",
            "tenant.unknown"};
    }
    engine::ApiKeyControl keys(stores, clock);
    return do_request(keys, tenant->id, request);
}

Result<std::string> HostActions::audited_file(const std::string& config, const std::string& file)
    const {
    std::string path = file;
    if (path.empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(const HostConfig loaded, load_own_settings(config, environment_));
        path = database_file(loaded);
    }
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        return Error{ErrorCode::kStorage, "there is no database " + path, "audit.unknown"};
    }
    return path;
}

Result<Json> HostActions::verify_audit(
    const std::string& config, const std::string& file, const std::string& expected_head
) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, audited_file(config, file));
    return storage::guard_storage([&]() -> Result<Json> {
        auto sql = storage::plain_session(path);
        const auto verdict = storage::verify_audit(sql, expected_head);
        Json json{{"file", path}, {"rows", verdict.rows}, {"head", verdict.head}};
        if (!verdict.problem.empty()) {
            json["broken_row"] = verdict.broken_row;
            json["problem"] = verdict.problem;
        }
        return json;
    });
}

Result<void> HostActions::export_audit(
    const std::string& config, const std::string& file, const std::string& format, std::ostream& out
) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, audited_file(config, file));
    return storage::guard_storage([&]() -> Result<void> {
        auto sql = storage::plain_session(path);
        if (format == "csv") {
            out << api::to_csv({api::audit_csv_header()});
        }
        storage::each_audit_row(sql, [&](const storage::AuditRow& row) {
            out
                << (format == "csv" ? api::to_csv({api::audit_csv_row(row)})
                                    : dump_json(api::audit_json(row)) + "\n");
        });
        return out.flush()
                   ? Result<void>()
                   : Result<void>(Error{
                         ErrorCode::kStorage, "the export could not be written", "audit.io"});
    });
}

}  // namespace syncline::host
