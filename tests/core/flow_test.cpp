#include "core/flow.hpp"

#include <gtest/gtest.h>

namespace syncline::testing {
namespace {

Json record(const char* text) {
    return parse_json(text).value();
}

TEST(Filters, PassByStatusPaymentAndDate) {
    const Json order = record(
        R"({"status":"processing","source_status":"ready","payment_status":"paid",
            "created_at":"2026-11-21T10:00:00.000Z"})"
    );
    Filters filters;
    EXPECT_TRUE(passes(filters, order));
    filters.status = {"completed", "ready"};
    EXPECT_TRUE(passes(filters, order));
    filters.status = {"completed"};
    EXPECT_FALSE(passes(filters, order));
    filters.status.clear();
    filters.payment_status = {"unpaid"};
    EXPECT_FALSE(passes(filters, order));
    filters.payment_status.clear();
    filters.created_from = Timestamp::parse("2026-11-21T10:00:00Z").value();
    EXPECT_TRUE(passes(filters, order));
    filters.created_to = filters.created_from;  // exclusive
    EXPECT_FALSE(passes(filters, order));
    EXPECT_FALSE(passes(filters, record(R"({"created_at":"nonsense"})")));
}

TEST(IdentityKey, IsTheNormalisedEmailTheSkuOrTheId) {
    EXPECT_EQ(
        identity_key("customer", "7", record(R"({"email":"  Ann@X.Example "})")), "ann@x.example"
    );
    EXPECT_EQ(identity_key("customer", "7", record(R"({"email":""})")), "#7");
    EXPECT_EQ(identity_key("product", "7", record(R"({"sku":"A-1"})")), "A-1");
    EXPECT_EQ(identity_key("order", "7", record(R"({"sku":"A-1"})")), "#7");
    EXPECT_NE(lane_name("customer", "#7"), lane_name("product", "#7"));
}

TEST(FlowDefinition, NamesTheMemberThatIsWrong) {
    const auto definition = [](const char* text) {
        return from_json<FlowDefinition>(record(text), Unknown::kRefuse);
    };
    const char* good = R"({"name":"shop-books-orders","entity":"order",
        "source":{"connection":"shop","filters":{"status":["completed"]}},
        "target":{"connection":"books"},"mode":"full","batch_size":10})";
    ASSERT_TRUE(definition(good).has_value());
    EXPECT_TRUE(check_definition(*definition(good)).has_value());
    const std::pair<const char*, const char*> bad[] = {
        {R"({"name":"Shop Books","entity":"order","source":{"connection":"a"},"target":{"connection":"b"}})",
         "/name"},
        {R"({"name":"a","entity":"orders","source":{"connection":"a"},"target":{"connection":"b"}})",
         "/entity"},
        {R"({"name":"a","entity":"order","source":{},"target":{"connection":"b"}})",
         "/source/connection"},
        {R"({"name":"a","entity":"order","source":{"connection":"b"},"target":{"connection":"b"}})",
         "/target/connection"},
        {R"({"name":"a","entity":"order","source":{"connection":"a"},"target":{"connection":"b"},"batch_size":0})",
         "/batch_size"},
        {R"({"name":"a","entity":"order","source":{"connection":"a"},"target":{"connection":"b"},"mode":"sometimes"})",
         "/mode"},
        {R"({"name":"a","entity":"order","source":{"connection":"a"},"target":{"connection":"b"},"retry":[{},{"class":"bug","initial_s":0}]})",
         "/retry/1/initial_s"},
        {R"({"name":"a","retry":[{"class":"sometimes"}]})", "/retry/0/class"},
        {R"({"name":"a","retry":[{"initial":5}]})", "/retry/0/initial"},
        {R"({"name":"a","entty":"order"})", "/entty"},
        {R"({"name":"a","source":{"filters":{"status":"completed"}}})", "/source/filters/status"}};
    for (const auto& [text, pointer] : bad) {
        const auto parsed = definition(text);
        const Result<void> checked =
            parsed ? check_definition(*parsed) : Result<void>(parsed.error());
        ASSERT_FALSE(checked.has_value()) << text;
        EXPECT_EQ(checked.error().message.rfind(pointer, 0), 0u) << checked.error().message;
    }
}

}  // namespace
}  // namespace syncline::testing
