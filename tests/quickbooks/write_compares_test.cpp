// What came back is not what was sent.
#include "writes.hpp"

namespace syncline::quickbooks {
namespace {

TEST(WriteCompares, ATaxThatWasReplacedIsSentOnceMore) {
    Books books;
    const WriteItem one = receipt(books);
    Json recomputed = stored(one, "9121");
    recomputed["TxnTaxDetail"]["TotalTax"] = "3.60";
    recomputed["TotalAmt"] = "76.55";
    Json corrected = stored(one, "9121");
    corrected["SyncToken"] = "1";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("salesreceipt"), answered("SalesReceipt", recomputed)},
         {with_key("salesreceipt", "-0t"), answered("SalesReceipt", corrected)}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    ASSERT_EQ(outcomes.done.size(), 1u) << outcomes.failed.begin()->second.message;
    EXPECT_EQ(outcomes.done.at(0).version, "1");
    const Json sent = parsed(books.host.requests.at(1).body);
    EXPECT_EQ(sent.at("sparse"), true);
    EXPECT_EQ(sent.at("SyncToken"), "0");
    EXPECT_EQ(sent.at("Line").size(), 3u);
}

TEST(WriteCompares, WhatStillDiffersIsTakenBackAndSaid) {
    struct Case {
        const char* what;
        std::function<void(Json&)> spoil;
        bool tax_again;
    };
    for (const auto& one : std::vector<Case>{
             {"a cent of the total", [](Json& o) { o["TotalAmt"] = "76.57"; }, false},
             {"the tax",
              [](Json& o) {
                  o["TxnTaxDetail"]["TotalTax"] = "0";
                  o["TotalAmt"] = "72.95";
              },
              true},
             {"no tax at all",
              [](Json& o) {
                  o.erase("TxnTaxDetail");
                  o["TotalAmt"] = "72.95";
              },
              true},
             {"the tax moved into the net",
              [](Json& o) { o["TxnTaxDetail"]["TotalTax"] = "3.62"; },
              false},
             {"a lost line", [](Json& o) { o["Line"].erase(0); }, false},
             {"the currency", [](Json& o) { o["CurrencyRef"]["value"] = "EUR"; }, false},
             {"no total", [](Json& o) { o.erase("TotalAmt"); }, false},
         }) {
        Books books;
        const WriteItem item = receipt(books);
        Json spoilt = stored(item, "9121");
        one.spoil(spoilt);
        std::vector<Step> steps{{with_key("salesreceipt"), answered("SalesReceipt", spoilt)}};
        if (one.tax_again) {
            steps.push_back({with_key("salesreceipt", "-0t"), answered("SalesReceipt", spoilt)});
        }
        steps.push_back(
            {with_key("salesreceipt?operation=update&include=void", "-0v"),
             answered("SalesReceipt", stored(item, "9121"))}
        );
        plugin::testing::FakeOutcomes outcomes;
        const Script script(books, steps);
        EXPECT_FALSE(written(books, {item}, outcomes));
        ASSERT_EQ(outcomes.failed.size(), 1u) << one.what;
        const Error& error = outcomes.failed.at(0);
        EXPECT_EQ(error.code, ErrorCode::kData) << one.what;
        EXPECT_EQ(error.name, "qbo.amount_mismatch") << one.what;
        EXPECT_NE(error.message.find("it was voided"), std::string::npos) << error.message;
        EXPECT_EQ(
            parsed(books.host.requests.back().body),
            parsed(R"({"Id": "9121", "SyncToken": "0", "sparse": true})")
        );
    }
}

// An invoice is voided in its own way, and a refund receipt or a credit memo cannot be.
TEST(WriteCompares, EachKindIsTakenBackAsThePlatformAllows) {
    struct Case {
        const char* entity;
        const char* type;
        const char* request;
        const char* step;
        const char* says;
    };
    for (const auto& one : std::vector<Case>{
             {"invoice", "Invoice", "invoice?operation=void", "-0v", "it was voided"},
             {"refundreceipt",
              "RefundReceipt",
              "refundreceipt?operation=delete",
              "-0d",
              "it was deleted again"},
             {"creditmemo",
              "CreditMemo",
              "creditmemo?operation=delete",
              "-0d",
              "it was deleted again"}}) {
        Books books;
        WriteItem item = receipt(books);
        item.entity = one.entity;
        Json spoilt = stored(item, "9121");
        spoilt["TotalAmt"] = "76.57";
        plugin::testing::FakeOutcomes outcomes;
        const Script script(
            books,
            {{with_key(one.entity), answered(one.type, spoilt)},
             {with_key(one.request, one.step), answered(one.type, spoilt)}}
        );
        EXPECT_FALSE(written(books, {item}, outcomes));
        ASSERT_EQ(outcomes.failed.size(), 1u) << one.entity;
        EXPECT_EQ(outcomes.failed.at(0).name, "qbo.amount_mismatch");
        EXPECT_NE(outcomes.failed.at(0).message.find(one.says), std::string::npos)
            << outcomes.failed.at(0).message;
        EXPECT_EQ(books.host.requests.back().body, R"({"Id":"9121","SyncToken":"0"})");
    }
}

TEST(WriteCompares, ARateWithAnotherAmountThanItsOwnIsNoticedThoughTheTotalIsRight) {
    Books books;
    WriteItem item = receipt(books);
    const auto share = [](const char* rate, const char* amount) {
        return Json{{"Amount", amount}, {"TaxLineDetail", {{"TaxRateRef", {{"value", rate}}}}}};
    };
    item.body["TxnTaxDetail"]["TaxLine"] = Json::array({share("9", "3.00"), share("10", "0.61")});
    Json moved = stored(item, "9121");
    moved["TxnTaxDetail"]["TaxLine"] = Json::array({share("10", "0.60"), share("9", "3.01")});
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("salesreceipt"), answered("SalesReceipt", moved)},
         {with_key("salesreceipt", "-0t"), answered("SalesReceipt", stored(item, "9121"))}}
    );
    EXPECT_FALSE(written(books, {item}, outcomes));
    EXPECT_EQ(outcomes.done.size(), 1u);
}

