// Takes back what a platform was asked to deliver, when its connection goes.
#pragma once

#include <string>

#include "engine/connection_pool.hpp"

namespace syncline::engine {

// Has the connector remove the webhooks that deliver to `url`; with an empty `url`, or when the
// platform was never asked for any, nothing happens. Waits for the platform for
// ConnectionPool::kCourtesyMs at most. Errors: those of the connector and of the platform; the
// webhooks are still there then. [any thread]
Result<void> remove_webhooks(
    Stores& stores,
    ConnectionPool& pool,
    const storage::Connection& connection,
    const std::string& url,
    const std::atomic<bool>* stop = nullptr
);

// Tells people of webhooks that could not be removed: the event webhook.left_behind.
void note_left_behind(
    Stores& stores,
    const storage::Connection& connection,
    const std::string& url,
    const Error& error,
    std::int64_t now_ms
);

}  // namespace syncline::engine
