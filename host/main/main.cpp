#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <malloc.h>
#include <unistd.h>

#include "cli/command_line.hpp"
#include "main/host_actions.hpp"

int main(int argc, char** argv) {
    using namespace syncline;  // NOLINT(google-build-using-namespace)
    // Each arena keeps the peak of the deliveries that once ran in it; glibc's own limit is 8 a
    // core.
    mallopt(M_ARENA_MAX, 2);
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
