// A loaded connector behind the Connector interface: typed requests become JSON, the operation is
// called through abi.h, and what comes back is checked before anybody sees it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <syncline/abi.h>

#include "connectors/call_output.hpp"
#include "connectors/connector.hpp"
#include "connectors/host_services.hpp"

namespace syncline::connectors {

class ConnectorProxy : public Connector {
public:
    // Creates the instance. `table` is of a loaded plugin and stays for ever. Errors: what the
    // plugin says; kBug if it throws or breaks the contract.
    static Result<std::unique_ptr<Connector>> make(
        const syncline_connector& table,
        std::unique_ptr<HostServices> host,
        const std::string& config_json,
        std::size_t output_bytes_max
    );
    ~ConnectorProxy() override;
    ConnectorProxy(const ConnectorProxy&) = delete;
    ConnectorProxy& operator=(const ConnectorProxy&) = delete;

    Result<CheckReport> check(const CallContext& call) override;
    Result<Catalog> discover(const CallContext& call) override;
    Result<Page> read(const ReadRequest& request, const CallContext& call) override;
    Result<std::vector<Encoded>> encode(
        const EncodeContext& context,
        const std::vector<std::string>& records,
        const std::vector<std::vector<KnownDocument>>& known,
        const CallContext& call
    ) override;
    Result<std::vector<Found>> find(const FindRequest& request, const CallContext& call) override;
    Result<std::vector<Result<Written>>> write(const WriteRequest& request, const CallContext& call)
        override;
    Result<Tokens> oauth_refresh(const CallContext& call) override;
    Result<WebhookEvent> webhook_parse(const WebhookDelivery& delivery, const CallContext& call)
        override;
    Result<WebhookReport> webhook_register(
        const WebhookRegistration& registration, const CallContext& call
    ) override;
    Result<void> webhook_unregister(
        const WebhookRegistration& registration, const CallContext& call
    ) override;

private:
    struct Operation {
        const char* name;
        syncline_op function;
    };
    ConnectorProxy(
        const syncline_connector& table,
        std::unique_ptr<HostServices> host,
        std::size_t output_bytes_max
    );

    // The right to call the instance, as long as it lives.
    class Turn {
    public:
        explicit Turn(std::atomic<const char*>& running) : running_(&running) {}
        Turn(Turn&& other) noexcept : running_(std::exchange(other.running_, nullptr)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (running_ != nullptr) {
                *running_ = nullptr;
            }
        }

    private:
        std::atomic<const char*>* running_;
    };
    // Errors: the operation does not exist, somebody asked to stop, or the instance is busy.
    Result<Turn> take_turn(const Operation& operation, const CallContext& call);
    // Calls the operation; the caller has the turn.
    Result<void> run(
        const Operation& operation,
        std::string_view in_json,
        const CallContext& call,
        CallOutput& output
    );
    // take_turn() and run() of an operation that gives one JSON document, as T.
    template <class T>
    Result<T> ask(const Operation& operation, std::string_view in_json, const CallContext& call);
    template <class T>
    Result<T> result_of(const Operation& operation, const CallOutput& output) const;

    Result<Written> outcome_of(
        const WriteItem& item, const CallOutput& output, const Result<void>& ended
    ) const;
    Error breach(const Operation& operation, const std::string& what) const;
    Error said(const Operation& operation, syncline_status status, const syncline_error& error)
        const;

    const syncline_connector& table_;
    const std::unique_ptr<HostServices> host_;
    const std::size_t output_bytes_max_;
    void* instance_ = nullptr;
    std::atomic<const char*> running_{nullptr};  // the operation under way
};

}  // namespace syncline::connectors
