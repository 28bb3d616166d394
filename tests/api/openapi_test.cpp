// The API's description: that it is whole, and that what it says is so, for every row of the table.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "api/support/wall_fixture.hpp"

namespace syncline::testing {
namespace {

using api::Access;
using api::Role;

std::string refusal(
    const std::vector<api::Route>& routes, const std::vector<api::EmbeddedText>& descriptions
) {
    const auto document = api::openapi_document(routes, descriptions, "1");
    return document ? "" : document.error().message;
}

api::Route row(std::string_view method, std::string_view path) {
    return {method, path, Access::kViewer, nullptr, "A row"};
}

constexpr std::string_view kProblem = R"("Problem": {"members": {"type": "string"}})";

std::string described(const std::string& operations, const std::string& schemas = "") {
    return R"({"areas": {"flows": "Flows."}, "operations": {)" + operations + R"(}, "schemas": {)" +
           std::string(kProblem) + (schemas.empty() ? "" : ", ") + schemas + "}}";
}

TEST(OpenApi, EveryRowOfTheTableIsDescribed) {
    const auto document =
        api::openapi_document(api::api_routes(), api::embedded_openapi(), "1.2.3");
    ASSERT_TRUE(document.has_value()) << document.error().message;
    std::size_t operations = 0;
    for (const auto& path : (*document)["paths"].items()) {
        operations += path.value().size();
    }
    EXPECT_EQ(operations, api::api_routes().size());
}

TEST(OpenApi, WhatIsMissingIsNamed) {
    const std::string list = R"("GET /api/flows": {"id": "a", "answers": {"200": "string"}})";
    const std::string whole = described(list);
    EXPECT_EQ(refusal({row("GET", "/api/flows")}, {{"a", whole}}), "");
    EXPECT_NE(
        refusal(
            {row("GET", "/api/flows"), row("PUT", "/api/flows")}, {{"a", whole}}
        ).find("the route PUT /api/flows has no description"),
        std::string::npos
    );
    EXPECT_NE(refusal({}, {{"a", whole}}).find("routes that do not exist"), std::string::npos);
    EXPECT_NE(
        refusal({row("GET", "/api/sync")}, {{"a", whole}}).find("no description"), std::string::npos
    );
    const std::string other =
        described(R"("GET /api/flows": {"id": "a", "answers": {"200": "X"}})");
    EXPECT_NE(
        refusal({row("GET", "/api/flows")}, {{"a", other}}).find("no schema 'X'"), std::string::npos
    );
    const std::string unused = described(list, R"("Y": "string")");
    EXPECT_NE(
        refusal({row("GET", "/api/flows")}, {{"a", unused}}).find("nobody uses the schema 'Y'"),
        std::string::npos
    );
    EXPECT_NE(
        refusal(
            {row("GET", "/api/flows")}, {{"a", whole}, {"b", whole}}
        ).find("two files describe"),
        std::string::npos
    );
    const std::string named =
        described(R"("GET /api/flows/{name}": {"id": "a", "answers": {"200": "string"}})");
    EXPECT_NE(
        refusal({row("GET", "/api/flows/{name}")}, {{"a", named}}).find("{name}"), std::string::npos
    );
}

TEST(OpenApi, TheLinterFindsNothing) {
    const std::string packages = SYNCLINE_SOURCE_DIR "/tests/npm";
    ASSERT_TRUE(std::filesystem::exists(packages + "/node_modules/@redocly/openapi-core"))
        << "install the linter: npm ci --prefix " << packages;
    const TempDir folder;
    const std::string file = folder.file("openapi.json");
    std::ofstream(file) << dump_json(DescribedApi::instance().document());
    FILE* pipe = popen(("node " + packages + "/openapi-lint.mjs " + file + " 2>&1").c_str(), "r");
    std::string output;
    for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) {
        output += static_cast<char>(c);
    }
    EXPECT_EQ(pclose(pipe), 0) << output;
    EXPECT_NE(output.find("0 problems"), std::string::npos) << output;
}

// Bodies of all forms that a schema allows and that it forbids.
class Bodies {
public:
    explicit Bodies(const Json& document) : schemas_(document, JsonSchema::Of::kInput) {}

    // As given by hand, then with the least and with everything.
    std::vector<Json> proper(const Json& given) const {
        const Json& schema = schemas_.resolved(given);
        std::vector<Json> all;
        for (const auto& example : schema.value("examples", Json::array())) {
            all.push_back(example);
        }
        all.push_back(some(schema, false));
        all.push_back(some(schema, true));
        return all;
    }

