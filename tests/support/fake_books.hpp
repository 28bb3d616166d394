// Books in memory to write to, which outlive the engine under test.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connectors/connector.hpp"

namespace syncline::testing {

struct FakeDocument {
    std::string id;
    std::string entity;
    std::string natural_key;
    std::int64_t version = 0;
    Json body;
    std::int64_t changed_ms = 0;  // 0: the books do not tell
    bool voided = false;
};

// What the next write does besides its work.
enum class WriteFault { kNone, kDropBefore, kDropAfter, kBreaksOff, kRateLimit, kExpired, kHalf };

struct FakeBooks {
    std::mutex mutex;
    std::map<std::string, FakeDocument> documents;                // by id
    std::map<std::string, std::vector<Result<Written>>> answers;  // by idempotency key
    std::deque<WriteFault> faults;
    std::set<std::string> refused_keys;  // natural keys whose write is a data error
    std::optional<Error> find_error;     // of every find
    std::set<std::string> held_keys;     // natural keys that are found, but not to be used
    std::set<std::string> unencodable;   // ids of orders the connector cannot make a document of
    std::optional<Error> encode_error;   // of every encode
    bool finds_nothing = false;          // what was written is not visible yet
    bool moving = false;                 // every look gives documents another version
    bool cannot_void = false;
    std::string reads_back;             // entity of documents that come back as records
    std::vector<std::string> removals;  // "void 1", "delete 1"
    std::vector<std::string> write_keys;
    // What discover says; a mapping may set whatever is not the invoice's amount or customer.
    Catalog catalog{
        {{"invoice", {}, {"create", "update", "void"}, {"/total", "/customer"}}}, Json::object()};
    std::function<void(const WriteRequest&)> during_write;
    std::int64_t writes = 0;
    std::int64_t finds = 0;
    std::int64_t next_id = 1;

    std::size_t count(const std::string& entity) {
        const std::lock_guard lock(mutex);
        std::size_t n = 0;
        for (const auto& [id, document] : documents) {
            n += document.entity == entity ? 1U : 0U;
        }
        return n;
    }
    // How often the natural key occurs; more than once is a duplicate.
    std::size_t copies(const std::string& natural_key) {
        const std::lock_guard lock(mutex);
        std::size_t n = 0;
        for (const auto& [id, document] : documents) {
            n += document.natural_key == natural_key ? 1U : 0U;
        }
        return n;
    }
    // Somebody changes a document in the books; a null member goes.
    void edit(const std::string& natural_key, const Json& changes, std::int64_t at_ms = 0) {
        const std::lock_guard lock(mutex);
        FakeDocument& document = *by_key(natural_key);
        document.body.merge_patch(changes);
        document.changed_ms = at_ms;
        ++document.version;
    }
    FakeDocument* by_key(const std::string& natural_key) {
        for (auto& [id, document] : documents) {
            if (document.natural_key == natural_key) {
                return &document;
            }
        }
        return nullptr;
    }
};

class FakeBooksConnector : public connectors::Connector {
public:
    explicit FakeBooksConnector(FakeBooks& books) : books_(books) {}

    Result<CheckReport> check(const connectors::CallContext&) override {
        return CheckReport{"books", "books-1", {}};
    }
    Result<Catalog> discover(const connectors::CallContext&) override {
        const std::lock_guard lock(books_.mutex);
        return books_.catalog;
    }
    // Documents of the entity, whenever they were changed.
    Result<Page> read(const ReadRequest& request, const connectors::CallContext&) override {
        const std::lock_guard lock(books_.mutex);
        if (books_.reads_back != request.entity) {
            return Error{ErrorCode::kUnsupported, "not a source"};
        }
        Page page;
        page.source_time = Timestamp{1'795'161'600'000};
        const std::set<std::string> ids(request.ids.begin(), request.ids.end());
        for (const auto& [id, document] : books_.documents) {
            if (document.entity == request.entity && (ids.empty() || ids.count(id) != 0)) {
                page.records.push_back(
                    {request.entity,
                     id,
                     RecordOperation::kUpsert,
                     Timestamp{document.changed_ms},
                     as_record(document)}
                );
                page.last_id = id;
            }
        }
        return page;
    }

