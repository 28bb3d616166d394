// What platforms delivered, sealed; and the ring of what nobody claims. Storing is what a delivery
// is answered after: concurrent ones share a transaction, which is how database.hpp commits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

// A verified delivery to one connection.
struct NewWebhookEvent {
    TenantId tenant;
    ConnectionId connection;
    std::int64_t received_at_ms = 0;
    std::string topic;
    std::string webhook_id;
    std::string delivery_id;
    std::string body_sha256;
    std::int64_t body_bytes = 0;
    std::string identity;           // equal for a repetition: hash of the ids and the body
    bool repeats_are_news = false;  // then it is one only as long as the first is not handled
    std::string sealed;
};

struct StoredWebhookEvent {
    WebhookEventId id;
    bool repeated = false;  // it was there already
};

struct ReceivedWebhook {
    WebhookEventId id;
    TenantId tenant;
    ConnectionId connection;
    std::string connection_name;
    std::string platform;
    std::int64_t received_at_ms = 0;
    std::string topic;
    std::string webhook_id;
    std::string delivery_id;
    std::string body_sha256;
    std::int64_t body_bytes = 0;
    std::string state;           // stored, raised, ignored, failed
    std::string changes = "[]";  // JSON
    std::string reason_code;
    std::string reason;
    std::int64_t attempts = 0;
    std::int64_t run_at_ms = 0;
    std::int64_t repeats = 0;
    std::int64_t repeated_at_ms = 0;
    std::int64_t replays = 0;
    std::int64_t handled_at_ms = 0;
    std::string identity;
    std::string sealed;  // of due() and by_id() only

    // How often it came again, or was sent again by a person.
    std::int64_t came() const { return repeats + replays; }
};

// Empty members take all.
struct WebhookEventFilter {
    std::string connection;  // name
    std::string state;
    std::string topic;
    std::int64_t before_id = 0;  // page cursor
    std::int64_t limit = 50;
};

// How an event is handled.
struct WebhookOutcome {
    WebhookEventId id;
    std::int64_t came = 0;       // ReceivedWebhook::came() before its records were read
    std::string state;           // raised, ignored or failed; stored: again after `delay_ms`
    std::string changes = "[]";  // JSON
    std::string topic;           // empty: as it was
    std::string reason_code;
    std::string reason;
    std::int64_t delay_ms = 0;
};

// A connection with an event whose turn it is.
struct DueConnection {
    TenantId tenant;
    ConnectionId connection;
};

struct WebhookStray {
    std::int64_t number = 0;
    TenantId tenant;
    std::int64_t received_at_ms = 0;
    std::string platform;
    std::string connection;
    std::string reason;
    std::string body_sha256;
    std::int64_t body_bytes = 0;
    std::string sealed;
};

class WebhookEventStore {
public:
    static constexpr std::int64_t kRing = 1'000;

    explicit WebhookEventStore(Database& database) : database_(database) {}

    // Durable when it returns; all of them or none. A repetition is counted on the first.
    Result<std::vector<StoredWebhookEvent>> store(const std::vector<NewWebhookEvent>& events);

    // Connections with an event whose turn it is. What it costs does not depend on how many wait.
    Result<std::vector<DueConnection>> due_connections(std::int64_t now_ms) const;
    // Events whose turn it is, the oldest first.
    Result<std::vector<ReceivedWebhook>> due(
        ConnectionId connection, std::int64_t now_ms, std::int64_t limit
    ) const;
    // Part of a caller's unit of work. Nothing for an event that is not waiting any more; one that
    // came again since it was read (WebhookOutcome::came) waits for another turn.
    void finish(Sql& sql, const WebhookOutcome& outcome, std::int64_t now_ms);

    // The connection works again: its events need not wait for their turn. Answers how many.
    Result<std::int64_t> hasten(ConnectionId connection, std::int64_t now_ms);

    // By id, the newest first, without what is sealed.
    Result<std::vector<ReceivedWebhook>> list(TenantId tenant, const WebhookEventFilter& filter)
        const;
    Result<ReceivedWebhook> by_id(TenantId tenant, WebhookEventId id) const;  // kNotFound
    // It is handled once more. Errors: kNotFound.
    Result<void> replay(TenantId tenant, WebhookEventId id, std::int64_t now_ms);

    // Takes the place of the oldest when the ring is full. `more`: how many others came that are
    // only counted.
    Result<void> keep_stray(const WebhookStray& stray, std::int64_t more);
    Result<std::vector<WebhookStray>> strays(TenantId tenant, std::int64_t limit) const;
    // How many in the ring were addressed to the connection and not proven since.
    Result<std::int64_t> refused_since(
        TenantId tenant,
        const std::string& platform,
        const std::string& connection,
        std::int64_t since_ms
    ) const;
    // How many there ever were.
    Result<std::int64_t> stray_count() const;

private:
    Database& database_;
};

}  // namespace syncline::storage
