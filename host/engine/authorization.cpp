#include "engine/authorization.hpp"

#include <algorithm>

#include "core/failpoint.hpp"
#include "core/log.hpp"
#include "engine/store_outcome.hpp"

namespace syncline::engine {
namespace {

// No lifetime that a platform names is taken for longer than this.
constexpr std::int64_t kLifetimeMaxS = 10LL * 366 * 86'400;

// 0: the platform does not tell.
std::int64_t end_of(std::int64_t now_ms, std::int64_t lives_s) {
    return lives_s <= 0 ? 0 : now_ms + std::min(lives_s, kLifetimeMaxS) * 1000;
}

}  // namespace

Result<void> Authorization::ensure_fresh(
    const storage::Connection& connection,
    connectors::Connector& connector,
    const connectors::CallContext& call,
    std::int64_t at_least_ms
) {
    const std::int64_t seen = refreshes(connection.id);
    SYNCLINE_ASSIGN_OR_RETURN(
        const storage::Connection current, stores_.connections.by_id(connection.id)
    );
    if (current.token_expires_at_ms > clock_.now().ms + at_least_ms) {
        return {};
    }
    return refresh(connection, connector, call, seen);
}

std::int64_t Authorization::refreshes(ConnectionId connection) const {
    return state_.with([&](const State& state) {
        const auto done = state.done.find(connection);
        return done == state.done.end() ? std::int64_t{0} : done->second;
    });
}

Result<void> Authorization::refresh(
    const storage::Connection& connection,
    connectors::Connector& connector,
    const connectors::CallContext& call,
    std::int64_t seen
) {
    std::promise<Result<void>> promise;
    const std::shared_future<Result<void>> mine = promise.get_future().share();
    bool done_since = false;
    const std::shared_future<Result<void>> others =
        state_.with([&](State& state) -> std::shared_future<Result<void>> {
            done_since = state.done[connection.id] != seen;
            if (done_since) {
                return {};
            }
            const auto [entry, first] = state.under_way.try_emplace(connection.id, mine);
            return first ? std::shared_future<Result<void>>() : entry->second;
        });
    if (done_since) {
        return {};
    }
    if (others.valid()) {
        return others.get();
    }
    Result<void> result = refresh_now(connection, connector, call);
    state_.with([&](State& state) {
        state.done[connection.id] += result ? 1 : 0;
        state.under_way.erase(connection.id);
    });
    promise.set_value(result);
    return result;
}

Result<void> Authorization::refresh_now(
    const storage::Connection& connection,
    connectors::Connector& connector,
    const connectors::CallContext& call
) {
    storage::RefreshedTokens refreshed;
    refreshed.generation = connection.generation;
    SYNCLINE_ASSIGN_OR_RETURN(
        refreshed.sent, stores_.vault.version({connection.tenant, connection.id, "refresh_token"})
    );
    SYNCLINE_ASSIGN_OR_RETURN(const Tokens tokens, connector.oauth_refresh(call));
    refreshed.secrets["access_token"] = tokens.access_token;
    if (!tokens.refresh_token.empty()) {
        refreshed.secrets["refresh_token"] = tokens.refresh_token;
    }
    const std::int64_t now = clock_.now().ms;
    SYNCLINE_FAILPOINT("refresh.before_store");
    // The former refresh token may be void already: the new one must not get lost.
    SYNCLINE_RETURN_IF_ERROR(until_stored(call.stop, [&] {
        return stores_.vault.put_refreshed(connection.tenant, connection.id, refreshed, now);
    }));
    SYNCLINE_FAILPOINT("refresh.after_store");
    SYNCLINE_RETURN_IF_ERROR(stores_.connections.set_token_expiry(
        connection.id, now + std::clamp<std::int64_t>(tokens.expires_in_s, 0, kLifetimeMaxS) * 1000
    ));
    storage::OAuthGrant grant;
    grant.tenant = connection.tenant;
    grant.connection = connection.id;
    grant.refreshed_at_ms = now;
    grant.refresh_expires_at_ms = end_of(now, tokens.refresh_expires_in_s);
    grant.hard_expires_at_ms = end_of(now, tokens.hard_expires_in_s);
    SYNCLINE_RETURN_IF_ERROR(stores_.oauth.note_refresh(grant));
    log::info(
        "access token refreshed",
        {{"tenant", connection.tenant_name}, {"connection", connection.name}}
    );
    return {};
}

}  // namespace syncline::engine
