#include "woocommerce/answer.hpp"

#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "woocommerce/recorded.hpp"
#include "woocommerce/scripted_shop.hpp"
#include "woocommerce/shop.hpp"

namespace syncline::woocommerce {
namespace {

using testing::html_answer;
using testing::json_answer;
using testing::recorded_text;

struct AnswerCase {
    const char* what;
    int status;
    std::string body;
    Auth auth;
    ErrorCode code;
    std::string name;
    std::string says;
};

std::string sample(const char* name) {
    return recorded_text(std::string("woocommerce-samples/woo_error_") + name + ".json");
}

const std::vector<AnswerCase>& answer_cases() {
    static const std::vector<AnswerCase> kCases{
        {"wrong secret",
         401,
         sample("auth_secret"),
         Auth::kBasic,
         ErrorCode::kAuth,
         "woocommerce_rest_authentication_error",
         "consumer secret does not belong"},
        {"wrong signature",
         401,
         sample("auth_secret"),
         Auth::kOAuth1,
         ErrorCode::kAuth,
         "woocommerce_rest_authentication_error",
         "clocks differ"},
        {"key without permission",
         401,
         sample("auth_permission"),
         Auth::kBasic,
         ErrorCode::kAuth,
         "woocommerce_rest_authentication_error",
         "may not read"},
        {"unknown key",
         401,
         sample("auth_missing"),
         Auth::kBasic,
         ErrorCode::kAuth,
         "woocommerce_rest_cannot_view",
         "strips the Authorization header"},
        {"unknown key in the query",
         401,
         sample("auth_missing"),
         Auth::kQuery,
         ErrorCode::kAuth,
         "woocommerce_rest_cannot_view",
         "try auth \"oauth1\""},
        {"user without rights",
         403,
         R"({"code":"woocommerce_rest_cannot_view","message":"","data":{"status":403}})",
         Auth::kBasic,
         ErrorCode::kAuth,
         "woocommerce_rest_cannot_view",
         "shop manager"},
        {"no such order",
         404,
         sample("404"),
         Auth::kBasic,
         ErrorCode::kData,
         "woocommerce_rest_shop_order_invalid_id",
         "404"},
        {"no route",
         404,
         sample("no_route"),
         Auth::kBasic,
         ErrorCode::kConfig,
         "rest_no_route",
         "WooCommerce is not active"},
        {"parameter refused",
         400,
         sample("invalid_param"),
         Auth::kBasic,
         ErrorCode::kUnsupported,
         "rest_invalid_param",
         "per_page"},
        {"status in a bare number",
         500,
         sample("refund_int_data"),
         Auth::kBasic,
         ErrorCode::kData,
         "woocommerce_rest_invalid_order",
         "500"},
        {"fatal error with HTML inside",
         500,
         R"({"code":"internal_server_error","message":"<p>There has been a <b>critical</b> error.</p>","data":{"status":500}})",
         Auth::kBasic,
         ErrorCode::kTransient,
         "internal_server_error",
         "'There has been a critical error.'"},
        {"data is an empty text",
         500,
         R"({"code":"plugin_failed","message":"x","data":""})",
         Auth::kBasic,
         ErrorCode::kTransient,
         "plugin_failed",
         "500"},
        {"data is null",
         400,
         R"({"code":"plugin_failed","message":null,"data":null})",
         Auth::kBasic,
         ErrorCode::kData,
         "plugin_failed",
         "400"},
        {"rate limit",
         429,
         R"({"code":"too_many","message":"x","data":{"status":429}})",
         Auth::kBasic,
         ErrorCode::kRateLimited,
         "too_many",
         "429"},
        {"firewall page",
         403,
         "<html><title>Attention Required!</title><body>Checking</body></html>",
         Auth::kBasic,
         ErrorCode::kTransient,
         "woo.not_json",
         "'Attention Required! Checking'"},
        {"page in place of a list",
         200,
         "<!doctype html><h1>Welcome</h1>",
         Auth::kBasic,
         ErrorCode::kTransient,
         "woo.not_json",
         "'Welcome'"},
        {"firewall with its own status",
         501,
         "<h1>Not Acceptable</h1>",
         Auth::kBasic,
         ErrorCode::kTransient,
         "woo.not_json",
         "Not Acceptable"},
        {"JSON cut off",
         200,
         R"([{"id":1,"line_items":[]})",
         Auth::kBasic,
         ErrorCode::kTransient,
         "woo.not_json",
         "cut off"},
        {"nothing", 200, "", Auth::kBasic, ErrorCode::kTransient, "woo.not_json", "empty body"},
        {"a word",
         200,
         "\"ok\"",
         Auth::kBasic,
         ErrorCode::kTransient,
         "woo.not_json",
         "in place of JSON"},
        {"gateway",
         502,
         "<html>Bad gateway</html>",
         Auth::kBasic,
         ErrorCode::kTransient,
         "woo.not_json",
         "Bad gateway"},
        {"code of another type",
         400,
         R"({"code": 7})",
         Auth::kBasic,
         ErrorCode::kData,
         "http.400",
         "400"},
    };
    return kCases;
}

TEST(Answer, EveryErrorIsTakenForWhatItIs) {
    for (const auto& c : answer_cases()) {
        const Error error = answer_error(html_answer(c.status, c.body), "GET orders", c.auth);
        EXPECT_EQ(error.code, c.code) << c.what << ": " << error.message;
        EXPECT_EQ(error.name, c.name) << c.what;
        EXPECT_NE(error.message.find(c.says), std::string::npos) << c.what << ": " << error.message;
        EXPECT_EQ(error.message.rfind("GET orders: ", 0) == 0 || c.name == "http.400", true)
            << error.message;
        EXPECT_LT(error.message.size(), 480U) << error.message;
        EXPECT_EQ(error.message.find('<'), std::string::npos) << error.message;
    }
}

// The refusals of answers.txt: "### request", the status line, headers, the body on one line.
std::vector<plugin::HttpResponse> recorded_refusals() {
    std::vector<plugin::HttpResponse> refusals;
    std::istringstream text(recorded_text("woocommerce/answers.txt"));
    int status = 0;
    for (std::string line; std::getline(text, line);) {
        if (line.rfind("HTTP/1.1 ", 0) == 0) {
            status = std::stoi(line.substr(9, 3));
        } else if (status >= 400 && !line.empty() && line[0] == '{') {
            refusals.push_back(html_answer(status, line));
            status = 0;
        }
    }
    return refusals;
}

TEST(Answer, RecordedRefusalsAreTakenForWhatTheyAre) {
    const std::map<std::string, ErrorCode> known{
        {"woocommerce_rest_cannot_view", ErrorCode::kAuth},
        {"woocommerce_rest_authentication_error", ErrorCode::kAuth},
        {"rest_invalid_param", ErrorCode::kUnsupported},
        {"rest_missing_callback_param", ErrorCode::kUnsupported},
        {"rest_no_route", ErrorCode::kConfig},
        {"woocommerce_rest_shop_order_invalid_id", ErrorCode::kData},
        {"woocommerce_rest_product_invalid_id", ErrorCode::kData},
        {"woo.not_json", ErrorCode::kTransient},  // two bodies were cut off when they were recorded
    };
    std::map<std::string, int> seen;
    for (const auto& refusal : recorded_refusals()) {
        const Error error = answer_error(refusal, "GET orders", Auth::kBasic);
        ++seen[error.name];
        if (const auto expected = known.find(error.name); expected != known.end()) {
            EXPECT_EQ(error.code, expected->second) << error.message;
        }
    }
    for (const auto& [name, code] : known) {
        EXPECT_GT(seen[name], 0) << name;
    }
    EXPECT_EQ(seen["woo.not_json"], 2);
}

TEST(Answer, MaintenanceSaysHowLongToWait) {
    auto response = html_answer(503, "<h1>Briefly unavailable for scheduled maintenance.</h1>");
    response.headers.emplace_back("Retry-After", "600");
    const Error error = answer_error(response, "GET orders", Auth::kBasic);
    EXPECT_EQ(error.code, ErrorCode::kRateLimited);
    ASSERT_TRUE(error.retry_after.has_value());
    EXPECT_EQ(error.retry_after->count(), 600'000);
}

TEST(Answer, JsonBehindPrintedNoticesIsFound) {
    const std::pair<const char*, bool> cases[] = {
        {"<br />\n<b>Notice</b>: Undefined index: [0] in <b>/x.php</b> on line <b>3</b><br "
         "/>\n[{\"id\":1}]",
         true},
        {"\nWarning: foreach() {closure} in /x.php on line 3\n{\"id\":1}", true},
        {"<b>Deprecated</b>: x<br />[]", true},
        {"Warning: implode(, []) {\"x\"} in /x.php on line 3\n[{\"id\":1}]", true},
        {"\xEF\xBB\xBF[]", true},
        {"  \n []  \n", true},
        {"<br />Notice\n[{\"id\":1,\"refunds\":[]", false},  // cut off behind the notice
        {"[{\"id\":1,\"x\":\"a>[]", false},
        {"<script>var a = 1;\n{\"a\":1}</script>", false},
        {"[{\"id\":1}] <br />", false},
        {"", false},
        {"null", false},
    };
    for (const auto& [body, found] : cases) {
        bool after_notices = false;
        EXPECT_EQ(json_in(body, after_notices).has_value(), found) << body;
    }
    bool after_notices = false;
    ASSERT_TRUE(json_in("x\n[]", after_notices).has_value());
    EXPECT_TRUE(after_notices);
    after_notices = false;
    ASSERT_TRUE(json_in("\xEF\xBB\xBF []", after_notices).has_value());
    EXPECT_FALSE(after_notices);
}

TEST(Answer, NoticesAreReportedOnce) {
    plugin::testing::FakeHost host;
    testing::ScriptedShop shop;
    shop.serve(host);
    shop.fixed["orders"] = html_answer(200, "<b>Notice</b>: x<br />\n[]");
    Shop client(host.handle(), ShopSettings::from_json({{"store_url", "https://shop.example"}}));
    EXPECT_TRUE(client.get("orders", {}).has_value());
    EXPECT_TRUE(client.get("orders", {}).has_value());
    EXPECT_TRUE(client.prints_notices());
    ASSERT_EQ(host.log_lines.size(), 1U);
    EXPECT_NE(host.log_lines[0].find("WP_DEBUG_DISPLAY"), std::string::npos);
}

TEST(Answer, NoMessageShowsKeyOrSecret) {
    plugin::testing::FakeHost host;
    testing::ScriptedShop shop;
    shop.serve(host);
    host.secrets["consumer_secret"] = "cs/+secret";
    Shop client(
        host.handle(),
        ShopSettings::from_json({{"store_url", "https://shop.example"}, {"auth", "query"}})
    );
    ASSERT_TRUE(client.site().has_value());
    host.on_http = [](const plugin::HttpRequest& request) -> Result<plugin::HttpResponse> {
        return Error{ErrorCode::kTransient, "no connection to " + request.url, "http.connect"};
    };
    const auto refused = client.get("orders", {});
    ASSERT_FALSE(refused.has_value());
    host.on_http = [](const plugin::HttpRequest& request) -> Result<plugin::HttpResponse> {
        return html_answer(500, "blocked: " + request.url + " cs/+secret ck_key");
    };
    const auto blocked = client.get("orders", {});
    ASSERT_FALSE(blocked.has_value());
    for (const auto& message : {refused.error().message, blocked.error().message}) {
        for (const char* secret : {"ck_key", "cs/+secret", "cs%2F%2Bsecret"}) {
            EXPECT_EQ(message.find(secret), std::string::npos) << message;
        }
        EXPECT_NE(message.find("***"), std::string::npos) << message;
    }
}

}  // namespace
}  // namespace syncline::woocommerce
