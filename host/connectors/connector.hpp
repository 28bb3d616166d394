// A connector as the engine sees it: typed requests in, typed and checked results out. Behind it is
// a loaded plugin (registry.hpp) or, in tests, a fake.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/operations.hpp>
#include <syncline/result.hpp>

namespace syncline::connectors {

// Circumstances of one call.
struct CallContext {
    std::string idempotency_key;  // the same for every retry of the same work; may be empty
    std::string trace_id;         // for correlation in logs; may be empty
    int attempt = 1;
    Timestamp deadline{};                     // of the wall clock; 0 = none
    const std::atomic<bool>* stop = nullptr;  // set: the call ends soon with kCancelled
    std::string_view attachment = {};         // raw bytes that go with the request
    std::string_view purpose = {};  // what the call is for, as the audit log has it: "read"
};

// One instance of one connection. Never called concurrently; may move between threads. Calls may
// block up to the deadline: never make one under a lock or in a transaction.
//
// Errors of every operation, besides those the plugin means (abi.h says what each asks for):
// kUnsupported - the connector does not have the operation; kBug - the plugin threw, or answered
// with something that breaks the contract (the message names plugin and operation); kCancelled -
// stopped.
class Connector {
public:
    virtual ~Connector() = default;

    // Do settings and credentials work?
    virtual Result<CheckReport> check(const CallContext& call) = 0;

    // Entities and facts of this account.
    virtual Result<Catalog> discover(const CallContext& call) = 0;

    // One page. Records are of the requested entity, have a key, and their text is valid JSON; what
    // is not so is in `unreadable`. A window's page of ten or more records of which none can be
    // taken is the plugin's fault (kBug), not theirs.
    virtual Result<Page> read(const ReadRequest& request, const CallContext& call) = 0;

    // One Encoded per record, in the records' order. The texts of `records` (canonical models) go
    // into the request as they are. `known` is as in EncodeRequest::known and may be empty.
    virtual Result<std::vector<Encoded>> encode(
        const EncodeContext& context,
        const std::vector<std::string>& records,
        const std::vector<std::vector<KnownDocument>>& known,
        const CallContext& call
    ) = 0;

    // What was found; each has a key of the request, and no key comes twice.
    virtual Result<std::vector<Found>> find(
        const FindRequest& request, const CallContext& call
    ) = 0;

    // One result per item, in the items' order: what the plugin reported of it; of an item it did
    // not report, the operation's error, or kTransient "connector.no_outcome". What was reported
    // before a plugin broke the contract stays; the items it did not report are then kBug. Error:
    // the operation was not called at all, so nothing was sent.
    virtual Result<std::vector<Result<Written>>> write(
        const WriteRequest& request, const CallContext& call
    ) = 0;

    // New tokens; store them durably before any of them is used.
    virtual Result<Tokens> oauth_refresh(const CallContext& call) = 0;

    // What a verified delivery announces; its body is the call's attachment. Every change names an
    // entity and an id.
    virtual Result<WebhookEvent> webhook_parse(const WebhookDelivery&, const CallContext&) {
        return no_webhooks();
    }
    // Sees to it that the platform delivers to the registration's URL.
    virtual Result<WebhookReport> webhook_register(const WebhookRegistration&, const CallContext&) {
        return no_webhooks();
    }
    virtual Result<void> webhook_unregister(const WebhookRegistration&, const CallContext&) {
        return no_webhooks();
    }

private:
    static Error no_webhooks() {
        return Error{
            ErrorCode::kUnsupported,
            "the connector has no such operation",
            "connector.no_operation"};
    }
};

// An HTTP request as the limits see it.
struct OutgoingRequest {
    std::string_view method;
    std::string_view url;
    // The call has a write under way: an earlier request of it may have been carried out.
    bool after_write = false;
};

// What a connection lends its instances; outlives them. Implemented over vault and stores. [any
// thread]
class ConnectionServices {
public:
    virtual ~ConnectionServices() = default;

    // A secret setting, or "access_token". Errors: kNotFound if it is not set.
    virtual Result<std::string> secret(std::string_view name) = 0;
    // The same, and within which call (null: a thread of the plugin's own).
    virtual Result<std::string> secret_for(std::string_view name, const CallContext*) {
        return secret(name);
    }

    // The connection's small durable memory. Putting an empty value removes the key.
    virtual std::optional<std::string> kv_get(std::string_view key) = 0;
    virtual Result<void> kv_put(std::string_view key, std::string_view value) = 0;

    // An HTTP request wants to go out within `call` (null: a thread of the plugin's own). May wait
    // for its turn. Answers a number to give back. Errors: kRateLimited with retry_after
    // (kTransient when it comes after a write), kCancelled; the request must not be sent then.
    virtual Result<std::int64_t> begin_request(const OutgoingRequest&, const CallContext*) {
        return std::int64_t{0};
    }
    // What became of it: the answer's status, 0 if there was none. After every begin_request() that
    // had no error.
    virtual void end_request(const OutgoingRequest&, std::int64_t, int) {}
    // Reads that travelled in a request which does not look like one.
    virtual void count_reads(std::int64_t) {}
};

// Whose instance it is; for log lines and error messages.
struct ConnectionIdentity {
    std::string tenant;
    std::string connection;
};

}  // namespace syncline::connectors
