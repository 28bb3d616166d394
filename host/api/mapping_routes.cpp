// Mappings: rules that adjust documents. Drafts are changed, versions are published and brought
// back; a preview shows what one does to a record.
#include "api/audited.hpp"
#include "api/http/etag.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/mapping_views.hpp"
#include "api/routes.hpp"

namespace syncline::api {
namespace {

struct ImportBody {
    Json definition;
    std::string name;
    std::string content_hash;
    std::optional<std::int64_t> version;  // as it was exported; it gets one of its own
    bool replace = false;

    static constexpr auto fields() {
        return std::make_tuple(
            field("definition", &ImportBody::definition),
            field("name", &ImportBody::name),
            field("content_hash", &ImportBody::content_hash),
            field("version", &ImportBody::version),
            field("replace", &ImportBody::replace)
        );
    }
};

struct PreviewBody {
    std::string mapping;
    std::optional<std::int64_t> version;
    std::optional<Json> definition;
    std::string flow;
    std::optional<Json> record;
    std::string source_id;
    std::string explain;

    static constexpr auto fields() {
        return std::make_tuple(
            field("mapping", &PreviewBody::mapping),
            field("version", &PreviewBody::version),
            field("definition", &PreviewBody::definition),
            field("flow", &PreviewBody::flow),
            field("record", &PreviewBody::record),
            field("source_id", &PreviewBody::source_id),
            field("explain", &PreviewBody::explain)
        );
    }
};

struct TestBody {
    std::optional<std::int64_t> version;
    std::string connection;

    static constexpr auto fields() {
        return std::make_tuple(
            field("version", &TestBody::version), field("connection", &TestBody::connection)
        );
    }
};

struct PublishBody {
    std::string connection;
    std::string reason;

    static constexpr auto fields() {
        return std::make_tuple(
            field("connection", &PublishBody::connection), field("reason", &PublishBody::reason)
        );
    }
};

struct RollbackBody {
    std::optional<std::int64_t> version;
    std::string reason;

    static constexpr auto fields() {
        return std::make_tuple(
            field("version", &RollbackBody::version), field("reason", &RollbackBody::reason)
        );
    }
};

// What people change of a mapping: its draft, and which version is in force.
Response with_etag(const engine::MappingView& mapping, int status = 200) {
    Response response = json_response(mapping_json(mapping), status);
    set_etag(response, {mapping.name, mapping.shipped, mapping.hash, mapping.in_force});
    return response;
}

Response created(const engine::MappingView& mapping) {
    Response response = with_etag(mapping, 201);
    response.headers.emplace_back("Location", "/api/mappings/" + mapping.name);
    return response;
}

// Of a body's "version".
Result<void> check_version(const std::optional<std::int64_t>& version) {
    return version && *version < 1
               ? Result<void>(
                     invalid("/version: expected 1 or more, found " + std::to_string(*version))
                 )
               : Result<void>();
}

// A body with a version, strictly read.
template <class Body>
Result<Body> versioned_body(const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(auto body, body_as<Body>(request));
    SYNCLINE_RETURN_IF_ERROR(check_version(body.version));
    return body;
}

Result<std::optional<std::int64_t>> version_parameter(const Request& request) {
    if (parameter(request, "version").empty()) {
        return std::optional<std::int64_t>();
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t version, integer_parameter(request, "version", 1, 1, INT64_MAX)
    );
    return std::optional<std::int64_t>(version);
}

template <class Wanted>
Result<Response> change_draft(Backend& backend, const Request& request, const Wanted& wanted) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto mapping,
        backend.mappings.change(
            request.actor.tenant, request.at("name"), wanted, audit_actor(request)
        )
    );
    return with_etag(mapping);
}

}  // namespace

