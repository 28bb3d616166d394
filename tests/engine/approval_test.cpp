// Runs that need a person's confirmation: what asks for one, and that a confirmed run writes what
// was confirmed and nothing else.
#include "engine/confirmation_control.hpp"
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

using engine::ConfirmationControl;
using engine::StartRequest;

class ApprovalTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        set_policy({});
    }
    void set_policy(const ApprovalPolicy& policy) {
        FlowDefinition definition = flow().definition;
        definition.approval = policy;
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    }
    Flow flow() { return engine().stores.flows.find(tenant_, "shop-books-orders").value(); }
    void put_orders(std::int64_t first, std::int64_t last) {
        for (std::int64_t id = first; id <= last; ++id) {
            shop_.put(id, std::to_string(id) + ".00", "c" + std::to_string(id) + "@x.example");
        }
    }
    // Something was written to the books before, so that the first write is none.
    void write_one_before() {
        set_policy({10, true, true, {Starter::kApi}});
        put_orders(900, 900);
        run();
        ASSERT_EQ(books_.count("invoice"), 1u);
        set_policy({});
    }
    ConfirmationControl confirmations() {
        return ConfirmationControl(engine().stores, engine().control, clock_);
    }
    static StartRequest orders(SyncMode mode = SyncMode::kIncremental) {
        StartRequest request;
        request.entity = "order";
        request.mode = mode;
        return request;
    }
    std::string error_of_start(const StartRequest& request = orders()) {
        const auto started = engine().control.start(tenant_, request);
        return started ? "" : started.error().name;
    }
    ConfirmationControl::Asked ask(const StartRequest& request = orders()) {
        return confirmations().ask(tenant_, "ann", request).value();
    }
    std::string error_of_confirm(const std::string& token, const std::string& who = "ann") {
        const auto confirmed = confirmations().confirm(tenant_, who, token);
        return !confirmed                       ? confirmed.error().name
               : confirmed->started.has_value() ? ""
                                                : "changed";
    }
    // What the books hold, by natural key.
    std::map<std::string, Json> invoices() {
        std::map<std::string, Json> all;
        for (const auto& [id, document] : books_.documents) {
            if (document.entity == "invoice") {
                all[document.natural_key] = document.body;
            }
        }
        return all;
    }
};

TEST_F(ApprovalTest, ElevenRecordsNeedOneAndTenDoNot) {
    write_one_before();
    put_orders(1, 11);
    const auto refused = engine().control.start(tenant_, orders());
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().name, "approval.required");
    for (const char* word : {"11 records", "request-confirmation", "/api/sync/confirm/"}) {
        EXPECT_NE(refused.error().message.find(word), std::string::npos) << refused.error().message;
    }
    work();
    EXPECT_EQ(books_.count("invoice"), 1u);
    shop_.orders.erase(11);
    EXPECT_EQ(error_of_start(), "");
    work();
    EXPECT_EQ(books_.count("invoice"), 11u);
}

TEST_F(ApprovalTest, TheFirstWriteEverNeedsOne) {
    put_orders(1, 1);
    EXPECT_EQ(error_of_start(), "approval.required");
    set_policy({10, true, false, {}});
    EXPECT_EQ(error_of_start(), "");
}

TEST_F(ApprovalTest, WhatTheTargetHasAlreadyDoesNotCount) {
    set_policy({100, true, false, {}});
    put_orders(1, 20);
    run();
    EXPECT_EQ(books_.count("invoice"), 20u);
    set_policy({});
    shop_.put(3, "33.00", "c3@x.example");
    EXPECT_EQ(error_of_start(orders(SyncMode::kFull)), "");
}

TEST_F(ApprovalTest, ThePolicySaysHowManyAndWhoNeedsNone) {
    write_one_before();
    put_orders(1, 3);
    set_policy({2, true, true, {Starter::kSchedule}});
    EXPECT_EQ(error_of_start(), "approval.required");
    StartRequest scheduled = orders();
    scheduled.starter = Starter::kSchedule;
    EXPECT_EQ(error_of_start(scheduled), "");
}

