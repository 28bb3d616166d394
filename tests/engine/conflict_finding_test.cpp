// Documents that somebody else changed in the target: what is held and what is not, and that
// nothing is overwritten that nobody looked at.
#include "engine/support/conflict_fixture.hpp"

namespace syncline::testing {
namespace {

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

}  // namespace
}  // namespace syncline::testing
