// Requests that must not take effect twice, by the key that their sender gave them, and their
// answers, for a day. Answers are sealed with the tenant's data key: one may hold an API key or a
// token that is shown only once. Bounded per tenant; purged by Retention. [any thread]
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/ids.hpp"
#include "storage/vault.hpp"

namespace syncline::storage {

inline constexpr std::int64_t kIdempotencyKeptMs = 86'400'000;

// Beyond its keys a tenant's new requests with a key are refused, so that no repetition of an old
// one takes effect; beyond its bytes the oldest answers are dropped, but not their keys.
struct IdempotencyBounds {
    std::int64_t keys_max = 100'000;
    std::int64_t answer_bytes_max = 64 * 1024 * 1024;
};

// A request with a key. Keys of two tenants, or of two users of one, are not the same.
struct KeyedRequest {
    TenantId tenant;
    std::string subject;
    std::string key;
    std::string request_hash;  // equal for equal requests
    std::string attempt;       // different for each of them
    // What is stored of the hash: of a body with a guessable secret it must not tell it. Of mark().
    std::string mark{};
};

// What there is of an earlier one with the same key.
struct EarlierRequest {
    bool same = false;  // its hash was; also if nothing tells any more (keys reset)
    // Absent: it took effect, at least in part, but how it was answered is not known.
    std::optional<std::string> answer;
};

class IdempotencyStore {
public:
    IdempotencyStore(Database& database, Vault& vault, IdempotencyBounds bounds = {})
        : database_(database), vault_(vault), bounds_(bounds) {}

    // Of the last day.
    Result<std::optional<EarlierRequest>> find(const KeyedRequest& request, std::int64_t now_ms);

    // The request's mark, before it takes effect. Not within a unit of work.
    Result<std::string> mark(const KeyedRequest& request);

    // It takes effect now: part of the unit of work of that effect. Errors: kExists
    // "idempotency.under_way" when another one did meanwhile; kRateLimited "idempotency.full".
    Result<void> begin(Sql& sql, const KeyedRequest& request, std::int64_t now_ms) const;

    // Its answer, also of one that had no effect. Errors: as begin().
    Result<void> keep(const KeyedRequest& request, const std::string& answer, std::int64_t now_ms);

    // It may be tried again with its key.
    Result<void> forget(const KeyedRequest& request);

private:
    Database& database_;
    Vault& vault_;
    const IdempotencyBounds bounds_;
};

}  // namespace syncline::storage
