#include "api/http/route.hpp"

#include <gtest/gtest.h>

#include "api/routes.hpp"

namespace syncline::api {
namespace {

std::string matched(std::string_view method, std::string_view path) {
    const auto match = match_route(api_routes(), method, path);
    return match && match->route != nullptr ? std::string(match->route->path) : "(none)";
}

TEST(Route, ALiteralWinsOverAParameter) {
    EXPECT_EQ(matched("POST", "/api/sync/orders"), "/api/sync/{entity}");
    EXPECT_EQ(matched("POST", "/api/sync/retry"), "/api/sync/retry");
    EXPECT_EQ(matched("GET", "/api/sync/status"), "/api/sync/status");
    EXPECT_EQ(matched("POST", "/api/sync/status"), "(none)");
    EXPECT_EQ(matched("GET", "/api/integrations/health"), "/api/integrations/health");
    EXPECT_EQ(matched("GET", "/api/integrations/connections"), "/api/integrations/connections");
    EXPECT_EQ(matched("POST", "/api/sync/dry-run/orders"), "/api/sync/dry-run/{entity}");
}

TEST(Route, ParametersAreDecodedAfterTheyWereParted) {
    const auto match = match_route(api_routes(), "GET", "/api/records/orders/a%2Fb%20c");
    ASSERT_TRUE(match.has_value());
    EXPECT_EQ(match->path.at("source_id"), "a/b c");
}

TEST(Route, EveryRowSaysWhatItIsForAndIsListedOnce) {
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (const auto& route : api_routes()) {
        EXPECT_FALSE(route.summary.empty()) << route.path;
        EXPECT_TRUE(seen.insert({route.method, route.path}).second) << route.path;
        EXPECT_EQ(matched(route.method, route.path), route.path);
    }
}

TEST(Query, PartsAreDecoded) {
    const auto query = parse_query("a=1+2&b=%26&c&&d=x=y");
    ASSERT_TRUE(query.has_value());
    EXPECT_EQ(query->at("a"), "1 2");
    EXPECT_EQ(query->at("b"), "&");
    EXPECT_EQ(query->at("c"), "");
    EXPECT_EQ(query->at("d"), "x=y");
    EXPECT_FALSE(parse_query("a=1&a=2").has_value());
    EXPECT_FALSE(parse_query("a=%4").has_value());
    EXPECT_EQ(percent_encode("a b/ü"), "a%20b%2F%C3%BC");
}

}  // namespace
}  // namespace syncline::api
