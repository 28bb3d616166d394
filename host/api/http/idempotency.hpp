// Idempotency-Key: a request that is sent again, because nobody knows what became of it, takes
// effect once, and gets the answer of the first (docs/api.md).
//
// The key is stored in the unit of work of the handler's first effect, so that there is never an
// effect without it; the answer follows when the handler is done. A host that dies between the two
// knows that the request took effect but not what its answer was, and says so. Answers are sealed.
// Those that say "later" (429, 5xx) are not kept: the request may be tried again.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <tuple>

#include "api/http/message.hpp"
#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "storage/idempotency_store.hpp"

namespace syncline::api {

class Idempotency {
public:
    Idempotency(
        storage::Database& database,
        storage::Vault& vault,
        const Clock& clock,
        storage::IdempotencyBounds bounds = {}
    )
        : store_(database, vault, bounds), clock_(clock) {}

    // Part of the unit of work of the request's effect; empty for a request without a key.
    using Begin = std::function<Result<void>(storage::Sql&)>;

    // Runs `carry_out`, or answers what the first request with its key was answered. Errors:
    // kInvalid "idempotency.key_malformed"; kData "idempotency.key_reused" for another request with
    // that key; kExists "idempotency.under_way", "idempotency.interrupted"; of `carry_out`. [any
    // thread]
    Result<Response> once(
        const Request& request, const std::function<Result<Response>(const Begin&)>& carry_out
    );

private:
    // Tenant, subject and key of a request that is under way, and its hash.
    using Name = std::tuple<TenantId, std::string, std::string>;
    using UnderWay = std::map<Name, std::string>;

    Result<Response> carry_out_first(
        const Request& request,
        const storage::KeyedRequest& keyed,
        const std::function<Result<Response>(const Begin&)>& carry_out
    );
    static Result<Response> repeated(const storage::EarlierRequest& earlier);

    storage::IdempotencyStore store_;
    const Clock& clock_;
    Guarded<UnderWay> under_way_;
};

}  // namespace syncline::api
