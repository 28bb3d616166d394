#include "api/http/request_limits.hpp"

#include <algorithm>

#include "api/http/problem.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kRequest = 60'000;
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kSweepEveryMs = 1'000;

std::int64_t seconds(std::int64_t units, std::int64_t per_minute) {
    const std::int64_t per_second = per_minute * 1'000;
    return (units + per_second - 1) / per_second;
}

}  // namespace

RequestLimits::RequestLimits(
    std::int64_t per_tenant, std::int64_t per_credential, std::size_t credentials_max
)
    : per_tenant_(per_tenant), per_credential_(per_credential), credentials_max_(credentials_max) {}

void RequestLimits::fill(Bucket& bucket, std::int64_t per_minute, std::int64_t now_ms) {
    const bool is_new = bucket.filled_at_ms == 0;
    const std::int64_t passed =
        is_new ? kMinuteMs : std::clamp<std::int64_t>(now_ms - bucket.filled_at_ms, 0, kMinuteMs);
    bucket.level = std::min(per_minute * kRequest, bucket.level + per_minute * passed);
    bucket.filled_at_ms = now_ms;
}

RequestLimits::Bucket& RequestLimits::of_credential(
    Buckets& buckets, const Actor& actor, std::int64_t now_ms
) const {
    auto& known = buckets.of_credentials;
    const std::pair<TenantId, std::string> key(actor.tenant, actor.credential);
    const auto found = known.find(key);
    if (found != known.end()) {
        return found->second;
    }
    const bool may_sweep =
        now_ms - buckets.swept_at_ms >= kSweepEveryMs || now_ms < buckets.swept_at_ms;
    if (known.size() >= credentials_max_ && may_sweep) {
        buckets.swept_at_ms = now_ms;
        for (auto bucket = known.begin(); bucket != known.end();) {
            // After a minute it is full, as if it were new.
            const bool idle = now_ms - bucket->second.filled_at_ms >= kMinuteMs;
            bucket = idle ? known.erase(bucket) : std::next(bucket);
        }
    }
    return known.size() >= credentials_max_ ? buckets.of_others : known[key];
}

Result<void> RequestLimits::take(
    const Actor& actor,
    std::int64_t now_ms,
    std::vector<std::pair<std::string, std::string>>& headers
) {
    if (per_tenant_ == 0 && per_credential_ == 0) {
        return {};
    }
    return buckets_.with([&](Buckets& buckets) -> Result<void> {
        std::vector<Standing> standings;
        if (per_tenant_ > 0) {
            standings.push_back({"tenant", per_tenant_, &buckets.of_tenants[actor.tenant]});
        }
        if (per_credential_ > 0) {
            standings.push_back(
                {"credential", per_credential_, &of_credential(buckets, actor, now_ms)}
            );
        }
        const Standing* empty = nullptr;
        for (auto& standing : standings) {
            Bucket& bucket = *standing.bucket;
            fill(bucket, standing.per_minute, now_ms);
            const bool emptier = empty == nullptr || bucket.level * empty->per_minute <
                                                         empty->bucket->level * standing.per_minute;
            empty = bucket.level < kRequest && emptier ? &standing : empty;
        }
        std::string policies;
        std::string rests;
        for (auto& standing : standings) {
            Bucket& bucket = *standing.bucket;
            bucket.level -= empty == nullptr ? kRequest : 0;
            const std::string item =
                (policies.empty() ? "\"" : ", \"") + std::string(standing.name) + "\";";
            policies += item + "q=" + std::to_string(standing.per_minute) + ";w=60";
            rests += item + "r=" + std::to_string(bucket.level / kRequest) + ";t=" +
                     std::to_string(
                         seconds(standing.per_minute * kRequest - bucket.level, standing.per_minute)
                     );
        }
        headers.emplace_back("RateLimit-Policy", policies);
        headers.emplace_back("RateLimit", rests);
        if (empty == nullptr) {
            return {};
        }
        const std::int64_t wait_ms =
            (kRequest - empty->bucket->level + empty->per_minute - 1) / empty->per_minute;
        return Error{
            ErrorCode::kRateLimited,
            "more than " + std::to_string(empty->per_minute) + " requests a minute of one " +
                empty->name + " (api.requests_per_minute_per_" + empty->name + ")",
            kRateLimited,
            0,
            std::chrono::milliseconds(wait_ms)};
    });
}

}  // namespace syncline::api
