#include "script.hpp"

namespace syncline::quickbooks {
namespace {

std::string lists_answer() {
    const auto list = [](const char* id, const char* type, const Json& row) {
        return Json{{"bId", id}, {"QueryResponse", {{type, Json::array({row})}}}};
    };
    const Json methods{{"bId", "q3"}, {"QueryResponse", Json::object()}};
    const Json rate = recorded("qbo_taxrate").at("TaxRate");
    const Json items = parsed(R"([
        {"Id": "7", "Name": "Freight"}, {"Id": "12", "Active": true}, {"Id": "9", "Active": false},
        {"Id": "13", "Type": "Category", "Active": true}])");
    return dump_json(
        {{"BatchItemResponse",
          Json::array(
              {list("q2", "TaxCode", recorded("taxcode").at("TaxCode")),
               list("q4", "TaxRate", rate),
               methods,
               Json{{"bId", "q5"}, {"QueryResponse", {{"Item", items}}}},
               list("q0", "Account", recorded("account").at("Account")),
               list("q1", "Term", recorded("term").at("Term"))}
          )}}
    );
}

CompanyFacts discovered(const std::string& preferences) {
    Books books;
    const Script script(
        books,
        {{"GET companyinfo/9130350000000001?minorversion=75", recorded_text("companyinfo")},
         {"GET preferences?minorversion=75", preferences},
         {"POST batch?minorversion=75", lists_answer()}}
    );
    const auto catalog = books.connector().discover(books.call.call());
    EXPECT_TRUE(catalog) << (catalog ? "" : catalog.error().message);
    const auto facts =
        catalog ? from_json<CompanyFacts>(catalog->facts) : Result<CompanyFacts>(invalid(""));
    return facts ? *facts : CompanyFacts{};
}

TEST(Discover, LearnsWhatEncodeNeeds) {
    const CompanyFacts facts = discovered(recorded_text("preferences"));
    EXPECT_EQ(facts.name, "Harbour Traders");
    EXPECT_EQ(facts.country, "US");
    EXPECT_EQ(facts.time_zone, "America/Chicago");
    EXPECT_EQ(facts.home_currency, "USD");
    EXPECT_EQ(facts.tax_mode, TaxMode::kUsAst);
    EXPECT_TRUE(facts.allow_shipping);
    EXPECT_TRUE(facts.allow_discount);
    EXPECT_TRUE(facts.custom_txn_numbers);
    EXPECT_FALSE(facts.multi_currency);
    EXPECT_EQ(facts.book_close_date, "2025-12-31");
    EXPECT_EQ(facts.default_term_id, "3");
    EXPECT_EQ(facts.discount_account_id, "86");
    ASSERT_NE(facts.account("stripe CLEARING"), nullptr);
    EXPECT_EQ(facts.account("stripe CLEARING")->id, "35");
    ASSERT_NE(facts.term("3"), nullptr);
    EXPECT_EQ(facts.term("3")->due_days, 30);
    ASSERT_EQ(facts.tax_codes.size(), 1u);
    EXPECT_EQ(facts.tax_codes[0].name, "20.0% S");
    ASSERT_EQ(facts.tax_codes[0].rates.size(), 1u);
    EXPECT_EQ(facts.tax_codes[0].rates[0].id, "9");
    EXPECT_EQ(facts.tax_codes[0].rates[0].percent, decimal("20"));
    EXPECT_FALSE(facts.tax_codes[0].rates[0].on_tax);
    EXPECT_EQ(facts.tax_code("20.0% s"), &facts.tax_codes[0]);
    EXPECT_TRUE(facts.payment_methods.empty());
    EXPECT_EQ(facts.active_items, ",7,12,");
    EXPECT_EQ(facts.inactive_items, ",9,");
}

TEST(Discover, KeepsNoIdsOfMoreItemsThanItCanCarry) {
    CompanyFacts facts;
    std::vector<Json> rows(10'000, Json{{"Id", "7"}});
    add_items(facts, rows);
    EXPECT_EQ(facts.active_items.size(), 1u + 2u * rows.size());
    rows.push_back(rows.front());
    CompanyFacts many;
    add_items(many, rows);
    EXPECT_EQ(many.active_items + many.inactive_items, "");
}

TEST(Discover, NamesTheEntitiesAndTheirOwnedPaths) {
    Books books;
    const Script script(
        books,
        {{"GET companyinfo", recorded_text("companyinfo")},
         {"GET preferences", recorded_text("preferences")},
         {"POST batch", lists_answer()}}
    );
    const auto catalog = books.connector().discover(books.call.call());
    ASSERT_TRUE(catalog);
    const std::set<std::string> sources{
        "customer",
        "product",
        "invoice",
        "sales_receipt",
        "payment",
        "refund",
        "credit_memo",
        "vendor",
        "bill",
        "estimate",
        "account",
        "term",
        "payment_method",
        "class",
        "department",
        "tax_code",
        "company_info",
        "preferences"};
    std::set<std::string> names;
    for (const auto& entity : catalog->entities) {
        if (!entity.write.empty()) {
            names.insert(entity.name);
        }
        EXPECT_EQ(entity.owned_paths.empty(), entity.write.empty()) << entity.name;
        EXPECT_EQ(entity.read.empty(), sources.count(entity.name) == 0) << entity.name;
    }
    EXPECT_EQ(
        names,
        (std::set<std::string>{
            "customer",
            "item",
            "invoice",
            "salesreceipt",
            "payment",
            "creditmemo",
            "refundreceipt",
            "vendor",
            "bill",
            "estimate"})
    );
}

TEST(Discover, TellsTheTaxModesApart) {
    struct Case {
        const char* country;
        const char* prefs;
        TaxMode mode;
    };
    for (const auto& one : {
             Case{"US", R"({"UsingSalesTax": true, "PartnerTaxEnabled": true})", TaxMode::kUsAst},
             Case{
                 "US",
                 R"({"UsingSalesTax": true, "PartnerTaxEnabled": false})",
                 TaxMode::kUsAstNotSetUp},
             Case{"US", R"({"UsingSalesTax": true})", TaxMode::kUsManual},
             Case{"US", R"({"UsingSalesTax": false, "PartnerTaxEnabled": true})", TaxMode::kOff},
             Case{"US", R"({})", TaxMode::kOff},
             Case{"GB", R"({"UsingSalesTax": true})", TaxMode::kNonUs},
         }) {
        const Json info{{"Country", one.country}};
        const Json preferences{{"TaxPrefs", parsed(one.prefs)}};
        EXPECT_EQ(company_facts(info, preferences).tax_mode, one.mode) << one.country << one.prefs;
    }
}

TEST(Facts, TheDefaultIncomeAccountIsTheOldestForProducts) {
    CompanyFacts facts;
    facts.accounts = {
        {"9", "Services", "Income", "ServiceFeeIncome", ""},
        {"120", "Web sales", "Income", "SalesOfProductIncome", ""},
        {"79", "Sales of Product Income", "Income", "SalesOfProductIncome", ""},
        {"80", "Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs", ""}};
    EXPECT_EQ(facts.default_income_account()->id, "79");
    facts.accounts.resize(1);
    EXPECT_EQ(facts.default_income_account()->id, "9");
    EXPECT_EQ(facts.undeposited_funds(), nullptr);
}

TEST(Check, NamesTheCompany) {
    Books books;
    const Script script(
        books, {{"GET companyinfo/9130350000000001", recorded_text("companyinfo")}}
    );
    const auto report = books.connector().check(books.call.call());
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->account, "Harbour Traders (realm 9130350000000001)");
    EXPECT_EQ(report->remote_identity, "9130350000000001");
    ASSERT_EQ(report->warnings.size(), 1u);
    EXPECT_NE(report->warnings.front().find("before 2026-09-21,"), std::string::npos);
}

// What the connection's memory has, and the facts.
TEST(StartDay, IsTheFirstOneAndStays) {
    Books books;
    const auto known = [&] {
        const Script script(
            books,
            {{"GET companyinfo", recorded_text("companyinfo")},
             {"GET preferences", recorded_text("preferences")},
             {"POST batch", lists_answer()}}
        );
        const auto catalog = books.connector().discover(books.call.call());
        return catalog ? text_at(catalog->facts, "start_day") : catalog.error().message;
    };
    books.host.now = at("2026-11-22T04:00:00Z");  // the 21st in Chicago
    EXPECT_EQ(known(), "2026-11-21");
    books.host.now = at("2026-12-24T12:00:00Z");
    EXPECT_EQ(known(), "2026-11-21");
    // A connection from before days were kept.
    books.host.memory.erase("start_day");
    EXPECT_EQ(known(), "");
    EXPECT_EQ(known(), "");
}

TEST(Check, AnUnknownRealmOrTheWrongEnvironmentIsSaid) {
    Books books;
    const Script script(books, {{"GET companyinfo", recorded_text("fault_3100_app_auth"), 403}});
    const auto report = books.connector().check(books.call.call());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kAuth);
    EXPECT_NE(report.error().message.find("environment"), std::string::npos);
}

