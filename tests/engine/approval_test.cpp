// Runs that need a person's confirmation: what asks for one, and that a confirmed run writes what
// was confirmed and nothing else.
#include "engine/support/approval_fixture.hpp"

namespace syncline::testing {
namespace {

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
    write_one_before();
    shop_.put(900, "900.00", "c900@x.example", {{"voided", true}});
    EXPECT_EQ(error_of_start(), "approval.required");
    const auto asked = ask();
    ASSERT_EQ(asked.reasons.size(), 1u);
    EXPECT_EQ(asked.reasons[0].code, "APPROVAL_DESTRUCTIVE");
    EXPECT_EQ(asked.plans[0].destructive, 1);
    set_policy({10, false, true, {}});
    EXPECT_EQ(error_of_start(), "");
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

TEST_F(ApprovalTest, ATokenThatIsUsedWhileItIsUsedSaysSo) {
    put_orders(1, 1);
    const auto asked = ask();
    shop_.before_read = [&] { EXPECT_EQ(error_of_confirm(asked.token), ""); };
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

TEST_F(ApprovalTest, APlanSeesWhatAnotherFlowWroteOfTheSameCustomer) {
    write_one_before();
    FlowDefinition definition = flow().definition;
    definition.name = "shop-books-customers";
    definition.entity = "customer";
    const Flow customers = engine().stores.flows.put(tenant_, definition, false, 1).value();
    const auto plan = engine().preview.plan(customers, SyncMode::kIncremental, {}, 10).value();
    ASSERT_EQ(plan.entries.size(), 1u);
    EXPECT_EQ(plan.writes, 0) << "the order's customer was made with the order";
}

TEST_F(ApprovalTest, APlanAndItsRunAgreeOnWhatAFilterLeavesOut) {
    write_one_before();
    Filters filters;
    filters.status = {"processing"};
    add_flow("second", filters);
    shop_.put(900, "33.00", "c900@x.example", {{"status", "completed"}});
    shop_.put(901, "44.00", "c901@x.example", {{"status", "completed"}});
    StartRequest request = orders();
    request.flow = "second";
    const auto plan = engine().control.dry_run(tenant_, request, 10).value().at(0);
    EXPECT_EQ(plan.writes, 1) << "it was written before, by another flow";
    ASSERT_EQ(error_of_start(request), "");
    work();
    EXPECT_EQ(books_.count("invoice"), 1u);
    EXPECT_EQ(invoices().at("shop:shop:900")["total"], "33.00");
}

TEST_F(ApprovalTest, APlansHashIsNotOfTheOrderInWhichTheSourceGives) {
    write_one_before();
    put_orders(1, 3);
    StartRequest request = orders(SyncMode::kIds);
    request.options.ids = {"1", "2", "3"};
    const std::string hash = ask(request).plan_hash;
    shop_.backwards = true;
    EXPECT_EQ(ask(request).plan_hash, hash);
}

TEST_F(ApprovalTest, WhatWouldBeDoneWithADocumentIsPartOfThePlan) {
    PlannedRecord planned;
    PlannedDocument document;
    document.hash = "abc";
    planned.documents.push_back(document);
    const std::string approved = approved_form(planned);
    EXPECT_TRUE(approval_covers(approved, planned));
    planned.documents[0].action = PlanAction::kUpdate;
    EXPECT_FALSE(approval_covers(approved, planned));
    planned.documents[0].remote_id = "7";
    const std::string of_seven = approved_form(planned);
    planned.documents[0].remote_id = "8";
    EXPECT_FALSE(approval_covers(of_seven, planned));
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
