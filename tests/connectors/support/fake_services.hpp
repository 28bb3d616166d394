// What a connection lends its instances, in maps. [any thread]
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "connectors/connector.hpp"
#include "core/guarded.hpp"

namespace syncline::testing {

class FakeServices : public connectors::ConnectionServices {
public:
  std::map<std::string, std::string, std::less<>> secrets{
      {"api_key", "k-0123456789"}};

  Result<std::string> secret(std::string_view name) override {
    const auto found = secrets.find(name);
    if (found == secrets.end()) {
      return Error{ErrorCode::kNotFound,
                   "no secret '" + std::string(name) + "'", "secret.absent"};
    }
    return found->second;
  }
  std::optional<std::string> kv_get(std::string_view key) override {
    return memory_.with([&](const auto &memory) -> std::optional<std::string> {
      const auto found = memory.find(key);
      return found == memory.end() ? std::nullopt
                                   : std::optional(found->second);
    });
  }
  Result<void> kv_put(std::string_view key, std::string_view value) override {
    memory_.with([&](auto &memory) { memory[std::string(key)] = value; });
    return {};
  }

  Result<std::int64_t>
  begin_request(const connectors::OutgoingRequest &request,
                const connectors::CallContext *call) override {
    if (refuse_requests) {
      return *refuse_requests;
    }
    return seen_.with([&](Seen &seen) -> std::int64_t {
      seen.requests.push_back(std::string(request.method) + " " +
                              std::string(request.url) +
                              (call == nullptr ? " of no call" : "") +
                              (request.after_write ? " after a write" : ""));
      return static_cast<std::int64_t>(seen.requests.size());
    });
  }
  void end_request(const connectors::OutgoingRequest &, std::int64_t began,
                   int status) override {
    seen_.with([&](Seen &seen) { seen.ended[began] = status; });
  }
  void count_reads(std::int64_t reads) override {
    seen_.with([&](Seen &seen) { seen.counted_reads += reads; });
  }

  // To be set before the connector is used.
  std::optional<Error> refuse_requests;

  struct Seen {
    std::vector<std::string> requests;
    std::map<std::int64_t, int>
        ended; // what begin_request() gave, and the status
    std::int64_t counted_reads = 0;
  };
  Seen seen() const {
    return seen_.with([](const Seen &seen) { return seen; });
  }

private:
  Guarded<Seen> seen_;
  Guarded<std::map<std::string, std::string, std::less<>>> memory_;
};

} // namespace syncline::testing
