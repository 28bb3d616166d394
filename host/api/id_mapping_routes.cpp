// Which document of a target stands for which record: looked at, made by hand, exported, imported.
#include "api/audited.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/match_views.hpp"
#include "api/routes.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kExportMax = 100'000;
constexpr std::int64_t kExportPage = 2'000;

struct LinkBody {
    std::string source;
    std::string target;
    std::string entity;
    std::string source_id;
    std::string target_entity;
    std::string target_id;
    std::string role;
    std::string reason;

    static constexpr auto fields() {
        return std::make_tuple(
            field("source", &LinkBody::source),
            field("target", &LinkBody::target),
            field("entity", &LinkBody::entity),
            field("source_id", &LinkBody::source_id),
            field("target_entity", &LinkBody::target_entity),
            field("target_id", &LinkBody::target_id),
            field("role", &LinkBody::role),
            field("reason", &LinkBody::reason)
        );
    }
};

struct ImportBody {
    std::string csv;
    bool dry_run = false;

    static constexpr auto fields() {
        return std::make_tuple(
            field("csv", &ImportBody::csv), field("dryRun", &ImportBody::dry_run)
        );
    }
};

Result<storage::IdMappingFilter> filter_of(const Request& request) {
    storage::IdMappingFilter filter;
    filter.source = parameter(request, "source");
    filter.target = parameter(request, "target");
    SYNCLINE_ASSIGN_OR_RETURN(filter.entity, entity_parameter(request));
    filter.source_id = parameter(request, "source_id");
    filter.target_id = parameter(request, "target_id");
    filter.state = parameter(request, "state");
    if (!filter.state.empty() && filter.state != "linked" && filter.state != "written") {
        return invalid(
            "?state: expected linked or written, found '" + filter.state.substr(0, 40) + "'"
        );
    }
    return filter;
}

Json report_json(const engine::ImportReport& report, bool dry_run) {
    Json problems = Json::array();
    for (const auto& problem : report.problems) {
        problems.push_back(
            {{"line", problem.line}, {"column", problem.column}, {"detail", problem.message}}
        );
    }
    return {
        {"dry_run", dry_run},
        {"lines", report.lines},
        {"created", report.created},
        {"unchanged", report.unchanged},
        {"problems", std::move(problems)}};
}

// Every line that is wrong, as a problem of the request.
Error import_error(const engine::ImportReport& report) {
    std::string message;
    for (const auto& problem : report.problems) {
        message += (message.empty() ? "" : "\n") + std::string("/csv: line ") +
                   std::to_string(problem.line) + ", " + problem.column + ": " + problem.message;
    }
    return Error{ErrorCode::kInvalid, message, "id_mapping.import_refused"};
}

}  // namespace

Result<Response> list_id_mappings(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(
        request,
        {"source", "target", "entity", "source_id", "target_id", "state", "limit", "cursor"}
    ));
    SYNCLINE_ASSIGN_OR_RETURN(const PageRequest page, page_request(request));
    SYNCLINE_ASSIGN_OR_RETURN(auto filter, filter_of(request));
    SYNCLINE_ASSIGN_OR_RETURN(filter.before_id, row_of_cursor(page));
    filter.limit = page.limit + 1;
    SYNCLINE_ASSIGN_OR_RETURN(
        auto rows, backend.id_mappings.directory().list(request.actor.tenant, filter)
    );
    const auto next = cut_extra_row(page, rows, [](const auto& last) {
        return PageCursor{last.created_at_ms, std::to_string(last.id)};
    });
    Json items = Json::array();
    for (const auto& row : rows) {
        items.push_back(id_mapping_json(row, false));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> show_id_mapping(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t id, row_number(request.at("id"), "id mapping"));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto row, backend.id_mappings.directory().by_id(request.actor.tenant, id)
    );
    return json_response(id_mapping_json(row, true));
}

