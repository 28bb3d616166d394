// A connector's class behind the interface the engine knows, in the same process and without the C
// boundary: what is tested is how the engine and the connector's logic fit together.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <syncline/plugin/testing/fake_host.hpp>

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "core/time_zone.hpp"

namespace syncline::testing {

using Exchange = std::function<Result<plugin::HttpResponse>(const plugin::HttpRequest&)>;

template <class Plugin>
class PluginConnector : public connectors::Connector {
public:
    PluginConnector(
        const Clock& clock,
        const Json& settings,
        connectors::ConnectionServices& services,
        Exchange exchange
    )
        : clock_(clock),
          services_(services),
          plugin_(host_.handle(), with_defaults(Plugin::spec(), settings)) {
        host_.on_http = std::move(exchange);
        host_.on_local_date = [](const std::string& name, Timestamp at) -> std::string {
            const auto zone = TimeZone::find(name);
            return zone ? Timestamp{zone->local(at).ms}.to_string().substr(0, 10) : "";
        };
    }

    Result<CheckReport> check(const connectors::CallContext& call) override {
        return with(call, [&](plugin::Call& c) { return plugin_.check(c); });
    }
    Result<Catalog> discover(const connectors::CallContext& call) override {
        return with(call, [&](plugin::Call& c) { return plugin_.discover(c); });
    }
    Result<Page> read(const ReadRequest& request, const connectors::CallContext& call) override {
        if constexpr (requires(Plugin & p, plugin::Call & c) { p.read(c, request); }) {
            return with(call, [&](plugin::Call& c) { return plugin_.read(c, request); });
        }
        return unsupported();
    }
    Result<std::vector<Encoded>> encode(
        const EncodeContext& context,
        const std::vector<std::string>& records,
        const std::vector<std::vector<KnownDocument>>& known,
        const connectors::CallContext& call
    ) override {
        EncodeRequest request;
        request.context = context;
        request.known = known;
        for (const auto& record : records) {
            SYNCLINE_ASSIGN_OR_RETURN(Json parsed, parse_json(record));
            request.records.push_back(std::move(parsed));
        }
        if constexpr (requires(Plugin & p, plugin::Call & c) { p.encode(c, request); }) {
            return with(call, [&](plugin::Call& c) { return plugin_.encode(c, request); });
        }
        return unsupported();
    }
    Result<std::vector<Found>> find(const FindRequest& request, const connectors::CallContext& call)
        override {
        if constexpr (requires(Plugin & p, plugin::Call & c) { p.find(c, request); }) {
            return with(call, [&](plugin::Call& c) { return plugin_.find(c, request); });
        }
        return unsupported();
    }
    Result<std::vector<Result<Written>>> write(
        const WriteRequest& request, const connectors::CallContext& call
    ) override {
        plugin::testing::FakeOutcomes outcomes;
        Result<void> written = unsupported();
        if constexpr (requires(Plugin & p, plugin::Call & c) {
                          p.write(c, request, outcomes.outcomes());
                      }) {
            written = with(call, [&](plugin::Call& c) {
                return plugin_.write(c, request, outcomes.outcomes());
            });
        }
        std::vector<Result<Written>> results;
        for (const auto& item : request.items) {
            const auto done = outcomes.done.find(item.index);
            const auto failed = outcomes.failed.find(item.index);
            results.push_back(
                done != outcomes.done.end()       ? Result<Written>(done->second)
                : failed != outcomes.failed.end() ? Result<Written>(failed->second)
                : written ? Result<Written>(Error{ErrorCode::kTransient, "no outcome"})
                          : Result<Written>(written.error())
            );
        }
        return results;
    }
    Result<Tokens> oauth_refresh(const connectors::CallContext& call) override {
        if constexpr (requires(Plugin & p, plugin::Call & c) { p.oauth_refresh(c); }) {
            return with(call, [&](plugin::Call& c) { return plugin_.oauth_refresh(c); });
        }
        return unsupported();
    }

private:
    static Error unsupported() { return Error{ErrorCode::kUnsupported, "not an operation of it"}; }

    template <class Operation>
    auto with(const connectors::CallContext& context, Operation&& operation) {
        host_.now = clock_.now();
        host_.requests.clear();
        for (const char* name :
             {"consumer_key",
              "consumer_secret",
              "client_secret",
              "refresh_token",
              "access_token"}) {
            if (const auto secret = services_.secret(name)) {
                host_.secrets[name] = *secret;
            }
        }
        plugin::testing::FakeCall call(context.idempotency_key);
        return operation(call.call());
    }

    const Clock& clock_;
    connectors::ConnectionServices& services_;
    plugin::testing::FakeHost host_;
    Plugin plugin_;
};

}  // namespace syncline::testing
