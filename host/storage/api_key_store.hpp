// API keys: who may come in without a token. Of a key only its hash is kept.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

struct ApiKey {
    ApiKeyId id;
    TenantId tenant;
    std::string name;    // for people; several may have the same one
    std::string prefix;  // the part that may be seen: "slk_4f0c9a1be2d7"
    std::string hash;    // SHA-256 of the whole key
    std::string role;
    std::vector<std::string> scopes;  // empty: all that the role may do
    std::string created_by;
    std::int64_t created_at_ms = 0;
    std::int64_t expires_at_ms = 0;    // 0: never
    std::int64_t last_used_at_ms = 0;  // coarse; 0: not yet
    std::int64_t revoked_at_ms = 0;    // 0: not
    ApiKeyId replaced_by;              // 0: not rotated
};

class ApiKeyStore {
public:
    explicit ApiKeyStore(Database& database) : database_(database) {}

    Result<std::optional<ApiKey>> by_prefix(const std::string& prefix) const;
    Result<ApiKey> find(TenantId tenant, ApiKeyId id) const;  // kNotFound
    // Oldest first; those that were revoked or have expired are among them.
    Result<std::vector<ApiKey>> list(TenantId tenant) const;
    // Of the tenant, those that can still be used.
    Result<std::int64_t> count_usable(TenantId tenant, std::int64_t now_ms) const;
    Result<void> note_use(ApiKeyId id, std::int64_t now_ms);

    // Parts of a caller's unit of work. `id` of the key is ignored.
    ApiKeyId insert(Sql& sql, const ApiKey& key);
    void revoke(Sql& sql, ApiKeyId id, std::int64_t now_ms);
    void replace(Sql& sql, ApiKeyId id, ApiKeyId by, std::int64_t expires_at_ms);

private:
    Database& database_;
};

}  // namespace syncline::storage
