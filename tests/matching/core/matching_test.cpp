// Which records are proposed as the same, with which grade, and that order and side change nothing.
#include "core/matching.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace syncline::testing {
namespace {

MatchRecord known_by(std::string id, std::vector<Sign> signs, bool active = true) {
    return {"customer", std::move(id), "", "", active, std::move(signs)};
}
Sign email(const std::string& value) {
    return {SignKind::kEmail, value};
}
Sign name_phone(const std::string& name, const std::string& phone) {
    return {SignKind::kNamePhone, name + kSignPart + phone};
}
Sign marked(const std::string& value) {
    return {SignKind::kMarker, value};
}

// "1=9 exact", "1,2~9" for a doubt.
std::vector<std::string> told(
    const std::vector<MatchRecord>& left, const std::vector<MatchRecord>& right
) {
    const MatchResult result = match_records(left, right);
    const auto ids = [](const std::vector<MatchRecord>& records, const auto& places) {
        std::string text;
        for (const std::size_t place : places) {
            text += (text.empty() ? "" : ",") + records[place].id;
        }
        return text;
    };
    std::vector<std::string> all;
    for (const auto& pair : result.pairs) {
        all.push_back(
            left[pair.left].id + "=" + right[pair.right].id + " " +
            std::string(enum_name(pair.grade))
        );
    }
    for (const auto& doubt : result.doubts) {
        all.push_back(ids(left, doubt.left) + "~" + ids(right, doubt.right));
    }
    return all;
}

struct Case {
    const char* what;
    std::vector<MatchRecord> left;
    std::vector<MatchRecord> right;
    std::vector<std::string> expected;
};

std::vector<Case> cases() {
    const Sign ann = email("ann@x.example");
    const Sign bob = email("bob@x.example");
    const Sign lee = name_phone("ann lee", "5550100");
    return {
        {"nothing in common", {known_by("1", {ann})}, {known_by("9", {bob})}, {}},
        {"one e-mail on each side", {known_by("1", {ann})}, {known_by("9", {ann})}, {"1=9 exact"}},
        {"two in the target",
         {known_by("1", {ann})},
         {known_by("8", {ann}), known_by("9", {ann})},
         {"1~8,9"}},
        {"two in the source",
         {known_by("1", {ann}), known_by("2", {ann})},
         {known_by("9", {ann})},
         {"1,2~9"}},
        {"twice on both sides",
         {known_by("1", {ann}), known_by("2", {ann})},
         {known_by("8", {ann}), known_by("9", {ann})},
         {"1,2~8,9"}},
        {"the same on one side only is nobody's doubt",
         {known_by("1", {ann}), known_by("2", {ann})},
         {known_by("9", {bob})},
         {}},
        {"a name with a phone is assisted",
         {known_by("1", {lee})},
         {known_by("9", {lee})},
         {"1=9 assisted"}},
        {"an e-mail comes before a name",
         {known_by("1", {ann, lee})},
         {known_by("8", {lee}), known_by("9", {ann})},
         {"1=9 exact"}},
        {"a doubt about the e-mail is not ended by a name",
         {known_by("1", {ann, lee})},
         {known_by("8", {ann, lee}), known_by("9", {ann})},
         {"1~8,9"}},
        {"a marker comes before everything",
         {known_by("1", {marked("m1"), ann}), known_by("2", {ann})},
         {known_by("9", {marked("m1"), ann})},
         {"1=9 exact"}},
        {"two documents with one marker",
         {known_by("1", {marked("m1")})},
         {known_by("8", {marked("m1")}), known_by("9", {marked("m1")})},
         {"1~8,9"}},
        {"an inactive one is looked at first",
         {known_by("1", {ann})},
         {known_by("9", {ann}, false)},
         {"1=9 assisted"}},
        {"inactive ones count as candidates",
         {known_by("1", {ann})},
         {known_by("8", {ann}), known_by("9", {ann}, false)},
         {"1~8,9"}},
        {"weak signs that lead to several",
         {known_by(
             "1",
             {lee,
              {SignKind::kNamePostcode,
               "ann lee\x1f"
               "1010"}}
         )},
         {known_by("8", {lee}),
          known_by(
              "9",
              {{SignKind::kNamePostcode,
                "ann lee\x1f"
                "1010"}}
          )},
         {"1~8,9"}},
        {"ids in their order",
         {known_by("10", {bob}), known_by("9", {ann})},
         {known_by("5", {ann}), known_by("6", {bob})},
         {"9=5 exact", "10=6 exact"}},
    };
}

TEST(Matching, ProposesWhatIsCertainAndDoubtsWhatCouldBeSeveral) {
    for (const auto& one : cases()) {
        EXPECT_EQ(told(one.left, one.right), one.expected) << one.what;
    }
}

TEST(Matching, SaysWhyInWords) {
    const auto result = match_records(
        {known_by("1", {email("ann@x.example")})}, {known_by("9", {email("ann@x.example")}, false)}
    );
    ASSERT_EQ(result.pairs.size(), 1U);
    EXPECT_EQ(
        result.pairs[0].evidence,
        (std::vector<std::string>{"the same e-mail ann@x.example", "one of the two is inactive"})
    );
    EXPECT_EQ(
        sign_words(
            {SignKind::kNumber,
             "1001\x1f"
             "12.00 EUR\x1f"
             "2026-01-02"}
        ),
        "the same number 1001, total 12.00 EUR and date 2026-01-02"
    );
}

// ---- properties

using Named = std::map<std::string, std::string>;

struct Told {
    Named pairs;
    std::set<std::pair<std::set<std::string>, std::set<std::string>>> doubts;

