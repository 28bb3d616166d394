#include "project.hpp"

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace syncline::test {

plugin::HttpResponse Project::send(plugin::HttpRequest request) const {
    bool has_key = false;
    for (const auto& [name, value] : request.headers) {
        has_key = has_key || plugin::same_header(name, "apikey");
    }
    if (!has_key) {
        request.header("apikey", keys_.service_role);
        request.header("Authorization", "Bearer " + keys_.service_role);
    }
    auto response = exchange(request);
    return response ? *response : plugin::HttpResponse{};
}

Json Project::get(const std::string& path_and_query) const {
    plugin::HttpRequest request;
    request.url = url_ + "/rest/v1" + path_and_query;
    const auto response = send(request);
    const auto json = response.json();
    if (!response.ok() || !json) {
        throw std::runtime_error(
            path_and_query + " answered " + std::to_string(response.status) + " " + response.body
        );
    }
    return *json;
}

void Project::clear() const {
    for (const auto* table :
         {"order_lines",
          "orders",
          "products",
          "customers",
          "invoices",
          "id_mappings",
          "sync_logs"}) {
        plugin::HttpRequest request;
        request.method = "DELETE";
        request.url = url_ + "/rest/v1/" + table + "?id=gt.0";
        if (const auto response = send(request); !response.ok()) {
            throw std::runtime_error("cannot clear " + std::string(table) + ": " + response.body);
        }
    }
}

SimulatedProject::SimulatedProject() {
    using namespace std::chrono_literals;
    const auto log = folder_.path() / "sandbox.log";
    program_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{SYNCLINE_BINARY_DIR "/bin/syncline-sandbox"}, log
    );
    for (int i = 0; i < 200 && program_->log().find('\n') == std::string::npos; ++i) {
        std::this_thread::sleep_for(20ms);
    }
    const Json introduction = Json::parse(program_->log(), nullptr, false);
    if (!introduction.is_object()) {
        throw std::runtime_error("syncline-sandbox did not start: " + program_->log());
    }
    url_ = introduction["url"];
    const Json keys = control("GET", "/supabase/keys");
    keys_ = {keys["jwt_secret"], keys["service_role"], keys["anon"], keys["secret"]};
}

Json SimulatedProject::control(
    const std::string& method, const std::string& path, const std::string& body
) {
    plugin::HttpRequest request;
    request.method = method;
    request.url = url_ + "/_sandbox" + path;
    request.body = body;
    const auto response = exchange(request);
    const auto json = response ? response->json() : Result<Json>(response.error());
    if (!json || !response->ok()) {
        throw std::runtime_error("control " + path + ": " + (response ? response->body : ""));
    }
    return *json;
}

void SimulatedProject::load_schema(const std::string& sql) {
    control("POST", "/supabase/schema", sql);
}

SimulatedProject& simulated_project() {
    static SimulatedProject project;
    return project;
}

RealProject& real_project() {
    static RealProject project;
    return project;
}

std::string schema_sql() {
    std::ifstream stream(SYNCLINE_SOURCE_DIR "/docs/supabase-schema.sql");
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace syncline::test
