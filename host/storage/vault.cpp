#include "storage/vault.hpp"

#include "core/sha256.hpp"

namespace syncline::storage {
namespace {

constexpr auto kAnyWrapped =
    "SELECT tenant_id, id, wrapped FROM data_keys ORDER BY id DESC LIMIT 1";
constexpr auto kNewestKey = R"sql(
    SELECT id, wrapped FROM data_keys WHERE tenant_id = ? ORDER BY id DESC LIMIT 1
)sql";
constexpr auto kKeyById = "SELECT wrapped FROM data_keys WHERE tenant_id = ? AND id = ?";
constexpr auto kInsertKey =
    "INSERT INTO data_keys (tenant_id, kek_id, wrapped, created_at_ms) VALUES (?, ?, ?, ?)";
constexpr auto kPutCredential = R"sql(
    INSERT INTO credentials (connection_id, field, tenant_id, sealed, seed, updated_at_ms)
    SELECT id, ?, tenant_id, ?, ?, ? FROM connections WHERE id = ? AND tenant_id = ?
    ON CONFLICT (connection_id, field) DO UPDATE
       SET sealed = excluded.sealed, updated_at_ms = excluded.updated_at_ms,
           seed = CASE WHEN excluded.seed = '' THEN credentials.seed ELSE excluded.seed END
)sql";
constexpr auto kCredential = R"sql(
    SELECT sealed FROM credentials WHERE tenant_id = ? AND connection_id = ? AND field = ?
)sql";
constexpr auto kSeed = R"sql(
    SELECT seed FROM credentials WHERE tenant_id = ? AND connection_id = ? AND field = ?
)sql";
constexpr auto kNames = R"sql(
    SELECT field FROM credentials WHERE tenant_id = ? AND connection_id = ? ORDER BY field
)sql";
constexpr auto kGeneration = "SELECT generation FROM connections WHERE id = ? AND tenant_id = ?";
// A refresh under way is for the former credentials.
constexpr auto kRaiseGeneration =
    "UPDATE connections SET generation = generation + 1 WHERE id = ? AND tenant_id = ?";
constexpr auto kRemove = "DELETE FROM credentials WHERE tenant_id = ? AND connection_id = ?";
constexpr auto kRemoveOne =
    "DELETE FROM credentials WHERE tenant_id = ? AND connection_id = ? AND field = ?";

std::string place_text(const Place& place) {
    return "tenant=" + std::to_string(place.tenant.value) +
           ";connection=" + std::to_string(place.connection.value) + ";field=" + place.field;
}

std::string wrap_place(TenantId tenant) {
    return "data key of tenant=" + std::to_string(tenant.value);
}

Result<void> put(
    Sql& sql,
    const Place& place,
    const std::string& sealed,
    const std::string& seed,
    std::int64_t now_ms
) {
    const std::int64_t rows = sql.run(
        kPutCredential,
        place.field,
        Blob{sealed},
        seed,
        now_ms,
        place.connection.value,
        place.tenant.value
    );
    if (rows == 0) {
        return Error{ErrorCode::kNotFound, "there is no such connection", "connection.unknown"};
    }
    return {};
}

}  // namespace

Result<void> Vault::check_key() {
    using Row = std::optional<std::tuple<std::int64_t, std::int64_t, Blob>>;
    SYNCLINE_ASSIGN_OR_RETURN(const Row row, database_.read([](Sql& sql) -> Result<Row> {
        return sql.row<std::int64_t, std::int64_t, Blob>(kAnyWrapped);
    }));
    if (!row) {
        return {};
    }
    const auto& [tenant, id, wrapped] = *row;
    if (!unwrap(TenantId{tenant}, id, wrapped.bytes)) {
        return Error{
            ErrorCode::kConfig,
            "the encryption key is not the one this database was sealed with; give the former key "
            "(INTEGRATION_ENCRYPTION_KEY or the key file)",
            "vault.wrong_key"};
    }
    return {};
}

