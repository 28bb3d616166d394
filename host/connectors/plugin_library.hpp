// A plugin's library, mapped into this process for the rest of its life.
#pragma once

#include <memory>
#include <string>

#include <syncline/abi.h>
#include <syncline/result.hpp>

#include "connectors/plugin_file.hpp"

namespace syncline::connectors {

class PluginLibrary {
public:
    // Runs the library's constructors. Errors: kConfig (it cannot be linked, or was replaced since
    // it was vetted).
    static Result<std::unique_ptr<PluginLibrary>> load(const VettedPlugin& vetted);
    ~PluginLibrary();

    const syncline_plugin& description() const { return *description_; }

private:
    struct Handle;
    explicit PluginLibrary(std::unique_ptr<Handle> handle);

    std::unique_ptr<Handle> handle_;
    const syncline_plugin* description_ = nullptr;
};

}  // namespace syncline::connectors
