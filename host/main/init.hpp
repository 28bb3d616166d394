// `syncline init`: a configuration that works, its keys and the data folder.
#pragma once

#include <string>

#include <syncline/result.hpp>

namespace syncline::host {

// Answers what was made and what to do next, for people. Errors: kExists naming the file that is
// there; nothing is ever overwritten.
Result<std::string> init_folder(const std::string& folder, const std::string& plugin_dir);

}  // namespace syncline::host
