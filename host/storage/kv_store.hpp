// The small durable memory of a connection's connector, sealed. Bounded per connection.
#pragma once

#include <optional>
#include <string>

#include "core/ids.hpp"
#include "storage/database.hpp"
#include "storage/vault.hpp"

namespace syncline::storage {

class KvStore {
public:
    static constexpr std::int64_t kKeysMax = 1000;
    static constexpr std::size_t kValueBytesMax = 64 * 1024;

    KvStore(Database& database, Vault& vault) : database_(database), vault_(vault) {}

    Result<std::optional<std::string>> get(
        TenantId tenant, ConnectionId connection, const std::string& key
    ) const;
    // An empty value removes the key. Errors: kInvalid over the bounds.
    Result<void> put(
        TenantId tenant,
        ConnectionId connection,
        const std::string& key,
        const std::string& value,
        std::int64_t now_ms
    );

private:
    Database& database_;
    Vault& vault_;
};

}  // namespace syncline::storage