TEST_F(ApprovalTest, APolicyIsCheckedStrictly) {
    FlowDefinition definition = flow().definition;
    definition.approval.records_max = -1;
    const auto put = engine().stores.flows.put(tenant_, definition, false, 1);
    ASSERT_FALSE(put.has_value());
    EXPECT_NE(put.error().message.find("/approval/records_max"), std::string::npos);
}

TEST_F(ApprovalTest, DeletingAndVoidingNeedOne) {
    engine::FlowPlan plan;
    plan.writes = 1;
    plan.destructive = 1;
    const auto reasons = engine::approval_reasons({}, plan, true);
    ASSERT_EQ(reasons.size(), 1u);
    EXPECT_EQ(reasons[0].code, "APPROVAL_DESTRUCTIVE");
    EXPECT_TRUE(engine::approval_reasons({10, false, true, {}}, plan, true).empty());
}

TEST_F(ApprovalTest, AConfirmedRunWritesExactlyThePlannedDocuments) {
    put_orders(1, 25);
    const auto asked = ask();
    std::map<std::string, Json> planned;
    for (const auto& entry : asked.plans.at(0).entries) {
        for (const auto& document : entry.planned.documents) {
            planned[document.document.natural_key] = document.document.body["total"];
        }
    }
    ASSERT_EQ(planned.size(), 25u);
    EXPECT_EQ(books_.writes, 0);
    EXPECT_EQ(error_of_confirm(asked.token), "");
    work();
    std::map<std::string, Json> written;
    for (const auto& [key, body] : invoices()) {
        written[key] = body["total"];
    }
    EXPECT_EQ(written, planned);
}

TEST_F(ApprovalTest, WhatChangesAfterTheConfirmationWaitsForTheNextRun) {
    put_orders(1, 12);
    const auto asked = ask();
    const auto confirmed = confirmations().confirm(tenant_, "ann", asked.token);
    ASSERT_TRUE(confirmed.has_value() && confirmed->started);
    put_orders(13, 13);                     // new
    shop_.put(4, "44.00", "c4@x.example");  // changed
    work();
    EXPECT_EQ(books_.count("invoice"), 11u);
    EXPECT_EQ(invoices().count("shop:shop:13"), 0u);
    EXPECT_EQ(invoices().count("shop:shop:4"), 0u);
    const auto after = status(confirmed->started->sync_id);
    EXPECT_EQ(after.counts.waiting, 2);
    EXPECT_EQ(after.counts.created, 11);
    expect_adds_up(after);
    // Resuming the flow is no confirmation.
    ASSERT_TRUE(engine().stores.jobs.unpark_flow(flow().id, clock_.now().ms));
    work();
    EXPECT_EQ(books_.count("invoice"), 11u);
    // A small run, looked at as a whole, takes both up.
    EXPECT_EQ(error_of_start(), "");
    work();
    EXPECT_EQ(invoices().at("shop:shop:4")["total"], "44.00");
    EXPECT_EQ(books_.count("invoice"), 13u);
}

TEST_F(ApprovalTest, RecordsThatWaitAreInTheNextPlanWhereverTheCursorIs) {
    put_orders(1, 12);
    const auto asked = ask();
    ASSERT_EQ(error_of_confirm(asked.token), "");
    put_orders(13, 13);
    work();
    StartRequest one = orders(SyncMode::kIds);
    one.options.ids = {"1"};
    const auto next = ask(one);
    ASSERT_EQ(next.plans[0].entries.size(), 2u);
    EXPECT_EQ(next.plans[0].entries[1].source_id, "13");
    EXPECT_EQ(next.plans[0].writes, 1);
    EXPECT_EQ(error_of_confirm(next.token), "");
    work();
    EXPECT_EQ(books_.count("invoice"), 13u);
}

TEST_F(ApprovalTest, AnIncrementalPlanLeavesAloneWhatTheRunWould) {
    books_.refused_keys.insert("shop:shop:2");
    put_orders(1, 2);
    ASSERT_EQ(error_of_confirm(ask().token), "");
    work();
    ASSERT_EQ(books_.count("invoice"), 1u);
    const auto again = ask();
    EXPECT_EQ(again.plans[0].writes, 0);
    EXPECT_EQ(again.plans[0].entries[0].planned.reason->code, "UNCHANGED");
    EXPECT_EQ(again.plans[0].entries[1].planned.reason->code, "WAITS_AS_FAILURE");
    EXPECT_EQ(ask(orders(SyncMode::kFull)).plans[0].writes, 1);
}

