// Backups: the part of what the command line does on this machine that copies the database.
#include <filesystem>

#include <syncline/timestamp.hpp>

#include "connectors/system_clock.hpp"
#include "main/host_actions.hpp"
#include "main/key_files.hpp"
#include "storage/backup.hpp"
#include "storage/backup_check.hpp"

namespace syncline::host {
namespace {

namespace fs = std::filesystem;

// "syncline-20261121T191546Z.db"
std::string name_of_now() {
    std::string name;
    for (const char c : connectors::SystemClock().now().to_string()) {
        if (c == '.') {
            break;
        }
        if (c != '-' && c != ':') {
            name += c;
        }
    }
    return "syncline-" + name + "Z.db";
}

Json to_answer(const storage::BackupReport& report) {
    Json counts = Json::object();
    for (const auto& [what, count] : report.counts) {
        counts[what] = count;
    }
    return {
        {"file", report.file},
        {"bytes", report.bytes},
        {"schema_version", report.schema_version},
        {"key_checked", report.key_checked},
        {"counts", counts},
        {"problems", report.problems}};
}

}  // namespace

Result<Json> HostActions::create_backup(const std::string& config, const std::string& target) {
    SYNCLINE_ASSIGN_OR_RETURN(const HostConfig loaded, load_own_settings(config, environment_));
    std::error_code error;
    const bool is_folder = fs::is_directory(target, error);
    const std::string file = is_folder ? (fs::path(target) / name_of_now()).string() : target;
    SYNCLINE_ASSIGN_OR_RETURN(const auto made, storage::create_backup(database_file(loaded), file));
    return Json{
        {"file", made.file}, {"bytes", made.bytes}, {"schema_version", made.schema_version}};
}

Result<Json> HostActions::verify_backup(
    const std::string& config, const std::string& file, const std::string& scratch
) {
    std::unique_ptr<storage::KeyEncryption> keys;
    if (!config.empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(const HostConfig loaded, load_own_settings(config, environment_));
        SYNCLINE_ASSIGN_OR_RETURN(keys, encryption_keys(loaded, environment_));
    }
    const std::string folder =
        scratch.empty() ? fs::absolute(file).parent_path().string() : scratch;
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto report, storage::check_backup_with(file, folder, std::move(keys))
    );
    return to_answer(report);
}

}  // namespace syncline::host
