// Keys: the part of what the command line does on this machine's database while no host has it.
#include <filesystem>

#include "api/key_views.hpp"
#include "connectors/system_clock.hpp"
#include "core/log.hpp"
#include "engine/key_rotation.hpp"
#include "main/host_actions.hpp"
#include "main/key_files.hpp"
#include "main/local_database.hpp"
#include "storage/key_reset.hpp"

namespace syncline::host {
namespace {

Result<Json> rotate(
    engine::KeyRotation& rotation, const std::function<void(const Json&)>& progress
) {
    SYNCLINE_ASSIGN_OR_RETURN(auto row, rotation.begin(local_actor()));
    for (bool more = true; more;) {
        SYNCLINE_ASSIGN_OR_RETURN(more, rotation.step());
        SYNCLINE_ASSIGN_OR_RETURN(const auto now, rotation.by_id(row.id));
        if (progress && (now.state != row.state || !more)) {
            progress(api::key_rotation_json(now));
        }
        row = now;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto overview, rotation.overview());
    return api::key_overview_json(overview);
}

// Without a key file, what would be lost is seen with a key that opens nothing.
Result<std::unique_ptr<storage::KeyEncryption>> keys_for_reset(
    const HostConfig& config, const Environment& environment, bool confirmed
) {
    if (!encryption_key_is_missing(config, environment)) {
        return encryption_keys(config, environment);
    }
    if (!confirmed) {
        SYNCLINE_ASSIGN_OR_RETURN(storage::Key none, storage::Key::random());
        return std::unique_ptr<storage::KeyEncryption>(
            std::make_unique<storage::KeyRing>(std::move(none))
        );
    }
    SYNCLINE_RETURN_IF_ERROR(make_key_file(config.keys.encryption_key_file));
    return encryption_keys(config, environment);
}

Result<Json> reset(const HostConfig& config, const Environment& environment, bool confirmed) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto database, open_alone(config));
    SYNCLINE_ASSIGN_OR_RETURN(auto keys, keys_for_reset(config, environment, confirmed));
    storage::Vault vault(*database, std::move(keys));
    if (!confirmed) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto found, storage::unreadable_by(*database, vault));
        return api::key_reset_json(found, false);
    }
    const std::int64_t now = connectors::SystemClock().now().ms;
    SYNCLINE_ASSIGN_OR_RETURN(const auto found, storage::reset_keys(*database, vault, now));
    const Json report = api::key_reset_json(found, true);
    storage::AuditEntry entry;
    entry.at_ms = now;
    entry.event = "keys.reset";
    entry.object = "encryption key " + storage::key_name(vault.keys().keys().front().id);
    entry.actor = local_actor();
    entry.detail = report;
    SYNCLINE_RETURN_IF_ERROR(storage::AuditLog(*database).append(entry));
    return report;
}

}  // namespace

Result<Json> HostActions::keys(const cli::KeysRequest& request) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const HostConfig loaded, load_own_settings(request.config, environment_)
    );
    // Nothing is said of it among what is printed for people.
    log::configure({log::Level::kError, loaded.log.format, {}});
    if (request.what == "reset") {
        return reset(loaded, environment_, request.confirmed);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto database, open_alone(loaded));
    SYNCLINE_ASSIGN_OR_RETURN(auto keys, encryption_keys(loaded, environment_));
    engine::Stores stores(*database, std::move(keys));
    const connectors::SystemClock clock;
    engine::KeyRotation rotation(stores, clock);
    if (request.what == "rotate") {
        SYNCLINE_RETURN_IF_ERROR(stores.vault.check_key());
        return rotate(rotation, request.progress);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto overview, rotation.overview());
    return api::key_overview_json(overview);
}

}  // namespace syncline::host
