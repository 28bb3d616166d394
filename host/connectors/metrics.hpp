// What plugins count. [any thread]
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "core/guarded.hpp"

namespace syncline::connectors {

struct PluginMetric {
    std::string platform;
    std::string connection;
    std::string name;
    std::string labels;  // JSON as the plugin gave it
    double value = 0;
};

class PluginMetrics {
public:
    // Adds to the counter of this name and labels. Beyond kSeriesMax series, new ones are not
    // counted.
    void add(const PluginMetric& metric);
    std::vector<PluginMetric> snapshot() const;

    static constexpr std::size_t kSeriesMax = 1000;

private:
    using Key = std::tuple<std::string, std::string, std::string, std::string>;
    Guarded<std::map<Key, double>> values_;
};

}  // namespace syncline::connectors
