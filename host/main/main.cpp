#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/command_line.hpp"
#include "main/host_actions.hpp"

namespace {

// Keys and tokens are in memory: none of it goes to a file, nor to another process of our user.
void keep_memory_private() {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace syncline;  // NOLINT(google-build-using-namespace)
    // Each arena keeps the peak of the deliveries that once ran in it; glibc's own limit is 8 a
    // core.
    mallopt(M_ARENA_MAX, 2);
    keep_memory_private();
    try {
        host::HostActions actions(host::process_environment);
        cli::Surroundings around{
            std::cout,
            std::cerr,
            host::process_environment,
            actions,
            isatty(STDERR_FILENO) == 1,
            isatty(STDIN_FILENO) == 1 ? &std::cin : nullptr};
        return cli::run_command({argv + 1, argv + argc}, around);
    } catch (const std::exception& e) {
        std::cerr << "syncline: " << e.what() << "\n";
        return cli::kFailed;
    }
}
