// What the API says of itself, held against what it does: the fixture gives every exchange of every
// test of the API to problems_of().
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "api/error_pages.hpp"
#include "api/openapi.hpp"
#include "api/routes.hpp"
#include "api/support/json_schema.hpp"

namespace syncline::testing {

struct Exchange {
    std::string method;
    std::string target;  // path and query
    std::string body;
    int status = 0;
    std::string content_type;
    std::string answer;
};

class DescribedApi {
public:
    static const DescribedApi& instance() {
        static const DescribedApi kApi;
        return kApi;
    }

    const Json& document() const { return document_; }

    // The operation of a row, or null.
    const Json& operation(const api::Route& route) const {
        static const Json kNone;
        std::string method(route.method);
        std::transform(method.begin(), method.end(), method.begin(), ::tolower);
        const auto path = document_["paths"].find(std::string(route.path));
        return path == document_["paths"].end() || !path->contains(method) ? kNone
                                                                           : (*path)[method];
    }

    std::vector<std::string> problems_of(const Exchange& exchange) const {
        const auto match = api::match_route(api::api_routes(), exchange.method, path_of(exchange));
        if (!match || match->route == nullptr) {
            return {};
        }
        const Json& operation = this->operation(*match->route);
        if (operation.is_null()) {
            return {"the row is not described"};
        }
        auto found = answer_problems(operation, exchange);
        if (exchange.status < 300) {
            add_input_problems(operation, exchange, found);
        }
        return found;
    }

private:
    DescribedApi()
        : document_(
              api::openapi_document(api::api_routes(), api::embedded_openapi(), "1.2.3").value()
          ) {}

    static std::string path_of(const Exchange& exchange) {
        return exchange.target.substr(0, exchange.target.find('?'));
    }

    std::vector<std::string> answer_problems(const Json& operation, const Exchange& exchange)
        const {
        const std::string status = std::to_string(exchange.status);
        if (!operation["responses"].contains(status)) {
            return {"the status " + status + " is not described"};
        }
        const JsonSchema schemas(document_, JsonSchema::Of::kAnswers);
        const Json& answer = schemas.resolved(operation["responses"][status]);
        if (!answer.contains("content")) {
            return exchange.answer.empty() ? std::vector<std::string>()
                                           : std::vector<std::string>{"a body is not described"};
        }
        const std::string type = exchange.content_type.substr(0, exchange.content_type.find(';'));
        if (!answer["content"].contains(type)) {
            return {"the type " + type + " of a " + status + " is not described"};
        }
        if (type.find("json") == std::string::npos || type == "application/x-ndjson") {
            return {};
        }
        const auto json = parse_json(exchange.answer);
        if (!json) {
            return {"the answer is no JSON"};
        }
        auto found = schemas.problems(answer["content"][type]["schema"], *json);
        if (exchange.status >= 400 && json->contains("type") &&
            !api::error_page(json->value("type", "").substr(std::string("/errors/").size()))) {
            found.push_back("there is no page at " + json->value("type", ""));
        }
        return found;
    }

    // What was taken must be allowed by the description.
    void add_input_problems(
        const Json& operation, const Exchange& exchange, std::vector<std::string>& found
    ) const {
        const JsonSchema schemas(document_, JsonSchema::Of::kInput);
        const Json body = operation.value("requestBody", Json::object());
        const auto json = parse_json(exchange.body);
        if (json && body.contains("content") && body["content"].contains("application/json")) {
            const Json& schema = body["content"]["application/json"]["schema"];
            for (const auto& problem : schemas.problems(schema, *json)) {
                found.push_back("was taken, but the body " + problem);
            }
        }
        std::set<std::string> described;
        for (const auto& parameter : operation.value("parameters", Json::array())) {
            if (parameter["in"] == "query") {
                described.insert(parameter["name"]);
            }
        }
        const std::size_t question = exchange.target.find('?');
        if (question == std::string::npos || operation.value("security", Json(1)).empty()) {
            return;
        }
        const auto query = api::parse_query(exchange.target.substr(question + 1));
        for (const auto& [name, value] : *query) {
            if (described.count(name) == 0) {
                found.push_back("was taken, but the parameter " + name + " is not described");
            }
        }
    }

    const Json document_;
};

}  // namespace syncline::testing
