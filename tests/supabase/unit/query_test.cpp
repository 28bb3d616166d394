#include "supabase/query.hpp"

#include <gtest/gtest.h>

#include "supabase/document.hpp"
#include "supabase/rest_client.hpp"

namespace syncline::supabase {
namespace {

TEST(SupabaseQuery, EncodesEverythingThatCouldBeTakenForSyntax) {
    Query query;
    query.select("id,total::text").where("updated_at", "gte", "2026-11-01T10:00:00+02:00");
    EXPECT_EQ(
        query.text(),
        "?select=id%2Ctotal%3A%3Atext&updated_at=gte.2026-11-01T10%3A00%3A00%2B02%3A00"
    );
}

TEST(SupabaseQuery, QuotesEachValueOfAList) {
    EXPECT_EQ(quoted_value("a,b(c)\"d\\e"), R"("a,b(c)\"d\\e")");
    Query query;
    query.where_in("source_id", {"7", "a,b"});
    EXPECT_EQ(query.text(), "?source_id=in.%28%227%22%2C%22a%2Cb%22%29");
}

TEST(SupabaseQuery, CutsListsToTheSizeOfAUrl) {
    EXPECT_TRUE(url_sized({}).empty());
    std::vector<std::string> values;
    for (int i = 0; i < 1001; ++i) {
        values.push_back(
            std::string(static_cast<std::size_t>(i % 90 + 1), 'x') + std::to_string(i)
        );
    }
    std::vector<std::string> together;
    for (const auto& part : url_sized(values)) {
        ASSERT_FALSE(part.empty());
        Query query;
        query.where_in("source_id", part);
        EXPECT_LT(query.text().size(), 4000U);
        together.insert(together.end(), part.begin(), part.end());
    }
    EXPECT_EQ(together, values);
    EXPECT_EQ(url_sized({std::string(9000, 'x')}).size(), 1U);
}

TEST(SupabaseDocument, ASetsRemoteIdHoldsItsKeyWhateverIsInIt) {
    const RowKey key{"a/b", "woocommerce:shop", "7%2F/ü"};
    EXPECT_EQ(parse_set_remote_id(set_remote_id(key)), key);
    EXPECT_FALSE(parse_set_remote_id("42"));
    EXPECT_FALSE(parse_set_remote_id("a/b"));
}

TEST(SupabaseDocument, ANaturalKeyIsPlatformConnectionAndId) {
    EXPECT_EQ(parse_natural_key("woocommerce:shop:730"), (RowKey{"", "woocommerce:shop", "730"}));
    EXPECT_EQ(
        parse_natural_key("woocommerce:shop:guest:a@b.example"),
        (RowKey{"", "woocommerce:shop", "guest:a@b.example"})
    );
    EXPECT_FALSE(parse_natural_key("ann@shop.example"));
    EXPECT_FALSE(parse_natural_key("woocommerce:shop:"));
}

TEST(SupabaseProject, TakesItsUrlInTheFormsPeoplePaste) {
    for (const auto* url :
         {"https://p.supabase.co",
          "https://p.supabase.co/",
          "https://p.supabase.co/rest/v1",
          "https://p.supabase.co/rest/v1/"}) {
        EXPECT_EQ(normalized_project_url(url), "https://p.supabase.co");
    }
    EXPECT_EQ(normalized_project_url("http://127.0.0.1:8000/kong"), "http://127.0.0.1:8000/kong");
}

TEST(SupabaseProject, ReadsTheRoleOfAKeyOfTheOldStyle) {
    // {"alg":"HS256"} . {"role":"anon"}
    EXPECT_EQ(role_of_key("eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.sig"), "anon");
    for (const auto* other :
         {"sb_secret_x", "eyJ", "eyJ.%%%.x", "eyJhbGciOiJIUzI1NiJ9.e30.x", ""}) {
        EXPECT_EQ(role_of_key(other), "") << other;
    }
}

}  // namespace
}  // namespace syncline::supabase
