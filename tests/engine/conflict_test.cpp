// Documents that somebody else changed in the target: what is held, what a person decides, and that
// nothing is overwritten that nobody looked at.
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

class ConflictTest : public EngineTest {
protected:
    static constexpr auto kInvoice = "shop:shop:1";

    void SetUp() override {
        EngineTest::SetUp();
        shop_.put(1, "10.00", "ann@x.example", {{"memo", "a"}});
        run();
    }
    void set_rules(const ConflictRules& rules) {
        FlowDefinition definition = flow().definition;
        definition.conflict_policy = rules.policy;
        definition.conflict_fields = rules.fields;
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    }
    Flow flow() { return engine().stores.flows.find(tenant_, "shop-books-orders").value(); }

    void change(const std::string& total, const std::string& memo, Json more = Json::object()) {
        more["memo"] = memo;
        shop_.now_ms += 60'000;
        shop_.put(1, total, "ann@x.example", more);
    }
    Json document() { return books_.by_key(kInvoice)->body; }
    std::string total() { return document().at("total"); }
    std::string memo() { return document().value("memo", ""); }
    std::int64_t version() { return books_.by_key(kInvoice)->version; }

    std::vector<storage::Conflict> conflicts(const std::string& state = "") {
        storage::ConflictFilter filter;
        filter.state = state;
        return engine().stores.conflicts.list(tenant_, filter).value();
    }
    engine::OpenedConflict opened() {
        const auto all = conflicts("open");
        EXPECT_EQ(all.size(), 1U);
        return engine().conflicts.open(tenant_, all.at(0).id).value();
    }
    // A person changes the total in the books, then the source changes it too.
    void both_change_the_total() {
        books_.edit(kInvoice, {{"total", "25.00"}});
        change("20.00", "a");
        run();
    }
    Result<engine::OpenedConflict> resolve(engine::Resolution resolution) {
        if (resolution.reason.empty()) {
            resolution.reason = "agreed with the customer";
        }
        return engine().conflicts.resolve(tenant_, opened().conflict.id, resolution, "ann");
    }
    static engine::Resolution keep(MergeSide side) {
        engine::Resolution resolution;
        resolution.keep = side;
        return resolution;
    }
    void decide(const engine::Resolution& resolution) {
        const auto resolved = resolve(resolution);
        ASSERT_TRUE(resolved.has_value()) << resolved.error().message;
        work();
    }
    std::vector<storage::DeadLetter> letters() {
        return engine().stores.jobs.dead_letters(tenant_, {}).value();
    }
    void expect_rest() {
        const std::int64_t before = version();
        const auto again = run(SyncMode::kFull);
        EXPECT_EQ(again.counts.skipped, 1);
        EXPECT_EQ(version(), before);
        EXPECT_TRUE(letters().empty());
    }
};

TEST_F(ConflictTest, AChangeByHandMakesAConflictWithThreeSidesAndNoOverwrite) {
    books_.edit(kInvoice, {{"total", "25.00"}});
    change("20.00", "b");
    const auto result = run();
    EXPECT_EQ(result.counts.conflict, 1);
    expect_adds_up(result);
    EXPECT_EQ(total(), "25.00");
    EXPECT_EQ(memo(), "a");
    const auto conflict = opened();
    EXPECT_EQ(conflict.conflict.source_id, "1");
    EXPECT_EQ(conflict.conflict.role, "invoice");
    EXPECT_EQ(conflict.conflict.target_name, "books");
    const Json expected{
        {{"path", "/total"},
         {"base", "10.00"},
         {"source", "20.00"},
         {"target", "25.00"},
         {"policy", "source_wins"}}};
    EXPECT_EQ(conflict.sides.at("fields"), expected);
    EXPECT_EQ(conflict.sides.at("base").at("memo"), "a");
    EXPECT_EQ(conflict.sides.at("source").at("memo"), "b");
    ASSERT_EQ(letters().size(), 1U);
    EXPECT_EQ(letters()[0].outcome, "conflict");
    EXPECT_EQ(letters()[0].error_code, "conflict.changed");
}

