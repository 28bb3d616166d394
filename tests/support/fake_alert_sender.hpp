// Takes messages for alert channels, or refuses them. [any thread]
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/guarded.hpp"
#include "engine/alert_sender.hpp"

namespace syncline::testing {

class FakeAlertSender : public engine::AlertSender {
public:
    struct Sent {
        std::string channel;
        AlertMessage message;
        AlertSecrets secrets;
    };

    Result<void> check(const storage::AlertChannel& channel, const AlertSecrets&) const override {
        const Json url = channel.settings.value("url", Json());
        return url == "https://forbidden.example/"
                   ? Result<void>(Error{
                         ErrorCode::kInvalid, "/settings/url: forbidden", "alert_channel.invalid"})
                   : Result<void>();
    }
    Result<engine::AlertReply> send(const engine::AlertPost& post) override {
        sent_.with([&](auto& sent) {
            sent.push_back({post.channel.name, post.message, post.secrets});
        });
        if (on_send) {
            return on_send(post);
        }
        engine::AlertReply reply;
        reply.taken = true;
        reply.text = "250 queued";
        return reply;
    }

    std::vector<Sent> sent() const {
        return sent_.with([](const auto& sent) { return sent; });
    }
    void forget() {
        sent_.with([](auto& sent) { sent.clear(); });
    }

    std::function<Result<engine::AlertReply>(const engine::AlertPost&)> on_send;

private:
    Guarded<std::vector<Sent>> sent_;
};

}  // namespace syncline::testing
