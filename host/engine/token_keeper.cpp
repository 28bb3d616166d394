#include "engine/token_keeper.hpp"

#include "core/log.hpp"

namespace syncline::engine {

TokenKeeper::~TokenKeeper() {
    stop();
}

void TokenKeeper::start() {
    const std::chrono::milliseconds every(kEveryMs);
    looking_.start(every, every, [this, every]() -> Result<std::chrono::milliseconds> {
        SYNCLINE_RETURN_IF_ERROR(step());
        return every;
    });
}

void TokenKeeper::stop() {
    looking_.stop();
}

Result<std::int64_t> TokenKeeper::step() {
    SYNCLINE_ASSIGN_OR_RETURN(const auto connections, stores_.connections.list_all());
    std::int64_t refreshed = 0;
    for (const auto& connection : connections) {
        const Spec* spec = source_.spec(connection.platform);
        const bool kept = spec != nullptr && spec->auth == AuthKind::kOAuth2 &&
                          connection.tenant_active &&
                          (connection.state == storage::ConnectionState::kActive ||
                           connection.state == storage::ConnectionState::kPaused);
        const bool ends = connection.token_expires_at_ms <= clock_.now().ms + kAtLeastMs;
        if (!kept || !ends || looking_.stopping()) {
            continue;
        }
        const auto fresh = pool_.keep_fresh(connection.id, kAtLeastMs, &looking_.stopping());
        refreshed += fresh ? 1 : 0;
        if (!fresh && fresh.error().code != ErrorCode::kCancelled) {
            log::warn(
                "an access token was not refreshed ahead of time",
                {{"tenant", connection.tenant_name},
                 {"connection", connection.name},
                 {"reason", fresh.error().message}}
            );
        }
    }
    return refreshed;
}

}  // namespace syncline::engine
