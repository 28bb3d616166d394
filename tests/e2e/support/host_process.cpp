#include "e2e/support/host_process.hpp"

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

namespace syncline::test {
namespace {

using namespace std::chrono_literals;

Json config_for_tests() {
    return {
        {"api", {{"port", 0}}},
        {"egress", {{"allow", {"127.0.0.1:*"}}}},
        {"connectors",
         {{{"file", WOOCOMMERCE_PLUGIN}},
          {{"file", QUICKBOOKS_PLUGIN}},
          {{"file", SUPABASE_PLUGIN}}}}};
}

// What the program said when it was ready; null before.
Json ready_line(const std::string& log) {
    std::istringstream lines(log);
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("{\"", 0) == 0 && line.find("\"ready\":true") != std::string::npos) {
            return Json::parse(line, nullptr, false);
        }
    }
    return {};
}

}  // namespace

HostProcess::HostProcess(const Json& config, std::string program) : program_(std::move(program)) {
    const auto made = run({"init", file("host")});
    if (made.status != 0) {
        throw std::runtime_error("syncline init: " + made.output);
    }
    Json whole = config_for_tests();
    whole.merge_patch(config);
    std::ofstream(config_file()) << whole.dump(2);
}

HostProcess::~HostProcess() = default;

void HostProcess::configure(const Json& change) {
    std::ifstream in(config_file());
    Json whole = Json::parse(in);
    whole.merge_patch(change);
    std::ofstream(config_file()) << whole.dump(2);
}

Finished HostProcess::run(
    const std::vector<std::string>& arguments, const std::vector<std::string>& environment
) const {
    std::vector<std::string> whole{program_};
    whole.insert(whole.end(), arguments.begin(), arguments.end());
    auto variables = environment;
    variables.push_back("SYNCLINE_CONFIG=" + config_file());
    return test::run(whole, {}, variables);
}

Finished HostProcess::refused_start(
    const std::vector<std::string>& environment, const std::vector<std::string>& prefix
) const {
    std::vector<std::string> whole{"/usr/bin/timeout", "30"};
    whole.insert(whole.end(), prefix.begin(), prefix.end());
    whole.insert(whole.end(), {program_, "serve", "--config", config_file()});
    return test::run(whole, {}, environment);
}

void HostProcess::start(const std::vector<std::string>& environment) {
    const std::string log_file = file("host-" + std::to_string(++starts_) + ".log");
    process_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{program_, "serve", "--config", config_file()},
        log_file,
        environment
    );
    for (int i = 0; i < 6000; ++i) {
        const bool running = process_->running();
        const Json ready = ready_line(process_->log());
        if (ready.is_object()) {
            url_ = ready.at("url").get<std::string>();
            return;
        }
        if (!running) {
            throw std::runtime_error("the host ended:\n" + process_->log());
        }
        std::this_thread::sleep_for(5ms);
    }
    throw std::runtime_error("the host was not ready within 30 s:\n" + process_->log());
}

void HostProcess::kill() {
    process_->end(SIGKILL);
}

int HostProcess::stop() {
    return process_->end(SIGTERM);
}

std::string HostProcess::log() const {
    std::string all;
    for (int i = 1; i <= starts_; ++i) {
        std::ostringstream text;
        text << std::ifstream(file("host-" + std::to_string(i) + ".log")).rdbuf();
        all += text.str();
    }
    return all;
}

std::string HostProcess::token(const std::string& tenant, const std::string& role) const {
    const auto made = run({"token", "--tenant", tenant, "--role", role});
    if (made.status != 0) {
        throw std::runtime_error("syncline token: " + made.output);
    }
    return made.output.substr(0, made.output.find('\n'));
}

Answer HostProcess::raw(
    const std::string& method,
    const std::string& path,
    const std::string& body,
    const std::vector<std::pair<std::string, std::string>>& headers
) const {
    const Poco::URI uri(url_);
    Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
    session.setTimeout(Poco::Timespan(60, 0));
    Poco::Net::HTTPRequest request(method, path, "HTTP/1.1");
    for (const auto& [name, value] : headers) {
        request.set(name, value);
    }
    if (!body.empty() || method != "GET") {
        request.setContentLength64(static_cast<std::int64_t>(body.size()));
    }
    session.sendRequest(request) << body;
    Poco::Net::HTTPResponse response;
    Answer answer;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), answer.text);
    answer.status = response.getStatus();
    answer.type = response.getContentType();
    answer.json = Json::parse(answer.text, nullptr, false);
    if (answer.json.is_discarded()) {
        answer.json = Json();
    }
    return answer;
}

Answer HostProcess::call(const std::string& method, const std::string& path, const Json& body) {
    if (token_.empty()) {
        token_ = token();
    }
    return raw(
        method,
        path,
        body.is_null() ? "" : body.dump(),
        {{"Authorization", "Bearer " + token_}, {"Content-Type", "application/json"}}
    );
}

std::string HostProcess::unsettled(int seconds) {
    std::string last = "no answer";
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (std::chrono::steady_clock::now() < until) {
        const Json status = get("/api/sync/status").json;
        last = status.dump(1);
        bool idle = status.at("queue").at("queued") == 0 && status["queue"]["delivering"] == 0;
        for (const auto& sync : status.at("items")) {
            idle = idle && sync.at("status") != "running" && sync.at("status") != "queued";
        }
        if (idle) {
            return "";
        }
        std::this_thread::sleep_for(20ms);
    }
    return last + "\n" + log();
}

}  // namespace syncline::test
