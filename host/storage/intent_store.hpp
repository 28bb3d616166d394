// Requests that must not happen twice (architecture 3). An intent is stored before its request is
// sent; while it is open, its lanes stay taken, so nothing newer overtakes it.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "storage/database.hpp"
#include "storage/vault.hpp"

namespace syncline::storage {

// When recovery looks at an intent that was given up: not before one of the jobs that wait for it
// is raised or redriven.
constexpr std::int64_t kIntentGivenUp = std::numeric_limits<std::int64_t>::max() / 4;

struct IntentItem {
    std::int64_t item = 0;
    JobId job;
    bool open = true;
};

struct Intent {
    IntentId id;
    TenantId tenant;
    ConnectionId connection;
    FlowId flow;
    std::int64_t epoch = 0;
    // Opened: JSON of what was handed to the connector, and whom each item is for. Empty: it cannot
    // be opened any more.
    std::string request;
    bool answered = false;
    std::int64_t attempts = 0;
    std::int64_t created_at_ms = 0;
    std::vector<IntentItem> items;
};

struct NewIntent {
    TenantId tenant;
    ConnectionId connection;
    FlowId flow;
    std::string request;
    std::vector<JobId> jobs;         // of the items, in their order
    std::vector<std::string> lanes;  // they all are held by `token` now
    std::int64_t token = 0;
};

// The idempotency key of an intent's request; never a hash of content (A -> B -> A would replay A).
std::string intent_key(const std::string& installation, IntentId id, std::int64_t epoch);

class IntentStore {
public:
    IntentStore(Database& database, Vault& vault) : database_(database), vault_(vault) {}

    // Durable when it returns.
    Result<IntentId> open(const NewIntent& intent, std::int64_t now_ms);

    // Connections that have an open intent whose recovery is due and whose delivery is over, and
    // those intents of one connection.
    Result<std::vector<ConnectionId>> due_connections(std::int64_t now_ms) const;
    Result<std::vector<Intent>> due(
        ConnectionId connection, std::int64_t now_ms, std::int64_t limit
    ) const;
    Result<std::int64_t> count_open(ConnectionId connection) const;

    // Parts of a caller's unit of work.
    void settle_item(Sql& sql, IntentId id, std::int64_t item);
    // When no item is open any more: settles the intent and frees its lanes, but for those whose
    // job is leased, which stay with the lease. Answers whether it was so.
    bool settle_if_complete(Sql& sql, IntentId id, std::int64_t now_ms);

    // The delivery is over and items are still in doubt: recovery looks at them at `run_at_ms`.
    // `attempt`: it uses up one; a wait for a rate limit or for credentials does not.
    enum class Attempt { kUsedUp, kNone };
    void leave_open(
        Sql& sql,
        IntentId id,
        bool answered,
        Attempt attempt,
        std::int64_t run_at_ms,
        const std::string& error
    );
    // Part of the unit of work that stores its outcomes: the lane is in doubt no more, since no
    // item of it is open.
    void uncover(Sql& sql, IntentId id, ConnectionId connection, const std::string& lane);

    // The remaining items go out again under a new key.
    Result<void> next_epoch(IntentId id);
    // At start: no delivery runs.
    Result<void> release_all(std::int64_t now_ms);

private:
    Database& database_;
    Vault& vault_;
};

}  // namespace syncline::storage
