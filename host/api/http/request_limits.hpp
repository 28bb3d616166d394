// How many requests a tenant, and each of its credentials, may make: buckets that hold a minute's
// worth and fill all the time. What is left is told in the headers of
// draft-ietf-httpapi-ratelimit-headers-10.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api/http/message.hpp"
#include "core/guarded.hpp"

namespace syncline::api {

class RequestLimits {
public:
    // Per minute; 0: no limit. Credentials beyond `credentials_max` that were used within a minute
    // share one bucket.
    RequestLimits(
        std::int64_t per_tenant, std::int64_t per_credential, std::size_t credentials_max = 10'000
    );

    // Counts a request; the headers for its answer, whatever becomes of it, are added to `headers`.
    // Errors: kRateLimited "request.rate_limited" with the wait; it counts nowhere then. [any
    // thread]
    Result<void> take(
        const Actor& actor,
        std::int64_t now_ms,
        std::vector<std::pair<std::string, std::string>>& headers
    );

private:
    // In 1/60,000 of a request: a bucket of N a minute gets N of them each millisecond.
    struct Bucket {
        std::int64_t level = 0;
        std::int64_t filled_at_ms = 0;
    };
    struct Standing {
        const char* name;
        std::int64_t per_minute;
        Bucket* bucket;
    };
    struct Buckets {
        std::map<TenantId, Bucket> of_tenants;
        std::map<std::pair<TenantId, std::string>, Bucket> of_credentials;
        Bucket of_others;
        std::int64_t swept_at_ms = 0;
    };
    static void fill(Bucket& bucket, std::int64_t per_minute, std::int64_t now_ms);
    Bucket& of_credential(Buckets& buckets, const Actor& actor, std::int64_t now_ms) const;

    const std::int64_t per_tenant_;
    const std::int64_t per_credential_;
    const std::size_t credentials_max_;
    Guarded<Buckets> buckets_;
};

}  // namespace syncline::api