    friend bool operator==(const Told&, const Told&) = default;
};

Told in_ids(const std::vector<MatchRecord>& left, const std::vector<MatchRecord>& right) {
    const MatchResult result = match_records(left, right);
    Told told;
    for (const auto& pair : result.pairs) {
        std::string what(enum_name(pair.grade));
        for (const auto& sentence : pair.evidence) {
            what += "|" + sentence;
        }
        told.pairs[left[pair.left].id + "=" + right[pair.right].id] = what;
    }
    for (const auto& doubt : result.doubts) {
        std::set<std::string> lefts;
        std::set<std::string> rights;
        for (const std::size_t place : doubt.left) {
            lefts.insert(left[place].id);
        }
        for (const std::size_t place : doubt.right) {
            rights.insert(right[place].id);
        }
        told.doubts.emplace(lefts, rights);
    }
    return told;
}

// Few values, so that they meet.
std::vector<MatchRecord> some_records(const std::string& prefix) {
    const auto count = *rc::gen::inRange(0, 12);
    std::vector<MatchRecord> records;
    for (int i = 0; i < count; ++i) {
        std::vector<Sign> signs;
        const auto add = [&](SignKind kind) {
            if (*rc::gen::inRange(0, 3) > 0) {
                signs.push_back(
                    {kind, std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 6)))}
                );
            }
        };
        add(SignKind::kMarker);
        add(SignKind::kEmail);
        add(SignKind::kNamePhone);
        add(SignKind::kNamePostcode);
        records.push_back(known_by(prefix + std::to_string(i), signs, *rc::gen::inRange(0, 5) > 0));
    }
    return records;
}

RC_GTEST_PROP(MatchingProperty, TheSidesAreAlikeAndTheOrderChangesNothing, ()) {
    const auto left = some_records("l");
    const auto right = some_records("r");
    const Told straight = in_ids(left, right);
    const Told back = in_ids(right, left);
    Told turned;
    for (const auto& [ids, what] : back.pairs) {
        const auto sign = ids.find('=');
        turned.pairs[ids.substr(sign + 1) + "=" + ids.substr(0, sign)] = what;
    }
    for (const auto& [lefts, rights] : back.doubts) {
        turned.doubts.emplace(rights, lefts);
    }
    RC_ASSERT(straight == turned);
    // Every record in another place, and its signs the other way round.
    const auto shuffled = [](std::vector<MatchRecord> records) {
        std::reverse(records.begin(), records.end());
        const auto turn = static_cast<std::ptrdiff_t>(
            records.empty() ? 0 : *rc::gen::inRange<std::size_t>(0, records.size())
        );
        std::rotate(records.begin(), records.begin() + turn, records.end());
        for (auto& record : records) {
            std::reverse(record.signs.begin(), record.signs.end());
        }
        return records;
    };
    RC_ASSERT(in_ids(shuffled(left), shuffled(right)) == straight);
}

RC_GTEST_PROP(MatchingProperty, NobodyIsProposedTwice, ()) {
    const auto left = some_records("l");
    const auto right = some_records("r");
    const MatchResult result = match_records(left, right);
    std::vector<int> lefts(left.size(), 0);
    std::vector<int> rights(right.size(), 0);
    for (const auto& pair : result.pairs) {
        ++lefts[pair.left];
        ++rights[pair.right];
        RC_ASSERT(!pair.evidence.empty());
        const auto shared = std::any_of(
            left[pair.left].signs.begin(),
            left[pair.left].signs.end(),
            [&](const Sign& sign) {
                const auto& others = right[pair.right].signs;
                return std::find(others.begin(), others.end(), sign) != others.end();
            }
        );
        RC_ASSERT(shared);
    }
    for (const auto& doubt : result.doubts) {
        RC_ASSERT(doubt.left.size() + doubt.right.size() > 2U);
        for (const std::size_t place : doubt.left) {
            ++lefts[place];
        }
        for (const std::size_t place : doubt.right) {
            ++rights[place];
        }
    }
    RC_ASSERT(std::all_of(lefts.begin(), lefts.end(), [](int n) { return n <= 1; }));
    RC_ASSERT(std::all_of(rights.begin(), rights.end(), [](int n) { return n <= 1; }));
}

// Pairs of each with each would be ten thousand million comparisons.
TEST(Matching, AHundredThousandOfOneEmailTakeNoTime) {
    std::vector<MatchRecord> left;
    std::vector<MatchRecord> right;
    for (int i = 0; i < 100'000; ++i) {
        left.push_back(known_by(std::to_string(i), {email("shop@x.example")}));
        right.push_back(known_by(std::to_string(i), {email("shop@x.example")}));
    }
    const MatchResult result = match_records(left, right);
    EXPECT_TRUE(result.pairs.empty());
    ASSERT_EQ(result.doubts.size(), 1U);
    EXPECT_EQ(result.doubts[0].left.size(), 100'000U);
}

}  // namespace
}  // namespace syncline::testing
