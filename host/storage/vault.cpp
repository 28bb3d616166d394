#include "storage/vault.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "core/sha256.hpp"
#include "core/wipe.hpp"
#include "storage/key_ring.hpp"

namespace syncline::storage {
namespace {

// Those that were found to be damaged need no key any more.
constexpr auto kAllWrapped = R"sql(
    SELECT k.tenant_id, t.name, k.kek_id, k.wrapped
      FROM data_keys k JOIN tenants t ON t.id = k.tenant_id
     WHERE NOT EXISTS (SELECT 1 FROM unreadable_values u
                        WHERE u.kept_in = 'data_keys.wrapped' AND u.row_id = k.id)
     ORDER BY k.id
)sql";
constexpr auto kNewestKey = R"sql(
    SELECT id, kek_id, wrapped FROM data_keys WHERE tenant_id = ? ORDER BY id DESC LIMIT 1
)sql";
constexpr auto kKeyById = "SELECT kek_id, wrapped FROM data_keys WHERE tenant_id = ? AND id = ?";
constexpr auto kPutSeed = R"sql(
    UPDATE credentials SET seed = ? WHERE tenant_id = ? AND connection_id = ? AND field = ?
)sql";
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

using KeyRow = std::tuple<std::int64_t, Blob>;  // key-encryption key, wrapped

WrappedKey to_wrapped(std::int64_t kek_id, const Blob& bytes) {
    return {static_cast<std::uint32_t>(kek_id), bytes.bytes};
}

std::string list_of(const std::set<std::string>& names) {
    constexpr std::size_t kNamed = 5;
    std::string text;
    std::size_t count = 0;
    for (const auto& name : names) {
        if (count++ < kNamed) {
            text += (text.empty() ? "" : ", ") + name;
        }
    }
    return count <= kNamed ? text : text + " and " + std::to_string(count - kNamed) + " more";
}

Error key_missing(
    const std::map<std::uint32_t, std::set<std::string>>& missing,
    const std::vector<KeyOrigin>& here
) {
    std::string message =
        "the encryption key is not the one this database was sealed with: here is " +
        key_name(here.front().id) + " (" + here.front().origin + ")";
    for (const auto& [id, tenants] : missing) {
        message += "; the key " + key_name(id) + " is still needed for what is sealed of the " +
                   (tenants.size() == 1 ? "tenant " : "tenants ") + list_of(tenants);
    }
    message +=
        ". Put the former key back (its file at keys.former_encryption_key_file, or "
        "INTEGRATION_ENCRYPTION_KEY_FORMER); if it is lost for good: syncline keys reset";
    return Error{ErrorCode::kConfig, std::move(message), "vault.wrong_key"};
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

std::string wrap_place(TenantId tenant) {
    return "data key of tenant=" + std::to_string(tenant.value);
}

Vault::Vault(Database& database, Key kek)
    : Vault(database, std::make_unique<KeyRing>(std::move(kek))) {}

Result<void> Vault::check_key() {
    using Rows = std::vector<std::tuple<std::int64_t, std::string, std::int64_t, Blob>>;
    SYNCLINE_ASSIGN_OR_RETURN(const Rows rows, database_.read([](Sql& sql) -> Result<Rows> {
        return sql.rows<std::int64_t, std::string, std::int64_t, Blob>(kAllWrapped);
    }));
    std::map<std::uint32_t, std::set<std::string>> missing;
    std::map<std::uint32_t, std::set<std::string>> damaged;
    bool any_opened = false;
    for (const auto& [tenant, name, kek_id, bytes] : rows) {
        const WrappedKey wrapped = to_wrapped(kek_id, bytes);
        auto opened = keys_->unwrap(wrapped, wrap_place(TenantId{tenant}));
        if (opened) {
            wipe(*opened);
            any_opened = true;
        } else if (opened.error().name == "vault.key_missing") {
            missing[wrapped.kek_id].insert(name);
        } else if (opened.error().name == "vault.unreadable") {
            damaged[wrapped.kek_id].insert(name);
        } else {
            return opened.error();
        }
    }
    if (!missing.empty()) {
        return key_missing(missing, keys_->keys());
    }
    return damaged.empty() || any_opened ? Result<void>()
                                         : Result<void>(key_missing(damaged, keys_->keys()));
}

Result<void> Vault::prepare_tenant(TenantId tenant, std::int64_t now_ms) {
    using Row = std::optional<std::tuple<std::int64_t, std::int64_t, Blob>>;
    SYNCLINE_ASSIGN_OR_RETURN(const Row row, database_.read([&](Sql& sql) -> Result<Row> {
        return sql.row<std::int64_t, std::int64_t, Blob>(kNewestKey, tenant.value);
    }));
    if (row) {
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Key key, Key::random());
    SYNCLINE_ASSIGN_OR_RETURN(const auto wrapped, keys_->wrap(key.reveal(), wrap_place(tenant)));
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(
            kInsertKey,
            tenant.value,
            static_cast<std::int64_t>(wrapped.kek_id),
            Blob{wrapped.bytes},
            now_ms
        );
        return {};
    });
}

Result<Vault::DataKey> Vault::unwrap(TenantId tenant, std::int64_t id, const WrappedKey& wrapped) {
    SYNCLINE_ASSIGN_OR_RETURN(auto bytes, keys_->unwrap(wrapped, wrap_place(tenant)));
    const WipeAtEnd wiped(bytes);
    SYNCLINE_ASSIGN_OR_RETURN(Key key, Key::from_bytes(bytes));
    DataKey opened{id, std::move(key)};
    const std::lock_guard lock(mutex_);
    opened_.insert_or_assign(id, opened);
    return opened;
}

