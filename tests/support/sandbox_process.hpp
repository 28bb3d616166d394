#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace syncline::test {

// The program syncline-sandbox of this build, running until the object goes. A test program's end,
// however it comes, ends the sandbox too.
class SandboxProcess {
public:
    // Throws std::runtime_error when the program does not get to listen.
    explicit SandboxProcess(std::vector<std::string> arguments = {}) {
        int pipe_ends[2];
        if (pipe2(pipe_ends, O_CLOEXEC) != 0)
            throw std::runtime_error("no pipe for the sandbox's output");
        arguments.insert(arguments.begin(), SYNCLINE_BINARY_DIR "/bin/syncline-sandbox");
        pid_ = fork();
        if (pid_ == 0)
            become_the_program(arguments, pipe_ends[1]);
        close(pipe_ends[1]);
        const std::string line = first_line(pipe_ends[0]);
        close(pipe_ends[0]);
        introduction_ = nlohmann::json::parse(line, nullptr, false);
        if (!introduction_.is_object())
            throw std::runtime_error("syncline-sandbox did not start; it said: " + line);
        url_ = introduction_["url"].get<std::string>();
    }
    ~SandboxProcess() { stop(); }
    SandboxProcess(const SandboxProcess&) = delete;
    SandboxProcess& operator=(const SandboxProcess&) = delete;

    const std::string& url() const { return url_; }
    unsigned short port() const {
        return static_cast<unsigned short>(std::stoi(url_.substr(url_.rfind(':') + 1)));
    }
    // What the program printed: URL and credentials by platform.
    const nlohmann::json& introduction() const { return introduction_; }

    // Ends the program by SIGTERM; its exit code, or -1 when a signal ended it.
    int stop() {
        if (pid_ <= 0)
            return 0;
        int status = 0;
        kill(pid_, SIGTERM);
        waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    [[noreturn]] static void become_the_program(
        const std::vector<std::string>& arguments, int out
    ) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(out, STDOUT_FILENO);
        std::vector<char*> argv;
        for (const std::string& argument : arguments)
            argv.push_back(const_cast<char*>(argument.c_str()));
        argv.push_back(nullptr);
        execv(argv[0], argv.data());
        _exit(127);
    }

    static std::string first_line(int from) {
        std::string line;
        for (char c = 0; read(from, &c, 1) == 1 && c != '\n';) line += c;
        return line;
    }

    pid_t pid_ = -1;
    std::string url_;
    nlohmann::json introduction_;
};

struct SandboxReply {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    // "" when absent.
    std::string header(const std::string& name) const {
        for (const auto& [key, value] : headers)
            if (key == name)
                return value;
        return "";
    }
    // Throws nlohmann's exception for a body that is no JSON.
    nlohmann::json json() const { return nlohmann::json::parse(body); }
};

struct SandboxRequest {
    std::string method = "GET";
    std::string target;  // path and query
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
};

// One request on a connection of its own. Throws Poco's exceptions when no answer comes.
inline SandboxReply send(unsigned short port, const SandboxRequest& request) {
    Poco::Net::HTTPClientSession session("127.0.0.1", port);
    session.setTimeout(Poco::Timespan(20, 0));
    Poco::Net::HTTPRequest out(request.method, request.target, "HTTP/1.1");
    for (const auto& [name, value] : request.headers) out.add(name, value);
    out.setContentLength(static_cast<std::streamsize>(request.body.size()));
    session.sendRequest(out) << request.body;
    Poco::Net::HTTPResponse in;
    std::istream& stream = session.receiveResponse(in);
    SandboxReply reply;
    reply.status = static_cast<int>(in.getStatus());
    Poco::StreamCopier::copyToString(stream, reply.body);
    for (const auto& [name, value] : in) reply.headers.emplace_back(name, value);
    return reply;
}

}  // namespace syncline::test
