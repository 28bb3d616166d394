// What the API and the command line can do with alerts and channels, and the way a message takes to
// a channel: its secrets are opened for it, which is noted. Everything is within one tenant, and
// noted in the audit log in the same unit of work. [any thread]
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/alert_channel.hpp"
#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "engine/alert_sender.hpp"
#include "engine/alert_stores.hpp"

namespace syncline::engine {

struct NewAlertChannel {
    std::string name;
    std::string kind;
    Json settings = Json::object();
    AlertSecrets secrets;  // what is left out stays, or is made
    bool enabled = true;
    AlertSeverity severity_min = AlertSeverity::kWarning;
};

struct MadeAlertChannel {
    storage::AlertChannel channel;
    std::string made_secret;  // of a webhook that came without; nobody can read it again
};

// What the other side said to a test.
struct AlertTest {
    bool taken = false;
    std::string answer;
    std::string message_id;
    std::int64_t took_ms = 0;
};

class AlertControl {
public:
    AlertControl(AlertStores& stores, AlertSender& sender, const Clock& clock)
        : stores_(stores), sender_(sender), clock_(clock) {}

    const AlertStores& stores() const { return stores_; }

    // Errors: kNotFound.
    Result<storage::Alert> acknowledge(
        TenantId tenant, AlertId id, const std::string& note, const storage::AuditActor& actor
    );

    // Errors: kInvalid with every problem; kExists "alert_channel.exists",
    // "alert_channel.too_many".
    Result<MadeAlertChannel> create(
        TenantId tenant, const NewAlertChannel& wanted, const storage::AuditActor& actor
    );
    // Its kind stays. Errors: kNotFound, kInvalid; also for a password that is left out although
    // the server is another one.
    Result<MadeAlertChannel> replace(
        TenantId tenant, const NewAlertChannel& wanted, const storage::AuditActor& actor
    );
    // Its waiting messages go with it. Errors: kNotFound.
    Result<void> remove(TenantId tenant, const std::string& name, const storage::AuditActor& actor);
    // Sends one message now. Errors: kNotFound; what the other side says is no error.
    Result<AlertTest> test(
        TenantId tenant, const std::string& name, const storage::AuditActor& actor
    );

    // Errors: as AlertSender::send; kStorage "vault.unreadable".
    Result<AlertReply> send(
        const storage::AlertChannel& channel,
        const AlertMessage& message,
        const std::atomic<bool>* stop
    );

private:
    Result<AlertSecrets> secrets_of(const storage::AlertChannel& channel);
    Result<std::string> seal(const storage::AlertChannel& channel, const AlertSecrets& secrets);
    Result<void> note_opening(const storage::AlertChannel& channel);
    Result<void> complete(storage::AlertChannel& channel, const AlertSecrets& secrets) const;
    storage::AuditEntry entry_of(
        const storage::AlertChannel& channel, const char* event, const storage::AuditActor& actor
    ) const;

    AlertStores& stores_;
    AlertSender& sender_;
    const Clock& clock_;
    Guarded<std::map<AlertChannelId, std::int64_t>> noted_;  // when an opening was
};

}  // namespace syncline::engine
