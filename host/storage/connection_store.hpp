// A tenant's configured accounts, without their secrets (vault.hpp).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <syncline/operations.hpp>

#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

// kNeedsReauth: its credentials are refused; work waits unharmed until new ones are stored.
// kDisabled: gone from the configuration file.
enum class ConnectionState { kActive, kPaused, kNeedsReauth, kDisabled };

}  // namespace syncline::storage

namespace syncline {
template <>
struct EnumNames<storage::ConnectionState> {
    static constexpr std::array<std::pair<storage::ConnectionState, std::string_view>, 4> kNames{{
        {storage::ConnectionState::kActive, "active"},
        {storage::ConnectionState::kPaused, "paused"},
        {storage::ConnectionState::kNeedsReauth, "needs_reauth"},
        {storage::ConnectionState::kDisabled, "disabled"},
    }};
};
}  // namespace syncline

namespace syncline::storage {

struct Connection {
    ConnectionId id;
    TenantId tenant;
    std::string tenant_name;
    std::string name;
    std::string platform;
    Json settings = Json::object();
    ConnectionState state = ConnectionState::kActive;
    std::string state_reason;
    std::int64_t not_before_ms = 0;
    std::string remote_identity;
    Json facts;     // null: never discovered
    Json entities;  // Catalog::entities, of the same discovery; null: never discovered
    std::int64_t facts_at_ms = 0;
    std::int64_t token_expires_at_ms = 0;
    bool declared = false;
    std::int64_t generation = 1;
    bool tenant_active = true;  // else suspended

    // "woocommerce:shop", the name of this source in a target
    std::string source_name() const { return platform + ":" + name; }
};

struct NewConnection {
    TenantId tenant;
    std::string name;
    std::string platform;
    Json settings = Json::object();
    bool declared = false;
};

// 1 to 63 characters of a-z, 0-9, '-' and '_'. Errors: kInvalid.
Result<void> check_connection_name(const std::string& name);

class ConnectionStore {
public:
    explicit ConnectionStore(Database& database) : database_(database) {}

    // Makes the connection or replaces its settings (which raises its generation). Errors: kExists
    // when the name belongs to a connection of another platform, kInvalid for a bad name.
    Result<Connection> put(const NewConnection& connection, std::int64_t now_ms);

    Result<Connection> find(TenantId tenant, const std::string& name) const;  // kNotFound
    Result<Connection> by_id(ConnectionId id) const;                          // kNotFound
    Result<std::vector<Connection>> list(TenantId tenant) const;
    Result<std::vector<Connection>> list_all() const;

    Result<void> set_state(
        ConnectionId id, ConnectionState state, const std::string& reason, std::int64_t now_ms
    );
    // What a call showed that was made with the credentials of `generation`: nothing about others,
    // nor about a connection that is disabled by now. Answers whether it was taken in.
    Result<bool> note_state(
        ConnectionId id,
        std::int64_t generation,
        ConnectionState state,
        const std::string& reason,
        std::int64_t now_ms
    );
    // The configuration file does not declare it any more: disabled, and the API may take it over.
    Result<void> retire(ConnectionId id, const std::string& reason, std::int64_t now_ms);
    // Rate limit: no call before this instant. Never moves an earlier decision closer.
    Result<void> set_not_before(ConnectionId id, std::int64_t not_before_ms);
    Result<void> set_discovered(ConnectionId id, const Catalog& catalog, std::int64_t now_ms);
    // What was discovered stays, but is discovered anew when it is asked for the next time.
    Result<void> doubt_discovered(ConnectionId id);
    Result<void> set_remote_identity(ConnectionId id, const std::string& identity);
    Result<void> set_token_expiry(ConnectionId id, std::int64_t expires_at_ms);
    // Instances must be made anew (new credentials).
    Result<void> raise_generation(ConnectionId id);

private:
    Database& database_;
};

}  // namespace syncline::storage
