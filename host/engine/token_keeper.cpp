#include "engine/token_keeper.hpp"

#include "core/log.hpp"

namespace syncline::engine {

TokenKeeper::~TokenKeeper() {
    stop();
}

void TokenKeeper::start() {
    thread_ = std::thread([this] {
        std::unique_lock lock(mutex_);
        while (!stop_asked_.wait_for(lock, std::chrono::milliseconds(kEveryMs), [&] {
            return stopping_.load();
        })) {
            lock.unlock();
            if (const auto looked = step(); !looked) {
                log::warn("access tokens were not looked at", {{"reason", looked.error().message}});
            }
            lock.lock();
        }
    });
}

void TokenKeeper::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_asked_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
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
        if (!kept || !ends || stopping_) {
            continue;
        }
        const auto fresh = pool_.keep_fresh(connection.id, kAtLeastMs, &stopping_);
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
