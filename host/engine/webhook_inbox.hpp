// Takes deliveries of platforms in: finds whose they are, verifies them on the bytes as they came,
// and stores them durably before it answers. Of a body about several accounts a connection is given
// what is about its own: they may be other tenants'. What they mean is looked at later
// (webhook_intake.hpp). [any thread]
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/operations.hpp>

#include "engine/webhook_receivers.hpp"

namespace syncline::engine {

struct IncomingWebhook {
    std::string platform;
    std::string connection;  // by name, as the address has it; empty: it does not say
    WebhookDelivery delivery;
    std::string_view body;
};

enum class WebhookReceipt {
    kStored,    // durable
    kRepeated,  // it was there already
    kPing,      // a test of the address, which means nothing
    kNobodys,   // genuine, but about an account that no connection has; kept in the ring
};

class WebhookInbox {
public:
    WebhookInbox(
        Stores& stores,
        const ConnectorSource& source,
        WebhookReceivers& receivers,
        const Clock& clock,
        std::function<void()> wake
    )
        : stores_(stores),
          source_(source),
          receivers_(receivers),
          clock_(clock),
          wake_(std::move(wake)) {}

    // Errors: kNotFound "webhook.platform" (no plugin of that platform takes webhooks);
    // kUnauthorized "webhook.unproven" (no secret proves it), which is counted and kept in the
    // ring; kStorage when it could not be stored, so that the sender keeps it.
    Result<WebhookReceipt> accept(const IncomingWebhook& incoming);

private:
    struct Proven {
        std::vector<const WebhookReceiver*> receivers;
        bool by_platform = false;                // by a secret of some connection of the platform
        const WebhookReceiver* meant = nullptr;  // its address or source names it
        std::vector<std::string> sources;        // what it is about
        std::string reason;                      // why nobody's
    };
    Proven prove(
        const WebhookSpec& spec,
        const std::vector<WebhookReceiver>& receivers,
        const IncomingWebhook& incoming
    ) const;
    Result<WebhookReceipt> store(
        const WebhookSpec& spec, const Proven& proven, const IncomingWebhook& incoming
    );
    void keep_stray(
        const IncomingWebhook& incoming,
        const WebhookSpec& spec,
        TenantId tenant,
        const std::string& reason
    );

    // So many strays per second are written; the others are only counted.
    struct StrayPace {
        std::int64_t second = 0;
        std::int64_t kept = 0;
        std::int64_t more = 0;
    };

    Stores& stores_;
    const ConnectorSource& source_;
    WebhookReceivers& receivers_;
    const Clock& clock_;
    const std::function<void()> wake_;
    Guarded<StrayPace> strays_;
};

// Headers and body as they are sealed, and back. Headers that carry credentials are left out.
std::string webhook_text(
    const WebhookSpec& spec, const WebhookDelivery& delivery, std::string_view body
);
struct WebhookText {
    WebhookDelivery delivery;
    std::string body;
};
Result<WebhookText> parse_webhook_text(const std::string& text);  // kStorage

storage::Place webhook_place(TenantId tenant, ConnectionId connection, const std::string& identity);
storage::Place stray_place(TenantId tenant, const std::string& body_sha256);

}  // namespace syncline::engine