    // An order becomes an invoice that needs its customer and, when paid, a payment for the
    // invoice; a customer becomes a customer.
    Result<std::vector<Encoded>>
    encode(const EncodeContext& context, const std::vector<std::string>& records, const std::vector<std::vector<KnownDocument>>&, const connectors::CallContext&)
        override {
        std::vector<Encoded> all;
        if (books_.encode_error) {
            return *books_.encode_error;
        }
        for (const auto& text : records) {
            const Json record = parse_json(text).value();
            if (record.value("poison", false)) {
                return Error{ErrorCode::kBug, "the plugin threw", "connector.threw"};
            }
            if (books_.unencodable.count(record.value("id", "")) != 0) {
                return Error{ErrorCode::kData, "no document for it", "books.unencodable"};
            }
            all.push_back(
                context.entity == "customer" ? encode_customer(record)
                : context.entity == "refund" ? encode_refund(context, record)
                                             : encode_order(context, record)
            );
        }
        return all;
    }

    Result<std::vector<Found>> find(const FindRequest& request, const connectors::CallContext&)
        override {
        const std::lock_guard lock(books_.mutex);
        ++books_.finds;
        std::vector<Found> found;
        if (books_.find_error) {
            return *books_.find_error;
        }
        if (books_.finds_nothing) {
            return found;
        }
        for (const auto& key : request.keys) {
            FakeDocument* document = nullptr;
            if (books_.held_keys.count(key.natural_key) != 0) {
                found.push_back({key.key, "customer", "", "", {}, Reason{"TWO_OF_IT", "which?"}, {}}
                );
                continue;
            }
            if (!key.remote_id.empty()) {
                const auto by_id = books_.documents.find(key.remote_id);
                document = by_id == books_.documents.end() ? nullptr : &by_id->second;
            } else {
                document = books_.by_key(key.natural_key);
            }
            if (document != nullptr) {
                found.push_back(
                    {key.key,
                     document->entity,
                     document->id,
                     std::to_string(document->version),
                     document->body,
                     std::nullopt,
                     document->changed_ms > 0 ? std::optional(Timestamp{document->changed_ms})
                                              : std::nullopt}
                );
                if (key.money && document->body.at("total") != key.money->total.to_string()) {
                    found.back().differs = "it shows " + dump_json(document->body.at("total"));
                }
                document->version += books_.moving ? 1 : 0;
            }
        }
        return found;
    }

