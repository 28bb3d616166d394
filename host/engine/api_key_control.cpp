#include "engine/api_key_control.hpp"

#include <algorithm>
#include <array>

#include <openssl/crypto.h>

#include "core/json_problems.hpp"
#include "core/sha256.hpp"
#include "storage/seal.hpp"

namespace syncline::engine {
namespace {

constexpr std::size_t kPrefixHex = 12;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretCharacters = 43;
constexpr std::size_t kNameMax = 100;
constexpr std::size_t kScopesMax = 20;
constexpr std::int64_t kDayS = 86'400;
constexpr std::int64_t kLivesMaxS = 3'650 * kDayS;
constexpr std::int64_t kOverlapMaxS = 30 * kDayS;
constexpr std::array<std::string_view, 4> kRoles{"viewer", "operator", "approver", "admin"};

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kUrlSafe =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string url_safe(std::string base64) {
    base64.erase(base64.find_last_not_of('=') + 1);
    std::replace(base64.begin(), base64.end(), '+', '-');
    std::replace(base64.begin(), base64.end(), '/', '_');
    return base64;
}

Result<std::string> new_prefix() {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string bytes, storage::random_bytes(kPrefixHex / 2));
    std::string prefix(kApiKeyStart);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        prefix += kHex[byte >> 4U];
        prefix += kHex[byte & 15U];
    }
    return prefix;
}

// A scope is an area of the API and what may be done there: "sync:read", "flows:write".
bool is_scope(const std::string& scope) {
    const std::size_t colon = scope.find(':');
    if (colon == 0 || colon == std::string::npos || colon > 40) {
        return false;
    }
    const std::string right = scope.substr(colon + 1);
    return (right == "read" || right == "write") &&
           scope.substr(0, colon).find_first_not_of("abcdefghijklmnopqrstuvwxyz-") ==
               std::string::npos;
}

void check_form(const NewApiKey& wanted, std::vector<std::string>& problems) {
    const bool blank = wanted.name.find_first_not_of(" \t\r\n") == std::string::npos;
    if (blank || wanted.name.size() > kNameMax) {
        problems.push_back(
            "/name: say in 1 to " + std::to_string(kNameMax) + " bytes what the key is for"
        );
    }
    if (std::find(kRoles.begin(), kRoles.end(), wanted.role) == kRoles.end()) {
        problems.push_back(
            "/role: expected viewer, operator, approver or admin, found '" +
            wanted.role.substr(0, 40) + "'"
        );
    }
    if (wanted.scopes.size() > kScopesMax) {
        problems.push_back("/scopes: at most " + std::to_string(kScopesMax));
    }
    for (std::size_t i = 0; i < wanted.scopes.size(); ++i) {
        if (!is_scope(wanted.scopes[i])) {
            problems.push_back(
                "/scopes/" + std::to_string(i) +
                ": expected an area of the API with :read or :write (as sync:write), found '" +
                wanted.scopes[i].substr(0, 60) + "'"
            );
        }
    }
    if (wanted.lives_s < 0 || wanted.lives_s > kLivesMaxS) {
        problems.push_back(
            "/expires_in_s: expected 1 to " + std::to_string(kLivesMaxS) +
            " seconds, or none for a key that does not expire"
        );
    }
}

Result<MadeApiKey> new_key(TenantId tenant, const NewApiKey& wanted) {
    MadeApiKey made;
    SYNCLINE_ASSIGN_OR_RETURN(made.key.prefix, new_prefix());
    SYNCLINE_ASSIGN_OR_RETURN(const std::string random, storage::random_bytes(kSecretBytes));
    made.secret = made.key.prefix + "_" + url_safe(storage::to_base64(random));
    made.key.hash = sha256_hex(made.secret);
    made.key.tenant = tenant;
    made.key.name = wanted.name;
    made.key.role = wanted.role;
    made.key.scopes = wanted.scopes;
    return made;
}

storage::AuditEntry entry_of(
    const storage::ApiKey& key,
    const char* event,
    const storage::AuditActor& actor,
    std::int64_t now_ms
) {
    storage::AuditEntry entry;
    entry.tenant = key.tenant;
    entry.at_ms = now_ms;
    entry.event = event;
    entry.object = "api_key " + key.prefix;
    entry.detail = {{"name", key.name}, {"role", key.role}, {"scopes", to_json(key.scopes)}};
    entry.actor = actor;
    return entry;
}

bool is_usable(const storage::ApiKey& key, std::int64_t now_ms) {
    return key.revoked_at_ms == 0 && (key.expires_at_ms == 0 || key.expires_at_ms > now_ms);
}

}  // namespace

std::optional<std::string> api_key_prefix(std::string_view text) {
    const std::size_t prefix = kApiKeyStart.size() + kPrefixHex;
    if (text.size() != prefix + 1 + kSecretCharacters || text.rfind(kApiKeyStart, 0) != 0 ||
        text[prefix] != '_' ||
        text.substr(kApiKeyStart.size(), kPrefixHex).find_first_not_of(kHex) !=
            std::string_view::npos ||
        text.substr(prefix + 1).find_first_not_of(kUrlSafe) != std::string_view::npos) {
        return std::nullopt;
    }
    return std::string(text.substr(0, prefix));
}