TEST(Check, WithoutAnAccessTokenTheHostIsAskedToRefresh) {
    Books books;
    books.host.secrets.erase("access_token");
    const auto report = books.connector().check(books.call.call());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().name, "auth.token_expired");
    EXPECT_TRUE(books.host.requests.empty());
}

Result<Tokens> refreshed(Books& books, int status, const std::string& body) {
    books.host.on_http = [=](const plugin::HttpRequest&) -> Result<plugin::HttpResponse> {
        return plugin::HttpResponse{status, {{"intuit_tid", "1-77"}}, body};
    };
    return books.connector().oauth_refresh(books.call.call());
}

TEST(Refresh, AsksAsTheFactsSayAndReturnsTheTokens) {
    Books books;
    books.host.secrets["refresh_token"] = "AB+11/=";
    const auto tokens = refreshed(books, 200, recorded_text("token_response"));
    ASSERT_TRUE(tokens) << tokens.error().message;
    EXPECT_EQ(tokens->refresh_token, "RT1-28-H0-1797000000invented0000000000");
    EXPECT_EQ(tokens->expires_in_s, 3600);
    EXPECT_EQ(tokens->refresh_expires_in_s, 8'726'400);
    EXPECT_FALSE(tokens->access_token.empty());
    const auto& request = books.host.requests.at(0);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer");
    EXPECT_EQ(request.body, "grant_type=refresh_token&refresh_token=AB%2B11%2F%3D");
    std::map<std::string, std::string> headers(request.headers.begin(), request.headers.end());
    EXPECT_EQ(headers["Authorization"], "Basic " + base64("app:the-client-secret"));
    EXPECT_EQ(headers["Accept"], "application/json");
    EXPECT_EQ(headers["Content-Type"], "application/x-www-form-urlencoded");
    EXPECT_EQ(headers["x-include-refresh-token-hard-expires-in"], "true");
    EXPECT_TRUE(books.host.memory.empty()) << "the host stores tokens, not the connector";
}

