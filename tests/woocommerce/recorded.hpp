// Recorded answers of real shops, and the samples of the facts.
#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <syncline/json.hpp>

namespace syncline::woocommerce::testing {

inline std::string recorded_text(const std::string& name) {
    const std::string path = std::string(SYNCLINE_TEST_DATA) + "/" + name;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error("test data is missing: " + path);
    }
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

inline Json recorded(const std::string& name) {
    return parse_json(recorded_text(name)).value();
}

inline const std::vector<std::string>& recorded_shops() {
    static const std::vector<std::string> kShops{"woocommerce", "woocommerce-inclusive"};
    return kShops;
}

}  // namespace syncline::woocommerce::testing
