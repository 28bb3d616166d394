// What the API and the command line can do with API keys: make, list, rotate, revoke. A key is
// shown once, when it is made; of it only the hash is kept. Everything is within one tenant, and
// noted in the audit log in the same unit of work. [any thread]
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/tenant_settings.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

struct NewApiKey {
    std::string name;
    std::string role;
    std::vector<std::string> scopes;
    std::int64_t lives_s = 0;  // 0: it does not expire
};

struct MadeApiKey {
    storage::ApiKey key;
    std::string secret;  // the whole key; nobody can read it again
};

// A key is its prefix, '_' and 43 characters that carry 256 random bits:
// "slk_4f0c9a1be2d7_2vKw...".
inline constexpr std::string_view kApiKeyStart = "slk_";

// The prefix of what looks like a key; nothing for any other text.
std::optional<std::string> api_key_prefix(std::string_view text);

// Whether `text` is the whole key. In constant time.
bool is_api_key(const storage::ApiKey& key, std::string_view text);

class ApiKeyControl {
public:
    ApiKeyControl(Stores& stores, const Clock& clock) : stores_(stores), clock_(clock) {}

    // Errors: kInvalid with every problem ("/name: ..."); kExists "api_key.too_many"; kConfig
    // when the tenant's setting "api_keys" is malformed.
    Result<MadeApiKey> create(
        TenantId tenant, const NewApiKey& wanted, const storage::AuditActor& actor
    );

    // A new key in place of this one, with its name, role, scopes and lifetime; both can be used
    // for `overlap_s` seconds. Errors: kNotFound; kExists "api_key.ended" for one that cannot be
    // used any more or was rotated before; kInvalid "/overlap_s".
    Result<MadeApiKey> rotate(
        TenantId tenant, ApiKeyId id, std::int64_t overlap_s, const storage::AuditActor& actor
    );

    // It cannot be used from now on. Errors: kNotFound.
    Result<void> revoke(
        TenantId tenant, ApiKeyId id, const std::string& reason, const storage::AuditActor& actor
    );

    Result<std::vector<storage::ApiKey>> list(TenantId tenant) const {
        return stores_.api_keys.list(tenant);
    }

private:
    Result<void> check(TenantId tenant, const NewApiKey& wanted) const;

    Stores& stores_;
    const Clock& clock_;
};

// The tenant's value of a setting; with every member's default where nothing was stored. Errors:
// kConfig "setting.malformed".
template <class T>
Result<T> setting_of(const Stores& stores, TenantId tenant) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto stored, stores.settings.find(tenant, std::string(T::kKey))
    );
    return stored ? setting_from_text<T>(stored->value) : Result<T>(T{});
}

}  // namespace syncline::engine
