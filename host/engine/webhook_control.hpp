// What the API and the command line can do with webhook events. Everything is within one tenant.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/connector_source.hpp"
#include "engine/webhook_inbox.hpp"

namespace syncline::engine {

// An event with its headers and body; what was sealed with a lost key has neither.
struct OpenedWebhook {
    storage::ReceivedWebhook event;
    std::vector<WebhookHeader> headers;
    std::string body;
    bool readable = true;
};

struct OpenedStray {
    storage::WebhookStray stray;
    std::vector<WebhookHeader> headers;
    std::string body;  // its beginning
};

// What is known of the deliveries to a connection.
struct WebhookEndpointView {
    storage::WebhookEndpoint endpoint;
    std::string connection;
    std::string platform;
    bool has_secret = false;
    std::string url;  // where the platform is to deliver to; empty without webhooks.public_url
};

// The address of a connection's deliveries; empty without a public URL.
std::string webhook_url(
    const std::string& public_url, const std::string& platform, const std::string& connection
);

class WebhookControl {
public:
    WebhookControl(
        Stores& stores,
        const ConnectorSource& source,
        WebhookReceivers& receivers,
        const Clock& clock,
        std::string public_url,
        std::function<void()> wake
    )
        : stores_(stores),
          source_(source),
          receivers_(receivers),
          clock_(clock),
          public_url_(std::move(public_url)),
          wake_(std::move(wake)),
          openings_(stores, clock) {}

    Result<OpenedWebhook> open(TenantId tenant, WebhookEventId id) const;  // kNotFound
    // It is handled once more: its records are read again. Errors: kNotFound.
    Result<storage::ReceivedWebhook> replay(TenantId tenant, WebhookEventId id);
    // What was not accepted and would have been the tenant's, the newest first.
    Result<std::vector<OpenedStray>> strays(TenantId tenant, std::int64_t limit) const;
    // Of every connection whose platform sends webhooks.
    Result<std::vector<WebhookEndpointView>> endpoints(TenantId tenant) const;
    // A new secret; the former one proves for `overlap_ms` more. With an empty `secret` one is
    // made, which only the connector learns: for platforms that it tells. Errors: kNotFound;
    // kUnsupported (the platform has no webhooks, or nobody could tell it the secret); kExists
    // (managed_by_config).
    Result<WebhookEndpointView> rotate(
        TenantId tenant,
        const std::string& platform,
        const std::string& connection,
        const std::string& secret,
        std::int64_t overlap_ms
    );

private:
    Result<WebhookEndpointView> view(const storage::Connection& connection) const;
    bool can_register(const std::string& platform) const;

    Stores& stores_;
    const ConnectorSource& source_;
    WebhookReceivers& receivers_;
    const Clock& clock_;
    const std::string public_url_;
    const std::function<void()> wake_;
    CredentialOpenings openings_;
};

}  // namespace syncline::engine