TEST_F(ApprovalTest, AnInterruptedConfirmedRunGoesOnWithinItsPlan) {
    put_orders(1, 12);
    const auto asked = ask();
    books_.faults = {WriteFault::kDropAfter, WriteFault::kDropBefore, WriteFault::kHalf};
    ASSERT_EQ(error_of_confirm(asked.token), "");
    work();
    restart();
    for (int i = 0; i < 30; ++i) {
        later(60'000);
    }
    EXPECT_EQ(books_.count("invoice"), 12u);
    for (std::int64_t id = 1; id <= 12; ++id) {
        EXPECT_EQ(books_.copies("shop:shop:" + std::to_string(id)), 1u) << id;
    }
}

TEST_F(ApprovalTest, ATokenIsUsedOnce) {
    put_orders(1, 1);
    const auto asked = ask();
    EXPECT_EQ(error_of_confirm(asked.token), "");
    EXPECT_EQ(error_of_confirm(asked.token), "confirmation.used");
}

TEST_F(ApprovalTest, ATokenIsGoodForFiveMinutes) {
    put_orders(1, 1);
    const auto asked = ask();
    clock_.advance(std::chrono::milliseconds(299'999));
    const auto other = ask();
    EXPECT_EQ(error_of_confirm(asked.token), "");
    clock_.advance(std::chrono::milliseconds(300'000));
    EXPECT_EQ(error_of_confirm(other.token), "confirmation.expired");
}

TEST_F(ApprovalTest, ATokenIsItsAskersAlone) {
    put_orders(1, 1);
    const auto asked = ask();
    EXPECT_EQ(error_of_confirm(asked.token, "bob"), "confirmation.not_yours");
    const TenantId other = engine().stores.tenants.ensure("other", 1).value();
    const auto foreign = confirmations().confirm(other, "ann", asked.token);
    ASSERT_FALSE(foreign.has_value());
    EXPECT_EQ(foreign.error().name, "confirmation.unknown");
    EXPECT_EQ(error_of_confirm("no-token"), "confirmation.unknown");
    EXPECT_EQ(error_of_confirm(asked.token), "");
}

TEST_F(ApprovalTest, ATokenIsForThePlanThatWasShown) {
    put_orders(1, 3);
    const auto asked = ask();
    shop_.put(2, "22.00", "c2@x.example");
    put_orders(4, 4);
    shop_.orders.erase(1);
    const auto confirmed = confirmations().confirm(tenant_, "ann", asked.token);
    ASSERT_TRUE(confirmed.has_value());
    EXPECT_FALSE(confirmed->started.has_value());
    std::map<std::string, std::string> changes;
    for (const auto& change : confirmed->changes) {
        changes[change.source_id] = change.change;
    }
    EXPECT_EQ(
        changes,
        (std::map<std::string, std::string>{{"1", "removed"}, {"2", "changed"}, {"4", "added"}})
    );
    work();
    EXPECT_EQ(books_.writes, 0);
}

TEST_F(ApprovalTest, ThePlanIsAnotherWhenACustomerThatWouldBeMadeIs) {
    PlannedRecord planned;
    PlannedDocument document;
    document.hash = "abc";
    document.needs = {"customer:ann"};
    planned.documents.push_back(document);
    planned.needs.push_back({"customer:ann", "customer", "ann", {}, {{"name", "Ann"}}});
    const std::string approved = approved_form(planned);
    EXPECT_TRUE(approval_covers(approved, planned));
    planned.needs[0].record["name"] = "Anne";
    EXPECT_FALSE(approval_covers(approved, planned));
    EXPECT_FALSE(approval_covers(kApprovedNothing, planned));
    EXPECT_TRUE(approval_covers("", planned));
    planned.documents[0].action = PlanAction::kSkip;
    EXPECT_TRUE(approval_covers(kApprovedNothing, planned));
}

}  // namespace
}  // namespace syncline::testing
