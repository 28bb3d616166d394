#include "storage/kv_store.hpp"

namespace syncline::storage {
namespace {

constexpr auto kGet = "SELECT sealed FROM connector_kv WHERE connection_id = ? AND key = ?";
constexpr auto kCount = "SELECT count(*) FROM connector_kv WHERE connection_id = ? AND key <> ?";
constexpr auto kPut = R"sql(
    INSERT INTO connector_kv (connection_id, key, sealed, updated_at_ms) VALUES (?, ?, ?, ?)
    ON CONFLICT (connection_id, key) DO UPDATE
       SET sealed = excluded.sealed, updated_at_ms = excluded.updated_at_ms
)sql";
constexpr auto kRemove = "DELETE FROM connector_kv WHERE connection_id = ? AND key = ?";

Place kv_place(TenantId tenant, ConnectionId connection, const std::string& key) {
    return {tenant, connection, "kv:" + key};
}

}  // namespace

Result<std::optional<std::string>> KvStore::get(
    TenantId tenant, ConnectionId connection, const std::string& key
) const {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto sealed, database_.read([&](Sql& sql) -> Result<std::optional<Blob>> {
            return sql.value<Blob>(kGet, connection.value, key);
        })
    );
    if (!sealed) {
        return std::optional<std::string>();
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        auto value, vault_.open(kv_place(tenant, connection, key), sealed->bytes)
    );
    return std::optional<std::string>(std::move(value));
}

Result<void> KvStore::put(
    TenantId tenant,
    ConnectionId connection,
    const std::string& key,
    const std::string& value,
    std::int64_t now_ms
) {
    if (key.empty() || key.size() > 200 || value.size() > kValueBytesMax) {
        return invalid("a connector's memory takes keys of 1 to 200 bytes and values up to 64 KiB");
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto sealed, vault_.seal(kv_place(tenant, connection, key), value)
    );
    return database_.write([&](Sql& sql) -> Result<void> {
        if (value.empty()) {
            sql.run(kRemove, connection.value, key);
            return {};
        }
        if (sql.value<std::int64_t>(kCount, connection.value, key).value_or(0) >= kKeysMax) {
            return invalid("a connector's memory holds at most 1000 keys");
        }
        sql.run(kPut, connection.value, key, Blob{sealed}, now_ms);
        return {};
    });
}

}  // namespace syncline::storage
