// Where secrets and copies of records rest, sealed. A data key per tenant, wrapped by the
// operator's key-encryption key, seals; the place (tenant, connection, field) is bound into every
// value. Replacing the key-encryption key wraps the data keys anew and leaves what they sealed as
// it is (key_store.hpp). Thread rule: [any]; opened data keys are cached behind a lock.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/ids.hpp"
#include "storage/database.hpp"
#include "storage/key_encryption.hpp"
#include "storage/seal.hpp"

namespace syncline::storage {

// Where a sealed value belongs; equal places only.
struct Place {
    TenantId tenant;
    ConnectionId connection;  // 0: none
    std::string field;        // "consumer_secret", "record:57"
};

// What is bound into a data key that is wrapped.
std::string wrap_place(TenantId tenant);

// What a refresh gave.
struct RefreshedTokens {
    std::map<std::string, std::string> secrets;
    std::int64_t generation = 0;  // of the connection whose credentials were sent
    std::string sent;             // version() of the refresh token that was sent
};

class Vault {
public:
    Vault(Database& database, std::unique_ptr<KeyEncryption> keys)
        : database_(database), keys_(std::move(keys)) {}
    // With one key that stays.
    Vault(Database& database, Key kek);

    KeyEncryption& keys() { return *keys_; }

    // Whether every data key can be unwrapped with the keys there are; one that no key opens any
    // more is not counted while others are opened. Errors: kConfig "vault.wrong_key" naming the key
    // that is missing, the tenants that need it, and the ways out.
    Result<void> check_key();

    // Makes the tenant's data key if there is none; afterwards seal() works for it.
    Result<void> prepare_tenant(TenantId tenant, std::int64_t now_ms);

    Result<std::string> seal(const Place& place, std::string_view plain);
    // Errors: kStorage "vault.unreadable".
    Result<std::string> open(const Place& place, std::string_view sealed);

    // Secret settings of a connection. Write-only for the API.
    // In one transaction: rotated tokens must not be stored by halves.
    Result<void> put_credentials(
        TenantId tenant,
        ConnectionId connection,
        const std::map<std::string, std::string>& secrets,
        std::int64_t now_ms
    );
    // Another one whenever the secret was stored; empty without one.
    Result<std::string> version(const Place& place) const;
    // kCancelled when the connection has other credentials by now, unless the refresh token that
    // was sent is among them: it may be void, and the new one is all there is.
    Result<void> put_refreshed(
        TenantId tenant, ConnectionId connection, const RefreshedTokens& tokens, std::int64_t now_ms
    );
    // For engine/credential_openings only, which notes every opening in the audit log.
    Result<std::optional<std::string>> credential(const Place& place);
    Result<std::vector<std::string>> credential_names(TenantId tenant, ConnectionId connection);
    Result<void> remove_credentials(TenantId tenant, ConnectionId connection);
    Result<void> remove_credential(const Place& place);

    // What tells whether a text is the same again, and nothing else of it, however easy to guess it
    // is: keyed by a data key, and so good whatever key-encryption key there is. is_fingerprint()
    // fails when that data key is gone. Not for units of work: it may make the tenant's first key.
    Result<std::string> fingerprint(const Place& place, std::string_view text);
    Result<bool> is_fingerprint(
        const Place& place, std::string_view text, const std::string& fingerprint
    );

    // Opened data keys are forgotten; those of the database are opened anew.
    void forget_opened();

    // A secret from the configuration file is a seed: it is applied only if its fingerprint differs
    // from the last one applied, so that a restart never restores a refresh token that was rotated
    // away. Answers whether it was applied.
    Result<bool> seed_credential(const Place& place, std::string_view secret, std::int64_t now_ms);

private:
    struct DataKey {
        std::int64_t id = 0;
        Key key;
    };
    Result<std::map<std::string, std::string>> seal_all(
        TenantId tenant, ConnectionId connection, const std::map<std::string, std::string>& secrets
    );
    Result<DataKey> newest_key(TenantId tenant);
    Result<DataKey> key_by_id(TenantId tenant, std::int64_t id);
    Result<DataKey> unwrap(TenantId tenant, std::int64_t id, const WrappedKey& wrapped);
    Result<std::string> fingerprint_by(
        const Place& place, std::string_view text, std::optional<std::int64_t> data_key
    );
    bool is_applied(const Place& place, std::string_view secret, const std::string& applied);

    Database& database_;
    const std::unique_ptr<KeyEncryption> keys_;
    std::mutex mutex_;
    std::map<std::int64_t, std::int64_t> newest_;  // tenant -> data key id
    std::map<std::int64_t, DataKey> opened_;       // by data key id
};

}  // namespace syncline::storage
