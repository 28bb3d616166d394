// Numbers and names that something else has already.
#include "writes.hpp"

namespace syncline::quickbooks {
namespace {

std::string holders(const Json& row, const std::string& type) {
    Json items = Json::array();
    const std::vector<std::string> types{"Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt"};
    for (std::size_t i = 0; i < types.size(); ++i) {
        Json response = Json::object();
        if (types[i] == type) {
            response[type] = Json::array({row});
        }
        items.push_back({{"bId", "q" + std::to_string(i)}, {"QueryResponse", response}});
    }
    return *print_wire({{"BatchItemResponse", items}});
}

TEST(WriteNumber, TakenByOurOwnDocumentIsAdopted) {
    Books books;
    books.host.memory["home_currency"] = "USD";
    const WriteItem one = receipt(books);
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("salesreceipt"),
          fault_answer(
              "6140", "DocNumber=WOO-60 is assigned to TxnType=SalesReceipt with TxnId=9121"
          ),
          400},
         {"POST batch?minorversion=75", holders(stored(one, "9121"), "SalesReceipt")}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    ASSERT_EQ(outcomes.done.size(), 1u) << outcomes.failed.begin()->second.message;
    EXPECT_EQ(outcomes.done.at(0).remote_id, "9121");
    EXPECT_TRUE(outcomes.done.at(0).adopted);
    EXPECT_FALSE(outcomes.done.at(0).read_back) << "somebody may have worked on it since";
    EXPECT_EQ(outcomes.done.at(0).owned, one.body);
}

TEST(WriteNumber, TakenBySomethingElseIsHeldWithTheReason) {
    struct Case {
        const char* type;
        std::function<void(Json&)> change;
        ErrorCode code;
        const char* name;
    };
    for (const auto& one : std::vector<Case>{
             {"SalesReceipt",
              [](Json& row) { row["PrivateNote"] = "by hand"; },
              ErrorCode::kHold,
              "DUPLICATE_DOC_NUMBER"},
             {"SalesReceipt",
              [](Json& row) { row["PrivateNote"] = "[syncline woocommerce:shop:600 v1]"; },
              ErrorCode::kHold,
              "DUPLICATE_DOC_NUMBER"},
             {"CreditMemo",
              [](Json& row) { row.erase("PrivateNote"); },
              ErrorCode::kHold,
              "DUPLICATE_DOC_NUMBER"},
             {"Invoice", [](Json&) {}, ErrorCode::kHold, "DOCUMENT_CHOICE_CHANGED"},
             {"SalesReceipt",
              [](Json& row) {
                  row["TotalAmt"] = "0";
                  row["PrivateNote"] = "Voided";
              },
              ErrorCode::kHold,
              "VOIDED_IN_BOOKS"},
             {"SalesReceipt",
              [](Json& row) {
                  row["TotalAmt"] = "0";
                  row["PrivateNote"] = "Voided - " + row["PrivateNote"].get<std::string>();
              },
              ErrorCode::kHold,
              "VOIDED_IN_BOOKS"},
             {"SalesReceipt",
              [](Json& row) { row["TotalAmt"] = "76.55"; },
              ErrorCode::kData,
              "qbo.amount_mismatch"},
             {"SalesReceipt",
              [](Json& row) { row["Id"] = "1"; },
              ErrorCode::kHold,
              "DUPLICATE_DOC_NUMBER"},
         }) {
        Books books;
        const WriteItem item = receipt(books);
        Json row = stored(item, "9121");
        one.change(row);
        plugin::testing::FakeOutcomes outcomes;
        const Script script(
            books,
            {{with_key("salesreceipt"), fault_answer("6140", "... TxnId=9121"), 200},
             {"POST batch?minorversion=75", holders(row, one.type)}}
        );
        EXPECT_FALSE(written(books, {item}, outcomes));
        ASSERT_EQ(outcomes.failed.size(), 1u) << one.name;
        EXPECT_EQ(outcomes.failed.at(0).code, one.code) << outcomes.failed.at(0).message;
        EXPECT_EQ(outcomes.failed.at(0).name, one.name) << outcomes.failed.at(0).message;
    }
}

TEST(WriteName, TakenByACustomerOfTheSameEmailIsAdopted) {
    Books books;
    const WriteItem one = customer(books);
    Json row = recorded("customer").at("Customer");
    row["PrimaryEmailAddr"]["Address"] = "Ines@example.test";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("customer"), recorded_text("fault_6240_duplicate_name"), 400},
         {"GET query?query=SELECT * FROM Customer WHERE PrimaryEmailAddr = 'ines@example.test'",
          query_answer("Customer", {row})}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    ASSERT_EQ(outcomes.done.size(), 1u);
    EXPECT_EQ(outcomes.done.at(0).remote_id, "184");
    EXPECT_TRUE(outcomes.done.at(0).adopted);
}

TEST(WriteName, TakenBySomebodyElseTheNextNameIsTried) {
    Books books;
    const WriteItem one = customer(books);
    Json made = stored(one, "190");
    made["DisplayName"] = "Ines Okafor #W4";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("customer"), recorded_text("fault_6240_duplicate_name"), 400},
         {"GET query?query=SELECT * FROM Customer", query_answer("Customer", {})},
         {with_key("customer", "-0n0"), fault_answer("6240"), 400},
         {with_key("customer", "-0n1"), answered("Customer", made)}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    ASSERT_EQ(outcomes.done.size(), 1u) << outcomes.failed.begin()->second.message;
    EXPECT_EQ(outcomes.done.at(0).remote_id, "190");
    EXPECT_FALSE(outcomes.done.at(0).adopted);
    EXPECT_EQ(outcomes.done.at(0).warnings.at(0).code, "NAME_TAKEN");
    EXPECT_EQ(outcomes.done.at(0).owned, one.body) << "the other name is no difference";
    EXPECT_EQ(
        parsed(books.host.requests.at(2).body).at("DisplayName"), "Ines Okafor (ines@example.test)"
    );
    EXPECT_EQ(parsed(books.host.requests.at(3).body).at("DisplayName"), "Ines Okafor #W4");
}

TEST(WriteName, WhenAllNamesAreTakenItIsHeld) {
    Books books;
    const WriteItem one = item(books);
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("item"), fault_answer("6240"), 400},
         {"GET query?query=SELECT * FROM Item WHERE Sku = 'SKU-1'", query_answer("Item", {})},
         {with_key("item", "-0n0"), fault_answer("6240"), 400},
         {with_key("item", "-0n1"), fault_answer("6240"), 400}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    EXPECT_EQ(outcomes.failed.at(0).name, "DUPLICATE_NAME");
    EXPECT_EQ(parsed(books.host.requests.at(2).body).at("Name"), "Product 1 (SKU-1)");
}

TEST(WriteName, AnInactiveOneOfTheSameSkuIsHeld) {
    Books books;
    const WriteItem one = item(books);
    Json row = recorded("item_service").at("Item");
    row["Sku"] = "SKU-1";
    row["Active"] = false;
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("item"), fault_answer("6240"), 400},
         {"GET query?query=SELECT * FROM Item", query_answer("Item", {row})}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    EXPECT_EQ(outcomes.failed.at(0).code, ErrorCode::kHold);
    EXPECT_EQ(outcomes.failed.at(0).name, "INACTIVE_ITEM");
}

}  // namespace
}  // namespace syncline::quickbooks