TEST_F(ConflictTest, AFieldThatIsNotOursAndANewVersionAloneMakeNone) {
    books_.edit(kInvoice, {{"terms", "net 30"}});
    books_.edit(kInvoice, Json::object());  // as a payment that the platform links
    change("20.00", "a");
    EXPECT_EQ(run().counts.updated, 1);
    EXPECT_EQ(total(), "20.00");
    EXPECT_TRUE(conflicts().empty());
}

TEST_F(ConflictTest, KeepingTheSourceWritesItOnce) {
    both_change_the_total();
    const std::int64_t before = version();
    decide(keep(MergeSide::kSource));
    EXPECT_EQ(total(), "20.00");
    EXPECT_EQ(version(), before + 1);
    const auto all = conflicts("resolved");
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].actor, "ann");
    EXPECT_EQ(all[0].reason, "agreed with the customer");
    EXPECT_EQ(all[0].keep, "source");
    expect_rest();
}

TEST_F(ConflictTest, KeepingTheTargetWritesNothingAndIsRemembered) {
    both_change_the_total();
    const std::int64_t before = version();
    decide(keep(MergeSide::kTarget));
    EXPECT_EQ(total(), "25.00");
    EXPECT_EQ(version(), before);
    EXPECT_EQ(conflicts("resolved").size(), 1U);
    expect_rest();

    change("20.00", "b");  // another field: no reason to ask again
    EXPECT_EQ(run().counts.updated, 1);
    EXPECT_EQ(total(), "25.00");
    EXPECT_EQ(memo(), "b");
    expect_rest();

    change("30.00", "b");  // the same field anew: somebody has to look again
    EXPECT_EQ(run().counts.conflict, 1);
    EXPECT_EQ(total(), "25.00");
    const Json field = opened().sides.at("fields").at(0);
    EXPECT_EQ(field.at("source"), "30.00");
    EXPECT_EQ(field.at("target"), "25.00");
}

TEST_F(ConflictTest, EveryFieldCanBeDecidedOnItsOwn) {
    books_.edit(kInvoice, {{"total", "25.00"}, {"memo", "by hand"}});
    change("20.00", "b");
    run();
    engine::Resolution resolution;
    resolution.fields["/total"] = {MergeSide::kSource, nullptr};
    auto refused = resolve(resolution);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().message.rfind("/fields/~1memo: ", 0), 0U) << refused.error().message;
    resolution.fields["/memo"] = {MergeSide::kValue, "as agreed"};
    resolution.fields["/terms"] = {MergeSide::kTarget, nullptr};
    refused = resolve(resolution);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().message.rfind("/fields/~1terms: ", 0), 0U);
    resolution.fields.erase("/terms");
    decide(resolution);
    EXPECT_EQ(total(), "20.00");
    EXPECT_EQ(memo(), "as agreed");
    expect_rest();
    change("21.00", "b");
    run();
    EXPECT_EQ(total(), "21.00");
    EXPECT_EQ(memo(), "as agreed");
}

TEST_F(ConflictTest, ANewerSourceUpdatesItsSideAndOverwritesNothing) {
    both_change_the_total();
    const auto first = opened();
    // Even when the version we know is the target's: another flow may have learned it.
    ASSERT_TRUE(engine().database->write([&](storage::Sql& sql) -> Result<void> {
        sql.run(
            "UPDATE id_mappings SET target_version = ? WHERE role = 'invoice'",
            std::to_string(version())
        );
        return {};
    }));
    change("30.00", "a");
    EXPECT_EQ(run().counts.conflict, 1);
    EXPECT_EQ(total(), "25.00");
    const auto second = opened();
    EXPECT_EQ(second.conflict.id, first.conflict.id);
    EXPECT_GT(second.conflict.revision, first.conflict.revision);
    EXPECT_EQ(second.sides.at("fields").at(0).at("source"), "30.00");
    auto old = keep(MergeSide::kSource);
    old.revision = first.conflict.revision;
    const auto refused = resolve(old);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().name, "conflict.changed");
    decide(keep(MergeSide::kSource));
    EXPECT_EQ(total(), "30.00");
}

