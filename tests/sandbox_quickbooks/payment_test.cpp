#include "sandbox_quickbooks/support/books.hpp"

namespace sandbox::quickbooks::test {
namespace {

Json link(const Json& document, const std::string& value, const std::string& type = "Invoice") {
    return {
        {"Amount", amount(value)},
        {"LinkedTxn", Json::array({{{"TxnId", document["Id"]}, {"TxnType", type}}})}};
}

Json payment(Books& books, const std::string& total, const Json& lines) {
    return {
        {"CustomerRef", {{"value", books.customer()}}},
        {"TotalAmt", amount(total)},
        {"Line", listed(lines)}};
}

Json invoice(Books& books, const std::string& total) {
    return books.made("/invoice", books.document({books.line(total, "NON")}));
}

Json again(Books& books, const Json& document, const std::string& path = "/invoice/") {
    return books.read(path + document["Id"].get<std::string>());
}

Json balance(Books& books) {
    return books.read("/customer/" + books.customer())["Balance"];
}

TEST(SandboxPayment, RenewsTheInvoicesBalanceLinksAndVersion) {
    Books books;
    const Json open = invoice(books, "70.3");
    EXPECT_EQ(balance(books), amount("70.3"));
    const Json made = books.made("/payment", payment(books, "70.3", {link(open, "70.3")}));
    EXPECT_EQ(made["UnappliedAmt"], 0);
    const Json paid = again(books, open);
    EXPECT_EQ(paid["Balance"], 0);
    EXPECT_EQ(paid["SyncToken"], "1");
    EXPECT_EQ(paid["LinkedTxn"], Json::array({{{"TxnId", made["Id"]}, {"TxnType", "Payment"}}}));
    EXPECT_EQ(balance(books), 0);
}

TEST(SandboxPayment, LeavesUnappliedWhatTheInvoiceDoesNotTake) {
    Books books;
    const Json open = invoice(books, "70.3");
    const Json made = books.made("/payment", payment(books, "100", {link(open, "100")}));
    EXPECT_EQ(made["UnappliedAmt"], amount("29.7"));
    EXPECT_EQ(made["Line"][0]["Amount"], amount("70.3"));
    EXPECT_EQ(balance(books), amount("-29.7"));
    const Json second = books.made("/payment", payment(books, "5", {link(open, "5")}));
    EXPECT_EQ(second["UnappliedAmt"], 5);
    EXPECT_EQ(second["Line"].size(), 0u);
}

TEST(SandboxPayment, IsNotDatedInAClosedPeriod) {
    Books books;
    const Json open = invoice(books, "70");
    Json paid = payment(books, "70", {link(open, "70")});
    books.control("close-books", {{"date", "2026-03-31"}});
    paid["TxnDate"] = "2026-03-31";
    EXPECT_EQ(books.post("/payment", paid).fault(), "6210");
    paid["TxnDate"] = "2026-04-01";
    const Json made = books.made("/payment", paid);
    const Json back{
        {"Id", made["Id"]}, {"SyncToken", "0"}, {"sparse", true}, {"TxnDate", "2026-03-01"}};
    EXPECT_EQ(books.post("/payment", back).fault(), "6210");
}

TEST(SandboxPayment, RefusesLinesThatDoNotAddUp) {
    Books books;
    const Json open = invoice(books, "70");
    EXPECT_EQ(books.post("/payment", payment(books, "10", {link(open, "10.01")})).fault(), "6000");
    EXPECT_EQ(
        books.post("/payment", payment(books, "70", {link(open, "35"), link(open, "35")})).fault(),
        "6000"
    );
    EXPECT_EQ(books.post("/payment", payment(books, "-1", Json::array())).fault(), "2090");
    EXPECT_EQ(books.post("/payment", payment(books, "1.001", Json::array())).fault(), "2090");
    EXPECT_EQ(books.post("/payment", {{"TotalAmt", 1}}).element(), "CustomerRef");
    EXPECT_EQ(
        books.post("/payment", {{"CustomerRef", {{"value", books.customer()}}}}).element(),
        "TotalAmt"
    );
    EXPECT_EQ(again(books, open)["SyncToken"], "0");
}

TEST(SandboxPayment, LinksOnlyToTheCustomersOwnInvoices) {
    Books books;
    const Json open = invoice(books, "70");
    const Json other = books.made("/customer", {{"DisplayName", "Other"}});
    Json foreign = payment(books, "70", {link(open, "70")});
    foreign["CustomerRef"]["value"] = other["Id"];
    EXPECT_EQ(books.post("/payment", foreign).fault(), "6000");
    EXPECT_EQ(
        books.post("/payment", payment(books, "70", {link({{"Id", "1"}}, "70")})).fault(), "610"
    );
    EXPECT_EQ(
        books.post("/payment", payment(books, "70", {link(open, "70", "Estimate")})).fault(), "620"
    );
}

TEST(SandboxPayment, CanBeChangedVoidedAndDeleted) {
    Books books;
    const Json first = invoice(books, "70");
    const Json second = invoice(books, "30");
    const Json made = books.made("/payment", payment(books, "70", {link(first, "70")}));
    const Json moved = books.made(
        "/payment",
        {{"Id", made["Id"]},
         {"SyncToken", "0"},
         {"sparse", true},
         {"Line", {link(first, "40"), link(second, "30")}}}
    );
    EXPECT_EQ(again(books, first)["Balance"], 30);
    EXPECT_EQ(again(books, second)["Balance"], 0);
    books.made(
        "/payment?operation=update&include=void",
        {{"Id", made["Id"]}, {"SyncToken", moved["SyncToken"]}, {"sparse", true}}
    );
    EXPECT_EQ(again(books, first)["Balance"], 70);
    EXPECT_EQ(again(books, first)["LinkedTxn"], Json::array());
    EXPECT_EQ(balance(books), 100);
    const Json last = books.made("/payment", payment(books, "30", {link(second, "30")}));
    books.made("/payment?operation=delete", {{"Id", last["Id"]}, {"SyncToken", "0"}});
    EXPECT_EQ(again(books, second)["Balance"], 30);
    EXPECT_EQ(balance(books), 100);
}

TEST(SandboxPayment, HoldsItsInvoice) {
    Books books;
    const Json open = invoice(books, "70");
    books.made("/payment", payment(books, "50", {link(open, "50")}));
    const Json target{{"Id", open["Id"]}, {"SyncToken", "1"}, {"sparse", true}};
    EXPECT_EQ(books.post("/invoice?operation=delete", target).fault(), "6000");
    EXPECT_EQ(books.post("/invoice?operation=void", target).fault(), "6000");
    Json smaller = target;
    smaller["Line"] = Json::array({books.line("49.99", "NON")});
    EXPECT_EQ(books.post("/invoice", smaller).fault(), "6000");
    smaller["Line"] = Json::array({books.line("60", "NON")});
    EXPECT_EQ(books.made("/invoice", smaller)["Balance"], 10);
}

TEST(SandboxPayment, SpendsACreditMemo) {
    Books books;
    const Json open = invoice(books, "70");
    const Json memo = books.made("/creditmemo", books.document({books.line("20", "NON")}));
    EXPECT_EQ(memo["RemainingCredit"], 20);
    EXPECT_EQ(balance(books), 50);
    books.made("/payment", payment(books, "0", {link(open, "20"), link(memo, "20", "CreditMemo")}));
    EXPECT_EQ(again(books, open)["Balance"], 50);
    EXPECT_EQ(again(books, memo, "/creditmemo/")["RemainingCredit"], 0);
    EXPECT_EQ(balance(books), 50);
}

TEST(SandboxPayment, IsMadeByTheCompanyItselfWhenCreditsApplyThemselves) {
    Books books;
    books.control("preferences", {{"SalesFormsPrefs", {{"AutoApplyCredit", true}}}});
    const Json open = invoice(books, "70");
    const Json memo = books.made("/creditmemo", books.document({books.line("20", "NON")}));
    EXPECT_EQ(memo["RemainingCredit"], 0);
    EXPECT_EQ(again(books, open)["Balance"], 50);
    const Json found = books.query("select * from Payment").body["QueryResponse"];
    EXPECT_EQ(found["Payment"][0]["TotalAmt"], 0);
}

TEST(SandboxBill, AddsUpItsLines) {
    Books books;
    const Json vendor = books.made("/vendor", {{"DisplayName", "Cedar Works"}});
    const Json bill = books.made(
        "/bill",
        {{"VendorRef", {{"value", vendor["Id"]}}},
         {"DocNumber", "CW-3301"},
         {"Line",
          {{{"Amount", 910},
            {"DetailType", "ItemBasedExpenseLineDetail"},
            {"ItemBasedExpenseLineDetail",
             {{"ItemRef", {{"value", books.item()}}}, {"Qty", 100}, {"UnitPrice", amount("9.1")}}}},
           {{"Amount", amount("12.5")},
            {"DetailType", "AccountBasedExpenseLineDetail"},
            {"AccountBasedExpenseLineDetail", {{"AccountRef", {{"value", "92"}}}}}}}}}
    );
    EXPECT_EQ(bill["TotalAmt"], amount("922.5"));
    EXPECT_EQ(bill["APAccountRef"]["value"], "33");
    EXPECT_EQ(books.read("/vendor/" + vendor["Id"].get<std::string>())["Balance"], amount("922.5"));
    Json copy{{"VendorRef", bill["VendorRef"]}, {"DocNumber", "CW-3301"}, {"Line", bill["Line"]}};
    EXPECT_EQ(books.post("/bill", copy).fault(), "6140");
    EXPECT_EQ(books.post("/bill?include=allowduplicatedocnum", copy).status, 200);
    copy.erase("DocNumber");
    copy["Line"][0]["Amount"] = 911;
    EXPECT_EQ(books.post("/bill", copy).fault(), "6070");
}

}  // namespace
}  // namespace sandbox::quickbooks::test
