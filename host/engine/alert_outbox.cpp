#include "engine/alert_outbox.hpp"

#include <algorithm>
#include <array>

#include "core/log.hpp"

namespace syncline::engine {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{500};
constexpr std::size_t kThreads = 8;
constexpr std::ptrdiff_t kThreadsPerTenant = 4;
constexpr std::int64_t kDueMax = 50;
// A channel that failed, once or again, is left alone with all its messages for so long.
constexpr std::int64_t kHoldMs = 5'000;
constexpr std::int64_t kHoldAgainMs = 60'000;
constexpr std::int64_t kAgainMaxMs = 3'600'000;
// The schedule that is usual for webhooks.
constexpr std::array<std::int64_t, kAlertTriesMax - 1> kDelaysS{
    5, 300, 1'800, 7'200, 18'000, 36'000, 36'000};
constexpr std::int64_t kWaitMaxMs = 36'000'000 + kAgainMaxMs;

}  // namespace

milliseconds alert_try_delay(std::int64_t tries) {
    const auto at = std::clamp<std::int64_t>(tries, 1, kAlertTriesMax - 1) - 1;
    return std::chrono::seconds(kDelaysS[static_cast<std::size_t>(at)]);
}

AlertOutbox::~AlertOutbox() {
    stop();
}

void AlertOutbox::start() {
    senders_ = std::make_unique<WorkerPool>(kThreads);
    looking_.start(kTick, kTick, [this]() -> Result<std::chrono::milliseconds> {
        SYNCLINE_RETURN_IF_ERROR(hand_out());
        return kTick;
    });
}

void AlertOutbox::stop() {
    looking_.stop();
    senders_.reset();
}

Result<void> AlertOutbox::hand_out() {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto due, stores_.channels.due(clock_.now().ms, kWaitMaxMs, kDueMax)
    );
    for (const auto& delivery : due) {
        // As many as there are threads: whoever has to wait waits in the store.
        const bool taken = busy_.with([&](auto& busy) {
            const auto own = std::count_if(busy.begin(), busy.end(), [&](const auto& one) {
                return one.second == delivery.tenant;
            });
            return busy.size() < kThreads && own < kThreadsPerTenant &&
                   busy.try_emplace(delivery.channel, delivery.tenant).second;
        });
        if (!taken) {
            continue;
        }
        senders_->submit([this, delivery] {
            const auto delivered = deliver(delivery);
            busy_.with([&](auto& busy) { busy.erase(delivery.channel); });
            if (!delivered) {
                log::warn(
                    "what became of an alert's message is not known",
                    {{"message_id", delivery.message_id}, {"reason", delivered.error().message}}
                );
            }
        });
    }
    return {};
}

Result<std::size_t> AlertOutbox::step() {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto due, stores_.channels.due(clock_.now().ms, kWaitMaxMs, kDueMax)
    );
    for (const auto& delivery : due) {
        SYNCLINE_RETURN_IF_ERROR(deliver(delivery));
    }
    return due.size();
}

Result<void> AlertOutbox::deliver(const storage::AlertDelivery& delivery) {
    const std::int64_t tries = delivery.attempts + 1;
    const std::int64_t delay = alert_try_delay(tries).count();
    SYNCLINE_ASSIGN_OR_RETURN(
        const bool mine, stores_.channels.begin_try(delivery, clock_.now().ms + delay)
    );
    if (!mine) {
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto channel, stores_.channels.by_id(delivery.channel));
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, parse_json(delivery.message));
    SYNCLINE_ASSIGN_OR_RETURN(const auto message, from_json<AlertMessage>(json));
    const auto reply = control_.send(channel, message, &looking_.stopping());
    if (!reply && reply.error().code == ErrorCode::kCancelled) {
        return {};
    }
    storage::AlertTry ended;
    ended.at_ms = clock_.now().ms;
    ended.sent = reply && reply->taken;
    ended.last = tries >= kAlertTriesMax || (reply && reply->gone);
    ended.answer = reply ? reply->text : reply.error().message;
    const std::int64_t asked = reply ? milliseconds(reply->again).count() : 0;
    ended.again_ms = ended.at_ms + std::max(delay, std::min(asked, kAgainMaxMs));
    const std::int64_t hold = channel.failures == 0 ? kHoldMs : kHoldAgainMs;
    ended.hold_ms = ended.at_ms + std::max(hold, std::min(asked, kAgainMaxMs));
    if (!ended.sent && (tries == 1 || ended.last)) {
        log::warn(
            ended.last ? "an alert's message is given up" : "an alert's message was not taken",
            {{"tenant", channel.tenant_name},
             {"channel", channel.name},
             {"message_id", delivery.message_id},
             {"answer", ended.answer}}
        );
    }
    return stores_.channels.end_try(delivery, ended);
}

}  // namespace syncline::engine
