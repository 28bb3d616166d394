#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace syncline::test {

// A program that runs as long as this object lives, and no longer than the test program.
class ChildProcess {
public:
    // `arguments[0]` is the program's path. Output goes to `log`. Throws std::runtime_error.
    ChildProcess(const std::vector<std::string>& arguments, const std::filesystem::path& log);
    ~ChildProcess();  // sends `stop_signal`, then waits
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    bool running();
    std::string log() const;

    int stop_signal = 15;

private:
    pid_t pid_ = -1;
    const std::filesystem::path log_;
};

// Runs a program to its end. Output of both kinds comes back.
struct Finished {
    int status = 0;
    std::string output;
};
Finished run(const std::vector<std::string>& arguments, const std::string& input = {});

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