bool is_api_key(const storage::ApiKey& key, std::string_view text) {
    const std::string hash = sha256_hex(text);
    return hash.size() == key.hash.size() &&
           CRYPTO_memcmp(hash.data(), key.hash.data(), hash.size()) == 0;
}

Result<void> ApiKeyControl::check(TenantId tenant, const NewApiKey& wanted) const {
    std::vector<std::string> problems;
    check_form(wanted, problems);
    SYNCLINE_ASSIGN_OR_RETURN(const auto settings, setting_of<ApiKeySettings>(stores_, tenant));
    const std::int64_t longest_s = settings.lifetime_days_max * kDayS;
    if (longest_s > 0 && (wanted.lives_s == 0 || wanted.lives_s > longest_s)) {
        problems.push_back(
            "/expires_in_s: at most " + std::to_string(longest_s) + " (" +
            std::to_string(settings.lifetime_days_max) +
            " days), as the setting api_keys/lifetime_days_max says"
        );
    }
    if (!problems.empty()) {
        return joined(problems, "api_key.invalid");
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t usable, stores_.api_keys.count_usable(tenant, clock_.now().ms)
    );
    if (usable >= settings.keys_max) {
        return Error{
            ErrorCode::kExists,
            "there are " + std::to_string(usable) +
                " API keys that can be used, as many as the setting api_keys/keys_max allows; "
                "revoke one",
            "api_key.too_many"};
    }
    return {};
}

Result<MadeApiKey> ApiKeyControl::create(
    TenantId tenant, const NewApiKey& wanted, const storage::AuditActor& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(MadeApiKey made, new_key(tenant, wanted));
    const std::int64_t now = clock_.now().ms;
    made.key.created_by = actor.name;
    made.key.created_at_ms = now;
    made.key.expires_at_ms = wanted.lives_s == 0 ? 0 : now + wanted.lives_s * 1000;
    return stores_.database.write([&](storage::Sql& sql) -> Result<MadeApiKey> {
        SYNCLINE_RETURN_IF_ERROR(check(tenant, wanted));
        made.key.id = stores_.api_keys.insert(sql, made.key);
        storage::append_audit(sql, entry_of(made.key, "api_key.created", actor, now));
        return made;
    });
}

Result<MadeApiKey> ApiKeyControl::rotate(
    TenantId tenant, ApiKeyId id, std::int64_t overlap_s, const storage::AuditActor& actor
) {
    if (overlap_s < 0 || overlap_s > kOverlapMaxS) {
        return invalid(
            "/overlap_s: expected 0 to " + std::to_string(kOverlapMaxS) + ", found " +
            std::to_string(overlap_s)
        );
    }
    const std::int64_t now = clock_.now().ms;
    return stores_.database.write([&](storage::Sql& sql) -> Result<MadeApiKey> {
        SYNCLINE_ASSIGN_OR_RETURN(const auto before, stores_.api_keys.find(tenant, id));
        if (!is_usable(before, now) || before.replaced_by) {
            return Error{
                ErrorCode::kExists,
                "the API key " + before.prefix +
                    " cannot be used any more, or was rotated "
                    "already; make a new one",
                "api_key.ended"};
        }
        SYNCLINE_ASSIGN_OR_RETURN(
            MadeApiKey made, new_key(tenant, {before.name, before.role, before.scopes, 0})
        );
        made.key.created_by = actor.name;
        made.key.created_at_ms = now;
        made.key.expires_at_ms =
            before.expires_at_ms == 0 ? 0 : now + (before.expires_at_ms - before.created_at_ms);
        made.key.id = stores_.api_keys.insert(sql, made.key);
        const std::int64_t until = now + overlap_s * 1000;
        const std::int64_t ends =
            before.expires_at_ms == 0 ? until : std::min(until, before.expires_at_ms);
        stores_.api_keys.replace(sql, id, made.key.id, ends);
        auto entry = entry_of(before, "api_key.rotated", actor, now);
        entry.detail["into"] = made.key.prefix;
        entry.detail["overlap_s"] = overlap_s;
        storage::append_audit(sql, entry);
        return made;
    });
}

Result<void> ApiKeyControl::revoke(
    TenantId tenant, ApiKeyId id, const std::string& reason, const storage::AuditActor& actor
) {
    const std::int64_t now = clock_.now().ms;
    return stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_ASSIGN_OR_RETURN(const auto key, stores_.api_keys.find(tenant, id));
        if (key.revoked_at_ms != 0) {
            return {};
        }
        stores_.api_keys.revoke(sql, id, now);
        auto entry = entry_of(key, "api_key.revoked", actor, now);
        entry.reason = reason;
        storage::append_audit(sql, entry);
        return {};
    });
}

}  // namespace syncline::engine