Result<Response> list_mappings(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"origin", "limit", "cursor"}));
    const std::string origin = parameter(request, "origin");
    if (!origin.empty() && origin != "tenant" && origin != "shipped") {
        return invalid("?origin: expected tenant or shipped, found '" + origin.substr(0, 40) + "'");
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto mappings, backend.mappings.list(request.actor.tenant));
    std::erase_if(mappings, [&](const auto& mapping) {
        return !origin.empty() && mapping.shipped != (origin == "shipped");
    });
    SYNCLINE_ASSIGN_OR_RETURN(const auto next, cut_page(request, mappings, [](const auto& mapping) {
                                  return mapping.name;
                              }));
    Json items = Json::array();
    for (const auto& mapping : mappings) {
        items.push_back(mapping_summary_json(mapping));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> create_mapping(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const Json body, body_object(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto mapping,
        backend.mappings.create(request.actor.tenant, body, audit_actor(request))
    );
    return created(mapping);
}

Result<Response> import_mapping(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(auto body, versioned_body<ImportBody>(request));
    if (!body.definition.is_object()) {
        return invalid("/definition: expected a mapping, as an export has it");
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto imported,
        backend.mappings.import(
            request.actor.tenant,
            {std::move(body.definition), body.name, body.content_hash, body.replace},
            audit_actor(request)
        )
    );
    return imported.created ? created(imported.mapping) : with_etag(imported.mapping);
}

Result<Response> show_mapping(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto mapping, backend.mappings.find(request.actor.tenant, request.at("name"))
    );
    return with_etag(mapping);
}

Result<Response> replace_mapping(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const Json body, body_object(request));
    return change_draft(backend, request, [&](const Json&) { return Result<Json>(body); });
}

Result<Response> patch_mapping(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const Json patch, body_object(request));
    return change_draft(backend, request, [&](const Json& before) {
        return Result<Json>(merged(before, patch));
    });
}

Result<Response> remove_mapping(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_RETURN_IF_ERROR(
        backend.mappings.remove(request.actor.tenant, request.at("name"), audit_actor(request))
    );
    return no_content();
}

Result<Response> export_mapping(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"version"}));
    SYNCLINE_ASSIGN_OR_RETURN(const auto version, version_parameter(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto text, backend.mappings.text(request.actor.tenant, request.at("name"), version)
    );
    return json_response(mapping_export_json(text));
}

Result<Response> list_mapping_versions(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto versions, backend.mappings.versions(request.actor.tenant, request.at("name"))
    );
    Json items = Json::array();
    for (const auto& version : versions) {
        items.push_back(mapping_version_json(version));
    }
    return json_response({{"items", std::move(items)}});
}

Result<Response> show_mapping_version(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t number, row_number(request.at("version"), "version")
    );
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto version,
        backend.stores.mappings.version(request.actor.tenant, request.at("name"), number)
    );
    Json json = mapping_version_json(version);
    SYNCLINE_ASSIGN_OR_RETURN(json["definition"], parse_json(version.definition));
    return json_response(json);
}

Result<Response> test_mapping(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const auto body, versioned_body<TestBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, request.actor.tenant));
    const auto tests = backend.mappings.test(
        request.actor.tenant, request.at("name"), body.version, body.connection
    );
    return tests ? Result<Response>(json_response(mapping_tests_json(*tests)))
                 : as_request_error(tests.error());
}

Result<Response> publish_mapping(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const auto body, body_as<PublishBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, request.actor.tenant));
    const auto version = backend.mappings.publish(
        request.actor.tenant, request.at("name"), body.connection, body.reason, audit_actor(request)
    );
    return version ? Result<Response>(json_response(mapping_version_json(*version)))
                   : as_request_error(version.error());
}

Result<Response> roll_back_mapping(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const auto body, versioned_body<RollbackBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, request.actor.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto version,
        backend.mappings.roll_back(
            request.actor.tenant,
            request.at("name"),
            body.version,
            body.reason,
            audit_actor(request)
        )
    );
    return json_response(mapping_version_json(version));
}

Result<Response> preview_mapping(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(auto body, versioned_body<PreviewBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, request.actor.tenant));
    const auto preview = backend.mapping_preview.preview(
        request.actor.tenant,
        {body.mapping,
         body.version,
         std::move(body.definition),
         body.flow,
         std::move(body.record),
         body.source_id,
         body.explain}
    );
    return preview ? Result<Response>(json_response(mapping_preview_json(*preview)))
                   : as_request_error(preview.error());
}

}  // namespace syncline::api
