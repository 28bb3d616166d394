#include "main/init.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <syncline/json.hpp>

#include "main/key_files.hpp"

namespace syncline::host {
namespace {

namespace fs = std::filesystem;

Error cannot(const std::string& what, const fs::path& path, const std::string& why) {
    return Error{ErrorCode::kConfig, "cannot " + what + " " + path.string() + ": " + why};
}

// The plugins below a folder, relative to it: beside each other, or each in a folder of its own.
std::vector<std::string> plugins_in(const fs::path& folder) {
    std::vector<std::string> files;
    std::error_code error;
    fs::recursive_directory_iterator it(folder, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
        if (it.depth() > 1) {
            it.pop();
            continue;
        }
        if (it->path().extension() == ".so" && it->is_regular_file(error)) {
            files.push_back(it->path().lexically_relative(folder).string());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string config_text(const std::string& plugin_dir, const std::vector<std::string>& plugins) {
    std::string connectors;
    for (const auto& file : plugins) {
        connectors += connectors.empty() ? "\n" : ",\n";
        connectors += "        {\"file\": " + dump_json(Json(file)) + "}";
    }
    std::string text = R"({
    // All settings, with their meaning and defaults: syncline.example.json. Paths are relative to
    // this file. The environment overrides: DATABASE_URL, API_HOST, API_PORT,
    // INTEGRATION_ENCRYPTION_KEY.
    "database": {"url": "sqlite:./data/syncline.db"},
    // Without the encryption key the database cannot be read: keep a copy of it elsewhere.
    "keys": {
        "encryption_key_file": "./keys/encryption.key",
        "token_key_file": "./keys/token.key"
    },
    "api": {"host": "127.0.0.1", "port": 8923},
)";
    if (!plugin_dir.empty()) {
        text += "    \"plugin_dir\": " + dump_json(Json(plugin_dir)) + ",\n";
    }
    text += "    // Plugins to load.\n    \"connectors\": [" + connectors +
            (connectors.empty() ? "" : "\n    ") +
            "],\n    \"tenants\": [{\"name\": \"default\"}]\n}\n";
    return text;
}

Result<void> write_new(const fs::path& path, const std::string& text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return cannot("write", path, std::error_code(errno, std::generic_category()).message());
    }
    const bool written =
        ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(file) == 0;
    const int why = errno;
    ::close(file);
    return written ? Result<void>()
                   : cannot("write", path, std::error_code(why, std::generic_category()).message());
}

Result<void> make_private(const fs::path& folder) {
    std::error_code error;
    const bool made = fs::create_directories(folder, error);
    if (!error && made) {
        fs::permissions(folder, fs::perms::owner_all, error);
    }
    return error ? cannot("make the folder", folder, error.message()) : Result<void>();
}

}  // namespace

Result<std::string> init_folder(const std::string& folder, const std::string& plugin_dir) {
    const fs::path base = fs::absolute(folder).lexically_normal();
    const fs::path config = base / "syncline.json";
    const fs::path sealing = base / "keys/encryption.key";
    const fs::path signing = base / "keys/token.key";
    for (const auto& path : {config, sealing, signing, base / "data/syncline.db"}) {
        std::error_code error;
        if (fs::exists(fs::symlink_status(path, error))) {
            return Error{
                ErrorCode::kExists,
                path.string() + " is there already; nothing was changed (choose another folder)"};
        }
    }
    const fs::path own_plugins =
        fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "lib/syncline/plugins";
    const std::string chosen =
        plugin_dir.empty() ? "" : fs::absolute(plugin_dir).lexically_normal().string();
    const auto plugins = plugins_in(chosen.empty() ? own_plugins : fs::path(chosen));
    for (const auto& path : {base, base / "keys", base / "data"}) {
        SYNCLINE_RETURN_IF_ERROR(make_private(path));
    }
    SYNCLINE_RETURN_IF_ERROR(make_key_file(sealing.string()));
    SYNCLINE_RETURN_IF_ERROR(make_key_file(signing.string()));
    SYNCLINE_RETURN_IF_ERROR(write_new(config, config_text(chosen, plugins)));
    std::string next =
        "wrote " + config.string() + ", " + sealing.string() + " and " + signing.string() + "\n";
    if (plugins.empty()) {
        next += "no plugins in " + (chosen.empty() ? own_plugins.string() : chosen) +
                "; name them in \"connectors\"\n";
    }
    return next + "keep a copy of the encryption key: without it the database cannot be read\n" +
           "start:  syncline serve --config " + config.string() + "\n" +
           "token:  syncline token --config " + config.string() + " --role admin\n";
}

}  // namespace syncline::host
