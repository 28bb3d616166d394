// Database webhooks.
#include "supabase/webhooks.hpp"

#include <gtest/gtest.h>

#include "supabase/connector.hpp"

namespace syncline::supabase {
namespace {

Result<WebhookEvent> parse(const std::string& body) {
    static const SourceTables kTables = source_tables(Json::object()).value();
    return parse_webhook(body, kTables, "public");
}

TEST(Webhooks, TheSpecIsSound) {
    EXPECT_TRUE(check_spec(SupabaseConnector::spec()).empty());
}

TEST(Webhooks, ARowIsNamedByItsTableAndId) {
    const auto inserted = parse(
        R"({"type":"INSERT","table":"orders","schema":"public","record":{"id":12},"old_record":null})"
    );
    ASSERT_TRUE(inserted.has_value()) << inserted.error().message;
    ASSERT_EQ(inserted->changes.size(), 1U);
    EXPECT_EQ(inserted->changes[0].entity, "order");
    EXPECT_EQ(inserted->changes[0].id, "12");
    EXPECT_EQ(inserted->topic, "orders.INSERT");
    const auto deleted = parse(
        R"({"type":"DELETE","table":"customers","schema":"public","record":null,"old_record":{"id":5}})"
    );
    EXPECT_EQ(deleted->changes.at(0).id, "5");
    EXPECT_TRUE(deleted->changes[0].deleted);
}

TEST(Webhooks, OtherTablesAreIgnoredAndNonsenseIsNotUnderstood) {
    const auto other =
        parse(R"({"type":"INSERT","table":"orders","schema":"private","record":{"id":12}})");
    EXPECT_EQ(other->ignored->code, "TABLE");
    EXPECT_FALSE(parse("{}").has_value());
    EXPECT_FALSE(parse("[]").has_value());
    EXPECT_FALSE(parse(R"({"type":"TRUNCATE","table":"orders","schema":"public"})").has_value());
    EXPECT_FALSE(
        parse(R"({"type":"UPDATE","table":"orders","schema":"public","record":{}})").has_value()
    );
}

}  // namespace
}  // namespace syncline::supabase
