#include "support/child_process.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace syncline::test {
namespace {

std::vector<char*> to_argv(std::vector<std::string>& arguments) {
    std::vector<char*> argv;
    for (auto& argument : arguments) {
        argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    return argv;
}

// In the child: never returns.
[[noreturn]] void become(
    const std::vector<char*>& argv, const std::vector<std::string>& environment
) {
    for (const auto& entry : environment) {
        const std::size_t equals = entry.find('=');
        setenv(entry.substr(0, equals).c_str(), entry.substr(equals + 1).c_str(), 1);
    }
    execvp(argv[0], argv.data());
    _exit(127);
}

std::string read_file(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

}  // namespace

ChildProcess::ChildProcess(
    const std::vector<std::string>& arguments,
    const std::filesystem::path& log,
    const std::vector<std::string>& environment
)
    : log_(log) {
    std::vector<std::string> owned = arguments;
    const auto argv = to_argv(owned);
    const int out = open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(127);
        }
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
        become(argv, environment);
    }
    close(out);
    if (pid_ < 0) {
        throw std::runtime_error("cannot start " + arguments[0] + ": " + std::strerror(errno));
    }
}

ChildProcess::~ChildProcess() {
    using namespace std::chrono_literals;
    if (pid_ <= 0) {
        return;
    }
    kill(pid_, stop_signal);
    for (int i = 0; i < 500; ++i) {
        if (waitpid(pid_, nullptr, WNOHANG) != 0) {
            return;
        }
        std::this_thread::sleep_for(10ms);
    }
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

bool ChildProcess::running() {
    int status = 0;
    if (pid_ > 0 && waitpid(pid_, &status, WNOHANG) != 0) {
        take(status);
    }
    return pid_ > 0;
}

void ChildProcess::send(int signal) {
    if (pid_ > 0) {
        kill(pid_, signal);
    }
}

int ChildProcess::end(int signal) {
    using namespace std::chrono_literals;
    if (signal != 0) {
        send(signal);
    }
    for (int i = 0; i < 12'000; ++i) {
        if (!running()) {
            return exit_code_;
        }
        std::this_thread::sleep_for(5ms);
    }
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
    throw std::runtime_error("the program did not end within a minute:\n" + log());
}

void ChildProcess::take(int status) {
    pid_ = -1;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string ChildProcess::log() const {
    return read_file(log_);
}

Finished run(
    const std::vector<std::string>& arguments,
    const std::string& input,
    const std::vector<std::string>& environment
) {
    const TemporaryFolder folder;
    const auto in_path = folder.path() / "in";
    const auto out_path = folder.path() / "out";
    std::ofstream(in_path) << input;
    std::vector<std::string> owned = arguments;
    const auto argv = to_argv(owned);
    const int in = open(in_path.c_str(), O_RDONLY | O_CLOEXEC);
    const int out = open(out_path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(in, STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
        become(argv, environment);
    }
    close(in);
    close(out);
    int status = 0;
    waitpid(pid, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128, read_file(out_path)};
}

TemporaryFolder::TemporaryFolder() {
    std::string name = "/tmp/syncline-test-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("cannot make a folder below /tmp");
    }
    path_ = name;
    std::filesystem::permissions(path_, static_cast<std::filesystem::perms>(0755));
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace syncline::test