TEST(WriteCompares, BothFiguresAreInTheMessage) {
    Books books;
    const WriteItem item = receipt(books);
    Json spoilt = stored(item, "9121");
    spoilt["TotalAmt"] = "76.57";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("salesreceipt"), answered("SalesReceipt", spoilt)},
         {with_key("salesreceipt?operation=update&include=void", "-0v"), fault_answer("5010"), 400}}
    );
    EXPECT_FALSE(written(books, {item}, outcomes));
    const std::string& message = outcomes.failed.at(0).message;
    for (const char* part : {"76.57", "76.56", "could not be voided", "SalesReceipt 9121"}) {
        EXPECT_NE(message.find(part), std::string::npos) << message;
    }
}

TEST(WriteCompares, WhatWasThereBeforeIsNeverTakenBack) {
    Books books;
    WriteItem update = receipt(books);
    update.remote_id = "9121";
    update.version = "2";
    Json spoilt = stored(update, "9121");
    spoilt["TotalAmt"] = "80.00";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(books, {{with_key("salesreceipt"), answered("SalesReceipt", spoilt)}});
    EXPECT_FALSE(written(books, {update}, outcomes));
    EXPECT_EQ(outcomes.failed.at(0).name, "qbo.amount_mismatch");
}

// The document is there by then: a refusal of what comes after it is none of the document, or the
// host would make a second one.
TEST(WriteCompares, AnAccountThatIsLimitedAfterTheDocumentWasMadeLeavesItInDoubt) {
    struct Case {
        const char* what;
        int status;
        bool only_tax;
    };
    for (const auto& one : std::vector<Case>{
             {"giving the tax again", 429, true},
             {"giving the tax again", 401, true},
             {"taking it back", 429, false},
             {"taking it back", 503, false}}) {
        Books books;
        const std::vector<WriteItem> items{receipt(books, 0, "60"), receipt(books, 1, "61")};
        Json spoilt = stored(items[0], "9121");
        spoilt["TotalAmt"] = one.only_tax ? "72.95" : "76.57";
        if (one.only_tax) {
            spoilt["TxnTaxDetail"]["TotalTax"] = "0";
        }
        plugin::testing::FakeOutcomes outcomes;
        const Script script(
            books,
            {{with_key("batch"),
              *print_wire(
                  {{"BatchItemResponse",
                    Json::array(
                        {{{"bId", "b0"}, {"SalesReceipt", spoilt}},
                         {{"bId", "b1"}, {"SalesReceipt", stored(items[1], "9122")}}}
                    )}}
              )},
             {one.only_tax ? with_key("salesreceipt", "-0t")
                           : with_key("salesreceipt?operation=update&include=void", "-0v"),
              "",
              one.status,
              {{"Retry-After", "37"}}}}
        );
        EXPECT_FALSE(written(books, items, outcomes));
        ASSERT_EQ(outcomes.failed.count(0), 1u) << one.what;
        EXPECT_EQ(outcomes.failed.at(0).code, ErrorCode::kTransient) << one.what << one.status;
        EXPECT_EQ(outcomes.done.at(1).remote_id, "9122");
    }
}

}  // namespace
}  // namespace syncline::quickbooks
