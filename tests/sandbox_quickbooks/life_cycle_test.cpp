#include "sandbox_quickbooks/support/books.hpp"

namespace sandbox::quickbooks::test {
namespace {

Json change(const Json& object, Json members) {
    Json body{{"Id", object["Id"]}, {"SyncToken", object["SyncToken"]}, {"sparse", true}};
    body.update(members);
    return body;
}

Json reference(const Json& object) {
    return {{"Id", object["Id"]}, {"SyncToken", object["SyncToken"]}};
}

TEST(SandboxLifeCycle, ASparseUpdateChangesWhatItBrings) {
    Books books;
    const Json before = books.made(
        "/customer", {{"DisplayName", "Ann"}, {"Notes", "vip"}, {"CompanyName", "A Ltd"}}
    );
    const Json after =
        books.made("/customer", change(before, {{"PrimaryEmailAddr", {{"Address", "a@b.test"}}}}));
    EXPECT_EQ(after["SyncToken"], "1");
    EXPECT_EQ(after["Notes"], "vip");
    EXPECT_EQ(after["PrimaryEmailAddr"]["Address"], "a@b.test");
    EXPECT_EQ(after["MetaData"]["CreateTime"], before["MetaData"]["CreateTime"]);
    EXPECT_FALSE(books.made("/customer", change(after, {{"Notes", ""}})).contains("Notes"));
}

TEST(SandboxLifeCycle, AFullUpdateClearsWhatItLeavesOut) {
    Books books;
    const Json before =
        books.made("/customer", {{"DisplayName", "Ann"}, {"Notes", "vip"}, {"Taxable", false}});
    Json body = reference(before);
    body["DisplayName"] = "Ann B";
    const Json after = books.made("/customer", body);
    EXPECT_FALSE(after.contains("Notes"));
    EXPECT_EQ(after["Taxable"], true);
    EXPECT_EQ(after["CurrencyRef"], before["CurrencyRef"]);
    Json nameless = reference(after);
    EXPECT_EQ(books.post("/customer", nameless).fault(), "6080");
}

TEST(SandboxLifeCycle, AStaleVersionIsRefused) {
    Books books;
    const Json before = books.made("/customer", {{"DisplayName", "Ann"}});
    books.made("/customer", change(before, {{"Notes", "1"}}));
    const Answer refused = books.post("/customer", change(before, {{"Notes", "2"}}));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.body["Fault"], sample("fault_5010_stale")["Fault"]);
    Json without = change(before, {{"Notes", "2"}});
    without.erase("SyncToken");
    EXPECT_EQ(books.post("/customer", without).element(), "SyncToken");
    without["SyncToken"] = 1;
    EXPECT_EQ(books.post("/customer", without).fault(), "2010");
}

TEST(SandboxLifeCycle, UnknownIdsAreNotFound) {
    Books books;
    const Answer read = books.get("/invoice/77");
    EXPECT_EQ(read.status, 400);
    EXPECT_EQ(read.body["Fault"], sample("fault_610_not_found")["Fault"]);
    EXPECT_EQ(books.post("/invoice", {{"Id", "77"}, {"SyncToken", "0"}}).fault(), "610");
    EXPECT_EQ(books.post("/invoice", {{"Id", "x"}, {"SyncToken", "0"}}).fault(), "2030");
    EXPECT_EQ(books.post("/invoice", {{"Id", 77}, {"SyncToken", "0"}}).fault(), "2030");
    // An id of another kind is not found either.
    EXPECT_EQ(books.get("/vendor/" + books.customer()).fault(), "610");
}

TEST(SandboxLifeCycle, ADeactivatedObjectIsMarkedAndHidden) {
    Books books;
    const Json made = books.made("/customer", {{"DisplayName", "Ann"}});
    const Json gone = books.made("/customer", change(made, {{"Active", false}}));
    EXPECT_EQ(gone["DisplayName"], "Ann (deleted)");
    EXPECT_EQ(gone["Active"], false);
    EXPECT_EQ(books.read("/customer/" + made["Id"].get<std::string>())["Active"], false);
    EXPECT_EQ(books.query("select * from Customer").body["QueryResponse"], Json::object());
    EXPECT_EQ(books.post("/customer", {{"DisplayName", "Ann"}}).fault(), "6240");
    const Json back = books.made("/customer", change(gone, {{"Active", true}}));
    EXPECT_EQ(back["DisplayName"], "Ann");
    EXPECT_EQ(books.post("/customer?operation=delete", reference(back)).fault(), "500");
}

TEST(SandboxLifeCycle, ADeletedDocumentIsGone) {
    Books books;
    const Json made = books.made("/invoice", books.document({books.line("1", "NON")}));
    const std::string id = made["Id"];
    const Answer answer = books.post("/invoice?operation=delete", reference(made));
    Json expected = sample("delete_response")["Invoice"];
    expected["Id"] = id;
    EXPECT_EQ(answer.body["Invoice"], expected);
    EXPECT_EQ(books.get("/invoice/" + id).fault(), "610");
    EXPECT_EQ(books.post("/invoice?operation=delete", reference(made)).fault(), "610");
}

TEST(SandboxLifeCycle, EachKindIsVoidedInItsOwnWay) {
    Books books;
    Json document = books.document({books.line("12", "NON")});
    document["DepositToAccountRef"] = {{"value", "35"}};
    document["PrivateNote"] = "[syncline woocommerce:a:1 v1]";
    Json invoice = document;
    invoice.erase("DepositToAccountRef");
    const Json payment{{"CustomerRef", {{"value", books.customer()}}}, {"TotalAmt", 5}};
    struct Case {
        const char* path;
        Json body;
        bool by_operation;
        bool by_include;
    };
    for (const Case& one : std::vector<Case>{
             {"/invoice", invoice, true, false},
             {"/salesreceipt", document, false, true},
             {"/payment", payment, false, true},
             {"/creditmemo", document, false, false},
             {"/refundreceipt", document, false, false},
             {"/estimate", invoice, false, false}}) {
        const Json made = books.made(one.path, one.body);
        const std::string path(one.path);
        const Answer operation = books.post(path + "?operation=void", reference(made));
        const Answer include =
            books.post(path + "?operation=update&include=void", change(made, Json::object()));
        EXPECT_EQ(operation.fault(), one.by_operation ? "" : "500") << path;
        EXPECT_EQ(include.fault(), one.by_include ? "" : "500") << path;
    }
}

TEST(SandboxLifeCycle, AVoidedDocumentKeepsItsLinesWithoutAmounts) {
    Books books;
    Json document = books.document({books.line("12", "TAX")});
    document["Line"][0]["SalesItemLineDetail"]["Qty"] = 2;
    document["PrivateNote"] = "[syncline woocommerce:a:1 v1]";
    const Json made = books.made("/invoice", document);
    const Json voided = books.made("/invoice?operation=void", reference(made));
    EXPECT_EQ(voided["TotalAmt"], 0);
    EXPECT_EQ(voided["Balance"], 0);
    EXPECT_EQ(voided["PrivateNote"], "Voided");
    EXPECT_EQ(voided["TxnTaxDetail"], Json({{"TotalTax", 0}}));
    EXPECT_EQ(voided["Line"][0]["Amount"], 0);
    EXPECT_EQ(voided["Line"][0]["SalesItemLineDetail"]["Qty"], 0);
    EXPECT_EQ(voided["SyncToken"], "1");
    books.control("options", {{"void_keeps_note", true}});
    const Json kept =
        books.made("/invoice?operation=void", reference(books.made("/invoice", document)));
    EXPECT_EQ(kept["PrivateNote"], "Voided - [syncline woocommerce:a:1 v1]");
    EXPECT_EQ(books.made("/invoice", change(kept, {{"TrackingNum", "x"}}))["TotalAmt"], 0);
    Json revived = reference(voided);
    revived.update(document);
    EXPECT_EQ(books.post("/invoice", revived).fault(), "6000");
}

TEST(SandboxLifeCycle, ADepositedDocumentIsLocked) {
    Books books;
    Json document = books.document({books.line("12", "NON")});
    const Json made = books.made("/salesreceipt", document);
    const std::string id = made["Id"];
    books.control("deposit/salesreceipt/" + id);
    EXPECT_EQ(books.post("/salesreceipt", change(made, {{"TrackingNum", "x"}})).fault(), "6540");
    EXPECT_EQ(books.post("/salesreceipt?operation=delete", reference(made)).fault(), "6540");
    EXPECT_EQ(
        books.post("/salesreceipt?include=void", change(made, Json::object())).fault(), "6540"
    );
    books.control("deposit/SalesReceipt/" + id, {{"deposited", false}});
    EXPECT_EQ(books.post("/salesreceipt", change(made, {{"TrackingNum", "x"}})).status, 200);
}

TEST(SandboxLifeCycle, LinesInASparseUpdateReplaceTheLines) {
    Books books;
    const Json made =
        books.made("/invoice", books.document({books.line("12", "NON"), books.line("5", "NON")}));
    Json kept = made["Line"][1];
    kept["Amount"] = 6;
    const Json after =
        books.made("/invoice", change(made, {{"Line", {kept, books.line("1", "NON")}}}));
    EXPECT_EQ(after["TotalAmt"], 7);
    EXPECT_EQ(after["Line"][0]["Id"], "2");  // kept its id
    EXPECT_EQ(after["Line"][1]["Id"], "3");
}

TEST(SandboxLifeCycle, AGivenTaxStandsUntilTheLinesChange) {
    Books books;
    Json document = books.document({books.line("100", "TAX")});
    document["TxnTaxDetail"] = {{"TotalTax", 8}};
    const Json made = books.made("/invoice", document);
    const Json noted = books.made("/invoice", change(made, {{"PrivateNote", "x"}}));
    EXPECT_EQ(noted["TxnTaxDetail"]["TotalTax"], 8);
    const Json lines =
        books.made("/invoice", change(noted, {{"Line", listed(books.line("200", "TAX"))}}));
    EXPECT_EQ(lines["TxnTaxDetail"]["TotalTax"], amount("16.5"));
    // What was read can be sent back whole.
    EXPECT_EQ(books.made("/invoice", lines)["TotalAmt"], lines["TotalAmt"]);
}

TEST(SandboxLifeCycle, AnEditByHandNeedsNoVersionAndRenewsIt) {
    Books books;
    const Json made = books.made("/invoice", books.document({books.line("12", "NON")}));
    const std::string id = made["Id"];
    books.control("close-books", {{"date", "2100-01-01"}});
    books.control("edit/invoice/" + id, {{"Line", listed(books.line("13", "NON"))}});
    const Json after = books.read("/invoice/" + id);
    EXPECT_EQ(after["SyncToken"], "1");
    EXPECT_EQ(after["TotalAmt"], 13);
    books.control("void/Invoice/" + id);
    EXPECT_EQ(books.read("/invoice/" + id)["PrivateNote"], "Voided");
    books.control("delete/Invoice/" + id);
    EXPECT_EQ(books.get("/invoice/" + id).fault(), "610");
}

TEST(SandboxLifeCycle, EnvelopesHaveATimeWithAnOffset) {
    Books books;
    const std::string time = books.get("/preferences").body["time"];
    EXPECT_EQ(time.size(), std::string("2026-09-14T07:15:22.318-07:00").size());
    EXPECT_TRUE(time.substr(23) == "-07:00" || time.substr(23) == "-08:00") << time;
    const std::string created = books.read("/preferences")["MetaData"]["CreateTime"];
    EXPECT_EQ(created.size(), std::string("2026-09-14T07:15:20-07:00").size());
}

}  // namespace
}  // namespace sandbox::quickbooks::test
