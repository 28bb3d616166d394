#include "case_runner.hpp"

#include <chrono>
#include <fstream>
#include <regex>
#include <stdexcept>
#include <thread>

namespace syncline::test {
namespace {

// What stands in a case for readability but not in a URL.
std::string to_target(const std::string& text) {
    std::string target;
    for (const char c : text) {
        if (c == ' ' || c == '"' || c == '\\') {
            target += plugin::url_encode(std::string(1, c));
        } else {
            target += c;
        }
    }
    return target;
}

std::string user_token(const Project& project, const std::string& key) {
    Json claims{{"role", "authenticated"}, {"exp", 4102444800}};
    const auto colon = key.find(':');
    const std::string tenant = colon == std::string::npos ? "" : key.substr(colon + 1);
    if (key.rfind("metadata", 0) == 0) {
        claims["app_metadata"]["tenant_id"] = tenant;
    } else if (!tenant.empty()) {
        claims["tenant_id"] = tenant;
    }
    if (key == "expired") {
        claims["exp"] = 1000000000;
    }
    return sign_jwt(
        claims,
        key == "forged" ? "another-secret-of-thirty-two-characters" : project.keys().jwt_secret
    );
}

void add_credentials(const Project& project, const std::string& key, plugin::HttpRequest& request) {
    const auto& keys = project.keys();
    if (key == "none") {
        return;
    }
    if (key == "wrong") {
        request.header("apikey", "sb_secret_wrong");
    } else if (key == "secret") {
        request.header("apikey", keys.secret);
    } else if (key == "anon" || key == "service") {
        const std::string& jwt = key == "anon" ? keys.anon : keys.service_role;
        request.header("apikey", jwt).header("Authorization", "Bearer " + jwt);
    } else {
        request.header("apikey", keys.anon);
        request.header("Authorization", "Bearer " + user_token(project, key));
    }
}

std::string mask_body(std::string body) {
    static const std::regex kChanging(R"re("(id|created_at|updated_at)":("[^"]*"|\d+))re");
    static const std::regex kFailingRow(R"re(Failing row contains \([^"]*\)\.)re");
    body = std::regex_replace(body, kChanging, R"("$1":*)");
    return std::regex_replace(body, kFailingRow, "Failing row contains (*).");
}

// Parsers word their complaints in their own way; only the code counts.
bool wording_is_free(const Json& json) {
    const Json code = json.is_object() ? json.value("code", Json()) : Json();
    return code == "PGRST100" || code == "PGRST202";
}

std::string now_text() {
    using namespace std::chrono;
    const auto ms = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    return Timestamp{ms}.to_string();
}

}  // namespace

plugin::HttpResponse send_line(
    const Project& project,
    const std::string& line,
    const std::string& key,
    plugin::HttpRequest request
) {
    const auto space = line.find(' ');
    request.method = line.substr(0, space);
    request.url = project.url() + "/rest/v1" + to_target(line.substr(space + 1));
    add_credentials(project, key, request);
    auto response = exchange(request);
    if (!response) {
        throw std::runtime_error(line + ": " + response.error().message);
    }
    return *response;
}

StepAnswer masked(const plugin::HttpResponse& response) {
    StepAnswer answer;
    answer.status = response.status;
    answer.empty_body = response.body.empty();
    if (auto json = parse_json(response.body)) {
        answer.json = *json;
    }
    for (const auto* name : {"Content-Range", "Preference-Applied", "Content-Type"}) {
        answer.headers += std::string(name) + ": " + std::string(response.header(name)) + "\n";
    }
    const bool challenged = !response.header("WWW-Authenticate").empty();
    answer.headers += challenged ? "challenged\n" : "";
    answer.body = wording_is_free(answer.json) ? answer.json["code"].get<std::string>()
                                               : mask_body(response.body);
    return answer;
}

CaseFile::CaseFile() {
    std::ifstream stream(SYNCLINE_TEST_DATA "/supabase/cases.json");
    const Json file = Json::parse(stream);
    templates_ = file.at("templates");
    cases_ = file.at("cases").get<std::vector<Json>>();
}

Json CaseFile::whole(const Json& body) const {
    if (body.is_array()) {
        Json rows = Json::array();
        for (const auto& row : body) {
            rows.push_back(whole(row));
        }
        return rows;
    }
    if (!body.is_object() || !body.contains("like")) {
        return body;
    }
    Json row = templates_.at(body["like"].get<std::string>());
    row.update(body);
    row.erase("like");
    return row;
}

void CaseFile::put_rows(const std::string& path, const Json& rows, const Project& project) const {
    plugin::HttpRequest request;
    request.json(whole(rows));
    const auto response = send_line(project, "POST " + path, "service", std::move(request));
    if (response.status != 201) {
        throw std::runtime_error("cannot put rows into " + path + ": " + response.body);
    }
}

std::vector<StepAnswer> CaseFile::play(const Json& one_case, const Project& project) const {
    project.clear();
    if (one_case.contains("rows")) {
        put_rows(one_case["rows"], one_case["given"], project);
    }
    if (one_case.contains("many")) {
        const Json& many = one_case["many"];
        Json rows = Json::array();
        for (int i = 0; i < many["count"].get<int>(); ++i) {
            rows.push_back({{"like", many["like"]}, {"source_id", std::to_string(i)}});
        }
        put_rows(many["path"], rows, project);
    }
    std::vector<StepAnswer> answers;
    std::string before_last;
    for (const auto& step : one_case["steps"]) {
        plugin::HttpRequest request;
        if (step.contains("prefer")) {
            request.header("Prefer", step["prefer"]);
        }
        const Json headers = step.value("headers", Json::object());
        for (const auto& [name, value] : headers.items()) {
            request.header(name, value);
        }
        if (step.contains("body") || step.contains("text")) {
            request.body = step.contains("body") ? whole(step["body"]).dump()
                                                 : step["text"].get<std::string>();
            if (!headers.contains("Content-Type")) {
                request.header("Content-Type", "application/json");
            }
            before_last = now_text();
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        std::string line = step["do"];
        if (const auto at = line.find("{before_last}"); at != std::string::npos) {
            line.replace(at, 13, before_last);
        }
        answers.push_back(masked(send_line(project, line, step.value("key", "service"), request)));
    }
    return answers;
}

}  // namespace syncline::test
