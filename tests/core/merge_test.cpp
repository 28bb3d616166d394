#include "core/merge.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace syncline::testing {
namespace {

ConflictRules rules(ConflictPolicy policy, std::vector<FieldPolicy> fields = {}) {
    return {policy, std::move(fields)};
}

// One field, "x"; null stands for "has none".
struct Case {
    const char* what;
    Json base;
    Json source;
    Json target;
    ConflictPolicy policy;
    const char* expected;  // "source", "target", "same", "conflict"
    int source_at = 0;     // seconds; 0: not known
    int target_at = 0;
};

Json document(const Json& value) {
    return value.is_null() ? Json::object() : Json{{"x", value}};
}

std::optional<Timestamp> at(int seconds) {
    return seconds == 0 ? std::nullopt : std::optional(Timestamp{seconds * 1000});
}

MergeInput input_of(const Case& row) {
    MergeInput input;
    input.base = document(row.base);
    input.source = document(row.source);
    input.target = document(row.target);
    input.source_changed_at = at(row.source_at);
    input.target_changed_at = at(row.target_at);
    return input;
}

TEST(Merge, Matrix) {
    using P = ConflictPolicy;
    const std::vector<Case> table{
        {"nothing changed", "a", "a", "a", P::kSourceWins, "same"},
        {"the source changed", "a", "b", "a", P::kSourceWins, "source"},
        {"both changed alike", "a", "b", "b", P::kSourceWins, "same"},
        {"the target changed", "a", "a", "c", P::kSourceWins, "conflict"},
        {"both changed", "a", "b", "c", P::kSourceWins, "conflict"},
        {"the target has it no more", "a", "b", nullptr, P::kSourceWins, "conflict"},
        {"the source has it no more", "a", nullptr, "a", P::kSourceWins, "source"},
        {"the source has it no more, the target another",
         "a",
         nullptr,
         "c",
         P::kSourceWins,
         "conflict"},
        {"new at the source", nullptr, "b", nullptr, P::kSourceWins, "source"},
        {"new at the source, entered in the target", nullptr, "b", "c", P::kSourceWins, "conflict"},
        {"written otherwise, the same amount", "10.00", "11.0", "10.0", P::kSourceWins, "source"},
        {"the same amount on both sides", "10.00", "11.0", "11.00", P::kSourceWins, "same"},
        {"a leading zero is no amount's", "07", "08", "7", P::kSourceWins, "conflict"},

        {"the source changed", "a", "b", "a", P::kTargetWins, "source"},
        {"the target changed", "a", "a", "c", P::kTargetWins, "target"},
        {"both changed", "a", "b", "c", P::kTargetWins, "target"},
        {"the target has it no more", "a", "b", nullptr, P::kTargetWins, "target"},

        {"the source later", "a", "b", "c", P::kLastWriteWins, "source", 20, 10},
        {"the target later", "a", "b", "c", P::kLastWriteWins, "target", 10, 20},
        {"in the same second", "a", "b", "c", P::kLastWriteWins, "target", 10, 10},
        {"the source's time is not known", "a", "b", "c", P::kLastWriteWins, "conflict", 0, 20},
        {"the target's time is not known", "a", "b", "c", P::kLastWriteWins, "conflict", 10, 0},
        {"only the source, though earlier", "a", "b", "a", P::kLastWriteWins, "source", 10, 20},

        {"the source changed", "a", "b", "a", P::kManual, "source"},
        {"the target changed", "a", "a", "c", P::kManual, "conflict", 20, 10},
        {"both changed", "a", "b", "c", P::kManual, "conflict", 20, 10},
        {"both changed alike", "a", "b", "b", P::kManual, "same"},
    };
    for (const auto& row : table) {
        const std::string what = std::string(enum_name(row.policy)) + ": " + row.what;
        const Merge merged = merge(input_of(row), rules(row.policy));
        const std::string expected = row.expected;
        EXPECT_EQ(merged.conflict, expected == "conflict") << what;
        EXPECT_EQ(merged.fields.empty(), expected == "same") << what;
        if (!merged.conflict) {
            const bool target = expected == "target";
            EXPECT_EQ(merged.document, document(target ? row.target : row.source)) << what;
            EXPECT_EQ(merged.writes, expected == "source") << what;
            EXPECT_EQ(merged.kept.contains("/x"), target) << what;
        }
    }
}

TEST(Merge, AFieldThatIsNotOursMakesNoConflict) {
    MergeInput input;
    input.base = {{"total", "1.00"}, {"lines", {{{"sku", "A"}}}}};
    input.source = {{"total", "2.00"}, {"lines", {{{"sku", "A"}}}}};
    input.target = {
        {"total", "1.00"},
        {"lines", {{{"sku", "A"}, {"class", "Web"}}}},
        {"balance", "0.00"},
        {"terms", "by hand"}};
    const Merge merged = merge(input, {});
    EXPECT_FALSE(merged.conflict);
    EXPECT_TRUE(merged.writes);
    EXPECT_EQ(merged.document, input.source);
}

TEST(Merge, AnArrayIsOneField) {
    MergeInput input;
    input.base = {{"lines", {{{"sku", "A"}}, {{"sku", "B"}}}}};
    input.source = {{"lines", {{{"sku", "A"}}, {{"sku", "C"}}}}};
    input.target = {{"lines", {{{"sku", "A"}}, {{"sku", "B"}}, {{"sku", "by hand"}}}}};
    const Merge merged = merge(input, {});
    ASSERT_TRUE(merged.conflict);
    ASSERT_EQ(merged.fields.size(), 1U);
    EXPECT_EQ(merged.fields[0].path, "/lines");
    EXPECT_EQ(merged.fields[0].base, input.base["lines"]);
    EXPECT_EQ(merged.fields[0].source, input.source["lines"]);
    EXPECT_EQ(merged.fields[0].target, input.target["lines"]);
}

TEST(Merge, WithoutAKnownBaseNothingThatIsThereIsOverwritten) {
    MergeInput input;
    input.source = {{"total", "2.00"}, {"memo", "x"}};
    input.target = {{"total", "1.00"}};
    EXPECT_TRUE(merge(input, {}).conflict);
    input.target = {{"total", "2.00"}};
    const Merge filled = merge(input, {});
    EXPECT_FALSE(filled.conflict);
    EXPECT_TRUE(filled.writes);
}

TEST(Merge, AFieldsOwnPolicyComesFirst) {
    MergeInput input;
    input.base = {{"address", {{"city", "a"}, {"zip", "1"}}}, {"addressee", "a"}};
    input.source = {{"address", {{"city", "b"}, {"zip", "2"}}}, {"addressee", "b"}};
    input.target = {{"address", {{"city", "c"}, {"zip", "3"}}}, {"addressee", "c"}};
    using P = ConflictPolicy;
    const Merge merged = merge(
        input, rules(P::kManual, {{"/address", P::kTargetWins}, {"/address/zip", P::kSourceWins}})
    );
    std::map<std::string, bool> conflicts;
    for (const auto& field : merged.fields) {
        conflicts[field.path] = field.conflict;
    }
    const std::map<std::string, bool> expected{
        {"/address/city", false}, {"/address/zip", true}, {"/addressee", true}};
    EXPECT_EQ(conflicts, expected);
}

// After a side was kept the two differ knowingly; only something new asks again.
TEST(Merge, WhatWasKeptStaysUntilEitherSideChangesIt) {
    MergeInput input;
    input.base = {{"x", "c"}, {"y", "1"}};
    input.kept = {{"/x", "b"}};
    input.target = input.base;
    input.source = {{"x", "b"}, {"y", "2"}};
    const Merge stays = merge(input, {});
    EXPECT_FALSE(stays.conflict);
    EXPECT_EQ(stays.document, (Json{{"x", "c"}, {"y", "2"}}));
    EXPECT_EQ(stays.kept, (Json{{"/x", "b"}}));

    input.source = {{"x", "d"}, {"y", "2"}};
    EXPECT_TRUE(merge(input, {}).conflict);
    const Merge targets = merge(input, rules(ConflictPolicy::kTargetWins));
    EXPECT_EQ(targets.document["x"], "c");
    EXPECT_EQ(targets.kept, (Json{{"/x", "d"}}));

    input.source = {{"x", "c"}, {"y", "2"}};
    const Merge agree = merge(input, {});
    EXPECT_FALSE(agree.conflict);
    EXPECT_TRUE(agree.kept.empty());

    input.source = {{"x", "b"}, {"y", "2"}};
    input.target = {{"x", "e"}, {"y", "1"}};
    EXPECT_TRUE(merge(input, {}).conflict);
}

Decisions decided(MergeSide keep, const Json& value = nullptr) {
    return {{"/x", FieldDecision{keep, value, "b", "c"}}};
}

TEST(Merge, ADecisionDoesWhatItSays) {
    MergeInput input;
    input.base = {{"x", "a"}};
    input.source = {{"x", "b"}};
    input.target = {{"x", "c"}};
    const Merge source = merge(input, {}, decided(MergeSide::kSource));
    EXPECT_EQ(source.document, input.source);
    EXPECT_TRUE(source.writes);
    EXPECT_TRUE(source.kept.empty());
    const Merge target = merge(input, {}, decided(MergeSide::kTarget));
    EXPECT_EQ(target.document, input.target);
    EXPECT_FALSE(target.writes);
    EXPECT_EQ(target.kept, (Json{{"/x", "b"}}));
    const Merge value = merge(input, {}, decided(MergeSide::kValue, "d"));
    EXPECT_EQ(value.document, (Json{{"x", "d"}}));
    EXPECT_TRUE(value.writes);
    EXPECT_EQ(value.kept, (Json{{"/x", "b"}}));
}

TEST(Merge, ADecisionIsVoidOnceASideChanged) {
    MergeInput input;
    input.base = {{"x", "a"}};
    input.source = {{"x", "b2"}};
    input.target = {{"x", "c"}};
    EXPECT_TRUE(merge(input, {}, decided(MergeSide::kSource)).conflict);
    input.source = {{"x", "b"}};
    input.target = {{"x", "c2"}};
    EXPECT_TRUE(merge(input, {}, decided(MergeSide::kTarget)).conflict);
}

TEST(Merge, ADocumentIsRemovedUnlessSomebodyChangedIt) {
    MergeInput input;
    input.base = {{"total", "1.00"}};
    input.target = {{"total", "1.0"}, {"balance", "0"}};
    const Merge free = merge(input, {});
    EXPECT_TRUE(free.removes);
    EXPECT_TRUE(free.writes);
    input.target = {{"total", "9.00"}};
    const Merge changed = merge(input, {});
    ASSERT_TRUE(changed.conflict);
    EXPECT_EQ(changed.fields.at(0).path, "");
    EXPECT_FALSE(merge(input, rules(ConflictPolicy::kTargetWins)).removes);
    const Decisions keep{{"", FieldDecision{MergeSide::kTarget, {}, {}, input.target}}};
    EXPECT_FALSE(merge(input, {}, keep).writes);
    const Decisions remove{{"", FieldDecision{MergeSide::kSource, {}, {}, input.target}}};
    EXPECT_TRUE(merge(input, {}, remove).removes);
}

// Found by the fuzzer: the fields of the next merge lie within the one that was kept.
TEST(Merge, AnObjectThatWasKeptInPlaceOfAListStays) {
    MergeInput input;
    input.base = {{"Addr", {{{"Id", "1"}}}}};
    input.source = {{"Line", "6.00"}};
    input.target = {{"Addr", {{"City", "b"}}}};
    const Merge first = merge(input, rules(ConflictPolicy::kTargetWins));
    ASSERT_EQ(first.document, (Json{{"Addr", {{"City", "b"}}}, {"Line", "6.00"}}));
    input.base = input.target = first.document;
    input.kept = first.kept;
    const Merge second = merge(input, rules(ConflictPolicy::kTargetWins));
    EXPECT_FALSE(second.writes);
    EXPECT_EQ(second.document, first.document);
}

TEST(Merge, OnlyTextMayBeKeptWithoutTouchingTheTotal) {
    MergeInput input;
    input.base = {{"memo", "a"}, {"total", "1.00"}};
    input.source = {{"memo", "b"}, {"total", "1.00"}};
    input.target = {{"memo", "c"}, {"total", "1.00"}};
    EXPECT_FALSE(merge(input, rules(ConflictPolicy::kTargetWins)).keeps_amounts);
    input.target = {{"memo", "b"}, {"total", "2.00"}};
    EXPECT_TRUE(merge(input, rules(ConflictPolicy::kTargetWins)).keeps_amounts);
}

TEST(Merge, PathsOfPoliciesAreChecked) {
    EXPECT_TRUE(check_conflict_fields({{"/memo", ConflictPolicy::kManual}}).has_value());
    for (const char* wrong : {"", "/", "memo", "/memo/"}) {
        const auto checked = check_conflict_fields({{wrong, ConflictPolicy::kManual}});
        ASSERT_FALSE(checked.has_value()) << wrong;
        EXPECT_EQ(checked.error().message.rfind("/conflict_fields/0/path: ", 0), 0U);
    }
    const FieldPolicy one{"/memo", ConflictPolicy::kManual};
    EXPECT_FALSE(check_conflict_fields({one, one}).has_value());
}

// Documents of a few fields, nested, with few values, so that sides often agree.
rc::Gen<Json> documents() {
    return rc::gen::map(
        rc::gen::container<std::vector<int>>(5, rc::gen::inRange(0, 4)),
        [](const std::vector<int>& picks) {
            const std::vector<Json> values{nullptr, "a", "1.0", Json::array({"b"})};
            Json made = Json::object();
            for (std::size_t i = 0; i < picks.size(); ++i) {
                const Json& value = values[static_cast<std::size_t>(picks[i])];
                if (!value.is_null()) {
                    const std::string name(1, static_cast<char>('p' + i));
                    (i < 3 ? made[name] : made["in"][name]) = value;
                }
            }
            return made;
        }
    );
}

ConflictPolicy any_policy() {
    return *rc::gen::element(
        ConflictPolicy::kSourceWins,
        ConflictPolicy::kTargetWins,
        ConflictPolicy::kLastWriteWins,
        ConflictPolicy::kManual
    );
}

// A name of digits is a member's name, not a place in an array.
TEST(Merge, AFieldWhoseNameIsANumberIsAMemberOfAnObject) {
    MergeInput input;
    input.base = {{"rates", {{"7", "old"}, {"99999999999999999999", "old"}}}};
    input.source = Json::object();
    input.target = {{"rates", {{"7", "mine"}, {"99999999999999999999", "mine"}}}};
    const Merge kept = merge(input, rules(ConflictPolicy::kTargetWins));
    EXPECT_EQ(kept.document, input.target);

    input.source = {{"rates", {{"7", "new"}}}};
    input.source["rates"][""] = "without a name";
    input.target = {{"rates", {"0", "1", "2", "3", "4", "5", "6", "old"}}};
    EXPECT_TRUE(merge(input, rules(ConflictPolicy::kManual)).conflict);
}

MergeInput any_input() {
    MergeInput input;
    input.base = *documents();
    input.source = *documents();
    input.target = *documents();
    input.source_changed_at = at(*rc::gen::inRange(0, 3));
    input.target_changed_at = at(*rc::gen::inRange(0, 3));
    return input;
}

RC_GTEST_PROP(MergeProperties, AnUnchangedTargetTakesWhatTheSourceSays, ()) {
    MergeInput input = any_input();
    input.target = input.base;
    const Merge merged = merge(input, rules(any_policy()));
    RC_ASSERT(!merged.conflict);
    RC_ASSERT(merged.document == input.source);
    RC_ASSERT(merged.kept.empty());
}

RC_GTEST_PROP(MergeProperties, SidesThatAgreeAreLeftAlone, ()) {
    MergeInput input = any_input();
    input.target = input.source;
    const Merge merged = merge(input, rules(any_policy()));
    RC_ASSERT(!merged.conflict);
    RC_ASSERT(!merged.writes);
}

// Under source_wins and manual nothing that the target changed is ever lost without a person.
RC_GTEST_PROP(MergeProperties, NothingThatSomebodyChangedIsOverwritten, ()) {
    const MergeInput input = any_input();
    const bool manual = *rc::gen::arbitrary<bool>();
    const Merge merged =
        merge(input, rules(manual ? ConflictPolicy::kManual : ConflictPolicy::kSourceWins));
    for (const auto& field : merged.fields) {
        RC_ASSERT(field.conflict == !same_value(field.target, field.base));
    }
}

// What a merge wrote is what the next one finds: the same source makes no second write.
RC_GTEST_PROP(MergeProperties, TheSecondTimeNothingIsLeftToDo, ()) {
    const MergeInput input = any_input();
    const ConflictRules policy = rules(any_policy());
    const Merge first = merge(input, policy);
    RC_PRE(!first.conflict);
    MergeInput again = input;
    again.base = again.target = first.document;
    again.kept = first.kept;
    const Merge second = merge(again, policy);
    RC_ASSERT(!second.conflict);
    RC_ASSERT(!second.writes);
    RC_ASSERT(second.kept == first.kept);
}

// Whatever a person decides about every field of a conflict, it is over then.
RC_GTEST_PROP(MergeProperties, ADecisionAboutEveryFieldEndsTheConflict, ()) {
    const MergeInput input = any_input();
    Decisions all;
    for (const auto& field : merge(input, {}).fields) {
        if (field.conflict) {
            const auto keep =
                *rc::gen::element(MergeSide::kSource, MergeSide::kTarget, MergeSide::kValue);
            all[field.path] = {keep, "decided", field.source, field.target};
        }
    }
    const Merge merged = merge(input, {}, all);
    RC_ASSERT(!merged.conflict);
    for (const auto& [path, decision] : all) {
        const Json::json_pointer pointer(path);
        const Json shown = merged.document.contains(pointer) ? merged.document.at(pointer) : Json();
        const Json wanted = decision.keep == MergeSide::kSource   ? decision.source
                            : decision.keep == MergeSide::kTarget ? decision.target
                                                                  : decision.value;
        RC_ASSERT(shown == wanted);
    }
}

}  // namespace
}  // namespace syncline::testing
