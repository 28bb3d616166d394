#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include <syncline/plugin/http.hpp>

namespace syncline::plugin {
namespace {

using std::chrono::milliseconds;

HttpResponse answer(int status, std::vector<std::pair<std::string, std::string>> headers = {}) {
    return {status, std::move(headers), ""};
}

TEST(HttpResponse, FindsAHeaderInAnyCase) {
    const auto response = answer(200, {{"content-type", "text/html"}, {"X-WP-Total", "61"}});
    EXPECT_EQ(response.header("Content-Type"), "text/html");
    EXPECT_EQ(response.header("x-wp-total"), "61");
    EXPECT_EQ(response.header("X-WP"), "");
}

TEST(HttpResponse, NamesTheHostsNextActionForEveryStatus) {
    const std::pair<int, ErrorCode> cases[] = {
        {301, ErrorCode::kConfig},
        {308, ErrorCode::kConfig},
        {400, ErrorCode::kData},
        {401, ErrorCode::kAuth},
        {403, ErrorCode::kAuth},
        {404, ErrorCode::kData},
        {408, ErrorCode::kTransient},
        {409, ErrorCode::kConflict},
        {412, ErrorCode::kConflict},
        {422, ErrorCode::kData},
        {429, ErrorCode::kRateLimited},
        {500, ErrorCode::kTransient},
        {502, ErrorCode::kTransient},
        {503, ErrorCode::kTransient},
        {599, ErrorCode::kTransient},
    };
    for (const auto& [status, code] : cases) {
        const Error error = answer(status).error("GET /orders");
        EXPECT_EQ(error.code, code) << status;
        EXPECT_EQ(error.http_status, status);
        EXPECT_EQ(error.name, "http." + std::to_string(status));
    }
    EXPECT_EQ(answer(404).error("GET /orders").message, "GET /orders answered HTTP 404");
    const Error busy = answer(503, {{"Retry-After", "7"}}).error("GET /orders");
    EXPECT_EQ(busy.code, ErrorCode::kRateLimited);
    EXPECT_EQ(busy.retry_after, milliseconds(7000));
}

TEST(HttpResponse, ARedirectIsTheSettingsFaultNotTheRecords) {
    const Error moved = answer(301, {{"Location", "https://x/?key=s3cret"}}).error("GET /orders");
    EXPECT_EQ(moved.code, ErrorCode::kConfig);
    EXPECT_EQ(moved.message.find("s3cret"), std::string::npos);
}

TEST(HttpResponse, ReadsRetryAfterInSecondsOrAsADate) {
    const auto wait = [](const char* retry_after, const char* date) {
        return answer(429, {{"Retry-After", retry_after}, {"Date", date}}).retry_after();
    };
    const char* now = "Sat, 21 Nov 2026 07:38:20 GMT";
    EXPECT_EQ(wait("120", now), milliseconds(120'000));
    EXPECT_EQ(wait("0", now), milliseconds(0));
    EXPECT_EQ(wait("Sat, 21 Nov 2026 07:38:30 GMT", now), milliseconds(10'000));
    EXPECT_EQ(wait("Sat, 21 Nov 2026 07:38:10 GMT", now), milliseconds(0));
    EXPECT_EQ(wait("Sat, 21 Nov 2026 07:38:30 GMT", ""), std::nullopt);
    for (const char* odd : {"", "-5", "1.5", "soon", "99999999999999999999", "1 2"}) {
        EXPECT_EQ(wait(odd, now), std::nullopt) << odd;
    }
}

TEST(HttpDate, ReadsThePreferredFormOnly) {
    EXPECT_EQ(parse_http_date("Sat, 21 Nov 2026 07:38:20 GMT")->ms, 1'795'246'700'000);
    EXPECT_EQ(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT")->ms, 0);
    for (const char* text :
         {"",
          "Sat, 21 Nov 2026 07:38:20 UTC",
          "Saturday, 21-Nov-26 07:38:20 GMT",
          "Sat Nov 21 07:38:20 2026",
          "Sat, 31 Nov 2026 07:38:20 GMT",
          "Sat, 21 nov 2026 07:38:20 GMT",
          "Sat, 21 anF 2026 07:38:20 GMT",
          "Sat, 2x Nov 2026 07:38:20 GMT"}) {
        EXPECT_FALSE(parse_http_date(text).has_value()) << text;
    }
}

TEST(HttpResponse, AnAnswerThatIsNotJsonIsTransientAndNotQuoted) {
    HttpResponse page = answer(200);
    page.body = "<html>s3cret maintenance</html>";
    const auto json = page.json();
    ASSERT_FALSE(json.has_value());
    EXPECT_EQ(json.error().code, ErrorCode::kTransient);
    EXPECT_EQ(json.error().name, "http.not_json");
    EXPECT_EQ(
        json.error().message,
        "the answer (HTTP 200) is not JSON: not valid JSON at byte 1: expected a value"
    );
    page.body = R"({"total": 12.340})";
    EXPECT_EQ(page.json()->at("total"), "12.340");
}

TEST(HttpRequest, CarriesJsonWithItsContentType) {
    HttpRequest request;
    request.header("Accept", "application/json").json({{"a", 1}});
    EXPECT_EQ(request.body, R"({"a":1})");
    EXPECT_EQ(
        request.headers.back(),
        std::pair(std::string("Content-Type"), std::string("application/json"))
    );
}

TEST(UrlEncode, KeepsOnlyUnreservedCharacters) {
    EXPECT_EQ(url_encode("AZaz09-_.~"), "AZaz09-_.~");
    EXPECT_EQ(url_encode("a b&c=d/ä+\n"), "a%20b%26c%3Dd%2F%C3%A4%2B%0A");
}

}  // namespace
}  // namespace syncline::plugin
