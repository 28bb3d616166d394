#include <set>

#include "sandbox_quickbooks/support/books.hpp"

// Answers have the members of the documented samples, of the same types.
namespace sandbox::quickbooks::test {
namespace {

// Members that only the sample's invented object has.
const std::set<std::string>& beside_the_point() {
    static const std::set<std::string> paths{
        ".Customer.ShipAddr",
        ".Customer.V4IDPseudonym",
        ".Item.Description",
        ".Item.PurchaseDesc",
        ".Payment.PaymentRefNum",
        ".Account.SubAccount",
        ".Vendor.Vendor1099",
        ".Vendor.BillAddr",
    };
    return paths;
}

// The members of `sample` that `ours` lacks or has with another type.
std::string lacking(const Json& sample, const Json& ours, const std::string& path = "") {
    if (beside_the_point().count(path) > 0)
        return "";
    if (sample.is_number() && ours.is_number())
        return "";
    if (sample.type() != ours.type())
        return path + " ";
    std::string all;
    if (sample.is_object())
        for (const auto& [name, value] : sample.items())
            all += ours.contains(name) ? lacking(value, ours[name], path + "." + name)
                   : beside_the_point().count(path + "." + name) > 0 ? ""
                                                                     : path + "." + name + " ";
    if (sample.is_array() && !sample.empty())
        all += ours.empty() ? path + "[] " : lacking(sample[0], ours[0], path + "[]");
    return all;
}

Json from_sample(Books& books, const std::string& path, Json document) {
    document["CustomerRef"]["value"] = books.customer();
    for (Json& line : document["Line"])
        if (line.contains("SalesItemLineDetail") &&
            line["SalesItemLineDetail"]["ItemRef"]["value"] != "SHIPPING_ITEM_ID")
            line["SalesItemLineDetail"]["ItemRef"]["value"] = books.item();
    for (const char* name : {"Id", "SyncToken", "LinkedTxn"}) document.erase(name);
    const Answer answer = books.post(path, document);
    EXPECT_EQ(answer.status, 200) << path << answer.text;
    return answer.body;
}

TEST(SandboxShapes, SalesDocumentsAnswerLikeTheSamples) {
    Books books;
    for (const std::string name : {"invoice", "salesreceipt", "creditmemo", "refundreceipt"}) {
        const Json expected = sample(name);
        Json document = expected.front();
        document["DocNumber"] = name;
        // The sample's taxed lines and its zero-code shipping make exactly its total.
        const Json ours = from_sample(books, "/" + name, document);
        EXPECT_EQ(lacking(expected, ours), "") << ours.dump(1);
        EXPECT_EQ(ours.front()["TotalAmt"], expected.front()["TotalAmt"]);
        EXPECT_EQ(ours.front()["Balance"], expected.front()["Balance"]);
        EXPECT_EQ(ours.front()["Line"].size(), expected.front()["Line"].size());
    }
}

TEST(SandboxShapes, TheSampleRequestMakesTheSampleInvoice) {
    Books books;
    const Json ours = from_sample(books, "/invoice", sample("invoice_create_request"));
    const Json expected = sample("invoice")["Invoice"];
    for (const char* name :
         {"TotalAmt", "Balance", "DocNumber", "TxnDate", "DueDate", "PrivateNote"})
        EXPECT_EQ(ours["Invoice"][name], expected[name]) << name;
    for (std::size_t i = 0; i < expected["Line"].size(); ++i) {
        EXPECT_EQ(ours["Invoice"]["Line"][i]["Amount"], expected["Line"][i]["Amount"]);
        EXPECT_EQ(ours["Invoice"]["Line"][i]["DetailType"], expected["Line"][i]["DetailType"]);
    }
    EXPECT_EQ(
        ours["Invoice"]["TxnTaxDetail"]["TaxLine"][0]["TaxLineDetail"]["NetAmountTaxable"],
        expected["TxnTaxDetail"]["TaxLine"][0]["TaxLineDetail"]["NetAmountTaxable"]
    );
}

TEST(SandboxShapes, AForeignInvoiceAnswersLikeTheSample) {
    Books books("non_us");
    const Json expected = sample("invoice_non_us_multicurrency");
    const Json buyer =
        books.made("/customer", {{"DisplayName", "Jo"}, {"CurrencyRef", {{"value", "EUR"}}}});
    Json document = expected["Invoice"];
    for (const char* name : {"Id", "SyncToken", "TxnTaxDetail"}) document.erase(name);
    document["CustomerRef"]["value"] = buyer["Id"];
    document["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"] = books.item();
    const Answer ours = books.post("/invoice", document);
    EXPECT_EQ(lacking(expected, ours.body), "") << ours.text;
    for (const char* name : {"TotalAmt", "HomeTotalAmt", "HomeBalance", "ExchangeRate"})
        EXPECT_EQ(ours.body["Invoice"][name], expected["Invoice"][name]) << name;
}

TEST(SandboxShapes, APaymentAnswersLikeTheSample) {
    Books books;
    const Json invoice = books.made("/invoice", books.document({books.line("70.3", "NON")}));
    Json document = sample("payment")["Payment"];
    for (const char* name : {"Id", "SyncToken"}) document.erase(name);
    document["CustomerRef"]["value"] = books.customer();
    document["Line"][0]["LinkedTxn"][0]["TxnId"] = invoice["Id"];
    const Answer ours = books.post("/payment", document);
    EXPECT_EQ(lacking(sample("payment"), ours.body), "") << ours.text;
}

TEST(SandboxShapes, ListsAnswerLikeTheSamples) {
    Books books;
    const Answer customer = books.post("/customer", sample("customer_create_request"));
    EXPECT_EQ(lacking(sample("customer"), customer.body), "") << customer.text;
    for (const std::string name : {"item_service", "item_noninventory", "item_inventory"}) {
        Json item = sample(name)["Item"];
        item.erase("Id");
        const Answer ours = books.post("/item", item);
        EXPECT_EQ(lacking(sample(name), ours.body), "") << ours.text;
    }
    Json vendor = sample("vendor")["Vendor"];
    vendor.erase("Id");
    const Answer ours = books.post("/vendor", vendor);
    EXPECT_EQ(lacking(sample("vendor"), ours.body), "") << ours.text;
    EXPECT_EQ(lacking(sample("account"), books.get("/account/35").body), "");
    EXPECT_EQ(lacking(sample("term"), books.get("/term/3").body), "");
}

TEST(SandboxShapes, CompanyPreferencesAndTaxAnswerLikeTheSamples) {
    Books books;
    books.control("close-books", {{"date", "2025-12-31"}});
    EXPECT_EQ(lacking(sample("companyinfo"), books.get("/companyinfo/" + books.realm).body), "");
    EXPECT_EQ(lacking(sample("preferences"), books.get("/preferences").body), "");
    Books abroad("non_us");
    EXPECT_EQ(lacking(sample("taxcode"), abroad.get("/taxcode/4").body), "");
    EXPECT_EQ(lacking(sample("taxrate"), abroad.get("/taxrate/9").body), "");
}

TEST(SandboxShapes, FaultsAnswerLikeTheSamples) {
    Books books;
    const auto expect_like = [](const std::string& name, const Json& ours) {
        EXPECT_EQ(lacking(sample(name), ours), "") << ours.dump(1);
    };
    Json document = books.document({books.line("1", "NON")});
    document["DocNumber"] = "WOO-48213";
    books.made("/invoice", document);
    expect_like("fault_6140_duplicate_docnum", books.post("/invoice", document).body);
    books.control("close-books", {{"date", "2100-01-01"}});
    document.erase("DocNumber");
    const Answer closed = books.post("/invoice", document);
    EXPECT_EQ(closed.body["Fault"], sample("fault_6210_closed_period")["Fault"]);
    expect_like("fault_6210_closed_period", closed.body);
}

TEST(SandboxShapes, NumbersArePrintedWithoutTrailingZeros) {
    Books books;
    const Answer answer = books.send(
        "POST",
        "/invoice",
        R"({"CustomerRef":{"value":")" + books.customer() +
            R"("},"Line":[{"Amount":15.00,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":)"
            R"({"ItemRef":{"value":")" +
            books.item() +
            R"("},"TaxCodeRef":{"value":"NON"}}},{"Amount":6.40,"DetailType":)"
            R"("SalesItemLineDetail","SalesItemLineDetail":{"ItemRef":{"value":")" +
            books.item() + R"("},"TaxCodeRef":{"value":"NON"}}}]})"
    );
    EXPECT_NE(answer.text.find(R"("Amount":15,)"), std::string::npos) << answer.text;
    EXPECT_NE(answer.text.find(R"("Amount":6.4,)"), std::string::npos);
    EXPECT_NE(answer.text.find(R"("TotalAmt":21.4,)"), std::string::npos);
}

}  // namespace
}  // namespace sandbox::quickbooks::test
