#include "connectors/metrics.hpp"

#include <cmath>

namespace syncline::connectors {

void PluginMetrics::add(const PluginMetric& metric) {
    if (!std::isfinite(metric.value)) {
        return;
    }
    const Key key{metric.platform, metric.connection, metric.name, metric.labels};
    values_.with([&](auto& values) {
        if (values.size() < kSeriesMax || values.count(key) > 0) {
            values[key] += metric.value;
        }
    });
}

std::vector<PluginMetric> PluginMetrics::snapshot() const {
    return values_.with([](const auto& values) {
        std::vector<PluginMetric> result;
        for (const auto& [key, value] : values) {
            const auto& [platform, connection, name, labels] = key;
            result.push_back({platform, connection, name, labels, value});
        }
        return result;
    });
}

}  // namespace syncline::connectors
