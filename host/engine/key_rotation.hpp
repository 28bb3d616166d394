// Goes over from one key-encryption key to another while everything else goes on: in small steps
// with pauses, on a thread of its own, from where it was after a kill. Noted in the audit log,
// among the rows of the installation.
//
// Life: start(), then stop() before the database is destroyed. A command without a host calls
// step() instead of start().
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/repeating.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

struct KeyUse {
    std::uint32_t id = 0;
    std::string origin;  // where it comes from; empty: it is not here
    bool current = false;
    std::int64_t data_keys = 0;  // wrapped with it
    std::vector<std::string> tenants;
    // Data keys need it, or a rotation may still.
    bool needed = false;
};

struct KeyOverview {
    std::vector<KeyUse> keys;                         // the current one first
    std::optional<storage::KeyRotationRow> rotation;  // the newest
    std::int64_t sealed_values = 0;
    std::int64_t unreadable_values = 0;
    std::vector<storage::UnreadableValue> unreadable;  // at most 100 of them
};

class KeyRotation {
public:
    KeyRotation(Stores& stores, const Clock& clock) : stores_(stores), clock_(clock) {}
    ~KeyRotation();

    // Goes on with what a kill interrupted, and wraps anew by itself what is still wrapped with a
    // key that is not the current one.
    void start();
    // Idempotent.
    void stop();

    // Makes a new key the current one, unless rows still have to go over to the one there is, and
    // begins. While one is under way: that one. Errors: those of KeyEncryption::renew(); kTransient
    // "keys.busy" while somebody else begins. [any thread, not in a unit of work]
    Result<storage::KeyRotationRow> begin(const storage::AuditActor& actor);

    // Does one step of what is under way; answers whether there is more. [one thread at a time]
    Result<bool> step();

    Result<KeyOverview> overview();
    Result<storage::KeyRotationRow> by_id(std::int64_t id) const { return stores_.keys.by_id(id); }

private:
    Result<std::chrono::milliseconds> look();
    Result<void> begin_by_itself();
    Result<storage::KeyRotationRow> open(const storage::AuditActor& actor);
    Result<void> note_completed(const storage::KeyRotationRow& rotation);

    Stores& stores_;
    const Clock& clock_;
    std::atomic<bool> beginning_{false};
    std::atomic<bool> under_way_{false};
    bool looked_ = false;  // for what a host that died left; of the thread alone
    Repeating looking_{"encryption keys wait"};
};

}  // namespace syncline::engine