Result<void> Vault::prepare_tenant(TenantId tenant, std::int64_t now_ms) {
    using Row = std::optional<std::tuple<std::int64_t, Blob>>;
    SYNCLINE_ASSIGN_OR_RETURN(const Row row, database_.read([&](Sql& sql) -> Result<Row> {
        return sql.row<std::int64_t, Blob>(kNewestKey, tenant.value);
    }));
    if (row) {
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Key key, Key::random());
    SYNCLINE_ASSIGN_OR_RETURN(const auto wrapped, encrypt(kek_, key.reveal(), wrap_place(tenant)));
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(
            kInsertKey, tenant.value, static_cast<std::int64_t>(kek_.id()), Blob{wrapped}, now_ms
        );
        return {};
    });
}

Result<Vault::DataKey> Vault::unwrap(TenantId tenant, std::int64_t id, const std::string& wrapped) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto bytes, decrypt(kek_, wrapped, wrap_place(tenant)));
    SYNCLINE_ASSIGN_OR_RETURN(Key key, Key::from_bytes(bytes));
    DataKey opened{id, std::move(key)};
    const std::lock_guard lock(mutex_);
    opened_.insert_or_assign(id, opened);
    return opened;
}

Result<Vault::DataKey> Vault::newest_key(TenantId tenant) {
    {
        const std::lock_guard lock(mutex_);
        const auto known = newest_.find(tenant.value);
        if (known != newest_.end()) {
            return opened_.at(known->second);
        }
    }
    using Row = std::optional<std::tuple<std::int64_t, Blob>>;
    SYNCLINE_ASSIGN_OR_RETURN(const Row row, database_.read([&](Sql& sql) -> Result<Row> {
        return sql.row<std::int64_t, Blob>(kNewestKey, tenant.value);
    }));
    if (!row) {
        return Error{ErrorCode::kBug, "the tenant has no data key", "vault.no_key"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        DataKey opened, unwrap(tenant, std::get<0>(*row), std::get<1>(*row).bytes)
    );
    const std::lock_guard lock(mutex_);
    newest_[tenant.value] = opened.id;
    return opened;
}

Result<Vault::DataKey> Vault::key_by_id(TenantId tenant, std::int64_t id) {
    {
        const std::lock_guard lock(mutex_);
        const auto known = opened_.find(id);
        if (known != opened_.end()) {
            return known->second;
        }
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto wrapped, database_.read([&](Sql& sql) -> Result<std::optional<Blob>> {
            return sql.value<Blob>(kKeyById, tenant.value, id);
        })
    );
    if (!wrapped) {
        return Error{
            ErrorCode::kStorage, "the data key of a sealed value is gone", "vault.unreadable"};
    }
    return unwrap(tenant, id, wrapped->bytes);
}

Result<std::string> Vault::seal(const Place& place, std::string_view plain) {
    SYNCLINE_ASSIGN_OR_RETURN(const DataKey key, newest_key(place.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(const auto body, encrypt(key.key, plain, place_text(place)));
    return encode_header({kek_.id(), key.id}) + body;
}

Result<std::string> Vault::open(const Place& place, std::string_view sealed) {
    SYNCLINE_ASSIGN_OR_RETURN(const SealedHeader header, decode_header(sealed));
    SYNCLINE_ASSIGN_OR_RETURN(const DataKey key, key_by_id(place.tenant, header.dek_id));
    return decrypt(key.key, sealed.substr(kSealedHeaderBytes), place_text(place));
}

Result<std::map<std::string, std::string>> Vault::seal_all(
    TenantId tenant, ConnectionId connection, const std::map<std::string, std::string>& secrets
) {
    std::map<std::string, std::string> sealed;
    for (const auto& [field, secret] : secrets) {
        SYNCLINE_ASSIGN_OR_RETURN(sealed[field], seal({tenant, connection, field}, secret));
    }
    return sealed;
}

Result<void> Vault::replace_credentials(
    TenantId tenant,
    ConnectionId connection,
    const std::map<std::string, std::string>& secrets,
    std::int64_t now_ms
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto sealed, seal_all(tenant, connection, secrets));
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kRaiseGeneration, connection.value, tenant.value);
        sql.run(kRemove, tenant.value, connection.value);
        for (const auto& [field, value] : sealed) {
            SYNCLINE_RETURN_IF_ERROR(put(sql, {tenant, connection, field}, value, "", now_ms));
        }
        return {};
    });
}