    std::vector<Json> broken(const Json& given) const {
        const Json& schema = schemas_.resolved(given);
        std::vector<Json> all{Json::array(), Json("text"), Json(7), Json(true)};
        const Json base = schema.contains("examples") ? schema["examples"][0] : some(schema, true);
        const Json members = schema.value("properties", Json::object());
        for (const auto& member : members.items()) {
            for (const auto& wrong : wrong_values(member.value())) {
                Json body = base;
                body[member.key()] = wrong;
                all.push_back(body);
            }
        }
        for (const auto& name : schema.value("required", Json::array())) {
            Json body = base;
            body.erase(name.get<std::string>());
            all.push_back(body);
        }
        if (schema.contains("additionalProperties") && schema["additionalProperties"] == false) {
            Json body = base;
            body["no such member"] = 1;
            all.push_back(body);
        }
        return all;
    }

    Json some(const Json& given, bool everything) const {
        const Json& schema = schemas_.resolved(given);
        if (schema.contains("examples")) {
            return schema["examples"][0];
        }
        if (schema.contains("const")) {
            return schema["const"];
        }
        if (schema.contains("enum")) {
            return schema["enum"][0];
        }
        if (schema.contains("anyOf")) {
            return some(schema["anyOf"][0], everything);
        }
        const Json type = schema.value("type", Json("string"));
        if (type == "object") {
            Json object = Json::object();
            const Json required = schema.value("required", Json::array());
            const Json members = schema.value("properties", Json::object());
            for (const auto& member : members.items()) {
                const bool wanted =
                    std::find(required.begin(), required.end(), member.key()) != required.end();
                if (everything || wanted) {
                    object[member.key()] = some(member.value(), everything);
                }
            }
            return object;
        }
        if (type == "array") {
            return everything ? Json::array({some(schema["items"], everything)}) : Json::array();
        }
        if (type == "integer") {
            return schema.value("minimum", 1);
        }
        return type == "boolean" ? Json(false) : Json("x");
    }

private:
    // Of those, what the schema does forbid.
    std::vector<Json> wrong_values(const Json& given) const {
        std::vector<Json> candidates{
            Json("no such word"),
            Json(-1),
            Json(1.5),
            Json(2'000'000'000),
            Json(true),
            Json::array({1}),
            Json::object(),
            Json(std::string(2000, 'x'))};
        std::vector<Json> wrong;
        for (const auto& candidate : candidates) {
            // The host reads decimals as texts, so that they stay exact.
            const bool text_fits = candidate.is_number_float() && schemas_.fits(given, Json("1.5"));
            if (!schemas_.fits(given, candidate) && !text_fits) {
                wrong.push_back(candidate);
            }
        }
        return wrong;
    }

    const JsonSchema schemas_;
};

class ExerciseTest : public WallFixture {
protected:
    const Json& document() const { return DescribedApi::instance().document(); }

    // Rows in an order in which none takes away what a later one needs.
    static std::vector<const api::Route*> rows() {
        std::vector<const api::Route*> all;
        for (const char* method : {"GET", "POST", "PATCH", "PUT", "DELETE"}) {
            for (const auto& route : api::api_routes()) {
                if (route.method == method) {
                    all.push_back(&route);
                }
            }
        }
        // What is made of something goes before it.
        const auto removals = std::find_if(all.begin(), all.end(), [](const auto* route) {
            return route->method == "DELETE";
        });
        std::reverse(removals, all.end());
        EXPECT_EQ(all.size(), api::api_routes().size());
        return all;
    }
    static std::string name_of(const api::Route& route) {
        return std::string(route.method) + " " + std::string(route.path);
    }
    std::optional<Json> body_schema(const api::Route& route) const {
        const Json& operation = DescribedApi::instance().operation(route);
        const Json body = operation.value("requestBody", Json::object());
        if (!body.contains("content") || !body["content"].contains("application/json")) {
            return std::nullopt;
        }
        return body["content"]["application/json"]["schema"];
    }
    // What a row needs so that it can do what it is there for.
    void prepare(const api::Route& route) {
        const std::string name = name_of(route);
        const auto is_one_of = [&](std::initializer_list<const char*> names) {
            return std::find(names.begin(), names.end(), name) != names.end();
        };
        values_["tenant"] = "other";
        work();
        if (is_one_of(
                {"POST /api/sync/failures/{id}/retry",
                 "POST /api/sync/failures/{id}/edit",
                 "POST /api/sync/failures/{id}/resolve"}
            )) {
            const int number = next_record_++;
            shop_.put(number, "10.00", "a@x.example", {{"poison", true}});
            run();
            ids_["/api/sync/failures/{id}"] = failure_of(std::to_string(number));
        } else if (is_one_of({"POST /api/sync/confirm/{token}"})) {
            values_["token"] = confirmation();
        } else if (is_one_of({"POST /api/sync/status/{syncId}/stop"})) {
            values_["syncId"] = start();
        } else if (is_one_of({"PATCH /api/flows/{name}/cursor", "DELETE /api/flows/{name}/cursor"}
                   )) {
            put("/api/flows/shop-books-orders/stop");
        } else if (is_one_of({"PUT /api/flows/{name}"})) {
            put("/api/flows/shop-books-orders/resume");
        }
    }
    std::vector<Json> bodies_for(const api::Route& route) const {
        const auto schema = body_schema(route);
        return schema ? Bodies(document()).proper(*schema) : std::vector<Json>{Json()};
    }
    Answer ask(const api::Route& route, const Json& body, const std::string& with) {
        return call(
            {std::string(route.method),
             path_to_theirs(route),
             body.is_null() ? "" : dump_json(body),
             with,
             {}}
        );
    }

