// Numbers of rows as types of their own, so that a flow's id cannot be passed for a connection's.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace syncline {

template <class Tag>
struct Id {
    std::int64_t value = 0;
    explicit operator bool() const { return value != 0; }
    friend auto operator<=>(const Id&, const Id&) = default;
};

using TenantId = Id<struct TenantTag>;
using ConnectionId = Id<struct ConnectionTag>;
using FlowId = Id<struct FlowTag>;
using JobId = Id<struct JobTag>;
using IntentId = Id<struct IntentTag>;
using ConflictId = Id<struct ConflictTag>;
using ScheduleId = Id<struct ScheduleTag>;
using WebhookEventId = Id<struct WebhookEventTag>;
using ApiKeyId = Id<struct ApiKeyTag>;
using RunId = std::string;  // UUIDv7 text: the API's syncId

}  // namespace syncline
