// Comparing the books with the shop: asking for it, its history, its reports, and healing.
#include "api/reconciliation_routes.hpp"

#include <algorithm>

#include "api/audited.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/reconciliation_views.hpp"
#include "core/reconcile_setting.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kFindingsInCsv = 100'000;
constexpr std::int64_t kFindingsOnPage = 2'000;

struct WindowBody {
    std::string from;
    std::string to;

    static constexpr auto fields() {
        return std::make_tuple(field("from", &WindowBody::from), field("to", &WindowBody::to));
    }
};

struct StartBody {
    WindowBody window;
    std::vector<std::string> entities;
    bool dry_run = false;

    static constexpr auto fields() {
        return std::make_tuple(
            field("window", &StartBody::window),
            field("entities", &StartBody::entities),
            field("dryRun", &StartBody::dry_run)
        );
    }
};

struct HealBody {
    std::vector<std::string> kinds;
    bool dry_run = false;

    static constexpr auto fields() {
        return std::make_tuple(
            field("kinds", &HealBody::kinds), field("dryRun", &HealBody::dry_run)
        );
    }
};

engine::ReconciliationControl control(Backend& backend) {
    return {
        backend.stores, backend.connectors, backend.syncs, backend.confirmations, backend.clock};
}

storage::ReconciliationStore store(Backend& backend) {
    return storage::ReconciliationStore(backend.stores.database);
}

Result<ReconciliationId> reconciliation_id(const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t number, row_number(request.at("id"), "reconciliation")
    );
    return ReconciliationId{number};
}

Result<std::vector<std::string>> canonical_entities(const std::vector<std::string>& given) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string entity = entity_from_plural(given[i]).value_or(given[i]);
        if (!is_reconciled(entity)) {
            return invalid(
                "/entities/" + std::to_string(i) + ": expected orders or refunds, found '" +
                given[i].substr(0, 40) + "'"
            );
        }
        all.push_back(entity);
    }
    return all;
}

Result<void> check_kind(const std::string& place, const std::string& kind) {
    if (kind.empty() || enum_from_name<DriftKind>(kind)) {
        return {};
    }
    std::string known;
    for (const auto& [value, name] : EnumNames<DriftKind>::kNames) {
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    return invalid(place + ": expected one of " + known + ", found '" + kind.substr(0, 40) + "'");
}

Json not_compared_json(const std::vector<engine::NotCompared>& flows) {
    Json all = Json::array();
    for (const auto& one : flows) {
        all.push_back({{"flow", one.flow}, {"reason", one.reason}});
    }
    return all;
}

Result<std::vector<storage::StoredFinding>> all_findings(
    Backend& backend, ReconciliationId id, std::int64_t limit
) {
    storage::FindingFilter filter;
    filter.limit = limit;
    return store(backend).findings(id, filter);
}

Response file_response(std::string type, std::string body, const std::string& name) {
    Response response{200, std::move(type), std::move(body), {}};
    response.headers.emplace_back("Content-Disposition", "inline; filename=\"" + name + "\"");
    return response;
}

std::string file_name(const storage::Reconciliation& of, const std::string& ending) {
    return "reconciliation-" + std::to_string(of.id.value) + "-" + of.window.from + "-" +
           of.window.to + ending;
}

}  // namespace

Result<Response> start_reconciliation(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const StartBody body, body_as<StartBody>(request));
    storage::Reconciliation wanted;
    wanted.tenant = request.actor.tenant;
    wanted.requested_by = request.actor.subject;
    wanted.window = {body.window.from, body.window.to};
    SYNCLINE_ASSIGN_OR_RETURN(wanted.entities, canonical_entities(body.entities));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto estimate,
        control(backend).estimate(wanted.tenant, wanted.window, wanted.entities)
    );
    wanted.estimated_reads = estimate.reads;
    if (body.dry_run) {
        return json_response(
            {{"window", {{"from", wanted.window.from}, {"to", wanted.window.to}}},
             {"cost", {{"estimated_reads", estimate.reads}}},
             {"flows", estimate.flows},
             {"not_compared", not_compared_json(estimate.not_compared)}}
        );
    }
    auto entry = audit_entry(
        backend,
        request,
        "reconciliation.requested",
        "reconciliation " + wanted.window.from + " to " + wanted.window.to
    );
    SYNCLINE_ASSIGN_OR_RETURN(const auto made, audited(backend, std::move(entry), [&](auto&) {
                                  return store(backend).add(wanted, backend.clock.now().ms);
                              }));
    Response response = json_response(opened_reconciliation_json(made, {}), 202);
    response.headers.emplace_back(
        "Location", "/api/reconciliations/" + std::to_string(made.id.value)
    );
    return response;
}

