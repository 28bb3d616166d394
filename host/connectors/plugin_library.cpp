#define BOOST_DLL_USE_STD_FS
#include "connectors/plugin_library.hpp"

#include <boost/dll/shared_library.hpp>
#include <dlfcn.h>

namespace syncline::connectors {

struct PluginLibrary::Handle {
    boost::dll::shared_library library;
};

PluginLibrary::PluginLibrary(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
PluginLibrary::~PluginLibrary() = default;

Result<std::unique_ptr<PluginLibrary>> PluginLibrary::load(const VettedPlugin& vetted) {
    namespace mode = boost::dll::load_mode;
    // Bound at once, so that a missing symbol shows now; private names; and never unloaded, since
    // threads and thread-local destructors of the plugin may outlive any handle.
    constexpr auto kMode = static_cast<mode::type>(
        static_cast<unsigned>(mode::rtld_now) | static_cast<unsigned>(mode::rtld_local) |
        static_cast<unsigned>(RTLD_NODELETE)
    );
    const auto refused = [&](const std::string& why) {
        return Error{ErrorCode::kConfig, "plugin '" + vetted.file + "' " + why, "plugin.load"};
    };
    try {
        if (file_identity(vetted.file) != vetted.identity) {
            return refused("was replaced while it was being checked; load it again");
        }
        auto handle = std::make_unique<Handle>();
        handle->library.load(std::filesystem::path(vetted.file), kMode);
        if (file_identity(vetted.file) != vetted.identity) {
            return refused("was replaced while it was being loaded; restart with a file that stays"
            );
        }
        std::unique_ptr<PluginLibrary> result(new PluginLibrary(std::move(handle)));
        result->description_ =
            &result->handle_->library.get<const syncline_plugin>("syncline_plugin_v1");
        return result;
    } catch (const std::exception& e) {
        return refused(std::string("cannot be loaded: ") + e.what());
    }
}

}  // namespace syncline::connectors
