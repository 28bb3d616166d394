// A shop in memory to read from, which outlives the engine under test.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "connectors/connector.hpp"

namespace syncline::testing {

constexpr std::int64_t kShopPageMax = 10;

struct FakeShop {
    std::mutex mutex;
    std::map<std::int64_t, Json> orders;      // canonical, with "changed_ms"
    std::int64_t now_ms = 1'795'161'600'000;  // as FakeClock
    std::deque<Error> next_read_errors;
    std::int64_t reads = 0;
    bool stuck = false;                 // gives its first page again and again
    bool backwards = false;             // gives the records of a page the other way round
    std::function<void()> before_read;  // of the next one
    std::atomic<bool> hangs{false};     // a read answers only when it is stopped
    std::set<std::int64_t> gone;        // deleted: given with every read that does not want others
    std::vector<std::string> given;     // records it was to encode
    std::map<std::int64_t, Json> refunds;
    std::set<std::int64_t> gone_refunds;  // told of only when they are asked for by their id
    std::set<std::int64_t> broken;        // orders that come in a form that cannot be taken
    std::set<std::string> unfetchable;    // ids: a read of one of them is a data error
    std::vector<std::string> nameless;    // texts that come with the last page, without an id
    // What it finds of its webhook when it is asked to see to it, and what it was asked.
    WebhookState webhook = WebhookState::kCreated;
    std::deque<Error> next_register_errors;
    std::vector<WebhookRegistration> registrations;
    std::function<void(const WebhookRegistration&)> before_register;  // [its caller's thread]
    std::vector<std::int64_t> register_deadlines;
    std::vector<std::string> unregistered;  // URLs
    std::deque<Error> next_unregister_errors;
    std::function<void()> before_unregister;  // [its caller's thread]

    void remove(std::int64_t id) {
        const std::lock_guard lock(mutex);
        orders.erase(id);
        gone.insert(id);
    }
    // An order whose document is its id, total and customer.
    void put(std::int64_t id, const std::string& total, const std::string& email, Json more = {}) {
        const std::lock_guard lock(mutex);
        Json order{
            {"id", std::to_string(id)},
            {"total", total},
            {"email", email},
            {"status", "processing"}};
        if (more.is_object()) {
            order.update(more);
        }
        order["changed_ms"] = now_ms;
        orders[id] = order;
    }
    void put_refund(std::int64_t id, std::int64_t order, const std::string& amount) {
        const std::lock_guard lock(mutex);
        refunds[id] = {
            {"id", std::to_string(id)},
            {"order_id", std::to_string(order)},
            {"amount", amount},
            {"changed_ms", now_ms}};
    }
    void remove_refund(std::int64_t id) {
        const std::lock_guard lock(mutex);
        refunds.erase(id);
        gone_refunds.insert(id);
    }
};

class FakeShopConnector : public connectors::Connector {
public:
    explicit FakeShopConnector(FakeShop& shop) : shop_(shop) {}

