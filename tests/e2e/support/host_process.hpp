// The program `syncline` of this build: its folder, its life and its API.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/child_process.hpp"
#include "support/temp_dir.hpp"

namespace syncline::test {

using Json = nlohmann::json;

struct Answer {
    int status = 0;
    std::string type;  // Content-Type
    std::string text;
    Json json;  // null if the body is none
};

class HostProcess {
public:
    // Makes a folder with `syncline init` and a configuration of `config` on top of what tests
    // need: a free port, the three plugins, loopback allowed, waits of milliseconds.
    explicit HostProcess(
        const Json& config = Json::object(), std::string program = SYNCLINE_PROGRAM
    );
    ~HostProcess();

    // Starts the program and waits until it is ready. `environment`: "NAME=value". Throws
    // std::runtime_error with the program's output when it ends instead.
    void start(const std::vector<std::string>& environment = {});
    // SIGKILL, as `kill -9` does.
    void kill();
    // SIGTERM: the exit code.
    int stop();
    void send(int signal) { process_->send(signal); }
    int wait_for_end() { return process_->end(0); }
    bool running() { return process_ && process_->running(); }
    pid_t pid() const { return process_->pid(); }

    // Merges `change` (RFC 7396) into the configuration file.
    void configure(const Json& change);
    // The program with other arguments, in the same folder: `run({"config", "validate"})`.
    Finished run(
        const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {}
    ) const;

    // `serve` with a configuration that must be refused: what it said and its exit code; 124 when
    // it ran for half a minute instead. `prefix`: a program that starts it, with its arguments.
    Finished refused_start(
        const std::vector<std::string>& environment = {},
        const std::vector<std::string>& prefix = {}
    ) const;

    // One request with an admin's token of tenant default. Throws when no answer comes.
    Answer call(const std::string& method, const std::string& path, const Json& body = Json());
    Answer get(const std::string& path) { return call("GET", path); }
    Answer post(const std::string& path, const Json& body = Json::object()) {
        return call("POST", path, body);
    }
    // As it stands, with these headers.
    Answer raw(
        const std::string& method,
        const std::string& path,
        const std::string& body,
        const std::vector<std::pair<std::string, std::string>>& headers
    ) const;
    std::string token(const std::string& tenant = "default", const std::string& role = "admin")
        const;

    // Waits until no run is active and nothing is queued or on its way. Empty when that came within
    // `seconds`, else what the host says of its syncs.
    std::string unsettled(int seconds = 60);

    std::string file(const std::string& name) const { return folder_.file(name); }
    std::string config_file() const { return file("host/syncline.json"); }
    std::string database() const { return file("host/data/syncline.db"); }
    std::string log() const;
    const std::string& url() const { return url_; }

private:
    const std::string program_;
    testing::TempDir folder_;
    std::unique_ptr<ChildProcess> process_;
    std::string url_;
    std::string token_;
    int starts_ = 0;
};

}  // namespace syncline::test
