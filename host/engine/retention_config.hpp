// How long finished work is kept, as the configuration file's "retention" gives it.
#pragma once

#include <cstdint>

#include <syncline/json_fields.hpp>

namespace syncline::engine {

// Days; 0 keeps it for ever.
struct RetentionConfig {
    // Settled jobs. A record whose job is gone is compared with its target once more when it is
    // read again.
    std::int64_t jobs_days = 90;
    // Runs with their counters; each flow's newest stays.
    std::int64_t runs_days = 90;
    // What happened to records and runs.
    std::int64_t logs_days = 30;
    // Settled requests.
    std::int64_t requests_days = 30;
    // Deliveries of platforms, counted from when they were handled. One that comes again after that
    // is a new one; nothing but a look at its records comes of it.
    std::int64_t webhooks_days = 35;

    static constexpr auto fields() {
        return std::make_tuple(
            field("jobs_days", &RetentionConfig::jobs_days),
            field("runs_days", &RetentionConfig::runs_days),
            field("logs_days", &RetentionConfig::logs_days),
            field("requests_days", &RetentionConfig::requests_days),
            field("webhooks_days", &RetentionConfig::webhooks_days)
        );
    }
};

}  // namespace syncline::engine
