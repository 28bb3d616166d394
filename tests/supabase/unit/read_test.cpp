#include <gtest/gtest.h>

#include <syncline/plugin/testing/fake_host.hpp>

#include "supabase/canonical.hpp"
#include "supabase/connector.hpp"

namespace syncline::supabase {
namespace {

using plugin::HttpRequest;
using plugin::HttpResponse;

class SupabaseRead : public testing::Test {
protected:
    SupabaseRead() { host.secrets["service_role_key"] = "sb_secret_x"; }

    Result<Page> read(const ReadRequest& request) { return connector.read(call.call(), request); }

    plugin::testing::FakeHost host;
    plugin::testing::FakeCall call;
    SupabaseConnector connector{host.handle(), Json{{"project_url", "https://p.supabase.co"}}};
};

TEST_F(SupabaseRead, AsksForTheWindowInOrderOfIds) {
    host.on_http = [](const HttpRequest&) -> Result<HttpResponse> {
        return HttpResponse{200, {{"Date", "Sat, 21 Nov 2026 07:38:20 GMT"}}, "[]"};
    };
    ReadRequest request;
    request.entity = "customer";
    request.window = {
        Timestamp::parse("2026-11-01T00:00:00Z").value(),
        Timestamp::parse("2026-11-02T00:00:00Z").value()};
    request.after_id = "41";
    request.limit = 5000;
    const auto page = read(request);
    ASSERT_TRUE(page);
    EXPECT_FALSE(page->more);
    EXPECT_EQ(page->source_time, Timestamp::parse("2026-11-21T07:38:20Z").value());
    const std::string& url = host.requests.at(0).url;
    EXPECT_NE(
        url.find("&updated_at=gte.2026-11-01T00%3A00%3A00.000Z&updated_at=lt.2026-11-02T00%3A00%"
                 "3A00.000Z&id=gt.41&order=id.asc&limit=1000"),
        std::string::npos
    ) << url;
}

TEST_F(SupabaseRead, DoesNotTakeAShortAnswerForTheLast) {
    host.on_http = [](const HttpRequest&) -> Result<HttpResponse> {
        return HttpResponse{
            200,
            {{"Date", "Sat, 21 Nov 2026 07:38:20 GMT"}},
            R"([{"id": 9007199254740993, "source_id": "7", "updated_at": "2026-11-20T10:00:00.5+00:00"}])"};
    };
    ReadRequest request;
    request.entity = "customer";
    const auto page = read(request);
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_TRUE(page->more);
    EXPECT_EQ(page->last_id, "9007199254740993");
    EXPECT_EQ(page->records.at(0).key, "9007199254740993");
    EXPECT_EQ(page->records.at(0).changed_at, Timestamp::parse("2026-11-20T10:00:00.5Z").value());
}

TEST_F(SupabaseRead, WantsToKnowTheServersTime) {
    host.on_http = [](const HttpRequest&) -> Result<HttpResponse> {
        return HttpResponse{200, {}, "[]"};
    };
    ReadRequest request;
    request.entity = "customer";
    const auto page = read(request);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code, ErrorCode::kTransient);
}

TEST_F(SupabaseRead, KnowsOnlyItsEntities) {
    for (const auto* entity : {"payment", "order_lines", ""}) {
        ReadRequest request;
        request.entity = entity;
        EXPECT_EQ(read(request).error().code, ErrorCode::kUnsupported) << entity;
    }
}

TEST(SupabaseCanonical, AmountsWithTooManyDecimalsAreRoundedAndNoted) {
    const Json row{
        {"id", 1},
        {"currency", "USD"},
        {"total", "12.345"},
        {"tax_total", "1.00"},
        {"status", "odd"},
        {"payment_status", "paid"}};
    const Order order = order_from(row, {}, {});
    EXPECT_EQ(order.total.to_string(), "12.35");
    ASSERT_EQ(order.issues.size(), 1U);
    EXPECT_EQ(order.issues[0].code, "AMOUNT_PRECISION");
    EXPECT_EQ(order.issues[0].path, "/total");
    EXPECT_EQ(order.status, OrderStatus::kOther);
    EXPECT_EQ(order.payment_status, PaymentStatus::kPaid);
}

TEST(SupabaseCanonical, UnknownCurrenciesAndAmountsAreNoted) {
    EXPECT_EQ(
        order_from({{"id", 1}, {"currency", "XQZ"}}, {}, {}).issues.at(0).code, "CURRENCY_UNKNOWN"
    );
    EXPECT_EQ(
        order_from({{"id", 1}, {"currency", "USD"}, {"total", "NaN"}}, {}, {}).issues.at(0).code,
        "AMOUNT_UNREADABLE"
    );
}

TEST(SupabaseCanonical, WhatOthersPutIntoJsonColumnsDoesNoHarm) {
    const Json row{
        {"id", 1},
        {"currency", "USD"},
        {"billing", "text"},
        {"discounts", 5},
        {"refunds", {{"amount", true}}}};
    const Order order = order_from(row, {}, {});
    EXPECT_TRUE(order.billing.empty());
    EXPECT_TRUE(order.discounts.empty());
    EXPECT_TRUE(order.refunds.empty());
}

}  // namespace
}  // namespace syncline::supabase
