#include "sandbox_quickbooks/support/books.hpp"

namespace sandbox::quickbooks::test {
namespace {

constexpr const char* kFirst = "RT1-sandbox-first-9130350000000001";

std::string use(Books& books) {
    return books.get("/companyinfo/" + books.realm).status == 200 ? "works" : "refused";
}

TEST(SandboxTokens, AnswerARefreshWithTheSamplesMembers) {
    Books books;
    const Answer answer = books.refresh(kFirst);
    ASSERT_EQ(answer.status, 200) << answer.text;
    const Json expected = sample("token_response");
    for (const auto& [name, value] : expected.items())
        EXPECT_EQ(answer.body[name].type(), value.type()) << name;
    EXPECT_EQ(answer.body.size(), expected.size());
    EXPECT_EQ(answer.body["expires_in"], 3600);
    EXPECT_FALSE(answer.body.contains("realmId"));
    EXPECT_FALSE(answer.tid.empty());
}

TEST(SandboxTokens, ExpireAfterTheSetTime) {
    Books books;
    books.pass_seconds(3599);
    EXPECT_EQ(use(books), "works");
    books.pass_seconds(1);
    const Answer refused = books.get("/companyinfo/" + books.realm);
    EXPECT_EQ(refused.status, 401);
    const Json expected = sample("fault_3200_token_expired");
    EXPECT_EQ(refused.body["fault"], expected["fault"]);
    for (const auto& [name, value] : expected.items())
        EXPECT_TRUE(refused.body.contains(name)) << name;
    EXPECT_TRUE(refused.body["time"].is_number());
    books.control("options", {{"access_token_lifetime_s", 10}});
    books.renew();
    books.pass_seconds(10);
    EXPECT_EQ(use(books), "refused");
}

TEST(SandboxTokens, RefuseAMissingAndAnInventedToken) {
    Books books;
    books.access_token = "invented";
    EXPECT_EQ(books.get("/preferences").fault(), "3200");
    Request request;
    request.method = "GET";
    request.path = "/v3/company/9130350000000001/preferences";
    request.headers = {{"Accept", "application/json"}};
    EXPECT_EQ(answer_of(books.raw(request)).fault(), "3200");
}

TEST(SandboxTokens, RotateOnEveryRefresh) {
    Books books;
    const std::string second = books.refresh(kFirst).body["refresh_token"];
    const std::string third = books.refresh(second).body["refresh_token"];
    EXPECT_NE(second, kFirst);
    EXPECT_NE(third, second);
    books.control("options", {{"rotate_refresh_tokens", false}});
    EXPECT_EQ(books.refresh(third).body["refresh_token"], third);
}

TEST(SandboxTokens, AnOldRefreshTokenLivesUntilTheNewAccessTokenIsUsed) {
    Books books;  // has refreshed once, the new token is not used yet
    const Answer again = books.refresh(kFirst);
    EXPECT_EQ(again.status, 200);  // an answer that got lost can be asked for again
    books.access_token = again.body["access_token"];
    EXPECT_EQ(use(books), "works");
    const Answer refused = books.refresh(kFirst);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.body, sample("token_error"));
    EXPECT_EQ(books.refresh(again.body["refresh_token"]).status, 200);
}

TEST(SandboxTokens, AnOldRefreshTokenLivesADayWhenNotStrict) {
    Books books;
    books.control("options", {{"strict_refresh_tokens", false}});
    EXPECT_EQ(use(books), "works");
    books.pass_seconds(24 * 3600 - 1);
    EXPECT_EQ(books.refresh(kFirst).status, 200);
    books.pass_seconds(1);
    EXPECT_EQ(books.refresh(kFirst).status, 400);
}

TEST(SandboxTokens, ARefreshTokenExpiresAfterAHundredAndOneDays) {
    Books books;
    const std::string second = books.refresh(kFirst).body["refresh_token"];
    books.pass_seconds(8726400);
    EXPECT_EQ(books.refresh(second).body["error"], "invalid_grant");
}

TEST(SandboxTokens, TellTheHardExpiryOnlyWhenAsked) {
    Books books;
    Request request = form_post(
        "/oauth2/v1/tokens/bearer",
        std::string("grant_type=refresh_token&refresh_token=") + kFirst,
        registered_client()
    );
    request.headers.emplace_back("x-include-refresh-token-hard-expires-in", "true");
    const Answer answer = answer_of(books.raw(request));
    const int left = answer.body["x_refresh_token_hard_expires_in"];
    EXPECT_LE(left, 5 * 365 * 24 * 3600);
    EXPECT_GT(left, 5 * 365 * 24 * 3600 - 60);
}

TEST(SandboxTokens, KnowOneClientByTheAuthorizationHeaderOnly) {
    Books books;
    const std::string body = std::string("grant_type=refresh_token&refresh_token=") + kFirst;
    const auto post = [&](const std::string& form, const std::string& client) {
        return answer_of(books.raw(form_post("/oauth2/v1/tokens/bearer", form, client)));
    };
    EXPECT_EQ(post(body, "").status, 401);
    EXPECT_EQ(post(body, "Basic d3Jvbmc6d3Jvbmc=").body["error"], "invalid_client");
    EXPECT_EQ(
        post(body + "&client_id=sandbox-client-id&client_secret=sandbox-client-secret", "").status,
        401
    );
    EXPECT_EQ(
        post("grant_type=password", registered_client()).body["error"], "unsupported_grant_type"
    );
    EXPECT_EQ(post("", registered_client()).body["error"], "invalid_request");
    EXPECT_EQ(
        post("grant_type=refresh_token", registered_client()).body["error"], "invalid_request"
    );
}

Request authorize(const std::string& query) {
    Request request;
    request.method = "GET";
    request.path = "/connect/oauth2";
    request.query = parse_form(query);
    return request;
}

constexpr const char* kConsent =
    "client_id=sandbox-client-id&response_type=code&scope=com.intuit.quickbooks.accounting"
    "&redirect_uri=http://127.0.0.1:1/callback&state=a%26b";

TEST(SandboxTokens, ConsentGivesACodeThatIsGoodOnce) {
    Books books;
    books.control("consent?realm=9130350000000002");
    const Response redirect = books.raw(authorize(kConsent));
    ASSERT_EQ(redirect.status, 302);
    const std::string location = redirect.headers[0].second;
    EXPECT_EQ(location.rfind("http://127.0.0.1:1/callback?code=", 0), 0u) << location;
    EXPECT_NE(location.find("&state=a%26b&realmId=9130350000000002"), std::string::npos);
    const auto start = location.find("code=") + 5;
    const std::string code = location.substr(start, location.find('&') - start);
    const auto redeem = [&](const std::string& uri) {
        return answer_of(books.raw(form_post(
            "/oauth2/v1/tokens/bearer",
            "grant_type=authorization_code&code=" + code + "&redirect_uri=" + uri,
            registered_client()
        )));
    };
    EXPECT_EQ(redeem("http://127.0.0.1:2/callback").body["error"], "invalid_grant");
    const Answer answer = redeem("http://127.0.0.1:1/callback");
    ASSERT_EQ(answer.status, 200) << answer.text;
    EXPECT_EQ(redeem("http://127.0.0.1:1/callback").status, 400);
    books.access_token = answer.body["access_token"];
    books.realm = Books::kSecondRealm;
    EXPECT_EQ(use(books), "works");
    EXPECT_EQ(books.refresh(answer.body["refresh_token"]).status, 200);
}

std::string code_for(Books& books) {
    const std::string location = books.raw(authorize(kConsent)).headers[0].second;
    const auto start = location.find("code=") + 5;
    return location.substr(start, location.find('&') - start);
}

Answer redeemed(Books& books, const std::string& code) {
    return answer_of(books.raw(form_post(
        "/oauth2/v1/tokens/bearer",
        "grant_type=authorization_code&code=" + code + "&redirect_uri=http://127.0.0.1:1/callback",
        registered_client()
    )));
}

TEST(SandboxTokens, ACodeLivesFiveMinutes) {
    Books books;
    const std::string in_time = code_for(books);
    const std::string late = code_for(books);
    books.pass_seconds(299);
    EXPECT_EQ(redeemed(books, in_time).status, 200);
    books.pass_seconds(1);
    EXPECT_EQ(redeemed(books, late).body["error"], "invalid_grant");
}

TEST(SandboxTokens, AnOwnerMayDenyTheConsentOrTakeItBack) {
    Books books;
    books.control("options", {{"deny_consent", true}});
    EXPECT_EQ(
        books.raw(authorize(kConsent)).headers[0].second,
        "http://127.0.0.1:1/callback?error=access_denied&state=a%26b"
    );
    books.control("disconnect");
    EXPECT_EQ(use(books), "refused");
    EXPECT_EQ(books.refresh(kFirst).body["error"], "invalid_grant");
}

TEST(SandboxTokens, ConsentNeedsTheRegisteredAppAndAState) {
    Books books;
    EXPECT_EQ(books.raw(authorize("client_id=x")).status, 400);
    std::string without_state = kConsent;
    without_state.resize(without_state.find("&state"));
    EXPECT_EQ(books.raw(authorize(without_state)).status, 400);
}

TEST(SandboxTokens, RevokingEitherTokenEndsTheGrant) {
    for (const bool by_access : {false, true}) {
        Books books;
        Request request = form_post("/v2/oauth2/tokens/revoke", "", registered_client());
        request.headers[2].second = "application/json";
        request.body = Json{{"token", by_access ? books.access_token : kFirst}}.dump();
        EXPECT_EQ(books.raw(request).status, 200);
        EXPECT_EQ(use(books), "refused");
        EXPECT_EQ(books.refresh(kFirst).status, 400);
    }
}

TEST(SandboxTokens, CanBeExpiredByATester) {
    Books books;
    books.control("expire-tokens");
    EXPECT_EQ(use(books), "refused");
    EXPECT_EQ(books.refresh(kFirst).status, 200);
    books.control("expire-tokens", {{"refresh_tokens", true}});
    EXPECT_EQ(books.refresh(kFirst).status, 400);
    EXPECT_EQ(books.control_get("counters")["refreshes"], 2);
    EXPECT_EQ(books.control_get("counters")["refused_refreshes"], 1);
}

TEST(SandboxGateway, RefusesAnotherRealm) {
    Books books;
    books.realm = Books::kSecondRealm;
    const Answer refused = books.get("/companyinfo/" + books.realm);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.body["fault"], sample("fault_3100_app_auth")["fault"]);
    books.realm = "123";
    EXPECT_EQ(books.get("/companyinfo/123").status, 403);
}