Result<void> Vault::put_credentials(
    TenantId tenant,
    ConnectionId connection,
    const std::map<std::string, std::string>& secrets,
    std::int64_t now_ms
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto sealed, seal_all(tenant, connection, secrets));
    return database_.write([&](Sql& sql) -> Result<void> {
        for (const auto& [field, value] : sealed) {
            SYNCLINE_RETURN_IF_ERROR(put(sql, {tenant, connection, field}, value, "", now_ms));
        }
        return {};
    });
}

Result<void> Vault::put_refreshed(
    TenantId tenant,
    ConnectionId connection,
    const std::map<std::string, std::string>& secrets,
    std::int64_t generation,
    std::int64_t now_ms
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto sealed, seal_all(tenant, connection, secrets));
    return database_.write([&](Sql& sql) -> Result<void> {
        if (sql.value<std::int64_t>(kGeneration, connection.value, tenant.value) != generation) {
            return Error{
                ErrorCode::kCancelled,
                "the connection got other credentials while a token was refreshed",
                "auth.superseded"};
        }
        for (const auto& [field, value] : sealed) {
            SYNCLINE_RETURN_IF_ERROR(put(sql, {tenant, connection, field}, value, "", now_ms));
        }
        return {};
    });
}

Result<std::optional<std::string>> Vault::credential(const Place& place) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto sealed, database_.read([&](Sql& sql) -> Result<std::optional<Blob>> {
            return sql.value<Blob>(
                kCredential, place.tenant.value, place.connection.value, place.field
            );
        })
    );
    if (!sealed) {
        return std::optional<std::string>();
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto plain, open(place, sealed->bytes));
    return std::optional<std::string>(std::move(plain));
}

Result<std::vector<std::string>> Vault::credential_names(TenantId tenant, ConnectionId connection) {
    return database_.read([&](Sql& sql) -> Result<std::vector<std::string>> {
        std::vector<std::string> names;
        for (auto& [name] : sql.rows<std::string>(kNames, tenant.value, connection.value)) {
            names.push_back(std::move(name));
        }
        return names;
    });
}

Result<void> Vault::remove_credentials(TenantId tenant, ConnectionId connection) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kRaiseGeneration, connection.value, tenant.value);
        sql.run(kRemove, tenant.value, connection.value);
        return {};
    });
}

Result<void> Vault::remove_credential(const Place& place) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kRemoveOne, place.tenant.value, place.connection.value, place.field);
        return {};
    });
}

Result<bool> Vault::seed_credential(
    const Place& place, std::string_view secret, std::int64_t now_ms
) {
    // Keyed by the key-encryption key, so that the fingerprint says nothing about a weak secret.
    const std::string fingerprint =
        sha256_hex(std::string(kek_.reveal()) + place_text(place) + std::string(secret));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto applied, database_.read([&](Sql& sql) -> Result<std::optional<std::string>> {
            return sql.value<std::string>(
                kSeed, place.tenant.value, place.connection.value, place.field
            );
        })
    );
    if (applied == fingerprint) {
        return false;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto sealed, seal(place, secret));
    SYNCLINE_RETURN_IF_ERROR(database_.write([&](Sql& sql) -> Result<void> {
        return put(sql, place, sealed, fingerprint, now_ms);
    }));
    return true;
}

}  // namespace syncline::storage
