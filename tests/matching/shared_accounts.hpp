// A shop and books that already hold customers, orders and documents when they are connected.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <syncline/model/customer.hpp>
#include <syncline/model/invoice.hpp>
#include <syncline/model/order.hpp>
#include <syncline/model/payment.hpp>

#include "support/fake_accounts.hpp"

namespace syncline::testing {

// Canonical records by entity and number.
struct SharedAccounts {
    std::map<std::string, std::map<std::int64_t, Json>> shop;
    std::map<std::string, std::map<std::int64_t, Json>> books;
    std::deque<Error> next_errors;  // of reads of the books
    std::int64_t reads = 0;

    // What a page of `entity` gives.
    static Result<Page> page_of(
        const std::map<std::string, std::map<std::int64_t, Json>>& records,
        const ReadRequest& request
    ) {
        const auto of_entity = records.find(request.entity);
        if (of_entity == records.end()) {
            return Error{ErrorCode::kUnsupported, "no such entity", "fake.entity"};
        }
        Page page;
        page.source_time = Timestamp{1'795'161'600'000};
        const std::set<std::string> ids(request.ids.begin(), request.ids.end());
        const std::int64_t after = request.after_id.empty() ? 0 : std::stoll(request.after_id);
        for (const auto& [id, record] : of_entity->second) {
            const std::string key = std::to_string(id);
            if (ids.empty() ? id <= after : ids.count(key) == 0) {
                continue;
            }
            if (static_cast<std::int64_t>(page.records.size()) ==
                std::min<std::int64_t>(request.limit, 3)) {
                page.more = true;
                break;
            }
            page.records.push_back(
                {request.entity,
                 key,
                 RecordOperation::kUpsert,
                 Timestamp{1'795'000'000'000},
                 dump_json(record)}
            );
            page.last_id = key;
        }
        return page;
    }
};

class SharedShop : public FakeShopConnector {
public:
    SharedShop(FakeShop& shop, SharedAccounts& shared) : FakeShopConnector(shop), shared_(shared) {}
    Result<Page> read(const ReadRequest& request, const connectors::CallContext&) override {
        return SharedAccounts::page_of(shared_.shop, request);
    }

private:
    SharedAccounts& shared_;
};

class SharedBooks : public FakeBooksConnector {
public:
    SharedBooks(FakeBooks& books, SharedAccounts& shared)
        : FakeBooksConnector(books), shared_(shared) {}
    Result<Page> read(const ReadRequest& request, const connectors::CallContext&) override {
        ++shared_.reads;
        if (!shared_.next_errors.empty()) {
            Error error = shared_.next_errors.front();
            shared_.next_errors.pop_front();
            return error;
        }
        return SharedAccounts::page_of(shared_.books, request);
    }
    // The fake books know a simpler form of an order.
    Result<std::vector<Encoded>> encode(
        const EncodeContext& context,
        const std::vector<std::string>& records,
        const std::vector<std::vector<KnownDocument>>& known,
        const connectors::CallContext& call
    ) override {
        std::vector<std::string> simple;
        for (const auto& text : records) {
            const auto order = from_json<Order>(parse_json(text).value());
            simple.push_back(
                context.entity != "order" || !order ? text
                                                    : dump_json(
                                                          {{"id", order->id},
                                                           {"total", order->total.to_string()},
                                                           {"email", order->billing.email},
                                                           {"paid", order->paid_at.has_value()},
                                                           {"status", "processing"}}
                                                      )
            );
        }
        return FakeBooksConnector::encode(context, simple, known, call);
    }

private:
    SharedAccounts& shared_;
};

class SharedSource : public FakeAccountSource {
public:
    SharedSource(FakeShop& shop, FakeBooks& books, ShopAccount& account, SharedAccounts& shared)
        : FakeAccountSource(shop, books, account), shop_(shop), books_(books), shared_(shared) {}

protected:
    std::unique_ptr<connectors::Connector> make_shop(const Json&, connectors::ConnectionServices&)
        override {
        return std::make_unique<SharedShop>(shop_, shared_);
    }
    std::unique_ptr<connectors::Connector> make_books(const Json&, connectors::ConnectionServices&)
        override {
        return std::make_unique<SharedBooks>(books_, shared_);
    }

private:
    FakeShop& shop_;
    FakeBooks& books_;
    SharedAccounts& shared_;
};

// Fills both sides.
class SharedRecords {
public:
    SharedRecords(FakeBooks& books, SharedAccounts& shared) : books_(books), shared_(shared) {
        for (const char* entity : {"customer", "order"}) {
            shared_.shop[entity];
        }
        for (const char* entity : {"customer", "invoice", "sales_receipt", "payment"}) {
            shared_.books[entity];
        }
    }
    static Money dollars(const std::string& amount) {
        return Money::parse(amount, Currency::parse("USD").value()).value();
    }
    void shop_customer(
        std::int64_t id,
        const std::string& email,
        const std::string& name = "",
        const std::string& phone = ""
    ) {
        shared_.shop["customer"][id] = to_json(customer(id, email, name, phone));
    }
    void books_customer(
        std::int64_t id,
        const std::string& email,
        const std::string& name = "",
        const std::string& phone = ""
    ) {
        shared_.books["customer"][id] = to_json(customer(id, email, name, phone));
        document(id, "customer", {{"email", email}}, email);
    }
    void order(
        std::int64_t id, const std::string& total, const std::string& email, bool paid = false
    ) {
        Order order;
        order.id = std::to_string(id);
        order.number = order.id;
        order.currency = Currency::parse("USD").value();
        order.total = dollars(total);
        order.billing.email = email;
        order.created_at = Timestamp::parse("2026-11-20T12:00:00Z").value();
        order.status = OrderStatus::kProcessing;
        if (paid) {
            order.paid_at = order.created_at;
        }
        shared_.shop["order"][id] = to_json(order);
    }
    // As a person entered it: number, total, and what the fake books show of it.
    void invoice(
        std::int64_t id,
        const std::string& number,
        const std::string& total,
        const std::string& note = "",
        const std::string& customer = ""
    ) {
        Invoice invoice;
        invoice.id = std::to_string(id);
        invoice.number = number;
        invoice.currency = Currency::parse("USD").value();
        invoice.total = dollars(total);
        invoice.issued_on = "2026-11-20";
        invoice.status = "open";
        invoice.raw = {{"PrivateNote", note}};
        shared_.books["invoice"][id] = to_json(invoice);
        document(id, "invoice", {{"total", total}, {"customer", customer}}, "");
    }
    void payment(std::int64_t id, std::int64_t invoice) {
        Payment payment;
        payment.id = std::to_string(id);
        payment.invoice_id = std::to_string(invoice);
        payment.amount = dollars("1.00");
        shared_.books["payment"][id] = to_json(payment);
        document(id, "payment", {{"invoice", std::to_string(invoice)}}, "");
    }

private:
    static Customer customer(
        std::int64_t id, const std::string& email, const std::string& name, const std::string& phone
    ) {
        Customer customer;
        customer.id = std::to_string(id);
        customer.email = email;
        customer.first_name = name;
        customer.phone = phone;
        return customer;
    }
    void document(
        std::int64_t id, const std::string& entity, Json body, const std::string& natural_key
    ) {
        const std::string key = std::to_string(id);
        books_.documents[key] = {key, entity, natural_key, 4, std::move(body), 0, false};
        books_.next_id = std::max(books_.next_id, id + 1);
    }

    FakeBooks& books_;
    SharedAccounts& shared_;
};

}  // namespace syncline::testing