TEST(Refresh, TellsWhenTheGrantEndsForGood) {
    Books books;
    const auto tokens = refreshed(
        books,
        200,
        R"({"access_token": "a", "expires_in": 3600, "refresh_token": "r",
            "x_refresh_token_expires_in": 8640000, "x_refresh_token_hard_expires_in": 157680000})"
    );
    ASSERT_TRUE(tokens) << tokens.error().message;
    EXPECT_EQ(tokens->refresh_expires_in_s, 8'640'000);
    EXPECT_EQ(tokens->hard_expires_in_s, 157'680'000);
}

TEST(Refresh, RefusalsSayWhatToDoAndShowNoSecret) {
    struct Case {
        int status;
        std::string body;
        ErrorCode code;
        const char* name;
    };
    for (const auto& one : {
             Case{400, recorded_text("token_error"), ErrorCode::kAuth, "auth.invalid_grant"},
             Case{401, R"({"error": "invalid_client"})", ErrorCode::kConfig, "auth.invalid_client"},
             Case{400, R"({"error": "invalid_request"})", ErrorCode::kAuth, "auth.refresh_refused"},
             Case{503, "<html/>", ErrorCode::kTransient, "qbo.server"},
             Case{429, "", ErrorCode::kRateLimited, "qbo.throttled"},
             Case{200, "<html/>", ErrorCode::kTransient, "auth.refresh_unreadable"},
         }) {
        Books books;
        const auto tokens = refreshed(books, one.status, one.body);
        ASSERT_FALSE(tokens);
        EXPECT_EQ(tokens.error().code, one.code) << one.name;
        EXPECT_EQ(tokens.error().name, one.name);
        for (const char* secret : {"the-client-secret", "the-refresh-token", "the-access-token"}) {
            EXPECT_EQ(tokens.error().message.find(secret), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace syncline::quickbooks