    int next_record_ = 100;
};

TEST_F(ExerciseTest, WhatTheDescriptionForbidsIsRefusedAndBreaksNothing) {
    const Bodies bodies(document());
    std::size_t asked = 0;
    for (const auto* route : rows()) {
        if (route->access == Access::kPublic) {
            continue;
        }
        if (const auto schema = body_schema(*route)) {
            for (const auto& body : bodies.broken(*schema)) {
                const Answer answer = ask(*route, body, admin());
                EXPECT_GE(answer.status, 400) << name_of(*route) << " took " << body.dump();
                EXPECT_LT(answer.status, 500) << name_of(*route) << " " << answer.text;
                ++asked;
            }
        }
        const Answer unreadable =
            call({std::string(route->method), path_to_theirs(*route), "{\"a\": ", admin(), {}});
        EXPECT_LT(unreadable.status, 500) << name_of(*route) << " " << unreadable.text;
    }
    EXPECT_GT(asked, 300u);
}

TEST_F(ExerciseTest, AParameterThatIsNotDescribedOrOutOfRangeIsRefused) {
    const JsonSchema schemas(document(), JsonSchema::Of::kInput);
    std::size_t asked = 0;
    for (const auto* route : rows()) {
        if (route->access == Access::kPublic) {
            continue;
        }
        const std::string path = path_to_theirs(*route);
        const Json first = bodies_for(*route).front();
        const std::string body = first.is_null() ? "" : dump_json(first);
        const auto with = [&](const std::string& query) {
            return call({std::string(route->method), path + "?" + query, body, admin(), {}});
        };
        EXPECT_GE(with("no_such=1").status, 400) << name_of(*route);
        EXPECT_LT(with("no_such=1").status, 500) << name_of(*route);
        const Json& operation = DescribedApi::instance().operation(*route);
        for (const auto& parameter : operation.value("parameters", Json::array())) {
            if (parameter["in"] != "query") {
                continue;
            }
            const std::string name = parameter["name"];
            for (const std::string& value : {std::string("no-such-word"), std::string(2000, '9')}) {
                if (schemas.fits(parameter["schema"], value)) {
                    continue;
                }
                const Answer answer = with(name + "=" + value);
                EXPECT_EQ(answer.status, 400) << name_of(*route) << " took ?" << name << "="
                                              << value.substr(0, 20) << ": " << answer.text;
                ++asked;
            }
        }
    }
    EXPECT_GT(asked, 40u);
}

// A refusal of what is unknown lists what is known.
std::set<std::string> known_here(const std::string& text) {
    const std::string start = "known here: ";
    const std::size_t at = text.find(start);
    std::set<std::string> names;
    if (at == std::string::npos) {
        return names;
    }
    std::string list = text.substr(at + start.size(), text.find(')', at) - at - start.size());
    for (std::size_t from = 0; from <= list.size();) {
        const std::size_t end = std::min(list.find(", ", from), list.size());
        names.insert(list.substr(from, end - from));
        from = end + 2;
    }
    names.erase("none");
    return names;
}

TEST_F(ExerciseTest, TheDescriptionNamesWhatTheHostKnowsAndNothingElse) {
    std::size_t bodies = 0;
    std::size_t queries = 0;
    const JsonSchema schemas(document(), JsonSchema::Of::kInput);
    for (const auto* route : rows()) {
        if (route->access == Access::kPublic) {
            continue;
        }
        const std::string method(route->method);
        const Json& operation = DescribedApi::instance().operation(*route);
        std::set<std::string> parameters;
        for (const auto& parameter : operation.value("parameters", Json::array())) {
            if (parameter["in"] == "query") {
                parameters.insert(parameter["name"]);
            }
        }
        const Json first = bodies_for(*route).front();
        const Answer asked = call(
            {method,
             path_to_theirs(*route) + "?no_such=1",
             first.is_null() ? "" : dump_json(first),
             admin(),
             {}}
        );
        if (asked.text.find("known here: ") != std::string::npos) {
            EXPECT_EQ(known_here(asked.text), parameters) << name_of(*route);
            ++queries;
        }
        const auto schema = body_schema(*route);
        const Answer given = ask(*route, {{"no such", 1}}, admin());
        if (!schema ||
            schemas.resolved(*schema).value("additionalProperties", Json(true)) != false ||
            given.text.find("known here: ") == std::string::npos) {
            continue;
        }
        std::set<std::string> members;
        const Json properties = schemas.resolved(*schema).value("properties", Json::object());
        for (const auto& member : properties.items()) {
            members.insert(member.key());
        }
        auto known = known_here(given.text);
        if (route->path == "/api/sync/bulk/request-confirmation") {
            known.erase("limit");  // only a preview takes it
        }
        EXPECT_EQ(known, members) << name_of(*route);
        ++bodies;
    }
    EXPECT_GT(queries, 55u);
    EXPECT_GT(bodies, 20u);
}

TEST_F(ExerciseTest, EveryRowAsksForTheRoleThatItsDescriptionNames) {
    const std::map<std::string, Role> named{
        {"viewer", Role::kViewer},
        {"operator", Role::kOperator},
        {"approver", Role::kApprover},
        {"admin", Role::kAdmin},
        {"installation", Role::kAdmin}};
    for (const auto* route : rows()) {
        const Json& operation = DescribedApi::instance().operation(*route);
        const std::string needed = operation["x-role"];
        const bool open = operation.contains("security") && operation["security"].empty();
        EXPECT_EQ(open, needed == "none") << name_of(*route);
        if (open) {
            continue;
        }
        const Json body = bodies_for(*route).front();
        EXPECT_EQ(ask(*route, body, "").status, 401) << name_of(*route);
        for (const Role role : {Role::kViewer, Role::kOperator, Role::kApprover}) {
            if (role < named.at(needed)) {
                EXPECT_EQ(ask(*route, body, token(role)).status, 403)
                    << name_of(*route) << " for a " << enum_name(role);
            }
        }
        if (needed == "installation") {
            EXPECT_EQ(ask(*route, body, token(Role::kAdmin, "other")).status, 403)
                << name_of(*route);
        }
    }
}

TEST_F(ExerciseTest, EveryRowTakesWhatItsDescriptionAllows) {
    // They need what another row of the walk has used up; their own tests see them answer.
    const std::set<std::string> elsewhere{
        "PUT /api/flows/{name}/restart",
        "POST /api/webhooks/{platform}",
        "POST /api/webhooks/{platform}/{connection}",
        "POST /api/webhooks/quickbooks/cloudevents",
        // The shop of these tests is not connected in a browser.
        "GET /api/integrations/{platform}/apps",
        "PUT /api/integrations/{platform}/apps/{app}",
        "POST /api/integrations/{platform}/authorize",
        "POST /api/integrations/{platform}/disconnect",
        "GET /api/integrations/{platform}/callback",
        // The books of these tests do not tell what their documents show.
        "POST /api/reconciliations",
        "POST /api/reconciliations/{id}/stop",
        // The shop has no customers to link by hand.
        "POST /api/id-mappings",
        // Their key is in memory only.
        "POST /api/keys/rotate",
        "GET /api/keys/rotations/{id}"};
    for (const auto* route : rows()) {
        std::string seen;
        bool taken = false;
        prepare(*route);
        for (const auto& body : bodies_for(*route)) {
            const Answer answer = ask(*route, body, admin());
            const std::string what =
                name_of(*route) + " " + body.dump() + ": " + answer.text.substr(0, 300);
            EXPECT_LT(answer.status, 500) << what;
            taken = taken || answer.status < 300;
            seen += "\n" + std::to_string(answer.status) + " " + what;
        }
        EXPECT_EQ(taken, elsewhere.count(name_of(*route)) == 0) << seen;
    }
}

TEST_F(ExerciseTest, TheHostServesItsDescriptionToEverybody) {
    const Answer answer = call({"GET", "/openapi.json", "", "", {}});
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(answer.json, document());
    EXPECT_EQ(answer.json["info"]["version"], "1.2.3");
    EXPECT_EQ(answer.json["paths"]["/api/tenants"]["post"]["x-role"], "installation");
}

}  // namespace
}  // namespace syncline::testing