TEST(SandboxGateway, AnswersNothingButJson) {
    Books books;
    books.accept = "";
    EXPECT_EQ(books.get("/preferences").status, 406);
    books.accept = "*/*";
    EXPECT_EQ(books.get("/preferences").status, 406);
    books.accept = "application/json, text/plain";
    EXPECT_EQ(books.get("/preferences?minorversion=3").status, 200);
}

TEST(SandboxGateway, GivesEveryAnswerAnIdOfItsOwn) {
    Books books;
    const std::string first = books.get("/preferences").tid;
    EXPECT_FALSE(first.empty());
    EXPECT_NE(books.get("/preferences").tid, first);
    books.access_token = "x";
    EXPECT_FALSE(books.get("/preferences").tid.empty());
}

TEST(SandboxGateway, RefusesBodiesItCannotRead) {
    Books books;
    EXPECT_EQ(books.send("POST", "/customer", "{").fault(), "2010");
    EXPECT_EQ(books.send("POST", "/customer", "[]").fault(), "2010");
    EXPECT_EQ(books.send("POST", "/customer", "{\"DisplayName\":\"\xff\"}").fault(), "500");
    books.content_type = "text/plain";
    EXPECT_EQ(books.send("POST", "/customer", "{}").status, 415);
}

TEST(SandboxGateway, RefusesWhatIsNotSupported) {
    Books books;
    const std::vector<std::pair<std::string, std::string>> calls{
        {"GET", "/nothing/1"},
        {"GET", "/invoice"},
        {"GET", "/invoice/1/pdf"},
        {"POST", "/nothing"},
        {"POST", "/preferences"},
        {"POST", "/taxcode"},
        {"DELETE", "/invoice/1"}};
    for (const auto& [method, target] : calls) {
        const Answer answer = books.send(method, target, method == "POST" ? "{}" : "");
        EXPECT_EQ(answer.fault(), "500") << method << " " << target;
    }
}

}  // namespace
}  // namespace sandbox::quickbooks::test
