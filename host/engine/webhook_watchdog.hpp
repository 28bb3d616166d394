// Sees to it that platforms go on delivering. Every quarter of an hour it has the connector look at
// the webhooks the platform was asked for: what is missing is made (also on a new connection), what
// the platform has disabled is enabled again, reported, and what changed since the last delivery is
// read (by a flow that is paused or busy once it is not). Platforms that cannot be asked what they
// deliver are asked for changes when they were silent for long, and anyway from time to time, as
// their spec says and the read budget allows. Where a connection is gone from the configuration
// file, its webhooks are removed.
//
// Several platforms are asked at once, each with a deadline (ConnectionPool::kCourtesyMs), those
// that answered the last time before the others: one that does not answer holds up nobody.
//
// What needs a person is an event of the sync log: webhook.disabled, webhook.missing,
// webhook.paused, webhook.check_failed, webhook.silent, webhook.left_behind; webhook.lapsed tells
// that deliveries may have been missed on our side: no good check for long, a suspended tenant,
// refused deliveries. What changed since is read then, too.
//
// Life: start(), then stop() before anything it uses is destroyed.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/guarded.hpp"
#include "core/repeating.hpp"
#include "engine/sync_control.hpp"
#include "engine/webhook_receivers.hpp"

namespace syncline::engine {

class WebhookWatchdog {
public:
    static constexpr std::int64_t kCheckEveryMs = 15 * 60'000;
    static constexpr std::size_t kAtOnce = 8;

    // Without a `public_url` nothing is registered.
    WebhookWatchdog(
        Stores& stores,
        ConnectionPool& pool,
        const ConnectorSource& source,
        WebhookReceivers& receivers,
        SyncControl& syncs,
        const Clock& clock,
        std::string public_url
    )
        : stores_(stores),
          pool_(pool),
          source_(source),
          receivers_(receivers),
          syncs_(syncs),
          clock_(clock),
          public_url_(std::move(public_url)) {}
    ~WebhookWatchdog();

    void start();
    // Calls of connectors are asked to end. Idempotent.
    void stop();

    // Looks once at every connection. What goes wrong with one stops no other. For tests, instead
    // of start(). [one thread at a time]
    Result<void> step();

private:
    struct Watched {  // one connection
        const storage::Connection& connection;
        const Spec& spec;
        std::vector<Flow> flows;  // enabled ones that read it
        storage::WebhookEndpoint endpoint;
        bool owes = false;                 // a backfill
        std::int64_t tenant_since_ms = 0;  // it was suspended or resumed then
        std::int64_t now_ms = 0;

        bool is_gone() const { return connection.state == storage::ConnectionState::kDisabled; }
    };

    // Nothing when there is nothing to do now.
    Result<std::optional<Watched>> due(const storage::Connection& connection, const Spec& spec);
    // Whether deliveries may have been refused, or were not asked for, since the last good check.
    Result<bool> has_lapsed(const Watched& watched) const;
    bool is_check_due(const Watched& watched) const;
    static bool is_silent(const Watched& watched);
    static bool is_catch_up_due(const Watched& watched);
    void look_at_all(std::list<Watched>& all);
    Result<void> look_at(Watched& watched);
    Result<void> check(Watched& watched);
    Result<void> take_back(Watched& watched);
    Result<void> take_in(Watched& watched, const WebhookReport& report);
    Result<void> catch_up(Watched& watched);
    Result<bool> make_secret(const Watched& watched);
    // Says what was found; answers whether deliveries were missed.
    bool note_states(Watched& watched, const WebhookReport& report);
    void owe_backfills(storage::Sql& sql, const Watched& watched, std::int64_t good_ms);
    Result<void> pay_backfills(Watched& watched);
    // Whether it is settled: started, or refused for a reason that stays.
    Result<bool> start_flow(Watched& watched, const Flow& flow, const StartRequest& request);
    void note(
        const Watched& watched,
        const std::string& level,
        const std::string& event,
        const std::string& message
    );

    Stores& stores_;
    ConnectionPool& pool_;
    const ConnectorSource& source_;
    WebhookReceivers& receivers_;
    SyncControl& syncs_;
    const Clock& clock_;
    const std::string public_url_;

    // Backfills that source or target kept from starting: not again before.
    Guarded<std::map<FlowId, std::int64_t>> not_before_;
    Repeating looking_{"webhooks were not looked at"};
};

}  // namespace syncline::engine
