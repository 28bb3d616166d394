// What a real PostgREST 12.0.2 answered when it was recorded (tests/data/postgrest/answers.txt),
// asked again of the simulator and of the real one.
#include <fstream>
#include <regex>

#include <gtest/gtest.h>

#include <syncline/money.hpp>

#include "../support/case_runner.hpp"

namespace syncline::test {
namespace {

struct Recorded {
    std::string command;  // as curl got it
    std::string method = "GET";
    std::string target;  // path and query
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    int status = 0;
    std::vector<std::string> answer_headers;
    std::string answer;
};

// "-X POST https://... -H Prefer: count=exact -d {...}": values go up to the next option.
void read_command(Recorded& recorded) {
    static const std::regex kOption(R"((?:^| )(-X|-H|-d|-I|https://project\.example/rest/v1))");
    const std::string& text = recorded.command;
    for (std::sregex_iterator at(text.begin(), text.end(), kOption), end; at != end; ++at) {
        const auto next = std::next(at);
        const auto from = static_cast<std::size_t>(at->position() + at->length());
        const auto to = next == end ? text.size() : static_cast<std::size_t>(next->position());
        std::string value = text.substr(from, to - from);
        const std::string option = (*at)[1];
        if (option[0] == 'h') {
            recorded.target = value;
            continue;
        }
        value.erase(0, value.find_first_not_of(' '));
        if (option == "-X") {
            recorded.method = value;
        } else if (option == "-I") {
            recorded.method = "HEAD";
        } else if (option == "-d") {
            recorded.body = value;
        } else {
            const auto colon = value.find(": ");
            recorded.headers.emplace_back(value.substr(0, colon), value.substr(colon + 2));
        }
    }
}

std::vector<Recorded> read_recording() {
    std::ifstream stream(SYNCLINE_TEST_DATA "/postgrest/answers.txt");
    std::vector<Recorded> all;
    bool in_body = false;
    for (std::string line; std::getline(stream, line);) {
        if (line.rfind("### ", 0) == 0) {
            all.emplace_back();
            all.back().command = line.substr(4);
            read_command(all.back());
            in_body = false;
        } else if (line.rfind("HTTP/1.1 ", 0) == 0 && all.back().status == 0) {
            all.back().status = std::stoi(line.substr(9));
        } else if (!in_body && line.find(": ") != std::string::npos && line[0] != '{' && line[0] != '[') {
            all.back().answer_headers.push_back(line);
        } else {
            in_body = true;
            all.back().answer += (all.back().answer.empty() ? "" : "\n") + line;
        }
    }
    return all;
}

// The order of the answers is the order of the sequences' values, so ids can be compared.
std::string comparable(std::string body) {
    static const std::regex kTime(R"re("updated_at":"[^"]*")re");
    static const std::regex kFailingRow(R"re(Failing row contains \([^"]*\)\.)re");
    body = std::regex_replace(body, kTime, R"("updated_at":*)");
    body = std::regex_replace(body, kFailingRow, "Failing row contains (*).");
    while (!body.empty() && (body.back() == '\n' || body.back() == ' ')) {
        body.pop_back();
    }
    return body;
}

std::string resolve_key(const std::string& name, const Project& project) {
    return name == "ANON_JWT"           ? project.keys().anon
           : name == "SERVICE_ROLE_JWT" ? project.keys().service_role
                                        : name;
}

plugin::HttpResponse replay(const Recorded& recorded, const Project& project) {
    plugin::HttpRequest request;
    request.method = recorded.method;
    request.url = project.url() + "/rest/v1" + recorded.target;
    request.body = recorded.body;
    bool authorized = false;
    std::string key;
    for (const auto& [name, value] : recorded.headers) {
        authorized = authorized || name == "Authorization";
        const std::string resolved = name == "apikey" ? resolve_key(value, project) : value;
        key = name == "apikey" ? resolved : key;
        request.header(name, resolved);
    }
    if (!authorized && key.rfind("eyJ", 0) == 0) {
        request.header("Authorization", "Bearer " + key);
    }
    auto response = exchange(request);
    return response ? *response : plugin::HttpResponse{};
}

void expect_as_recorded(const Recorded& recorded, const plugin::HttpResponse& response) {
    EXPECT_EQ(response.status, recorded.status) << response.body;
    for (const auto& line : recorded.answer_headers) {
        const auto colon = line.find(": ");
        const std::string name = line.substr(0, colon);
        if (name == "Content-Range" || name == "Preference-Applied" || name == "Location") {
            EXPECT_EQ(response.header(name), line.substr(colon + 2));
        }
        if (name == "WWW-Authenticate") {
            EXPECT_FALSE(response.header(name).empty());
        }
    }
    if (recorded.method == "HEAD") {
        return;
    }
    const bool whole =
        Json::accept(recorded.answer) || recorded.answer.empty() || recorded.answer[0] == 'i';
    if (whole) {
        EXPECT_EQ(comparable(response.body), comparable(recorded.answer));
        return;
    }
    const std::string beginning = recorded.answer.substr(0, recorded.answer.rfind(','));
    EXPECT_EQ(
        comparable(response.body).substr(0, comparable(beginning).size()), comparable(beginning)
    );
}

void post_rows(const Project& project, const std::string& table, const Json& rows) {
    plugin::HttpRequest request;
    request.method = "POST";
    request.url = project.url() + "/rest/v1/" + table;
    request.json(rows);
    ASSERT_EQ(project.send(request).status, 201);
}

// The rows that the recorded server had, as far as the answers show them.
void fill(const Project& project) {
    Json customers = Json::array();
    for (int i = 1; i <= 50; ++i) {
        customers.push_back({{"id", i}, {"email", "c" + std::to_string(i) + "@example.test"}});
    }
    post_rows(project, "customers", customers);
    Json orders = Json::array();
    for (int i = 1; i <= 1500; ++i) {
        orders.push_back(
            {{"external_id", "w" + std::to_string(i)},
             {"customer_id", i % 50 + 1},
             {"total", Decimal(i * 150, 2).to_string()},
             {"raw", {{"n", i}}}}
        );
    }
    post_rows(project, "orders", orders);
    Json lines = Json::array();
    for (int i = 1; i <= 3000; ++i) {
        lines.push_back(
            {{"order_id", i % 1500 + 1},
             {"sku", "SKU-" + std::to_string(i % 10)},
             {"qty", i % 3 + 1},
             {"price", i % 7}}
        );
    }
    post_rows(project, "order_lines", lines);
}

std::string read_schema() {
    std::ifstream stream(SYNCLINE_TEST_DATA "/postgrest/schema.sql");
    return {std::istreambuf_iterator<char>(stream), {}};
}

// What the simulator does not do: functions, embedding of other tables, CSV.
bool beyond_the_subset(const Recorded& recorded) {
    return recorded.target.rfind("/rpc/", 0) == 0 ||
           recorded.target.find("customers(") != std::string::npos ||
           recorded.answer.rfind("id\n", 0) == 0;
}

int replay_all(Project& project, bool simulated) {
    int replayed = 0;
    for (const auto& recorded : read_recording()) {
        if (recorded.target.empty() || (simulated && beyond_the_subset(recorded))) {
            continue;  // the last entry tells of users' tokens in words; cases.json has those
        }
        SCOPED_TRACE(recorded.command);
        expect_as_recorded(recorded, replay(recorded, project));
        ++replayed;
    }
    return replayed;
}

TEST(SupabaseRecording, TheSimulatorAnswersAsRecorded) {
    SimulatedProject& project = simulated_project();
    project.load_schema(read_schema());
    fill(project);
    EXPECT_EQ(replay_all(project, true), 40);
    project.load_schema(schema_sql());
}

TEST(SupabaseRecording, TheRealOneAnswersAsRecorded) {
    RealProject& project = real_project();
    project.load_schema(read_schema() + R"sql(
        create function public.order_total(p_source text) returns numeric language sql stable as
            'select sum(total) from public.orders where source = p_source';
        create function public.boom() returns void language plpgsql as
            'begin raise sqlstate ''PT402'' using message = ''nope'', detail = ''need money'', hint = ''pay''; end';
        )sql");
    fill(project);
    EXPECT_EQ(replay_all(project, false), 46);
    project.load_schema(schema_sql());
}

}  // namespace
}  // namespace syncline::test