TEST_F(ConflictTest, ItIsOverByItselfWhenTheSidesAgreeAgain) {
    both_change_the_total();
    change("25.00", "a");
    run();
    EXPECT_EQ(conflicts("closed").size(), 1U);
    EXPECT_TRUE(conflicts("open").empty());
    expect_rest();

    books_.edit(kInvoice, {{"total", "26.00"}});
    change("27.00", "a");
    run();
    books_.edit(kInvoice, {{"total", "25.00"}});  // undone
    EXPECT_TRUE(engine().failures.retry(tenant_, letters().at(0).id, storage::LoopGuard::kOn, "x"));
    work();
    EXPECT_EQ(total(), "27.00");
    EXPECT_EQ(conflicts("closed").size(), 2U);
    expect_rest();
}

// The source goes back to what it was: the document is as it was written, and yet it is not.
TEST_F(ConflictTest, ItStaysOpenWhenTheSourceGoesBackToWhatWasWritten) {
    both_change_the_total();
    change("10.00", "a");
    EXPECT_EQ(run().counts.conflict, 1);
    EXPECT_EQ(opened().sides.at("fields").at(0).at("source"), "10.00");
    decide(keep(MergeSide::kSource));
    EXPECT_EQ(total(), "10.00");
}

TEST_F(ConflictTest, ADecisionSurvivesARestart) {
    both_change_the_total();
    ASSERT_TRUE(resolve(keep(MergeSide::kSource)).has_value());
    EXPECT_EQ(conflicts("resolving").size(), 1U);
    EXPECT_EQ(total(), "25.00");
    restart();
    work();
    EXPECT_EQ(total(), "20.00");
    EXPECT_EQ(conflicts("resolved").size(), 1U);
    expect_rest();
}

TEST_F(ConflictTest, ADecisionIsDoneOnceThoughTheAnswerIsLost) {
    both_change_the_total();
    const std::int64_t before = version();
    books_.faults = {WriteFault::kDropAfter};
    decide(keep(MergeSide::kSource));
    restart();
    later(20'000);
    EXPECT_EQ(total(), "20.00");
    EXPECT_EQ(version(), before + 1);
    EXPECT_EQ(conflicts("resolved").size(), 1U);
    expect_rest();
}

TEST_F(ConflictTest, ItIsDecidedOnce) {
    both_change_the_total();
    const ConflictId id = opened().conflict.id;
    auto twice = keep(MergeSide::kSource);
    twice.reason = "x";
    ASSERT_TRUE(engine().conflicts.resolve(tenant_, id, twice, "ann").has_value());
    EXPECT_EQ(
        engine().conflicts.resolve(tenant_, id, twice, "bob").error().name, "conflict.decided"
    );
    work();
    EXPECT_EQ(
        engine().conflicts.resolve(tenant_, id, twice, "bob").error().name, "conflict.closed"
    );
    EXPECT_EQ(
        engine().conflicts.resolve(tenant_, ConflictId{99}, twice, "bob").error().code,
        ErrorCode::kNotFound
    );
    auto silent = keep(MergeSide::kSource);
    EXPECT_EQ(
        engine().conflicts.resolve(tenant_, id, silent, "bob").error().code, ErrorCode::kInvalid
    );
}

TEST_F(ConflictTest, ADecisionAboutOtherSidesIsNotCarriedOut) {
    both_change_the_total();
    ASSERT_TRUE(resolve(keep(MergeSide::kSource)).has_value());
    books_.edit(kInvoice, {{"total", "26.00"}});  // before it is done
    work();
    EXPECT_EQ(total(), "26.00");
    const auto again = opened();
    EXPECT_EQ(again.sides.at("fields").at(0).at("target"), "26.00");
    EXPECT_TRUE(again.conflict.keep.empty());

    ASSERT_TRUE(resolve(keep(MergeSide::kTarget)).has_value());
    change("30.00", "a");
    run();
    EXPECT_EQ(total(), "26.00");
    EXPECT_EQ(opened().sides.at("fields").at(0).at("source"), "30.00");
}

TEST_F(ConflictTest, TargetWinsKeepsWhatIsThereAndWritesTheRest) {
    set_rules({ConflictPolicy::kTargetWins, {}});
    books_.edit(kInvoice, {{"total", "25.00"}});
    change("20.00", "b");
    EXPECT_EQ(run().counts.updated, 1);
    EXPECT_EQ(total(), "25.00");
    EXPECT_EQ(memo(), "b");
    EXPECT_TRUE(conflicts().empty());
    change("30.00", "b");
    run();
    EXPECT_EQ(total(), "25.00");
    EXPECT_TRUE(conflicts().empty());
}

TEST_F(ConflictTest, AFieldMayBeTheTargetsAndTheOthersNot) {
    set_rules({ConflictPolicy::kSourceWins, {{"/memo", ConflictPolicy::kTargetWins}}});
    books_.edit(kInvoice, {{"memo", "by hand"}});
    change("20.00", "b");
    EXPECT_EQ(run().counts.updated, 1);
    EXPECT_EQ(total(), "20.00");
    EXPECT_EQ(memo(), "by hand");
    books_.edit(kInvoice, {{"total", "25.00"}});
    change("21.00", "c");
    EXPECT_EQ(run().counts.conflict, 1);
    EXPECT_EQ(opened().sides.at("fields").size(), 1U);
}

TEST_F(ConflictTest, TheLaterChangeWinsWhereTheFlowSaysSo) {
    set_rules({ConflictPolicy::kLastWriteWins, {}});
    const auto times = [](const char* text) { return Json{{"updated_at", text}}; };
    const std::int64_t noon = Timestamp::parse("2026-11-20T12:00:00Z")->ms;
    books_.edit(kInvoice, {{"total", "25.00"}}, noon);
    change("20.00", "a", times("2026-11-20T12:00:01Z"));
    run();
    EXPECT_EQ(total(), "20.00");
    books_.edit(kInvoice, {{"total", "26.00"}}, noon);
    change("21.00", "a", times("2026-11-20T11:59:59Z"));
    run();
    EXPECT_EQ(total(), "26.00");
    EXPECT_TRUE(conflicts().empty());
    books_.edit(kInvoice, {{"total", "27.00"}}, 0);  // nobody can tell when
    change("22.00", "a", times("2026-11-20T13:00:00Z"));
    EXPECT_EQ(run().counts.conflict, 1);
    EXPECT_EQ(total(), "27.00");
}

TEST_F(ConflictTest, WhoTakesTheFailureOffTheListLeavesTheTargetAsItIs) {
    both_change_the_total();
    ASSERT_TRUE(engine().failures.resolve(tenant_, letters().at(0).id, "leave it", "ann"));
    const auto closed = conflicts("closed");
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].reason, "leave it");
    EXPECT_EQ(total(), "25.00");
}

