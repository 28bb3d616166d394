// What a person decides about a conflict: it is done once, and about the sides that the person saw.
#include "engine/support/conflict_fixture.hpp"

namespace syncline::testing {
namespace {

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

TEST_F(ConflictTest, WhoTakesTheFailureOffTheListLeavesTheTargetAsItIs) {
    both_change_the_total();
    ASSERT_TRUE(engine().failures.resolve(tenant_, letters().at(0).id, "leave it", "ann"));
    const auto closed = conflicts("closed");
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].reason, "leave it");
    EXPECT_EQ(total(), "25.00");
}

}  // namespace
}  // namespace syncline::testing
