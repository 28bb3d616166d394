// Whom a tenant wants to be told of alerts, and the messages that are on their way to them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <syncline/json.hpp>

#include "core/alert_rules.hpp"
#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline {
using AlertChannelId = Id<struct AlertChannelTag>;
}

namespace syncline::storage {

struct AlertChannel {
    AlertChannelId id;
    TenantId tenant;
    std::string tenant_name;
    std::string name;
    std::string kind;  // email, slack, webhook
    Json settings = Json::object();
    std::string sealed_secrets;  // JSON by name; empty: none
    bool enabled = true;
    AlertSeverity severity_min = AlertSeverity::kWarning;
    std::int64_t failures = 0;  // in a row
    std::string last_answer;    // what the other side said
    std::int64_t last_sent_ms = 0;
    std::int64_t waiting = 0;  // deliveries
};

struct AlertDelivery {
    std::int64_t id = 0;
    AlertChannelId channel;
    std::string message_id;
    std::string type;   // alert.opened, alert.resolved
    std::string state;  // waiting, sent, failed
    std::int64_t attempts = 0;
    std::int64_t run_at_ms = 0;
    std::string answer;
    std::int64_t created_at_ms = 0;
    std::int64_t finished_at_ms = 0;
    std::string message;  // JSON of AlertMessage; of due() only
    TenantId tenant;
};

// How a try ended.
struct AlertTry {
    bool sent = false;
    bool last = false;   // not tried again
    std::string answer;  // what the other side said
    std::int64_t at_ms = 0;
    std::int64_t again_ms = 0;  // when this one is tried again
    std::int64_t hold_ms = 0;   // until when the channel is sent nothing
};

class AlertChannelStore {
public:
    explicit AlertChannelStore(Database& database) : database_(database) {}

    Result<std::vector<AlertChannel>> list(TenantId tenant) const;
    Result<AlertChannel> find(TenantId tenant, const std::string& name) const;  // kNotFound
    Result<AlertChannel> by_id(AlertChannelId id) const;                        // kNotFound

    // Parts of a caller's unit of work. insert: kExists when the name is taken.
    Result<void> insert(Sql& sql, const AlertChannel& channel, std::int64_t now_ms);
    void replace(Sql& sql, const AlertChannel& channel, std::int64_t now_ms);
    void remove(Sql& sql, AlertChannelId id);

    // The oldest delivery that is due, of every channel that has one; at most `limit`. A time that
    // lies further ahead than any wait is of a clock that was set back.
    Result<std::vector<AlertDelivery>> due(
        std::int64_t now_ms, std::int64_t wait_max_ms, std::int64_t limit
    ) const;
    // A try begins: should nobody come back from it, the next is at `again_ms`. False: another one
    // has it, or it is gone.
    Result<bool> begin_try(const AlertDelivery& delivery, std::int64_t again_ms);
    Result<void> end_try(const AlertDelivery& delivery, const AlertTry& ended);
    // The newest of a channel.
    Result<std::vector<AlertDelivery>> deliveries(AlertChannelId channel, std::int64_t limit) const;
    // What the other side said to a test.
    Result<void> note_answer(AlertChannelId id, const std::string& answer);

private:
    Database& database_;
};

}  // namespace syncline::storage