Result<Response> create_id_mapping(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const LinkBody body, body_as<LinkBody>(request));
    const std::string entity = entity_from_plural(body.entity).value_or(body.entity);
    const engine::WantedLink wanted{
        body.source,
        body.target,
        entity,
        body.source_id,
        body.target_entity,
        body.target_id,
        body.role,
        ""};
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, request.actor.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto link, backend.id_mappings.look_up(request.actor.tenant, wanted)
    );
    auto entry = audit_entry(backend, request, "id_mapping.created", "id mapping");
    entry.reason = body.reason;
    const auto row = audited(backend, std::move(entry), [&](storage::AuditEntry& noted) {
        return backend.stores.database.write(
            [&](storage::Sql& sql) -> Result<storage::IdMappingRow> {
                SYNCLINE_ASSIGN_OR_RETURN(auto made, backend.id_mappings.create(sql, link));
                noted.object = "id mapping " + std::to_string(made.id);
                noted.detail["link"] = id_mapping_json(made, false);
                return made;
            }
        );
    });
    if (!row) {
        return row.error();
    }
    Response response = json_response(id_mapping_json(*row, true), 201);
    response.headers.emplace_back("Location", "/api/id-mappings/" + std::to_string(row->id));
    return response;
}

Result<Response> remove_id_mapping(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t id, row_number(request.at("id"), "id mapping"));
    const auto removed = audited(
        backend,
        audit_entry(backend, request, "id_mapping.removed", "id mapping " + std::to_string(id)),
        [&](storage::AuditEntry& noted) {
            return backend.stores.database.write(
                [&](storage::Sql& sql) -> Result<storage::IdMappingRow> {
                    SYNCLINE_ASSIGN_OR_RETURN(
                        auto row, backend.id_mappings.remove(sql, request.actor.tenant, id)
                    );
                    noted.detail["link"] = id_mapping_json(row, false);
                    return row;
                }
            );
        }
    );
    if (!removed) {
        return removed.error();
    }
    return no_content();
}

Result<Response> export_id_mappings(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(
        only_parameters(request, {"source", "target", "entity", "source_id", "target_id", "state"})
    );
    SYNCLINE_ASSIGN_OR_RETURN(auto filter, filter_of(request));
    filter.limit = kExportPage;
    std::vector<std::vector<std::string>> lines{engine::id_mapping_columns()};
    while (true) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto rows, backend.id_mappings.directory().list(request.actor.tenant, filter)
        );
        for (const auto& row : rows) {
            lines.push_back(engine::id_mapping_cells(row));
        }
        if (static_cast<std::int64_t>(rows.size()) < filter.limit) {
            break;
        }
        if (static_cast<std::int64_t>(lines.size()) > kExportMax) {
            return Error{
                ErrorCode::kExists,
                "there are more than " + std::to_string(kExportMax) +
                    " id mappings; export them in parts (source, target, entity, state)",
                "id_mapping.too_many"};
        }
        filter.before_id = rows.back().id;
    }
    Response response = csv_response(request, lines, nullptr);
    response.headers.emplace_back(
        "Content-Disposition", "attachment; filename=\"id-mappings.csv\""
    );
    return response;
}

Result<Response> import_id_mappings(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const ImportBody body, body_as<ImportBody>(request));
    const TenantId tenant = request.actor.tenant;
    if (body.dry_run) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto report, backend.id_mappings.import(tenant, body.csv, true)
        );
        return json_response(report_json(report, true));
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto report,
        audited(
            backend,
            audit_entry(backend, request, "id_mapping.imported", "id mappings"),
            [&](storage::AuditEntry& noted) -> Result<engine::ImportReport> {
                SYNCLINE_ASSIGN_OR_RETURN(
                    auto done, backend.id_mappings.import(tenant, body.csv, false)
                );
                if (!done.problems.empty()) {
                    return import_error(done);
                }
                noted.detail["created"] = done.created;
                noted.detail["unchanged"] = done.unchanged;
                return done;
            }
        )
    );
    return json_response(report_json(report, false));
}

}  // namespace syncline::api
