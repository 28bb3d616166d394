#include "main/local_database.hpp"

#include <array>

#include <pwd.h>
#include <unistd.h>

#include "connectors/system_clock.hpp"
#include "storage/installation.hpp"
#include "storage/migrator.hpp"

namespace syncline::host {
namespace {

storage::DatabaseConfig settings_of(const HostConfig& config) {
    storage::DatabaseConfig settings;
    settings.path = database_file(config);
    settings.readers = 1;
    return settings;
}

}  // namespace

Result<std::unique_ptr<storage::Database>> open_alone(const HostConfig& config) {
    const std::int64_t now = connectors::SystemClock().now().ms;
    SYNCLINE_ASSIGN_OR_RETURN(auto database, storage::Database::open(settings_of(config)));
    SYNCLINE_RETURN_IF_ERROR(storage::migrate(*database, storage::embedded_migrations(), now));
    // The audit log begins with it.
    SYNCLINE_RETURN_IF_ERROR(storage::installation_id(*database, now));
    return database;
}

Result<std::unique_ptr<storage::Database>> open_beside(const HostConfig& config) {
    auto alone = open_alone(config);
    if (alone || alone.error().name != "storage.in_use") {
        return alone;
    }
    storage::DatabaseConfig settings = settings_of(config);
    settings.exclusive = false;
    SYNCLINE_ASSIGN_OR_RETURN(auto database, storage::Database::open(settings));
    SYNCLINE_RETURN_IF_ERROR(storage::check_migrated(*database));
    SYNCLINE_RETURN_IF_ERROR(storage::installation_id(*database, connectors::SystemClock().now().ms)
    );
    return database;
}

storage::AuditActor local_actor() {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found);
    storage::AuditActor actor;
    actor.name = "unix:" + (found == nullptr ? std::to_string(::geteuid()) : found->pw_name);
    actor.credential = "command line";
    actor.role = "admin";
    return actor;
}

}  // namespace syncline::host