void Vault::forget_opened() {
    const std::lock_guard lock(mutex_);
    newest_.clear();
    opened_.clear();
}

Result<Vault::DataKey> Vault::newest_key(TenantId tenant) {
    {
        const std::lock_guard lock(mutex_);
        const auto known = newest_.find(tenant.value);
        if (known != newest_.end()) {
            return opened_.at(known->second);
        }
    }
    using Row = std::optional<std::tuple<std::int64_t, std::int64_t, Blob>>;
    SYNCLINE_ASSIGN_OR_RETURN(const Row row, database_.read([&](Sql& sql) -> Result<Row> {
        return sql.row<std::int64_t, std::int64_t, Blob>(kNewestKey, tenant.value);
    }));
    if (!row) {
        return Error{ErrorCode::kBug, "the tenant has no data key", "vault.no_key"};
    }
    const auto& [id, kek_id, wrapped] = *row;
    SYNCLINE_ASSIGN_OR_RETURN(DataKey opened, unwrap(tenant, id, to_wrapped(kek_id, wrapped)));
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
        const auto row, database_.read([&](Sql& sql) -> Result<std::optional<KeyRow>> {
            return sql.row<std::int64_t, Blob>(kKeyById, tenant.value, id);
        })
    );
    if (!row) {
        return Error{
            ErrorCode::kStorage, "the data key of a sealed value is gone", "vault.unreadable"};
    }
    return unwrap(tenant, id, to_wrapped(std::get<0>(*row), std::get<1>(*row)));
}

Result<std::string> Vault::seal(const Place& place, std::string_view plain) {
    SYNCLINE_ASSIGN_OR_RETURN(const DataKey key, newest_key(place.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(const auto body, encrypt(key.key, plain, place_text(place)));
    return encode_header({keys_->keys().front().id, key.id}) + body;
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

Result<std::string> Vault::version(const Place& place) const {
    return database_.read([&](Sql& sql) -> Result<std::string> {
        const auto sealed =
            sql.value<Blob>(kCredential, place.tenant.value, place.connection.value, place.field);
        return sealed ? sha256_hex(sealed->bytes) : std::string();
    });
}

Result<void> Vault::put_refreshed(
    TenantId tenant, ConnectionId connection, const RefreshedTokens& tokens, std::int64_t now_ms
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto sealed, seal_all(tenant, connection, tokens.secrets));
    return database_.write([&](Sql& sql) -> Result<void> {
        const bool same = sql.value<std::int64_t>(kGeneration, connection.value, tenant.value) ==
                          tokens.generation;
        SYNCLINE_ASSIGN_OR_RETURN(
            const std::string stored, version({tenant, connection, "refresh_token"})
        );
        if (!same && (stored.empty() || stored != tokens.sent)) {
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

Result<std::string> Vault::fingerprint(const Place& place, std::string_view text) {
    return fingerprint_by(place, text, std::nullopt);
}

Result<bool> Vault::is_fingerprint(
    const Place& place, std::string_view text, const std::string& fingerprint
) {
    std::int64_t id = 0;
    std::from_chars(fingerprint.data(), fingerprint.data() + fingerprint.size(), id);
    SYNCLINE_ASSIGN_OR_RETURN(const std::string same, fingerprint_by(place, text, id));
    return same == fingerprint;
}

// With no `data_key`: by the newest.
Result<std::string> Vault::fingerprint_by(
    const Place& place, std::string_view text, std::optional<std::int64_t> data_key
) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const DataKey key, data_key ? key_by_id(place.tenant, *data_key) : newest_key(place.tenant)
    );
    std::string keyed = std::string(key.key.reveal()) + place_text(place) + std::string(text);
    const WipeAtEnd wiped(keyed);
    return std::to_string(key.id) + ":" + sha256_hex(keyed);
}

bool Vault::is_applied(const Place& place, std::string_view secret, const std::string& applied) {
    if (applied.find(':') != std::string::npos) {
        const auto same = is_fingerprint(place, secret, applied);
        return same && *same;
    }
    std::string text = place_text(place) + std::string(secret);
    const WipeAtEnd wiped(text);
    const auto known = keys_->fingerprints(text);
    return std::find(known.begin(), known.end(), applied) != known.end();
}

Result<bool> Vault::seed_credential(
    const Place& place, std::string_view secret, std::int64_t now_ms
) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto applied, database_.read([&](Sql& sql) -> Result<std::optional<std::string>> {
            return sql.value<std::string>(
                kSeed, place.tenant.value, place.connection.value, place.field
            );
        })
    );
    const bool same = applied && !applied->empty() && is_applied(place, secret, *applied);
    if (same && applied->find(':') != std::string::npos) {
        return false;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto mark, fingerprint(place, secret));
    if (same) {
        // It would not be known again once the key-encryption key is another one.
        SYNCLINE_RETURN_IF_ERROR(database_.write([&](Sql& sql) -> Result<void> {
            sql.run(kPutSeed, mark, place.tenant.value, place.connection.value, place.field);
            return {};
        }));
        return false;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto sealed, seal(place, secret));
    SYNCLINE_RETURN_IF_ERROR(database_.write([&](Sql& sql) -> Result<void> {
        return put(sql, place, sealed, mark, now_ms);
    }));
    return true;
}

}  // namespace syncline::storage
