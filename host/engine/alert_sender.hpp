// Who carries a message to a channel: implemented in main, by fakes in tests.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "core/alert_channel.hpp"
#include "core/alert_message.hpp"
#include "storage/alert_channel_store.hpp"

namespace syncline::engine {

struct AlertPost {
    const storage::AlertChannel& channel;
    const AlertSecrets& secrets;  // opened
    const AlertMessage& message;
    Timestamp now;  // of this try
    std::chrono::milliseconds time_left{15'000};
    const std::atomic<bool>* stop = nullptr;
};

struct AlertReply {
    bool taken = false;
    bool gone = false;              // the receiver wants no more
    std::string text;               // what the other side said, in a line; never a secret
    std::chrono::seconds again{0};  // when it wants to be asked again; 0: it does not say
};

class AlertSender {
public:
    virtual ~AlertSender() = default;

    // Whether the channel's addresses may be reached and are well formed, as far as that is known
    // without reaching them. Errors: kInvalid "/settings/url: ...". [any thread]
    virtual Result<void> check(const storage::AlertChannel& channel, const AlertSecrets& secrets)
        const = 0;

    // Returns by the post's time. Errors: the other side was not reached, or did not answer as it
    // should. [any thread]
    virtual Result<AlertReply> send(const AlertPost& post) = 0;
};

}  // namespace syncline::engine
