// Intuit's deliveries in both formats.
#include "quickbooks/webhooks.hpp"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "quickbooks/settings.hpp"

namespace syncline::quickbooks {
namespace {

std::string sample(const std::string& name) {
    std::ifstream file(std::string(SYNCLINE_SOURCE_DIR) + "/tests/data/quickbooks/" + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<std::string> changes_of(const WebhookEvent& event) {
    std::vector<std::string> all;
    for (const auto& change : event.changes) {
        all.push_back(change.entity + " " + change.id + (change.deleted ? " deleted" : ""));
    }
    return all;
}

using V = std::vector<std::string>;

TEST(Webhooks, TheSpecIsSound) {
    EXPECT_TRUE(check_spec(connector_spec()).empty());
    EXPECT_EQ(connector_spec().webhooks.silence_max_s, 6 * 3600);
}

TEST(Webhooks, TheLegacyFormatIsToldByItsShape) {
    const auto event = parse_webhook(sample("qbo_webhook_legacy.json"), "9130350000000001");
    ASSERT_TRUE(event.has_value()) << event.error().message;
    EXPECT_EQ(
        changes_of(*event),
        (V{"customer 184", "customer 185", "customer 186 deleted", "invoice 9120"})
    );
}

TEST(Webhooks, CloudEventsAreToldByTheirShapeAndRoutedOneByOne) {
    const std::string body = sample("qbo_webhook_cloudevents.json");
    const auto first = parse_webhook(body, "9130350000000001");
    ASSERT_TRUE(first.has_value()) << first.error().message;
    EXPECT_EQ(changes_of(*first), (V{"invoice 9120", "customer 185", "customer 186 deleted"}));
    EXPECT_TRUE(first->changes[0].changed_at.has_value());
    const auto second = parse_webhook(body, "9130350000000002");
    EXPECT_EQ(changes_of(*second), V{"sales_receipt 9121"});
    EXPECT_EQ(second->topic, "salesreceipt.voided");
    const auto nobodys = parse_webhook(body, "1");
    ASSERT_TRUE(nobodys.has_value());
    EXPECT_EQ(nobodys->ignored->code, "NOTHING_READ");
}

TEST(Webhooks, ADeleteOfWhatIsReadIsAHint) {
    const auto event = parse_webhook(
        R"({"eventNotifications":[{"realmId":"1","dataChangeEvent":{"entities":[
            {"name":"Invoice","id":"7","operation":"Delete","lastUpdated":"2026-09-14T14:15:24.000Z"},
            {"name":"JournalEntry","id":"8","operation":"Update"}]}}]})",
        "1"
    );
    EXPECT_EQ(changes_of(*event), V{"invoice 7 deleted"});
}

TEST(Webhooks, PartsOfAnotherShapeAreNothingThatIsRead) {
    for (const char* company :
         {R"({"realmId":"1","dataChangeEvent":[]})",
          R"({"realmId":"1","dataChangeEvent":"x"})",
          R"({"realmId":"1","dataChangeEvent":{"entities":7}})",
          R"({"realmId":"1","dataChangeEvent":{"entities":{"name":"Invoice"}}})",
          R"({"realmId":"1"})",
          "1"}) {
        const auto event =
            parse_webhook("{\"eventNotifications\":[" + std::string(company) + "]}", "1");
        ASSERT_TRUE(event.has_value()) << company;
        EXPECT_TRUE(event->changes.empty()) << company;
        EXPECT_TRUE(event->ignored.has_value()) << company;
    }
}

TEST(Webhooks, WhatHasNeitherFormatIsNotUnderstood) {
    for (const char* body :
         {"",
          "no JSON",
          "{}",
          "3",
          R"([{"type":"qbo.invoice.created.v1"}])",
          R"([1])",
          R"([{"specversion":"1.0","type":"invoice"}])",
          R"({"eventNotifications":{}})"}) {
        const auto event = parse_webhook(body, "1");
        ASSERT_FALSE(event.has_value()) << body;
        EXPECT_EQ(event.error().code, ErrorCode::kData) << body;
    }
}

}  // namespace
}  // namespace syncline::quickbooks