TEST_F(ConflictTest, ADryRunShowsWhatAConflictHolds) {
    both_change_the_total();
    const auto plan = engine().preview.plan(flow(), SyncMode::kFull, {}, 10).value();
    ASSERT_EQ(plan.entries.size(), 1U);
    EXPECT_EQ(plan.entries[0].planned.action, PlanAction::kConflict);
    EXPECT_EQ(plan.writes, 0);
}

TEST_F(ConflictTest, AnotherTenantSeesNothingOfIt) {
    both_change_the_total();
    const TenantId other = engine().stores.tenants.ensure("other", 1).value();
    EXPECT_TRUE(engine().stores.conflicts.list(other, {})->empty());
    const ConflictId id = opened().conflict.id;
    EXPECT_EQ(engine().conflicts.open(other, id).error().code, ErrorCode::kNotFound);
    auto resolution = keep(MergeSide::kSource);
    resolution.reason = "x";
    EXPECT_EQ(
        engine().conflicts.resolve(other, id, resolution, "eve").error().code, ErrorCode::kNotFound
    );
}

// The sides are customers' data: nothing of them is readable in the file.
TEST_F(ConflictTest, TheSidesRestSealed) {
    change("20.00", "a memo nobody should read");
    run();
    books_.edit(kInvoice, {{"memo", "words of a person"}});
    change("20.00", "another memo");
    run();
    ASSERT_EQ(conflicts("open").size(), 1U);
    const std::string sealed = conflicts("open")[0].sides;
    for (const char* text : {"words of a person", "another memo", "a memo nobody"}) {
        EXPECT_EQ(sealed.find(text), std::string::npos);
    }
}

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
