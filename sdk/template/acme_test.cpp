// The connector against an Acme that lives in this file. No network: FakeHost hands every request
// to it.
#include "acme.hpp"

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include <syncline/plugin/testing/fake_host.hpp>

namespace {

using namespace syncline;                   // NOLINT(google-build-using-namespace)
using namespace syncline::plugin;           // NOLINT(google-build-using-namespace)
using namespace syncline::plugin::testing;  // NOLINT(google-build-using-namespace)

HttpResponse json_answer(const Json& body, int status = 200) {
    return {status, {{"Date", "Sat, 21 Nov 2026 07:38:20 GMT"}}, dump_json(body)};
}

class AcmeConnector : public ::testing::Test {
protected:
    AcmeConnector() {
        host_.secrets["api_key"] = "s3cret";
        host_.on_http = [this](const HttpRequest& request) -> Result<HttpResponse> {
            const auto answer = answers_.find(request.method + " " + request.url);
            return answer == answers_.end() ? json_answer({{"error", "not found"}}, 404)
                                            : answer->second;
        };
    }

    void answer(const std::string& request, HttpResponse response) {
        const auto space = request.find(' ');
        answers_
            [request.substr(0, space + 1) + "https://acme.example/api" +
             request.substr(space + 1)] = std::move(response);
    }

    static Json an_order() {
        return parse_json(R"({"id": 7, "number": "A-7", "status": "completed", "currency": "EUR",
            "created_at": "2026-11-20T10:00:00Z", "updated_at": "2026-11-21T07:00:00Z",
            "email": "Ann@X.example", "total": "24.68",
            "lines": [{"sku": "B-1", "name": "Bolt", "quantity": 2, "total": "24.68"}]})")
            .value();
    }

    Result<Page> read(const ReadRequest& request) { return acme_.read(call_.call(), request); }
    Encoded encode(const std::string& entity, const Json& record) {
        EncodeRequest request;
        request.context.entity = entity;
        request.context.source = "acme:main";
        request.records = {record};
        return acme_.encode(call_.call(), request).value().at(0);
    }
    // The order as read() gives it, perhaps with another member.
    Encoded encode_order(const std::string& member = {}, const Json& value = {}) {
        Json order = an_order();
        if (!member.empty()) {
            order[member] = value;
        }
        answer(
            "GET /orders?limit=50&after_id=", json_answer({{"orders", {order}}, {"more", false}})
        );
        return encode("order", parse_json(read({}).value().records.at(0).json).value());
    }
    Result<void> write(WriteItem item) {
        item.index = 0;
        return acme_.write(call_.call(), WriteRequest{{item}}, outcomes_.outcomes());
    }

    FakeHost host_;
    FakeCall call_{"0b6b7a52-0d3c-5ef0-8f3a-0c5a6d1f2e3b"};
    FakeOutcomes outcomes_;
    std::map<std::string, HttpResponse> answers_;
    acme::Acme acme_{host_.handle(), {{"base_url", "https://acme.example"}, {"page_size", 50}}};
};

TEST_F(AcmeConnector, HasASpecWithoutMistakes) {
    const Spec spec = acme::Acme::spec();
    for (const auto& error : check_spec(spec)) {
        ADD_FAILURE() << error.message;
    }
    std::ifstream file(SYNCLINE_CONNECTOR_FOLDER "/config.example.json");
    std::stringstream text;
    text << file.rdbuf();
    for (const auto& error : check_settings(spec, parse_json(text.str()).value())) {
        ADD_FAILURE() << "config.example.json: " << error.message;
    }
}

TEST_F(AcmeConnector, ChecksTheAccountWithItsKey) {
    answer("GET /account", json_answer({{"id", "a1"}, {"name", "Demo"}, {"currency", "EUR"}}));
    const auto report = acme_.check(call_.call());
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_EQ(report->account, "Demo (https://acme.example)");
    EXPECT_EQ(host_.requests.at(0).headers.at(0).second, "Bearer s3cret");
}

TEST_F(AcmeConnector, SaysThatTheKeyIsWrong) {
    answer("GET /account", json_answer({{"error", "bad key s3cret"}}, 401));
    const auto report = acme_.check(call_.call());
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code, ErrorCode::kAuth);
    EXPECT_EQ(report.error().message, "Acme's GET /account answered HTTP 401");
}