Result<Response> list_reconciliations(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"limit", "cursor"}));
    SYNCLINE_ASSIGN_OR_RETURN(const PageRequest page, page_request(request));
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t before, row_of_cursor(page));
    SYNCLINE_ASSIGN_OR_RETURN(
        auto rows, store(backend).list(request.actor.tenant, before, page.limit + 1)
    );
    const auto next = cut_extra_row(page, rows, [](const auto& last) {
        return PageCursor{last.created_at_ms, std::to_string(last.id.value)};
    });
    Json items = Json::array();
    for (const auto& row : rows) {
        items.push_back(reconciliation_json(row));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> show_reconciliation(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const ReconciliationId id, reconciliation_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto row, store(backend).by_id(request.actor.tenant, id));
    SYNCLINE_ASSIGN_OR_RETURN(const auto counts, store(backend).counts(id));
    return json_response(opened_reconciliation_json(row, counts));
}

Result<Response> stop_reconciliation(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const ReconciliationId id, reconciliation_id(request));
    auto entry = audit_entry(
        backend, request, "reconciliation.stopped", "reconciliation " + std::to_string(id.value)
    );
    SYNCLINE_RETURN_IF_ERROR(audited(backend, std::move(entry), [&](auto&) {
        return control(backend).stop(request.actor.tenant, id);
    }));
    SYNCLINE_ASSIGN_OR_RETURN(const auto row, store(backend).by_id(request.actor.tenant, id));
    return json_response(reconciliation_json(row), 202);
}

Result<Response> list_reconciliation_findings(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"kind", "limit", "cursor"}));
    SYNCLINE_ASSIGN_OR_RETURN(const ReconciliationId id, reconciliation_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(const PageRequest page, page_request(request));
    storage::FindingFilter filter;
    filter.kind = parameter(request, "kind");
    SYNCLINE_RETURN_IF_ERROR(check_kind("?kind", filter.kind));
    SYNCLINE_ASSIGN_OR_RETURN(filter.after_id, row_of_cursor(page));
    filter.limit = page.limit + 1;
    SYNCLINE_ASSIGN_OR_RETURN(const auto of, store(backend).by_id(request.actor.tenant, id));
    SYNCLINE_ASSIGN_OR_RETURN(auto findings, store(backend).findings(of.id, filter));
    const auto next = cut_extra_row(page, findings, [](const auto& last) {
        return PageCursor{1, std::to_string(last.id)};
    });
    Json items = Json::array();
    for (const auto& finding : findings) {
        items.push_back(finding_json(finding));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> reconciliation_report_csv(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"part"}));
    SYNCLINE_ASSIGN_OR_RETURN(const ReconciliationId id, reconciliation_id(request));
    const std::string part = parameter(request, "part");
    if (!part.empty() && part != "findings" && part != "days") {
        return invalid("?part: expected findings or days, found '" + part.substr(0, 40) + "'");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto of, store(backend).by_id(request.actor.tenant, id));
    constexpr auto kCsv = "text/csv; charset=utf-8; header=present";
    if (part == "days") {
        const auto report = parse_json(of.report);
        const Json shown = report && report->is_object() ? *report : Json(Json::object());
        return file_response(kCsv, to_csv(day_rows(shown)), file_name(of, "-days.csv"));
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto findings, all_findings(backend, id, kFindingsInCsv));
    return file_response(kCsv, to_csv(finding_rows(findings)), file_name(of, ".csv"));
}

Result<Response> reconciliation_report_html(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const ReconciliationId id, reconciliation_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto of, store(backend).by_id(request.actor.tenant, id));
    SYNCLINE_ASSIGN_OR_RETURN(const auto counts, store(backend).counts(id));
    SYNCLINE_ASSIGN_OR_RETURN(const auto findings, all_findings(backend, id, kFindingsOnPage));
    Response response = file_response(
        "text/html; charset=utf-8",
        reconciliation_page(of, request.actor.tenant_name, counts, findings),
        file_name(of, ".html")
    );
    response.headers.emplace_back(
        "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"
    );
    return response;
}

Result<Response> heal_reconciliation(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const ReconciliationId id, reconciliation_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(const HealBody body, body_as<HealBody>(request));
    for (std::size_t i = 0; i < body.kinds.size(); ++i) {
        SYNCLINE_RETURN_IF_ERROR(check_kind("/kinds/" + std::to_string(i), body.kinds[i]));
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, request.actor.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto healed,
        control(backend).heal(
            request.actor.tenant,
            id,
            {body.kinds, body.dry_run, request.actor.subject, audit_actor(request)}
        )
    );
    const bool started = std::any_of(healed.flows.begin(), healed.flows.end(), [](const auto& one) {
        return !one.sync_id.empty();
    });
    if (started) {
        auto entry = audit_entry(
            backend, request, "reconciliation.healed", "reconciliation " + std::to_string(id.value)
        );
        SYNCLINE_RETURN_IF_ERROR(audited(backend, std::move(entry), [](auto&) {
            return Result<void>();
        }));
    }
    return json_response(healed_json(healed), started ? 202 : 200);
}

}  // namespace syncline::api
