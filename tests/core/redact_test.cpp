#include "core/redact.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace syncline {
namespace {

TEST(Redact, KnowsTheNamesThatHoldPersonalDataOrSecrets) {
    for (const auto* name :
         {"email",
          "billing_email",
          "first_name",
          "firstName",
          "phone",
          "address",
          "access_token",
          "consumer_secret",
          "apikey-key",
          "Authorization",
          "PASSWORD",
          "x.key"}) {
        EXPECT_TRUE(is_sensitive_name(name)) << name;
    }
    for (const auto* name :
         {"connection", "hostname", "file", "monkey", "tokens_left", "event", ""}) {
        EXPECT_FALSE(is_sensitive_name(name)) << name;
    }
}

TEST(Redact, MasksCredentialsWhereverTheyStand) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"Authorization: Bearer eyJhbGciOi.J9", "Authorization: Bearer ***"},
        {"sent basic Y2s6Y3M= twice", "sent basic *** twice"},
        {"GET /orders?consumer_key=ck_1&page=2", "GET /orders?consumer_key=***&page=2"},
        {R"({"access_token": "a\"b","id":1})", R"({"access_token": "***","id":1})"},
        {"https://ann:pw@shop.example/x", "https://***@shop.example/x"},
        {"key cs_0123456789abcdef0123456789 refused", "key cs_*** refused"},
        {"access_token=abc", "access_token=***"},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(redact(text), expected);
    }
}

TEST(Redact, LeavesOrdinaryTextAlone) {
    for (const std::string text :
         {"Basic authentication is needed",
          "order 42 in /wp-json/wc/v3/orders?page=2",
          "https://shop.example/a@b",
          "total=12.34 EUR",
          "the key is wrong",
          "",
          "cs_short",
          R"({"status":"completed"})"}) {
        EXPECT_EQ(redact(text), text);
    }
}

TEST(Redact, TakesThePersonsOfARecordOutOfWhatAPlatformAnswered) {
    const Json record{
        {"number", "1001"},
        {"total", "12.34"},
        {"billing",
         {{"first_name", "Li"},
          {"last_name", "Canarylast"},
          {"line1", "77 Canarystreet"},
          {"city", "Springfield"},
          {"phone", "+49 5550 193847"},
          {"email", "Li.C@x.example"},
          {"country", "DE"}}},
        {"lines", {{{"name", "Blue shirt"}, {"sku", "S-1"}}}}};
    const auto masked = [&](const std::string& text) {
        return without_values(text, personal_values(record));
    };
    EXPECT_EQ(
        masked("Duplicate Name: Li Canarylast <li.c@x.example>, 77 Canarystreet Springfield"),
        "Duplicate Name: *** *** <***>, *** ***"
    );
    EXPECT_EQ(masked("call +49 5550 193847."), "call ***.");
    for (const std::string text :
         {"Line 2: the SKU S-1 'Blue shirt' is not known in DE",
          "the total 12.34 of order 1001 differs",
          "Lis and Canarylasts",
          ""}) {
        EXPECT_EQ(masked(text), text);
    }
    EXPECT_TRUE(personal_values(Json("text")).empty());
    const Json document{
        {"DisplayName", "Li Canarylast"},
        {"PrimaryPhone", {{"FreeFormNumber", "+49 5550 193847"}}},
        {"BillAddr", {{"City", "Springfield"}}},
        {"DocNumber", "1001"}};
    EXPECT_EQ(
        without_values(
            "1001: Li Canarylast, Springfield, +49 5550 193847",
            personal_values_of_document(document)
        ),
        "1001: ***, ***, ***"
    );
}

TEST(Redact, TakesTextThatEndsInTheMiddleOfAPattern) {
    for (const std::string text :
         {"Bearer ", "access_token=", "\"token\":\"", "://", "\"token\":"}) {
        EXPECT_EQ(redact(text), text);
    }
    EXPECT_EQ(redact("\"token\":\"ab\\"), "\"token\":\"***");
}

}  // namespace
}  // namespace syncline
