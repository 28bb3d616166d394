#pragma once

#include <stdexcept>
#include <string>

#include "listener.hpp"
#include "platform.hpp"

namespace sandbox {

struct Options {
    ListenerOptions listener;
    PlatformOptions platform;
    bool help = false;
};

// A sentence for the person who typed the command line.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

extern const char* const kUsage;

// Throws UsageError.
Options parse_options(int argc, char** argv);

}  // namespace sandbox
