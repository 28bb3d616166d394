// QuickBooks as a source, for tests: the running sandbox and a host's part in a scan.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <syncline/model/invoice.hpp>

#include "sandbox_company.hpp"

namespace syncline::quickbooks {

// What a scan brought: the newest word on each record.
struct Scanned {
    std::map<std::string, Record> records;
    Timestamp source_time;  // of the first page
    int pages = 0;
    std::size_t pushed = 0;  // records, repeated ones too

    bool has(const std::string& id) const { return records.count(id) != 0; }
    bool deleted(const std::string& id) const {
        return has(id) && records.at(id).operation == RecordOperation::kDelete;
    }
};

class SourceBooks {
public:
    Company company;

    Result<Page> read(const ReadRequest& request) {
        plugin::testing::FakeCall call;
        return company.books.connector().read(call.call(), request);
    }

    // All pages of a window, as collect asks for them; `between` runs after every page but the
    // last.
    Scanned scan(
        ReadRequest request, const std::function<void()>& between = [] {}
    ) {
        Scanned scanned;
        for (bool more = true; more && scanned.pages < 500; ++scanned.pages) {
            const auto page = read(request);
            if (!page) {
                ADD_FAILURE() << page.error().message;
                return scanned;
            }
            if (scanned.pages == 0) {
                scanned.source_time = page->source_time;
            }
            EXPECT_LE(page->records.size(), static_cast<std::size_t>(request.limit));
            for (const auto& record : page->records) {
                scanned.records[record.key] = record;
                ++scanned.pushed;
            }
            more = page->more;
            if (more) {
                EXPECT_FALSE(page->last_id.empty());
                EXPECT_FALSE(page->last_id == request.after_id && page->next == request.next)
                    << "the scan stands still at " << page->last_id;
                between();
            }
            request.after_id = page->last_id;
            request.next = page->next;
        }
        EXPECT_LT(scanned.pages, 500) << "the scan does not end";
        return scanned;
    }

    static ReadRequest request(
        const std::string& entity,
        std::optional<Timestamp> from = std::nullopt,
        std::int64_t limit = 1000
    ) {
        ReadRequest request;
        request.entity = entity;
        request.window.from = from;
        request.limit = limit;
        return request;
    }

    // A customer or document made by hand; its id.
    std::string customer(const std::string& name) {
        return made("customer", {{"DisplayName", name}}, "Customer");
    }
    std::string invoice(const std::string& amount, const std::string& note = "") {
        if (buyer_.empty()) {
            buyer_ = customer("The buyer");
            item_ = made(
                "item",
                {{"Name", "Tea"},
                 {"Type", "Service"},
                 {"IncomeAccountRef", {{"value", account()}}}},
                "Item"
            );
        }
        Json body{
            {"CustomerRef", {{"value", buyer_}}},
            {"Line",
             Json::array(
                 {{{"Amount", amount},
                   {"DetailType", "SalesItemLineDetail"},
                   {"SalesItemLineDetail",
                    {{"ItemRef", {{"value", item_}}}, {"TaxCodeRef", {{"value", "NON"}}}}}}}
             )}};
        if (!note.empty()) {
            body["PrivateNote"] = note;
        }
        return made("invoice", body, "Invoice");
    }
    const std::string& buyer() const { return buyer_; }
    const std::string& item() const { return item_; }

    // So many customers, thirty in a request.
    void customers(int count, const std::string& prefix) {
        for (int at = 0; at < count; at += 30) {
            Json items = Json::array();
            for (int i = at; i < std::min(count, at + 30); ++i) {
                items.push_back(
                    {{"bId", "b" + std::to_string(i)},
                     {"operation", "create"},
                     {"Customer", {{"DisplayName", prefix + std::to_string(i)}}}}
                );
            }
            company.make("batch", {{"BatchItemRequest", items}});
        }
    }

    static void by_hand(
        const std::string& what, const std::string& path, const Json& body = Json::object()
    ) {
        Company::control_qbo("POST", "/" + what + "/" + path, body);
    }

    // Lets the sandbox's clock and ours go on together.
    void pass(std::int64_t seconds) {
        offset_ms_ += seconds * 1000;
        Company::control("POST", "/clock", {{"offset_ms", offset_ms_}});
        company.refresh();  // a token lives for an hour
        company.books.host.now = now();
    }
    // The sandbox's clock.
    Timestamp now() {
        const auto page = read(request("refund"));
        EXPECT_TRUE(page) << (page ? "" : page.error().message);
        return page ? page->source_time : Timestamp{};
    }

    SourceBooks() {
        Company::control("POST", "/clock", {{"offset_ms", 0}});
        company.books.host.now = now();
    }
    ~SourceBooks() { Company::control("POST", "/clock", {{"offset_ms", 0}}); }
    SourceBooks(const SourceBooks&) = delete;
    SourceBooks& operator=(const SourceBooks&) = delete;

    std::string made(const std::string& path, const Json& body, const std::string& type) {
        return company.make(path, body).at(type).at("Id").get<std::string>();
    }

private:
    std::string account() const {
        const Account* income = company.books.facts.default_income_account();
        return income == nullptr ? "" : income->id;
    }

    std::int64_t offset_ms_ = 0;
    std::string buyer_;
    std::string item_;
};

}  // namespace syncline::quickbooks
