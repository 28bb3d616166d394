// Looks at a plugin's file before any of its code may run.
#pragma once

#include <string>

#include <syncline/result.hpp>

#include "connectors/registry.hpp"

namespace syncline::connectors {

struct VettedPlugin {
    std::string file;
    std::string sha256;  // of the bytes that were vetted
    // Which file it was, to notice when it is replaced before it is loaded.
    std::string identity;
};

// A regular file (no link) that is readable, not writable by everyone, a library of this machine,
// exports syncline_plugin_v1 with the right magic, a size, major and needed minor this host can
// serve, and has the pinned hash. Errors: kConfig "plugin....": file, fault, way out.
Result<VettedPlugin> vet_plugin(const PluginConfig& plugin);

// The identity of what is at `file` now; empty if there is nothing.
std::string file_identity(const std::string& file);

}  // namespace syncline::connectors
