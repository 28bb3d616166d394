// What a write tells of its object is what the next read pushes, made of QuickBooks' answer.
#include "writes.hpp"

namespace syncline::quickbooks {
namespace {

struct Kind {
    const char* entity;     // of the document
    const char* canonical;  // of the record
    const char* type;
    const char* file;  // recorded answer
};

constexpr Kind kKinds[] = {
    {"customer", "customer", "Customer", "customer"},
    {"item", "product", "Item", "item_service"},
    {"item", "product", "Item", "item_inventory"},
    {"invoice", "invoice", "Invoice", "invoice"},
    {"invoice", "invoice", "Invoice", "invoice_voided"},
    {"payment", "payment", "Payment", "payment"},
};

class ReadBackTest : public testing::Test {
protected:
    ReadBackTest() { books.host.memory["home_currency"] = "USD"; }

    static WriteItem item_like(const Kind& kind) {
        WriteItem item;
        item.role = item.entity = kind.entity;
        item.natural_key = "woocommerce:shop:60";
        item.body = {{"Name", "what we sent"}, {"PrivateNote", "what we sent"}};
        return item;
    }
    Written done(const WriteItem& item, const std::string& answer, const std::string& path = "") {
        plugin::testing::FakeOutcomes outcomes;
        const Script script(
            books, {{"POST " + (path.empty() ? item.entity + "?requestid=" : path), answer}}
        );
        EXPECT_FALSE(written(books, {item}, outcomes));
        EXPECT_EQ(outcomes.done.size(), 1u)
            << (outcomes.failed.empty() ? "" : outcomes.failed.begin()->second.message);
        return outcomes.done.empty() ? Written{} : outcomes.done.begin()->second;
    }
    std::string pushed(const Kind& kind, const Json& object) {
        ReadRequest request;
        request.entity = kind.canonical;
        request.ids = {text_at(object, "Id")};
        const Script script(books, {{"GET query?query=", query_answer(kind.type, {object})}});
        const auto page = books.connector().read(books.call.call(), request);
        EXPECT_TRUE(page) << (page ? "" : page.error().message);
        return page && page->records.size() == 1 ? page->records.front().json : "not one record";
    }

    Books books;
};

TEST_F(ReadBackTest, ARecordedAnswerIsToldAsItIsRead) {
    for (const auto& kind : kKinds) {
        const Json object = recorded(kind.file).at(kind.type);
        WriteItem item = item_like(kind);
        for (const char* remote_id : {"", "77"}) {
            item.remote_id = remote_id;
            item.version = item.remote_id.empty() ? "" : "0";
            const Written told = done(item, recorded_text(kind.file));
            ASSERT_TRUE(told.read_back) << kind.file;
            EXPECT_EQ(told.read_back->entity, kind.canonical);
            EXPECT_EQ(told.read_back->key, text_at(object, "Id"));
            EXPECT_EQ(told.read_back->json, pushed(kind, object)) << kind.file;
            EXPECT_EQ(told.read_back->json.find("what we sent"), std::string::npos);
        }
    }
}

TEST_F(ReadBackTest, ADeletedDocumentReadsAsGone) {
    WriteItem item = item_like(kKinds[3]);
    item.operation = DocumentOperation::kDelete;
    item.remote_id = "9120";
    item.version = "0";
    const Written told =
        done(item, recorded_text("delete_response"), "invoice?operation=delete&requestid=");
    ASSERT_TRUE(told.read_back);
    EXPECT_EQ(told.read_back->key, "9120");
    EXPECT_EQ(told.read_back->json, "");
}

TEST_F(ReadBackTest, NothingIsToldBeforeTheCompanysCurrencyIsKnown) {
    books.host.memory.clear();
    EXPECT_FALSE(done(item_like(kKinds[0]), recorded_text("customer")).read_back);
}

}  // namespace
}  // namespace syncline::quickbooks
