#include "api/openapi.hpp"

#include <algorithm>

#include "api/http/problem.hpp"
#include "api/openapi_schema.hpp"

namespace syncline::api {
namespace {

constexpr auto kAbout =
    "The administration of a Syncline host. Errors are problem documents (RFC 9457) whose `type` "
    "is the address of a page that says what to do. Lists that have `next_cursor` go on with "
    "`?cursor=`. A change that is repeated with its `Idempotency-Key` takes effect once. Before a "
    "route is known the host may answer 400, 405, 408, 417 or 431.";

Error bug(const std::string& what) {
    return Error{ErrorCode::kBug, "host/api/openapi: " + what, "openapi.incomplete"};
}

const char* role_name(Access access) {
    switch (access) {
        case Access::kPublic:
            return "none";
        case Access::kViewer:
            return "viewer";
        case Access::kOperator:
            return "operator";
        case Access::kApprover:
            return "approver";
        case Access::kAdmin:
            return "admin";
        case Access::kInstallation:
            return "installation";
    }
    return "none";
}

std::vector<std::string> parameters_of(std::string_view path) {
    std::vector<std::string> names;
    for (std::size_t at = path.find('{'); at != std::string_view::npos; at = path.find('{', at)) {
        const std::size_t end = path.find('}', at);
        names.emplace_back(path.substr(at + 1, end - at - 1));
        at = end;
    }
    return names;
}

// "NotFound": under which name the answers' components have it.
std::string problem_name(int status) {
    std::string name = status_title(status);
    name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
    return name;
}

Json problem_answer(int status, const std::string& schema) {
    return {
        {"description", status_title(status)},
        {"content",
         {{"application/problem+json",
           {{"schema", {{"$ref", "#/components/schemas/" + schema}}}}}}}};
}

// Whether it is carried out once for its Idempotency-Key.
bool is_keyed(const Route& route) {
    return route.access != Access::kPublic && route.method != "GET";
}

// What all rows of a kind can answer, besides what their descriptions say.
std::set<int> refusals_of(const Route& route) {
    std::set<int> statuses{400, 500, 503};
    if (route.access != Access::kPublic) {
        statuses.insert({401, 403, 429});
    }
    if (is_keyed(route)) {
        statuses.insert({409, 413, 415, 422});
    }
    return statuses;
}

Json header_parameter(const char* name, const char* description, Json schema) {
    return {
        {"name", name},
        {"in", "header"},
        {"description", description},
        {"schema", std::move(schema)}};
}

Json etag_headers() {
    Json headers;
    headers["ETag"]["schema"]["type"] = "string";
    return headers;
}

// The files as one: members of the same name are put together.
Result<Json> joined_descriptions(const std::vector<EmbeddedText>& descriptions) {
    Json all{
        {"areas", Json::object()},
        {"path_parameters", Json::object()},
        {"operations", Json::object()},
        {"schemas", Json::object()}};
    for (const auto& file : descriptions) {
        const auto json = parse_json(std::string(file.text));
        if (!json) {
            return bug(std::string(file.name) + ".json is " + json.error().message);
        }
        for (const auto& part : json->items()) {
            if (!all.contains(part.key())) {
                return bug(std::string(file.name) + ".json has an unknown part " + part.key());
            }
            for (const auto& entry : part.value().items()) {
                if (all[part.key()].contains(entry.key())) {
                    return bug("two files describe " + entry.key());
                }
                all[part.key()][entry.key()] = entry.value();
            }
        }
    }
    return all;
}

class DocumentWriter {
public:
    explicit DocumentWriter(const Json& described)
        : described_(described), schemas_(described["schemas"]) {}

    Result<void> add(const Route& route) {
        const std::string key = std::string(route.method) + " " + std::string(route.path);
        if (!described_["operations"].contains(key)) {
            return bug("the route " + key + " has no description");
        }
        const Json& written = described_["operations"][key];
        const std::string area(area_of(route));
        if (!described_["areas"].contains(area)) {
            return bug("the area '" + area + "' has no sentence");
        }
        areas_.insert(area);
        Json operation{
            {"operationId", written.value("id", "")},
            {"summary", std::string(route.summary)},
            {"tags", Json::array({area})},
            {"x-role", role_name(route.access)}};
        if (!ids_.insert(written.value("id", "")).second) {
            return bug(key + " needs an id of its own");
        }
        if (route.access == Access::kPublic) {
            operation["security"] = Json::array();
        } else {
            operation["x-scope"] = area + (route.method == "GET" ? ":read" : ":write");
        }
        SYNCLINE_RETURN_IF_ERROR(add_parameters(route, written, operation));
        SYNCLINE_RETURN_IF_ERROR(add_body(written, operation));
        SYNCLINE_RETURN_IF_ERROR(add_answers(route, written, operation));
        std::string method(route.method);
        std::transform(method.begin(), method.end(), method.begin(), [](char c) {
            return static_cast<char>(c - 'A' + 'a');
        });
        paths_[std::string(route.path)][method] = std::move(operation);
        ++count_;
        return {};
    }