TEST_F(AcmeConnector, ReadsAPageOfOrders) {
    answer(
        "GET /orders?limit=50&after_id=6&updated_from=2026-11-21T00%3A00%3A00.000Z",
        json_answer({{"orders", {an_order()}}, {"more", true}})
    );
    ReadRequest request;
    request.entity = "order";
    request.after_id = "6";
    request.window.from = *Timestamp::parse("2026-11-21T00:00:00Z");
    const auto page = read(request);
    ASSERT_TRUE(page.has_value()) << page.error().message;
    EXPECT_TRUE(page->more);
    EXPECT_EQ(page->last_id, "7");
    EXPECT_EQ(page->source_time.to_string(), "2026-11-21T07:38:20.000Z");
    const Order order = from_json<Order>(parse_json(page->records.at(0).json).value()).value();
    EXPECT_EQ(order.total, Money(2468, *Currency::parse("EUR")));
}

TEST_F(AcmeConnector, OneOrderItCannotReadDoesNotStopThePage) {
    const Encoded encoded = encode_order("total", "1,50");
    ASSERT_TRUE(encoded.hold.has_value());
    EXPECT_EQ(encoded.hold->message, "order A-7: '1,50' at /total");
}

TEST_F(AcmeConnector, MakesAnInvoiceThatNeedsItsCustomer) {
    const Encoded encoded = encode_order();
    ASSERT_EQ(encoded.documents.size(), 1U);
    const Document& invoice = encoded.documents[0];
    EXPECT_EQ(invoice.natural_key, "acme:main:7");
    EXPECT_EQ(invoice.body.at("customer_id").at("$need"), "customer:ann@x.example");
    EXPECT_EQ(invoice.body.at("total"), "24.68");
    ASSERT_EQ(encoded.needs.size(), 1U);
    EXPECT_EQ(encoded.needs[0].natural_key, "ann@x.example");

    const Encoded customer = encode("customer", encoded.needs[0].record);
    EXPECT_EQ(customer.documents.at(0).body.at("email"), "ann@x.example");
}

TEST_F(AcmeConnector, SkipsAnOrderOfNothingAndHoldsOneWithoutEmail) {
    EXPECT_EQ(encode_order("total", "0.00").skip.value().code, "ZERO_TOTAL");
    EXPECT_EQ(encode_order("email", "").hold.value().code, "NO_EMAIL");
}

TEST_F(AcmeConnector, FindsAnInvoiceByItsReference) {
    answer(
        "GET /invoices?reference=acme%3Amain%3A7",
        json_answer({{"items", {{{"id", "i9"}, {"version", 3}, {"total", "24.68"}}}}})
    );
    answer("GET /invoices?reference=acme%3Amain%3A8", json_answer({{"items", Json::array()}}));
    FindRequest request;
    request.entity = "invoice";
    request.keys = {{"a", "acme:main:7", "", "", {}}, {"b", "acme:main:8", "", "", {}}};
    const auto found = acme_.find(call_.call(), request);
    ASSERT_TRUE(found.has_value()) << found.error().message;
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ(found->at(0).key, "a");
    EXPECT_EQ(found->at(0).remote_id, "i9");
    EXPECT_EQ(found->at(0).owned.dump(), R"({"total":"24.68"})");
}

TEST_F(AcmeConnector, WritesUnderTheHostsIdempotencyKey) {
    answer("POST /invoices", json_answer({{"id", "i9"}, {"version", 1}}, 201));
    WriteItem item;
    item.entity = "invoice";
    item.body = {{"total", "24.68"}};
    ASSERT_TRUE(write(item).has_value());
    EXPECT_EQ(outcomes_.done.at(0).remote_id, "i9");
    EXPECT_EQ(outcomes_.problems, std::vector<std::string>{});
    const auto& headers = host_.requests.at(0).headers;
    EXPECT_EQ(headers.at(1).second, "0b6b7a52-0d3c-5ef0-8f3a-0c5a6d1f2e3b-0");
}

TEST_F(AcmeConnector, UpdatesOnlyTheVersionItKnows) {
    answer("PUT /invoices/i9", json_answer({{"error", "changed"}}, 412));
    WriteItem item;
    item.entity = "invoice";
    item.remote_id = "i9";
    item.version = "3";
    ASSERT_TRUE(write(item).has_value());
    EXPECT_EQ(outcomes_.failed.at(0).code, ErrorCode::kConflict);
    EXPECT_EQ(host_.requests.at(0).headers.at(2).second, "3");
}

TEST_F(AcmeConnector, StopsTheBatchWhenAcmeSaysSlowDown) {
    HttpResponse busy = json_answer({}, 429);
    busy.headers.emplace_back("Retry-After", "7");
    answer("POST /invoices", busy);
    WriteItem item;
    item.entity = "invoice";
    const auto result = write(item);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::kRateLimited);
    EXPECT_EQ(result.error().retry_after, std::chrono::seconds(7));
    EXPECT_TRUE(outcomes_.done.empty() && outcomes_.failed.empty());
}

}  // namespace
