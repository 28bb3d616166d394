// What the host offers one connector instance: the syncline_host of abi.h. Lives from before
// create() until after destroy(). Its functions are [any], leaf calls, and never throw into the
// plugin.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <syncline/abi.h>
#include <syncline/spec.hpp>

#include "connectors/connector.hpp"
#include "connectors/http/client.hpp"
#include "connectors/metrics.hpp"
#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "core/wipe.hpp"

namespace syncline::connectors {

// What all instances share; outlives them.
struct HostRuntime {
    HttpClient& http;
    const Clock& clock;
    PluginMetrics& metrics;
};

class HostServices {
public:
    // `services` outlives this. `scope` is where this connection may connect to.
    HostServices(
        HostRuntime runtime,
        std::string platform,
        ConnectionIdentity who,
        const Spec& spec,
        EgressScope scope,
        ConnectionServices& services
    );
    HostServices(const HostServices&) = delete;
    HostServices& operator=(const HostServices&) = delete;

    const syncline_host* abi() const { return &abi_; }
    const Clock& clock() const { return runtime_.clock; }
    const std::string& platform() const { return platform_; }
    const ConnectionIdentity& who() const { return who_; }

    // `text` without the secrets that this instance was given, and without what looks like one.
    std::string without_secrets(std::string_view text) const;
    // The same of what is kept for people: personal data stays.
    std::string without_given_secrets(std::string_view text) const;

    // While it lives, HTTP requests of the calling thread end with this call: at its deadline, and
    // soon after its stop flag is set. Threads of the plugin's own are not part of any call.
    class DuringCall {
    public:
        explicit DuringCall(const CallContext& call);
        ~DuringCall();
        DuringCall(const DuringCall&) = delete;
        DuringCall& operator=(const DuringCall&) = delete;

    private:
        const CallContext* before_;
        bool had_written_;
    };

private:
    static const HostServices& from(void* self) { return *static_cast<const HostServices*>(self); }
    void fill_table();
    void log(std::int32_t level, std::string_view message, std::string_view fields_json) const;
    syncline_status http(
        const syncline_http_request& request, const syncline_http_sink& sink, syncline_error* error
    ) const;
    void count_reads(double reads) const;
    syncline_status kv_get(std::string_view key, const syncline_sink& sink) const;
    syncline_status kv_put(std::string_view key, std::string_view value) const;
    syncline_status secret(std::string_view name, const syncline_sink& sink) const;

    const HostRuntime runtime_;
    const std::string platform_;
    const ConnectionIdentity who_;
    const EgressScope scope_;
    std::set<std::string, std::less<>> secret_names_;  // that it may ask for
    ConnectionServices& services_;
    // The last one of each name.
    mutable Guarded<std::map<std::string, WipedText>> given_secrets_;
    syncline_host abi_{};
};

}  // namespace syncline::connectors