    Result<std::vector<Result<Written>>> write(
        const WriteRequest& request, const connectors::CallContext& call
    ) override {
        const std::lock_guard lock(books_.mutex);
        ++books_.writes;
        if (books_.during_write) {
            books_.during_write(request);
        }
        books_.write_keys.push_back(call.idempotency_key);
        WriteFault fault = WriteFault::kNone;
        if (!books_.faults.empty()) {
            fault = books_.faults.front();
            books_.faults.pop_front();
        }
        const auto everywhere = [&](Error error) {
            return std::vector<Result<Written>>(request.items.size(), Result<Written>(error));
        };
        if (fault == WriteFault::kDropBefore) {
            return everywhere({ErrorCode::kTransient, "connection lost"});
        }
        if (fault == WriteFault::kRateLimit) {
            return everywhere(
                {ErrorCode::kRateLimited, "slow down", {}, 429, std::chrono::seconds(37)}
            );
        }
        const auto known = books_.answers.find(call.idempotency_key);
        std::vector<Result<Written>> results;
        if (known != books_.answers.end()) {
            results = known->second;
        } else {
            for (std::size_t i = 0; i < request.items.size(); ++i) {
                const bool reached = fault != WriteFault::kHalf || i < request.items.size() / 2;
                results.push_back(
                    reached ? write_one(request.items[i])
                            : Result<Written>(Error{ErrorCode::kTransient, "not reached"})
                );
            }
            books_.answers.emplace(call.idempotency_key, results);
        }
        if (fault == WriteFault::kBreaksOff) {  // as ConnectorProxy reports it
            return everywhere(
                {ErrorCode::kBug, "the plugin let an exception out", "plugin.contract"}
            );
        }
        return fault == WriteFault::kDropAfter
                   ? everywhere({ErrorCode::kTransient, "connection lost after the request"})
                   : results;
    }
    Result<Tokens> oauth_refresh(const connectors::CallContext&) override {
        return Error{ErrorCode::kUnsupported, "no oauth"};
    }

private:
    static std::string as_record(const FakeDocument& document) {
        Json record = document.body;
        record["id"] = document.id;
        return dump_json(record);
    }
    std::optional<ReadBack> read_back(const FakeDocument& document) const {
        return books_.reads_back == document.entity
                   ? std::optional(ReadBack{document.entity, document.id, as_record(document)})
                   : std::nullopt;
    }
    Written written(const FakeDocument& document) const {
        Written result;
        result.remote_id = document.id;
        result.version = std::to_string(document.version);
        result.owned = document.body;
        result.read_back = read_back(document);
        return result;
    }
    static Encoded encode_customer(const Json& record) {
        Encoded encoded;
        Document document;
        document.role = "customer";
        document.entity = "customer";
        document.natural_key = record.at("email");
        document.body = {{"email", record.at("email")}};
        encoded.documents.push_back(document);
        return encoded;
    }
    // A document of its own, for the invoice of its order.
    static Encoded encode_refund(const EncodeContext& context, const Json& record) {
        const std::string order = record.at("order_id");
        Document document;
        document.role = document.entity = "refund";
        document.natural_key = context.source + ":refund:" + record.at("id").get<std::string>();
        document.body = {
            {"total", record.at("amount")}, {"invoice", {{"$need", "order:" + order}}}};
        Encoded encoded;
        encoded.documents.push_back(document);
        encoded.needs.push_back({"order:" + order, "order", "", order, nullptr});
        return encoded;
    }
    static Encoded encode_order(const EncodeContext& context, const Json& record) {
        Encoded encoded;
        if (record.at("status") == "cancelled") {
            encoded.skip = Reason{"NOT_POSTED_STATUS", "cancelled orders are not posted"};
            return encoded;
        }
        if (record.at("total") == "0.00") {
            encoded.hold = Reason{"NO_TOTAL", "somebody must look at it"};
            return encoded;
        }
        const std::string id = record.at("id");
        const std::string email = record.at("email");
        const bool numbered = record.contains("customer_id");  // known by the shop's number only
        encoded.needs.push_back(
            {"customer:" + email,
             "customer",
             numbered ? "" : email,
             numbered ? record.at("customer_id").get<std::string>() : "",
             {{"email", email}}}
        );
        if (record.value("poisoned_customer", false)) {
            encoded.needs.back().record["poison"] = true;
        }
        Document invoice;
        invoice.role = "invoice";
        invoice.entity = "invoice";
        invoice.natural_key = context.source + ":" + id;
        if (record.value("voided", false)) {
            invoice.operation = DocumentOperation::kVoid;
        }
        invoice.body = {
            {"total", record.at("total")}, {"customer", {{"$need", "customer:" + email}}}};
        for (const char* member : {"memo", "lines"}) {
            if (record.contains(member)) {
                invoice.body[member] = record[member];
            }
        }
        invoice.money = DocumentMoney{
            Money::parse(record.at("total").get<std::string>(), Currency::parse("USD").value())
                .value(),
            Money(0, Currency::parse("USD").value())};
        encoded.documents.push_back(invoice);
        for (int part = 0; part < record.value("parts", 0); ++part) {
            Document more;
            more.role = "part-" + std::to_string(part);
            more.entity = "part";
            more.natural_key = context.source + ":" + id + ":" + more.role;
            more.body = {{"part", part}};
            encoded.documents.push_back(more);
        }
        if (record.value("paid", false)) {
            Document payment;
            payment.role = "payment";
            payment.entity = "payment";
            payment.natural_key = context.source + ":" + id + ":payment";
            payment.body = {{"invoice", {{"$need", "document:invoice"}}}};
            encoded.documents.insert(encoded.documents.begin(), payment);
        }
        return encoded;
    }
    Result<Written> write_one(const WriteItem& item) {
        if (books_.refused_keys.count(item.natural_key) != 0) {
            return Error{ErrorCode::kData, "refused by the books", "books.refused"};
        }
        if (item.remote_id.empty()) {
            FakeDocument document{
                std::to_string(books_.next_id++), item.entity, item.natural_key, 1, item.body};
            books_.documents[document.id] = document;
            return written(document);
        }
        FakeDocument& document = books_.documents.at(item.remote_id);
        if (std::to_string(document.version) != item.version) {
            return Error{ErrorCode::kConflict, "stale", "books.stale"};
        }
        if (item.operation != DocumentOperation::kUpsert) {
            return remove_one(item, document);
        }
        document.body = item.body;
        ++document.version;
        return written(document);
    }
    Result<Written> remove_one(const WriteItem& item, FakeDocument& document) {
        if (item.operation == DocumentOperation::kVoid && books_.cannot_void) {
            return Error{ErrorCode::kUnsupported, "nothing is voided here", "books.unsupported"};
        }
        books_.removals.push_back(std::string(enum_name(item.operation)) + " " + item.remote_id);
        if (item.operation == DocumentOperation::kDelete) {
            books_.documents.erase(item.remote_id);
            return Written{};
        }
        document.voided = true;
        document.body["total"] = "0.00";
        ++document.version;
        return written(document);
    }

    FakeBooks& books_;
};

}  // namespace syncline::testing
