// The deliveries that a real WooCommerce 11.0.1 made: 3 pings, and 130 signed with "s3cret". As
// they came, save headers that are the same in all of them.
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace syncline::test {

struct RecordedWebhook {
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    std::string header(const std::string& name) const {
        for (const auto& [one, value] : headers) {
            if (one == name) {
                return value;
            }
        }
        return "";
    }
    bool is_ping() const { return header("X-WC-Webhook-Signature").empty(); }
};

inline std::vector<RecordedWebhook> recorded_webhooks() {
    std::ifstream file(std::string(SYNCLINE_SOURCE_DIR) + "/tests/data/woocommerce/webhooks.jsonl");
    std::vector<RecordedWebhook> all;
    for (std::string line; std::getline(file, line);) {
        const auto json = nlohmann::json::parse(line);
        RecordedWebhook one;
        one.headers = {
            {"User-Agent", "WooCommerce/11.0.1 Hookshot (WordPress/7.0.4)"},
            {"Accept", "*/*"},
            {"Accept-Encoding", "deflate, gzip, br, zstd"}};
        for (const auto& entry : json.at("headers").items()) {
            one.headers.emplace_back(entry.key(), entry.value().get<std::string>());
        }
        one.body = json.contains("body") ? json.at("body").get<std::string>()
                                         : all.at(json.at("body_of").get<std::size_t>()).body;
        all.push_back(std::move(one));
    }
    if (all.size() != 133) {
        throw std::runtime_error("tests/data/woocommerce/webhooks.jsonl is not complete");
    }
    return all;
}

}  // namespace syncline::test
