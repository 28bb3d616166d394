// Which connections take deliveries of a platform, with the secrets that prove them. Looked up for
// every delivery, so it is kept in memory and looked at again every second; a delivery that nothing
// proves makes it look sooner. [any thread]
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "core/wipe.hpp"
#include "engine/connector_source.hpp"
#include "engine/credential_openings.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

struct WebhookReceiver {
    struct Secret {
        std::string effective;
        std::int64_t until_ms = 0;  // it proves until then; 0: for ever

        ~Secret() { wipe(effective); }
    };
    TenantId tenant;
    ConnectionId connection;
    std::string name;
    std::vector<std::string> sources;  // its account, as source_identity()
    std::vector<Secret> secrets;
};

// As they were at one time.
struct WebhookDirectory {
    std::map<std::string, std::vector<WebhookReceiver>> by_platform;
    TenantId operator_tenant;  // the oldest: what nobody claims is shown to it
};

class WebhookReceivers {
public:
    WebhookReceivers(Stores& stores, const ConnectorSource& source, const Clock& clock)
        : stores_(stores), source_(source), clock_(clock), openings_(stores, clock) {}

    // Not older than a second; with `now`, not older than a fifth of one. Errors: kStorage.
    Result<std::shared_ptr<const WebhookDirectory>> directory(bool now = false);
    // Something changed: it is looked at anew.
    void forget();

private:
    using Steady = std::chrono::steady_clock;
    struct Kept {
        std::shared_ptr<const WebhookDirectory> directory;
        Steady::time_point looked_at{};
    };
    Result<std::shared_ptr<const WebhookDirectory>> look();
    Result<WebhookReceiver> receiver(
        const storage::Connection& connection,
        const WebhookSpec& spec,
        CredentialOpenings::Together& openings
    );

    Stores& stores_;
    const ConnectorSource& source_;
    const Clock& clock_;
    CredentialOpenings openings_;
    Guarded<Kept> kept_;
    std::atomic<bool> looking_{false};  // somebody does
};

}  // namespace syncline::engine
