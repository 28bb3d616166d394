#include "connectors/http/url.hpp"

#include <gtest/gtest.h>

namespace syncline::connectors {
namespace {

TEST(Url, IsTakenApart) {
    const auto url = parse_url("HTTPS://Shop.Example:8443/wp-json/x?a=b%20c#part");
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->host, "shop.example");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->target, "/wp-json/x?a=b%20c");
    EXPECT_EQ(url->authority(), "shop.example:8443");
    EXPECT_EQ(url->host_header(), "shop.example:8443");
}

TEST(Url, HasDefaults) {
    EXPECT_EQ(parse_url("http://a")->port, 80);
    EXPECT_EQ(parse_url("https://a.")->port, 443);
    EXPECT_EQ(parse_url("https://a.")->host, "a");
    EXPECT_EQ(parse_url("https://a:")->port, 443);
    EXPECT_EQ(parse_url("https://a?x=1")->target, "/?x=1");
    EXPECT_EQ(parse_url("https://a:443/")->host_header(), "a");
    EXPECT_EQ(parse_url("http://[::1]/")->host, "::1");
    EXPECT_EQ(parse_url("http://[::1]/")->host_header(), "[::1]");
    EXPECT_EQ(parse_url("http://[::1]:81/")->authority(), "[::1]:81");
}

TEST(Url, IsRefusedWithAReasonWhenItIsDoubtful) {
    for (const std::string text :
         {"",
          "shop.example",
          "ftp://a/",
          "//a/",
          "https://",
          "https:///x",
          "https://a b/",
          "https://a/\r\nHost: b",
          "https://user:pw@a/",
          "https://a@b/",
          "https://a\\@b/",
          "https://a:0/",
          "https://a:65536/",
          "https://a:8x/",
          "https://[::1/",
          "https://[::1]x/",
          "https://[zz]/",
          "https://\xC3\xA4.example/",
          "https://a/\xFF",
          "https://a%2eb/",
          "https://a,b/"}) {
        const auto url = parse_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, ErrorCode::kConfig);
        EXPECT_EQ(url.error().message.substr(0, 4), "URL ");
    }
    EXPECT_FALSE(parse_url("https://a/" + std::string(20'000, 'x')));
}

TEST(Url, ErrorsDoNotShowThePathOrTheCredentials) {
    for (const std::string text :
         {"https://user:hunter2@a/",
          "https://a:bad/hunter2",
          "ftp://a/hunter2",
          "https://a/hunter2 "}) {
        EXPECT_EQ(parse_url(text).error().message.find("hunter2"), std::string::npos) << text;
    }
}

}  // namespace
}  // namespace syncline::connectors
