// What a connection lends its instances, in maps. [any thread]
#pragma once

#include <map>

#include "connectors/connector.hpp"
#include "core/guarded.hpp"

namespace syncline::testing {

class FakeServices : public connectors::ConnectionServices {
public:
    std::map<std::string, std::string, std::less<>> secrets{{"api_key", "k-0123456789"}};

    Result<std::string> secret(std::string_view name) override {
        const auto found = secrets.find(name);
        if (found == secrets.end()) {
            return Error{
                ErrorCode::kNotFound, "no secret '" + std::string(name) + "'", "secret.absent"};
        }
        return found->second;
    }
    std::optional<std::string> kv_get(std::string_view key) override {
        return memory_.with([&](const auto& memory) -> std::optional<std::string> {
            const auto found = memory.find(key);
            return found == memory.end() ? std::nullopt : std::optional(found->second);
        });
    }
    Result<void> kv_put(std::string_view key, std::string_view value) override {
        memory_.with([&](auto& memory) { memory[std::string(key)] = value; });
        return {};
    }

private:
    Guarded<std::map<std::string, std::string, std::less<>>> memory_;
};

}  // namespace syncline::testing