    Result<CheckReport> check(const connectors::CallContext&) override {
        return CheckReport{"shop", "shop-1", {}};
    }
    Result<Catalog> discover(const connectors::CallContext&) override { return Catalog{}; }
    Result<Page> read(const ReadRequest& request, const connectors::CallContext& call) override {
        if (shop_.hangs) {
            return hang(call);
        }
        if (const auto first = std::exchange(shop_.before_read, nullptr)) {
            first();
        }
        const std::lock_guard lock(shop_.mutex);
        ++shop_.reads;
        if (!shop_.next_read_errors.empty()) {
            Error error = shop_.next_read_errors.front();
            shop_.next_read_errors.pop_front();
            return error;
        }
        for (const auto& id : request.ids) {
            if (shop_.unfetchable.count(id) != 0) {
                return Error{ErrorCode::kData, "the shop chokes on " + id, "shop.chokes"};
            }
        }
        Page page;
        page.source_time = Timestamp{shop_.now_ms};
        const bool starts = request.after_id.empty() || (shop_.stuck && shop_.reads < 1000);
        const std::int64_t after = starts ? 0 : std::stoll(request.after_id);
        const std::int64_t limit = std::min(request.limit, kShopPageMax);
        const std::set<std::string> ids(request.ids.begin(), request.ids.end());
        const auto& rows = request.entity == "refund" ? shop_.refunds : shop_.orders;
        for (const auto& [id, order] : rows) {
            const std::int64_t changed = order.at("changed_ms");
            const ReadWindow& window = request.window;
            const bool inside = (!window.from || changed >= window.from->ms) &&
                                (!window.to || changed < window.to->ms);
            const bool wanted =
                ids.empty() ? id > after && inside : ids.count(std::to_string(id)) != 0;
            if (!wanted) {
                continue;
            }
            if (static_cast<std::int64_t>(page.records.size() + page.unreadable.size()) == limit) {
                page.more = true;
                break;
            }
            Json record = order;
            record.erase("changed_ms");
            if (shop_.broken.count(id) != 0) {
                page.unreadable.push_back(unreadable(std::to_string(id), dump_json(record)));
            } else {
                page.records.push_back(
                    {request.entity,
                     std::to_string(id),
                     RecordOperation::kUpsert,
                     Timestamp{changed},
                     dump_json(record)}
                );
            }
            page.last_id = std::to_string(id);
        }
        for (const auto& text : shop_.nameless) {
            if (!page.more) {
                page.unreadable.push_back(unreadable("", text));
            }
        }
        if (shop_.backwards) {
            std::reverse(page.records.begin(), page.records.end());
        }
        const bool refunds = request.entity == "refund";
        for (const std::int64_t id : refunds ? shop_.gone_refunds : shop_.gone) {
            const std::string key = std::to_string(id);
            if (!page.more && ((ids.empty() && !refunds) || ids.count(key) != 0)) {
                page.records.push_back(
                    {request.entity, key, RecordOperation::kDelete, Timestamp{shop_.now_ms}, ""}
                );
            }
        }
        return page;
    }
    // Takes note of what it is given, and wants nothing of it.
    Result<std::vector<Encoded>>
    encode(const EncodeContext&, const std::vector<std::string>& records, const std::vector<std::vector<KnownDocument>>&, const connectors::CallContext&)
        override {
        const std::lock_guard lock(shop_.mutex);
        Encoded nothing;
        nothing.skip = Reason{"NOT_HERE", "the shop only listens"};
        shop_.given.insert(shop_.given.end(), records.begin(), records.end());
        return std::vector<Encoded>(records.size(), nothing);
    }
    Result<std::vector<Found>> find(const FindRequest&, const connectors::CallContext&) override {
        return unsupported();
    }
    Result<std::vector<Result<Written>>> write(const WriteRequest&, const connectors::CallContext&)
        override {
        return unsupported();
    }
    Result<Tokens> oauth_refresh(const connectors::CallContext&) override { return unsupported(); }
    // {"id": 7} is order 7; a topic of "deleted" says that it is gone.
    Result<WebhookEvent> webhook_parse(
        const WebhookDelivery& delivery, const connectors::CallContext& call
    ) override {
        const auto body = parse_json(call.attachment);
        if (!body || !body->is_object() || !body->contains("id")) {
            return Error{ErrorCode::kData, "no order in it", "shop.not_understood"};
        }
        WebhookEvent event;
        event.topic = delivery.header("X-WC-Webhook-Topic");
        const bool deleted = event.topic.find("deleted") != std::string::npos;
        event.changes.push_back({body->value("entity", "order"), body->at("id").dump(), deleted, {}}
        );
        return event;
    }
    Result<WebhookReport> webhook_register(
        const WebhookRegistration& registration, const connectors::CallContext& call
    ) override {
        if (shop_.before_register) {
            shop_.before_register(registration);
        }
        const std::lock_guard lock(shop_.mutex);
        shop_.registrations.push_back(registration);
        shop_.register_deadlines.push_back(call.deadline.ms);
        if (!shop_.next_register_errors.empty()) {
            Error error = shop_.next_register_errors.front();
            shop_.next_register_errors.pop_front();
            return error;
        }
        WebhookReport report{{{"1", "order.updated", shop_.webhook}}};
        shop_.webhook = WebhookState::kActive;
        return report;
    }
    Result<void>
    webhook_unregister(const WebhookRegistration& registration, const connectors::CallContext&)
        override {
        if (shop_.before_unregister) {
            shop_.before_unregister();
        }
        const std::lock_guard lock(shop_.mutex);
        shop_.unregistered.push_back(registration.url);
        if (shop_.next_unregister_errors.empty()) {
            return {};
        }
        Error error = shop_.next_unregister_errors.front();
        shop_.next_unregister_errors.pop_front();
        return error;
    }

private:
    static Error unsupported() { return Error{ErrorCode::kUnsupported, "not a target"}; }
    // As ConnectorProxy keeps it; an id made from a text is that text.
    static UnreadableRecord unreadable(const std::string& id, const std::string& text) {
        UnreadableRecord record;
        record.has_own_id = !id.empty();
        record.id = record.has_own_id ? id : std::string(kUnreadableId) + text;
        record.code = record.has_own_id ? "record.not_json" : "record.no_id";
        record.reason = "the record has a text that is not a JSON object (at byte 9)";
        record.raw = text.substr(0, 30);
        record.cut = text.size() > 30;
        record.bytes = static_cast<std::int64_t>(text.size());
        record.content_hash = text;
        return record;
    }
    // For twenty seconds at most, so that a test that fails ends.
    static Error hang(const connectors::CallContext& call) {
        for (int i = 0; i < 2000 && (call.stop == nullptr || !call.stop->load()); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return Error{ErrorCode::kCancelled, "stopped"};
    }
    FakeShop& shop_;
};

// As WooCommerce's.
inline WebhookSpec shop_webhooks() {
    WebhookSpec spec;
    spec.proof = WebhookProof::kHmac;
    spec.proof_header = "X-WC-Webhook-Signature";
    spec.secrets = {"webhook_secret", "webhook_secret_former"};
    spec.secret_entities = true;
    spec.source_header = "X-WC-Webhook-Source";
    spec.source_setting = "store_url";
    spec.topic_header = "X-WC-Webhook-Topic";
    spec.webhook_header = "X-WC-Webhook-ID";
    spec.delivery_header = "X-WC-Webhook-Delivery-ID";
    spec.ping_body = "webhook_id=";
    return spec;
}

}  // namespace syncline::testing
