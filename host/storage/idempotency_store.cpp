#include "storage/idempotency_store.hpp"

#include "core/log.hpp"

namespace syncline::storage {
namespace {

constexpr auto kFind = R"sql(
    SELECT request_hash, attempt, answer FROM idempotency_keys
     WHERE tenant_id = ? AND subject = ? AND key = ? AND created_at_ms > ?
)sql";
// Takes the place of a row that is too old, or of this very request.
constexpr auto kPut = R"sql(
    INSERT INTO idempotency_keys (tenant_id, subject, key, request_hash, attempt, created_at_ms,
                                  answer)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant_id, subject, key) DO UPDATE
       SET request_hash = excluded.request_hash, attempt = excluded.attempt,
           created_at_ms = excluded.created_at_ms, answer = excluded.answer
     WHERE attempt = excluded.attempt OR created_at_ms <= ?
)sql";
constexpr auto kForget = R"sql(
    DELETE FROM idempotency_keys WHERE tenant_id = ? AND subject = ? AND key = ? AND attempt = ?
)sql";
constexpr auto kThere =
    "SELECT 1 FROM idempotency_keys WHERE tenant_id = ? AND subject = ? AND key = ?";
constexpr auto kUsage = "SELECT keys, answer_bytes FROM idempotency_usage WHERE tenant_id = ?";
// A few at a time: a unit of work is short.
constexpr auto kDropOldestAnswers = R"sql(
    UPDATE idempotency_keys SET answer = NULL
     WHERE id IN (SELECT id FROM idempotency_keys
                   WHERE tenant_id = ? AND answer IS NOT NULL AND attempt <> ?
                   ORDER BY created_at_ms LIMIT 10)
)sql";

struct Usage {
    std::int64_t keys = 0;
    std::int64_t answer_bytes = 0;
};

Usage usage_of(Sql& sql, TenantId tenant) {
    const auto row = sql.row<std::int64_t, std::int64_t>(kUsage, tenant.value);
    return row ? Usage{std::get<0>(*row), std::get<1>(*row)} : Usage{};
}

bool is_there(Sql& sql, const KeyedRequest& request) {
    return sql.value<std::int64_t>(kThere, request.tenant.value, request.subject, request.key)
        .has_value();
}

Result<void> check_room(Sql& sql, const KeyedRequest& request, std::int64_t keys_max) {
    if (usage_of(sql, request.tenant).keys < keys_max || is_there(sql, request)) {
        return {};
    }
    return Error{
        ErrorCode::kRateLimited,
        "the tenant has " + std::to_string(keys_max) +
            " requests with an Idempotency-Key within a day, and no more are taken",
        "idempotency.full",
        0,
        std::chrono::minutes(10)};
}

Result<void> put(
    Sql& sql, const KeyedRequest& request, const std::optional<Blob>& answer, std::int64_t now_ms
) {
    const std::int64_t rows = sql.run(
        kPut,
        request.tenant.value,
        request.subject,
        request.key,
        request.mark,
        request.attempt,
        now_ms,
        answer,
        now_ms - kIdempotencyKeptMs
    );
    if (rows == 0) {
        return Error{
            ErrorCode::kExists,
            "another request with this Idempotency-Key took effect meanwhile; repeat it for its "
            "answer",
            "idempotency.under_way"};
    }
    return {};
}

Place place_of(const KeyedRequest& request) {
    return {request.tenant, ConnectionId{}, "answer:" + request.attempt};
}

Place mark_place(TenantId tenant, const std::string& attempt) {
    return {tenant, ConnectionId{}, "request:" + attempt};
}

}  // namespace

Result<std::string> IdempotencyStore::mark(const KeyedRequest& request) {
    return vault_.fingerprint(mark_place(request.tenant, request.attempt), request.request_hash);
}

Result<std::optional<EarlierRequest>> IdempotencyStore::find(
    const KeyedRequest& request, std::int64_t now_ms
) {
    using Found = std::optional<std::tuple<std::string, std::string, std::optional<Blob>>>;
    SYNCLINE_ASSIGN_OR_RETURN(const Found found, database_.read([&](Sql& sql) -> Result<Found> {
        return sql.row<std::string, std::string, std::optional<Blob>>(
            kFind, request.tenant.value, request.subject, request.key, now_ms - kIdempotencyKeptMs
        );
    }));
    if (!found) {
        return std::optional<EarlierRequest>();
    }
    const auto same = vault_.is_fingerprint(
        mark_place(request.tenant, std::get<1>(*found)), request.request_hash, std::get<0>(*found)
    );
    EarlierRequest earlier{!same || *same, std::nullopt};
    if (const auto& sealed = std::get<2>(*found)) {
        KeyedRequest sealed_for = request;
        sealed_for.attempt = std::get<1>(*found);
        auto opened = vault_.open(place_of(sealed_for), sealed->bytes);
        if (opened) {
            earlier.answer = std::move(*opened);
        } else {
            // Its key may be gone (keys reset); that it took effect is known all the same.
            log::warn("a kept answer cannot be opened", {{"reason", opened.error().message}});
        }
    }
    return std::optional<EarlierRequest>(std::move(earlier));
}

Result<void> IdempotencyStore::begin(Sql& sql, const KeyedRequest& request, std::int64_t now_ms)
    const {
    SYNCLINE_RETURN_IF_ERROR(check_room(sql, request, bounds_.keys_max));
    return put(sql, request, std::nullopt, now_ms);
}

Result<void> IdempotencyStore::keep(
    const KeyedRequest& request, const std::string& answer, std::int64_t now_ms
) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string sealed, vault_.seal(place_of(request), answer));
    return database_.write([&](Sql& sql) -> Result<void> {
        SYNCLINE_RETURN_IF_ERROR(check_room(sql, request, bounds_.keys_max));
        SYNCLINE_RETURN_IF_ERROR(put(sql, request, Blob{sealed}, now_ms));
        if (usage_of(sql, request.tenant).answer_bytes > bounds_.answer_bytes_max) {
            sql.run(kDropOldestAnswers, request.tenant.value, request.attempt);
        }
        return {};
    });
}

Result<void> IdempotencyStore::forget(const KeyedRequest& request) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kForget, request.tenant.value, request.subject, request.key, request.attempt);
        return {};
    });
}

}  // namespace syncline::storage
