#include "sandbox_quickbooks/support/books.hpp"

namespace sandbox::quickbooks::test {
namespace {

TEST(SandboxControl, TheLedgerListsDocumentsAndSums) {
    Books books;
    Json document = books.document({books.line("100", "TAX")});
    document["DocNumber"] = "WOO-1";
    document["TxnDate"] = "2026-09-14";
    document["PrivateNote"] = "Order 1 [syncline woocommerce:shop:1 v1] thanks";
    const Json invoice = books.made("/invoice", document);
    document["DocNumber"] = "WOO-2";
    const Json voided = books.made("/invoice", document);
    books.made("/invoice?operation=void", {{"Id", voided["Id"]}, {"SyncToken", "0"}});
    books.made("/payment", {{"CustomerRef", {{"value", books.customer()}}}, {"TotalAmt", 5}});
    const Json ledger = books.control_get("ledger");
    ASSERT_EQ(ledger["documents"].size(), 3u);
    const Json& first = ledger["documents"][0];
    EXPECT_EQ(first["entity"], "Invoice");
    EXPECT_EQ(first["id"], invoice["Id"]);
    EXPECT_EQ(first["doc_number"], "WOO-1");
    EXPECT_EQ(first["total"], "108.25");
    EXPECT_EQ(first["tax"], "8.25");
    EXPECT_EQ(first["currency"], "USD");
    EXPECT_EQ(first["customer"], "Ines Okafor (W731)");
    EXPECT_EQ(first["marker"], "[syncline woocommerce:shop:1 v1]");
    EXPECT_EQ(first["txn_date"], "2026-09-14");
    EXPECT_EQ(ledger["documents"][1]["voided"], true);
    const Json expected = Json::parse(
        R"([{"count":2,"currency":"USD","entity":"Invoice","tax":"8.25","total":"108.25","voided":1},)"
        R"({"count":1,"currency":"USD","entity":"Payment","tax":"0.00","total":"5.00","voided":0}])"
    );
    EXPECT_EQ(ledger["totals"], expected);
    EXPECT_EQ(ledger["lists"]["Customer"], 1);
    EXPECT_EQ(books.control_get("ledger?realm=9130350000000002")["documents"].size(), 0u);
}

TEST(SandboxControl, CountsCallsByKind) {
    Books books;
    books.get("/preferences");
    books.query("select * from Item");
    books.post("/customer", {{"DisplayName", "A"}});
    books.post(
        "/batch",
        {{"BatchItemRequest",
          {{{"operation", "create"}, {"Customer", {{"DisplayName", "B"}}}},
           {{"Query", "select * from Item"}}}}}
    );
    const Json counters = books.control_get("counters");
    const Json expected{
        {"reads", 1},
        {"queries", 1},
        {"cdc", 0},
        {"writes", 1},
        {"batches", 1},
        {"batch_writes", 1},
        {"batch_queries", 1},
        {"replays", 0},
        {"throttled", 0},
        {"refused_tokens", 0},
        {"refreshes", 1},
        {"refused_refreshes", 0}};
    for (const auto& [name, value] : expected.items()) EXPECT_EQ(counters[name], value) << name;
    EXPECT_EQ(counters.size(), expected.size());
}

TEST(SandboxControl, MergesPreferences) {
    Books books;
    books.control("preferences", {{"TaxPrefs", {{"PartnerTaxEnabled", nullptr}}}});
    const Json prefs = books.read("/preferences");
    EXPECT_EQ(prefs["TaxPrefs"], Json({{"UsingSalesTax", true}}));
    EXPECT_EQ(prefs["SyncToken"], "1");
    EXPECT_EQ(prefs["SalesFormsPrefs"]["AllowShipping"], true);
}

TEST(SandboxControl, RealmsAreApart) {
    Books books;
    EXPECT_EQ(books.control_get("realms").size(), 2u);
    books.made("/customer", {{"DisplayName", "Ann"}});
    const Json founded = books.control("realms", {{"realm", "123"}, {"profile", "tax_off"}});
    books.access_token = books.refresh(founded["refresh_token"]).body["access_token"];
    books.realm = "123";
    EXPECT_EQ(books.made("/customer", {{"DisplayName", "Ann"}})["Id"], "181");
    EXPECT_EQ(books.read("/preferences")["TaxPrefs"]["UsingSalesTax"], false);
}

TEST(SandboxControl, RefusesWhatItDoesNotKnow) {
    Books books;
    const auto status =
        [&](const std::string& path, const std::string& body, const Pairs& query = {}) {
            Request request;
            request.method = "POST";
            request.path = path;
            request.query = query;
            request.body = body;
            return books.platform().control(request).status;
        };
    EXPECT_EQ(status("/nothing", "{}"), 404);
    EXPECT_EQ(status("/ledger", "{}"), 404);
    EXPECT_EQ(status("/options", R"({"reverse_batch":true})"), 400);
    EXPECT_EQ(status("/options", R"({"reverse_batches":1})"), 400);
    EXPECT_EQ(status("/options", "["), 400);
    EXPECT_EQ(status("/realms", R"({"realm":"1","profile":"de"})"), 400);
    EXPECT_EQ(status("/close-books", R"({"date":"31.12.2025"})"), 400);
    EXPECT_EQ(status("/edit/invoice/1", "{}"), 404);
    EXPECT_EQ(status("/tax-codes", "{}"), 400);
    EXPECT_EQ(status("/options", "{}", {{"realm", "9"}}), 404);
}

TEST(SandboxControl, ResetBringsTheFirstDayBack) {
    Books books;
    books.made("/customer", {{"DisplayName", "Ann"}});
    books.platform().reset();
    EXPECT_EQ(books.control_get("ledger")["lists"]["Customer"], 0);
    EXPECT_EQ(books.get("/preferences").status, 401);
    EXPECT_EQ(books.refresh("RT1-sandbox-first-9130350000000001").status, 200);
}

TEST(SandboxControl, NamesWhatAConnectionNeeds) {
    Books books;
    const auto credentials = books.platform().credentials("http://127.0.0.1:1");
    for (const char* name :
         {"realm_id",
          "client_id",
          "client_secret",
          "refresh_token",
          "environment",
          "api_base_url",
          "token_url",
          "authorize_url",
          "revoke_url"})
        EXPECT_TRUE(credentials.contains(name)) << name;
}

}  // namespace
}  // namespace sandbox::quickbooks::test
