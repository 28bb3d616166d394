// How messages reach channels: e-mail, Slack's incoming webhooks, and webhooks signed after the
// Standard Webhooks scheme. Addresses are held to the egress rules that connectors are held to;
// redirects are not followed; answers are bounded.
#pragma once

#include <memory>

#include "connectors/http/client.hpp"
#include "engine/alert_sender.hpp"

namespace syncline::host {

class AlertSenders : public engine::AlertSender {
public:
    // Errors: kConfig, as HttpClient::make().
    static Result<std::unique_ptr<AlertSenders>> make(connectors::HttpOptions options);

    Result<void> check(const storage::AlertChannel& channel, const AlertSecrets& secrets)
        const override;
    Result<engine::AlertReply> send(const engine::AlertPost& post) override;

private:
    AlertSenders(
        connectors::EgressPolicy policy,
        connectors::SharedTlsContext tls,
        std::unique_ptr<connectors::HttpClient> http
    )
        : policy_(std::move(policy)), tls_(std::move(tls)), http_(std::move(http)) {}

    Result<engine::AlertReply> send_mail(const engine::AlertPost& post);
    Result<engine::AlertReply> send_slack(const engine::AlertPost& post);
    Result<engine::AlertReply> send_webhook(const engine::AlertPost& post);
    Result<engine::AlertReply> post_json(
        const engine::AlertPost& post,
        const std::string& url,
        const std::string& body,
        connectors::Headers headers
    );

    const connectors::EgressPolicy policy_;
    const connectors::SharedTlsContext tls_;
    const std::unique_ptr<connectors::HttpClient> http_;
};

}  // namespace syncline::host
