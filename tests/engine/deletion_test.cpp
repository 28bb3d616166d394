// Records that were deleted in the source: what becomes of their documents in the target.
#include "engine/support/conflict_fixture.hpp"

namespace syncline::testing {
namespace {

class DeleteTest : public ConflictTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        shop_.put(1, "10.00", "ann@x.example", {{"memo", "a"}, {"paid", true}});
        run();
    }
    void set_policy(DeletePolicy policy, std::vector<Starter> exempt = {Starter::kApi}) {
        FlowDefinition definition = flow().definition;
        definition.delete_policy = policy;
        definition.approval.exempt = std::move(exempt);
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    }
    const FakeDocument* of(const std::string& entity) {
        for (const auto& [id, document] : books_.documents) {
            if (document.entity == entity) {
                return &document;
            }
        }
        return nullptr;
    }
    std::string id_of(const std::string& entity) { return of(entity)->id; }
};

TEST_F(DeleteTest, ADeletedRecordIsFlaggedIfTheFlowSaysNothing) {
    shop_.remove(1);
    EXPECT_EQ(run().counts.held, 1);
    ASSERT_EQ(letters().size(), 1U);
    EXPECT_EQ(letters()[0].error_code, "SOURCE_DELETED");
    EXPECT_TRUE(books_.removals.empty());
    EXPECT_EQ(total(), "10.00");
}

TEST_F(DeleteTest, ItsDocumentsStayIfTheFlowIgnoresDeletions) {
    set_policy(DeletePolicy::kIgnore);
    shop_.remove(1);
    EXPECT_EQ(run().counts.skipped, 1);
    EXPECT_TRUE(letters().empty());
    EXPECT_TRUE(books_.removals.empty());
}

TEST_F(DeleteTest, ItsDocumentsAreVoidedThePaymentBeforeItsInvoice) {
    set_policy(DeletePolicy::kVoid);
    const std::vector<std::string> expected{"void " + id_of("payment"), "void " + id_of("invoice")};
    shop_.remove(1);
    EXPECT_EQ(run().counts.updated, 1);
    EXPECT_EQ(books_.removals, expected);
    EXPECT_TRUE(of("invoice")->voided);
    EXPECT_FALSE(of("customer")->voided);
    run(SyncMode::kFull);
    EXPECT_EQ(books_.removals, expected);
    EXPECT_TRUE(letters().empty());
}

TEST_F(DeleteTest, TheyAreDeletedWhereNothingCanBeVoided) {
    set_policy(DeletePolicy::kVoid);
    books_.cannot_void = true;
    shop_.remove(1);
    EXPECT_EQ(run().counts.updated, 1);
    EXPECT_EQ(of("invoice"), nullptr);
    EXPECT_EQ(of("payment"), nullptr);
    EXPECT_NE(of("customer"), nullptr);
    run(SyncMode::kFull);
    EXPECT_TRUE(letters().empty());

    shop_.gone.clear();  // it comes back
    shop_.now_ms += 60'000;
    shop_.put(1, "11.00", "ann@x.example");
    EXPECT_EQ(run().counts.created, 1);
    EXPECT_EQ(total(), "11.00");
}

TEST_F(DeleteTest, ALostAnswerVoidsNothingTwice) {
    set_policy(DeletePolicy::kVoid);
    shop_.remove(1);
    books_.faults = {WriteFault::kDropAfter};
    run();
    restart();
    later(20'000);
    later(20'000);
    EXPECT_EQ(books_.removals.size(), 2U);
    EXPECT_TRUE(of("invoice")->voided);
    EXPECT_TRUE(letters().empty());
}

TEST_F(DeleteTest, WhatSomebodyChangedIsNotVoidedUnlooked) {
    set_policy(DeletePolicy::kVoid);
    books_.edit(kInvoice, {{"total", "25.00"}});
    shop_.remove(1);
    EXPECT_EQ(run().counts.conflict, 1);
    EXPECT_FALSE(of("invoice")->voided);
    const auto conflict = opened();
    const Json field = conflict.sides.at("fields").at(0);
    EXPECT_EQ(field.at("path"), "");
    EXPECT_TRUE(field.at("source").is_null());
    EXPECT_EQ(field.at("target").at("total"), "25.00");
    engine::Resolution value;
    value.fields[""] = {MergeSide::kValue, "x"};
    EXPECT_FALSE(resolve(value).has_value());
    decide(keep(MergeSide::kSource));
    EXPECT_TRUE(of("invoice")->voided);
    EXPECT_EQ(conflicts("resolved").size(), 1U);
}

TEST_F(DeleteTest, ADocumentThatAPersonKeepsStays) {
    set_policy(DeletePolicy::kVoid);
    books_.edit(kInvoice, {{"total", "25.00"}});
    shop_.remove(1);
    run();
    decide(keep(MergeSide::kTarget));
    EXPECT_FALSE(of("invoice")->voided);
    EXPECT_EQ(conflicts("resolved").size(), 1U);
    run(SyncMode::kFull);
    EXPECT_FALSE(of("invoice")->voided);
    EXPECT_TRUE(conflicts("open").empty());
}

TEST_F(DeleteTest, VoidingNeedsAConfirmation) {
    set_policy(DeletePolicy::kVoid, {});
    shop_.remove(1);
    engine::StartRequest request;
    request.entity = "order";
    const auto started = engine().control.start(tenant_, request);
    ASSERT_FALSE(started.has_value());
    EXPECT_EQ(started.error().name, "approval.required");
    EXPECT_NE(started.error().message.find("delete or void 2 documents"), std::string::npos)
        << started.error().message;
    EXPECT_TRUE(books_.removals.empty());
}

}  // namespace
}  // namespace syncline::testing