    Result<Json> document(const std::string& version) {
        if (count_ != described_["operations"].size()) {
            return bug("there are descriptions of routes that do not exist");
        }
        SYNCLINE_ASSIGN_OR_RETURN(Json components, this->components());
        Json tags = Json::array();
        for (const auto& area : areas_) {
            tags.push_back({{"name", area}, {"description", described_["areas"][area]}});
        }
        return Json{
            {"openapi", "3.1.0"},
            {"info",
             {{"title", "Syncline"},
              {"version", version},
              {"description", kAbout},
              {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
            {"servers", Json::array({{{"url", "/"}, {"description", "This host"}}})},
            {"security", Json::array({{{"bearer", Json::array()}}})},
            {"tags", std::move(tags)},
            {"paths", paths_},
            {"components", std::move(components)}};
    }

private:
    Result<void> add_parameters(const Route& route, const Json& written, Json& operation) {
        Json parameters = Json::array();
        const Json own = written.value("path", Json::object());
        for (const auto& name : parameters_of(route.path)) {
            const Json& known = described_["path_parameters"];
            if (!own.contains(name) && !known.contains(name)) {
                return bug("nothing says what {" + name + "} in paths is");
            }
            SYNCLINE_ASSIGN_OR_RETURN(
                Json schema, schemas_.schema(own.contains(name) ? own[name] : known[name])
            );
            parameters.push_back(
                {{"name", name}, {"in", "path"}, {"required", true}, {"schema", std::move(schema)}}
            );
        }
        add_headers(route, parameters);
        const Json query = written.value("query", Json::object());
        for (const auto& entry : query.items()) {
            SYNCLINE_ASSIGN_OR_RETURN(Json schema, schemas_.schema(entry.value()));
            parameters.push_back(
                {{"name", entry.key()}, {"in", "query"}, {"schema", std::move(schema)}}
            );
        }
        if (!parameters.empty()) {
            operation["parameters"] = std::move(parameters);
        }
        return {};
    }

    bool has_etag(const std::string& path) const {
        const Json shown = described_["operations"].value("GET " + path, Json::object());
        return shown.value("etag", false);
    }

    // Whether a request may be meant for one version of what the row shows or changes: it is shown
    // with an ETag (etag.hpp).
    bool takes_conditions(const Route& route) const {
        if (route.access == Access::kPublic) {
            return false;
        }
        const std::string path(route.path);
        if (described_["operations"].contains("GET " + path)) {
            return has_etag(path);
        }
        const std::string parent = path.substr(0, path.rfind('/'));
        const bool credentials = path.substr(parent.size()) == "/credentials";
        return has_etag(credentials ? parent + "/status" : parent);
    }

    void add_headers(const Route& route, Json& parameters) const {
        Json text;
        text["type"] = "string";
        if (is_keyed(route)) {
            parameters.push_back(header_parameter(
                "Idempotency-Key",
                "Made at random for each request; the same again is answered as the first.",
                {{"type", "string"}, {"minLength", 1}, {"maxLength", 255}, {"pattern", "^[ -~]+$"}}
            ));
        }
        if (!takes_conditions(route)) {
            return;
        }
        if (route.method == "GET") {
            parameters.push_back(
                header_parameter("If-None-Match", "ETags that are known already.", text)
            );
            return;
        }
        parameters.push_back(header_parameter(
            "If-Match", "ETags of which it must have one; *: it must be there.", text
        ));
        parameters.push_back(header_parameter(
            "If-None-Match", "ETags of which it must have none; *: it must not be there.", text
        ));
    }

    Result<void> add_body(const Json& written, Json& operation) {
        if (written.value("raw_body", false)) {
            operation["requestBody"] = {
                {"description", "As the platform sends it."},
                {"content", {{"*/*", {{"schema", Json::object()}}}}}};
            return {};
        }
        if (!written.contains("body")) {
            return {};
        }
        SYNCLINE_ASSIGN_OR_RETURN(Json schema, schemas_.schema(written["body"]));
        SYNCLINE_ASSIGN_OR_RETURN(
            const Json whole, schemas_.schema(described_["schemas"].value(written["body"], Json()))
        );
        operation["requestBody"] = {
            {"required", whole.contains("required") || written.value("needs_body", false)},
            {"content", {{"application/json", {{"schema", schema}}}}}};
        if (written.value("merge_patch", false)) {
            operation["requestBody"]["content"]["application/merge-patch+json"] = {
                {"schema", std::move(schema)}};
        }
        return {};
    }

    Result<void> add_answers(const Route& route, const Json& written, Json& operation) {
        Json& answers = operation["responses"];
        for (const int status : refusals_of(route)) {
            refer_to_problem(status, answers);
        }
        for (const auto& status : written.value("refusals", Json::array())) {
            refer_to_problem(status.get<int>(), answers);
        }
        if (takes_conditions(route) && route.method != "GET") {
            refer_to_problem(412, answers);
        }
        add_text_refusals(written, answers);
        const Json problems = written.value("problems", Json::object());
        for (const auto& entry : problems.items()) {
            const std::string schema = entry.value();
            SYNCLINE_RETURN_IF_ERROR(schemas_.schema(schema));
            answers[entry.key()] = problem_answer(std::stoi(entry.key()), schema);
        }
        const Json own = written.value("answers", Json::object());
        for (const auto& entry : own.items()) {
            answers[entry.key()] = {{"description", status_title(std::stoi(entry.key()))}};
            if (!entry.value().is_null()) {
                SYNCLINE_ASSIGN_OR_RETURN(Json schema, schemas_.schema(entry.value()));
                answers[entry.key()]["content"]["application/json"]["schema"] = std::move(schema);
            }
        }
        for (const std::string type : written.value("text", Json::array())) {
            answers["200"]["description"] = status_title(200);
            answers["200"]["content"][type]["schema"] = {{"type", "string"}};
        }
        if (takes_conditions(route) && route.method == "GET") {
            answers["200"]["headers"] = etag_headers();
            answers["304"] = {{"description", "Not Modified"}, {"headers", etag_headers()}};
        }
        return {};
    }

    // A bug is a problem document, whoever asks.
    static void add_text_refusals(const Json& written, Json& answers) {
        for (const std::string type : written.value("text_refusals", Json::array())) {
            for (const auto& entry : answers.items()) {
                const int status = std::stoi(entry.key());
                if (status == 500) {
                    continue;
                }
                if (!entry.value().contains("content")) {
                    entry.value() = problem_answer(status, "Problem");
                }
                entry.value()["content"][type]["schema"] = {{"type", "string"}};
            }
        }
    }

    void refer_to_problem(int status, Json& answers) {
        problems_.insert(status);
        answers[std::to_string(status)] = {
            {"$ref", "#/components/responses/" + problem_name(status)}};
    }

    Result<Json> components() {
        SYNCLINE_RETURN_IF_ERROR(schemas_.schema("Problem"));
        Json schemas = Json::object();
        for (const auto& entry : described_["schemas"].items()) {
            SYNCLINE_ASSIGN_OR_RETURN(schemas[entry.key()], schemas_.schema(entry.value()));
        }
        for (const auto& entry : schemas.items()) {
            if (schemas_.referenced().count(entry.key()) == 0) {
                return bug("nobody uses the schema '" + entry.key() + "'");
            }
        }
        Json answers = Json::object();
        for (const int status : problems_) {
            answers[problem_name(status)] = problem_answer(status, "Problem");
        }
        return Json{
            {"schemas", std::move(schemas)},
            {"responses", std::move(answers)},
            {"securitySchemes",
             {{"bearer",
               {{"type", "http"},
                {"scheme", "bearer"},
                {"description", "A token (JWT) or an API key (slk_...)."}}}}}};
    }

    const Json& described_;
    SchemaWriter schemas_;
    Json paths_ = Json::object();
    std::set<std::string> areas_;
    std::set<std::string> ids_;
    std::set<int> problems_;
    std::size_t count_ = 0;
};

}  // namespace

Result<Json> openapi_document(
    const std::vector<Route>& routes,
    const std::vector<EmbeddedText>& descriptions,
    const std::string& version
) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json described, joined_descriptions(descriptions));
    DocumentWriter writer(described);
    for (const auto& route : routes) {
        SYNCLINE_RETURN_IF_ERROR(writer.add(route));
    }
    return writer.document(version);
}

}  // namespace syncline::api
