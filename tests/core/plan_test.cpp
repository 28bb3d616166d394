#include "core/plan.hpp"

#include <gtest/gtest.h>

namespace syncline::testing {
namespace {

Document document(const std::string& role, Json body) {
    Document one;
    one.role = role;
    one.entity = role;
    one.natural_key = "shop:1:" + role;
    one.body = std::move(body);
    return one;
}

Encoded encoded(std::vector<Document> documents, std::vector<Need> needs = {}) {
    Encoded one;
    one.documents = std::move(documents);
    one.needs = std::move(needs);
    return one;
}

TEST(Plan, CreatesWhatWasNeverWritten) {
    const PlannedRecord plan = plan_record(encoded({document("invoice", {{"total", "1.00"}})}), {});
    EXPECT_EQ(plan.action, PlanAction::kCreate);
    ASSERT_EQ(plan.documents.size(), 1u);
    EXPECT_EQ(plan.documents[0].action, PlanAction::kCreate);
}

TEST(Plan, SkipsWhatIsAsItWasAndUpdatesWhatIsNot) {
    const Document invoice = document("invoice", {{"total", "1.00"}});
    const WrittenBefore same{"invoice", "invoice", "7", "3", document_hash(invoice), {}};
    EXPECT_EQ(plan_record(encoded({invoice}), {same}).action, PlanAction::kSkip);
    const PlannedRecord changed =
        plan_record(encoded({document("invoice", {{"total", "1.01"}})}), {same});
    EXPECT_EQ(changed.action, PlanAction::kUpdate);
    EXPECT_EQ(changed.documents[0].remote_id, "7");
    EXPECT_EQ(changed.documents[0].version, "3");
}

TEST(Plan, EveryPartOfADocumentCountsForItsHash) {
    const Document base = document("invoice", {{"total", "1.00"}});
    std::vector<Document> others(5, base);
    others[0].role = "other";
    others[1].entity = "other";
    others[2].operation = DocumentOperation::kVoid;
    others[3].natural_key = "other";
    others[4].marker = "other";
    for (const auto& other : others) {
        EXPECT_NE(document_hash(other), document_hash(base));
    }
    EXPECT_EQ(document_hash(base), document_hash(document("invoice", {{"total", "1.00"}})));
}

TEST(Plan, HoldsASkippedRecordThatWasWrittenBefore) {
    Encoded skipped;
    skipped.skip = Reason{"NOT_POSTED_STATUS", "cancelled"};
    EXPECT_EQ(plan_record(skipped, {}).action, PlanAction::kSkip);
    const PlannedRecord plan = plan_record(skipped, {{"invoice", "invoice", "7", "3", "h", {}}});
    EXPECT_EQ(plan.action, PlanAction::kHold);
    EXPECT_NE(plan.reason->message.find("invoice 7"), std::string::npos);
}

TEST(Plan, PutsSiblingsFirst) {
    const PlannedRecord plan = plan_record(
        encoded(
            {document("payment", {{"invoice", {{"$need", "document:invoice"}}}}),
             document("invoice", {{"total", "1.00"}})}
        ),
        {}
    );
    ASSERT_EQ(plan.documents.size(), 2u);
    EXPECT_EQ(plan.documents[0].document.role, "invoice");
    EXPECT_EQ(plan.documents[1].siblings, std::vector<std::string>{"invoice"});
}

TEST(Plan, RefusesCirclesAndUndeclaredNeeds) {
    const auto refers_to = [](const std::string& role, const std::string& key) {
        return document(role, {{"x", {{"$need", key}}}});
    };
    EXPECT_EQ(
        plan_record(encoded({refers_to("a", "document:b"), refers_to("b", "document:a")}), {})
            .reason->code,
        "CIRCULAR_DOCUMENTS"
    );
    EXPECT_EQ(
        plan_record(encoded({refers_to("a", "customer:x")}), {}).reason->code, "UNDECLARED_NEED"
    );
}

TEST(Plan, WantsOnlyTheNeedsOfWhatIsWritten) {
    const Document invoice = document("invoice", {{"c", {{"$need", "customer:a"}}}});
    const Document note = document("note", {{"c", {{"$need", "customer:b"}}}});
    const std::vector<Need> needs{
        {"customer:a", "customer", "a", {}, {}},
        {"customer:b", "customer", "b", {}, {}},
        {"customer:c", "customer", "c", {}, {}}};
    const PlannedRecord plan = plan_record(
        encoded({invoice, note}, needs),
        {{"invoice", "invoice", "7", "1", document_hash(invoice), {}}}
    );
    ASSERT_EQ(plan.needs.size(), 1u);
    EXPECT_EQ(plan.needs[0].key, "customer:b");
    EXPECT_EQ(plan.action, PlanAction::kCreate);
}

TEST(Substitute, PutsIdsWherePlaceholdersAre) {
    const Json body =
        parse_json(R"({"a":{"$need":"k"},"b":[1,{"c":{"$need":"k"}}],"d":"$need"})").value();
    EXPECT_EQ(
        dump_json(substitute(body, {{"k", "42"}}).value()),
        R"({"a":"42","b":[1,{"c":"42"}],"d":"$need"})"
    );
    const auto missing = substitute(body, {});
    ASSERT_FALSE(missing.has_value());
    EXPECT_NE(missing.error().message.find("k"), std::string::npos);
}

TEST(Covers, ComparesOnlyWhatIsWanted) {
    const auto json = [](const char* text) { return parse_json(text).value(); };
    EXPECT_TRUE(covers(json(R"({"a":1,"b":{"c":2,"d":3}})"), json(R"({"b":{"c":2}})")));
    EXPECT_FALSE(covers(json(R"({"b":{"c":2}})"), json(R"({"b":{"c":3}})")));
    EXPECT_FALSE(covers(json(R"({})"), json(R"({"a":null})")));
    EXPECT_FALSE(covers(json("[1,2]"), json("[1]")));
    EXPECT_TRUE(covers(json(R"([{"a":1,"x":2}])"), json(R"([{"a":1}])")));
    EXPECT_FALSE(covers(Json(), json(R"({"a":1})")));
}

}  // namespace
}  // namespace syncline::testing
