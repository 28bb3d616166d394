#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/sandbox_process.hpp"

namespace syncline::test {

using Json = nlohmann::ordered_json;

// "Basic ..." of the demo key that reads and writes.
inline const std::pair<std::string, std::string> kReadWrite{
    "Authorization",
    "Basic Y2tfYTFhMWExYTFhMWExYTFhMWExYTFhMWExYTFhMWExYTFhMWExYTFhMTpj"
    "c19iMmIyYjJiMmIyYjJiMmIyYjJiMmIyYjJiMmIyYjJiMmIyYjJiMmIy",
};

// A sandbox whose shop takes Basic over http.
class Shop {
public:
    explicit Shop(std::vector<std::string> more = {})
        : process(with_tls_assumed(std::move(more))) {}

    // Below /wp-json/wc/v3, as the key that may do everything.
    SandboxReply api(
        const std::string& method, const std::string& path, const std::string& body = ""
    ) {
        return send(
            process.port(),
            {method,
             "/wp-json/wc/v3" + path,
             {kReadWrite, {"Content-Type", "application/json"}},
             body}
        );
    }
    Json get(const std::string& path) { return Json::parse(api("GET", path).body); }
    std::vector<std::int64_t> ids(const std::string& path) {
        std::vector<std::int64_t> found;
        for (const Json& row : get(path)) found.push_back(row["id"]);
        return found;
    }
    // Below /_sandbox; throws for anything but success.
    Json control(const std::string& method, const std::string& path, const Json& body = nullptr) {
        const SandboxReply reply = send(
            process.port(), {method, "/_sandbox" + path, {}, body.is_null() ? "" : body.dump()}
        );
        if (reply.status / 100 != 2)
            throw std::runtime_error(method + " " + path + ": " + reply.body);
        return Json::parse(reply.body);
    }

    SandboxProcess process;

private:
    static std::vector<std::string> with_tls_assumed(std::vector<std::string> arguments) {
        arguments.emplace_back("--woocommerce-assume-tls");
        return arguments;
    }
};

}  // namespace syncline::test
