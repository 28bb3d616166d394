#include "sandbox_quickbooks/support/books.hpp"

#include <fstream>

#include "quickbooks/quickbooks.hpp"

namespace sandbox::quickbooks::test {

namespace {

const Json& errors_of(const Json& body) {
    static const Json none = Json::array();
    if (body.is_object() && body.contains("Fault"))
        return body["Fault"]["Error"];
    if (body.is_object() && body.contains("fault"))
        return body["fault"]["error"];
    return none;
}

}  // namespace

std::string Answer::faults() const {
    std::string codes;
    for (const Json& error : errors_of(body))
        codes += (codes.empty() ? "" : " ") + error["code"].get<std::string>();
    return codes;
}

std::string Answer::fault() const {
    return errors_of(body).size() == 1 ? faults() : "";
}

std::string Answer::detail() const {
    const Json& errors = errors_of(body);
    return errors.empty() ? "" : errors[0].value("Detail", "");
}

std::string Answer::element() const {
    const Json& errors = errors_of(body);
    return errors.empty() ? "" : errors[0].value("element", "");
}

Answer answer_of(const Response& response) {
    Answer answer{response.status, response.body, Json::parse(response.body, nullptr, false), ""};
    for (const auto& [name, value] : response.headers)
        if (name == "intuit_tid")
            answer.tid = value;
    return answer;
}

std::string registered_client() {
    return "Basic c2FuZGJveC1jbGllbnQtaWQ6c2FuZGJveC1jbGllbnQtc2VjcmV0";
}

Request form_post(const std::string& path, const std::string& body, const std::string& client) {
    Request request;
    request.method = "POST";
    request.path = path;
    request.headers = {
        {"Authorization", client},
        {"Accept", "application/json"},
        {"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = body;
    return request;
}

Json sample(const std::string& name) {
    std::ifstream file(SYNCLINE_TEST_DATA "/quickbooks/qbo_" + name + ".json");
    EXPECT_TRUE(file) << name;
    return Json::parse(file);
}

Json listed(const Json& one_or_more) {
    return one_or_more.is_array() ? one_or_more : Json::array({one_or_more});
}

Json amount(const std::string& decimal) {
    return Json::parse(decimal);
}

Books::Books(const std::string& profile) {
    PlatformOptions options;
    options.clock = &clock_;
    platform_ = make_quickbooks(options);
    if (profile != "us_ast")
        control("realms", {{"realm", kRealm}, {"profile", profile}});
    refresh_token = std::string("RT1-sandbox-first-") + kRealm;
    renew();
}

Answer Books::refresh(const std::string& token) {
    return answer_of(platform_->handle(form_post(
        "/oauth2/v1/tokens/bearer",
        "grant_type=refresh_token&refresh_token=" + token,
        registered_client()
    )));
}

void Books::renew() {
    const Answer answer = refresh(refresh_token);
    EXPECT_EQ(answer.status, 200) << answer.text;
    access_token = answer.body.value("access_token", "");
    refresh_token = answer.body.value("refresh_token", "");
}

Answer Books::send(const std::string& method, const std::string& target, const std::string& body) {
    Request request;
    const auto question = target.find('?');
    request.method = method;
    request.path = "/v3/company/" + realm + target.substr(0, question);
    if (question != std::string::npos) {
        request.raw_query = target.substr(question + 1);
        request.query = parse_form(request.raw_query);
    }
    request.headers = {{"Authorization", "Bearer " + access_token}};
    if (!accept.empty())
        request.headers.emplace_back("Accept", accept);
    if (method == "POST")
        request.headers.emplace_back("Content-Type", content_type);
    request.body = body;
    return answer_of(platform_->handle(request));
}

Answer Books::get(const std::string& target) {
    return send("GET", target, "");
}

Answer Books::post(const std::string& target, const Json& body) {
    return send("POST", target, body.dump());
}

Answer Books::query(const std::string& statement) {
    const std::string kept = content_type;
    content_type = "application/text";
    Answer answer = send("POST", "/query", statement);
    content_type = kept;
    return answer;
}

Json Books::made(const std::string& target, const Json& body) {
    const Answer answer = post(target, body);
    EXPECT_EQ(answer.status, 200) << target << "\n" << body.dump() << "\n" << answer.text;
    return answer.status == 200 ? answer.body.front() : Json();
}

Json Books::read(const std::string& target) {
    const Answer answer = get(target);
    EXPECT_EQ(answer.status, 200) << target << "\n" << answer.text;
    return answer.status == 200 ? answer.body.front() : Json();
}

Json Books::control(const std::string& path, const Json& body) {
    Request request;
    const auto question = path.find('?');
    request.method = "POST";
    request.path = "/" + path.substr(0, question);
    if (question != std::string::npos)
        request.query = parse_form(path.substr(question + 1));
    request.body = body.dump();
    const Response response = platform_->control(request);
    EXPECT_EQ(response.status, 200) << path << "\n" << response.body;
    return Json::parse(response.body, nullptr, false);
}

Json Books::control_get(const std::string& path) {
    Request request;
    const auto question = path.find('?');
    request.method = "GET";
    request.path = "/" + path.substr(0, question);
    if (question != std::string::npos)
        request.query = parse_form(path.substr(question + 1));
    return Json::parse(platform_->control(request).body);
}

std::string Books::customer() {
    if (customer_.empty())
        customer_ = made("/customer", {{"DisplayName", "Ines Okafor (W731)"}})["Id"];
    return customer_;
}

std::string Books::item() {
    if (item_.empty())
        item_ = made(
            "/item",
            {{"Name", "Tea Sampler"},
             {"Type", "NonInventory"},
             {"Taxable", true},
             {"IncomeAccountRef", {{"value", "79"}}}}
        )["Id"];
    return item_;
}

Json Books::line(const std::string& value, const std::string& tax_code) {
    Json detail{{"ItemRef", {{"value", item()}}}};
    if (!tax_code.empty())
        detail["TaxCodeRef"] = {{"value", tax_code}};
    return {
        {"Amount", amount(value)},
        {"DetailType", "SalesItemLineDetail"},
        {"SalesItemLineDetail", std::move(detail)}};
}

Json Books::document(const Json& lines) {
    return {{"CustomerRef", {{"value", customer()}}}, {"Line", listed(lines)}};
}

}  // namespace sandbox::quickbooks::test
