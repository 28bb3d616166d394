// Settings of the engine, as the configuration file's "engine" gives them.
#pragma once

#include <cstdint>

#include <syncline/json_fields.hpp>

namespace syncline::engine {

struct EngineConfig {
    // Deliveries at once, over all connections; one thread each.
    std::int64_t deliveries_max = 32;
    // Deliveries at once to one connection.
    std::int64_t deliveries_per_connection_max = 2;
    // Runs that collect at once; one thread each.
    std::int64_t collects_max = 4;
    // How often due work is looked for when nothing announces itself.
    std::int64_t tick_ms = 200;
    // A delivery that does not show up again within this time has lost its jobs.
    std::int64_t lease_ms = 600'000;
    // Longest time for one call of a connector.
    std::int64_t call_timeout_ms = 300'000;
    // How far a window reaches back before the cursor, for changes that became visible late; 0: as
    // the connector says (engine/overlap.hpp).
    std::int64_t overlap_ms = 0;
    // How far a cursor stays behind the source's clock, for transactions still under way there.
    std::int64_t margin_ms = 60'000;
    // A request of which only a part is found may still be executing; wait this long before its
    // rest is sent again.
    std::int64_t in_doubt_wait_ms = 30'000;
    // Facts of a connection are discovered anew after this time.
    std::int64_t facts_max_age_ms = 86'400'000;
    // How long a stop waits for work in progress.
    std::int64_t drain_ms = 30'000;

    static constexpr auto fields() {
        return std::make_tuple(
            field("deliveries_max", &EngineConfig::deliveries_max),
            field("deliveries_per_connection_max", &EngineConfig::deliveries_per_connection_max),
            field("collects_max", &EngineConfig::collects_max),
            field("tick_ms", &EngineConfig::tick_ms),
            field("lease_ms", &EngineConfig::lease_ms),
            field("call_timeout_ms", &EngineConfig::call_timeout_ms),
            field("overlap_ms", &EngineConfig::overlap_ms),
            field("margin_ms", &EngineConfig::margin_ms),
            field("in_doubt_wait_ms", &EngineConfig::in_doubt_wait_ms),
            field("facts_max_age_ms", &EngineConfig::facts_max_age_ms),
            field("drain_ms", &EngineConfig::drain_ms)
        );
    }
};

}  // namespace syncline::engine
