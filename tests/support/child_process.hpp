#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace syncline::test {

// A program that runs as long as this object lives, and no longer than the test program.
class ChildProcess {
public:
    // `arguments[0]` is the program's path. Output goes to the end of `log`; `environment`
    // ("NAME=value") comes on top of ours. Throws std::runtime_error.
    ChildProcess(
        const std::vector<std::string>& arguments,
        const std::filesystem::path& log,
        const std::vector<std::string>& environment = {}
    );
    ~ChildProcess();  // sends `stop_signal`, then waits
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    bool running();
    void send(int signal);
    // Sends `signal` (0: none) and waits for the end: the exit code, or 128 and the signal that
    // ended it. Throws std::runtime_error, and kills it, when that takes longer than a minute.
    int end(int signal);
    pid_t pid() const { return pid_; }
    std::string log() const;

    int stop_signal = 15;

private:
    void take(int status);

    pid_t pid_ = -1;
    int exit_code_ = 0;
    const std::filesystem::path log_;
};

// Runs a program to its end. Output of both kinds comes back.
struct Finished {
    int status = 0;
    std::string output;
};
Finished run(
    const std::vector<std::string>& arguments,
    const std::string& input = {},
    const std::vector<std::string>& environment = {}
);

// A fresh folder below /tmp that everybody may enter; gone with the object.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace syncline::test
