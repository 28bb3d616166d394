#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <syncline/result.hpp>

namespace syncline {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) {
        return invalid(std::to_string(number) + " is odd");
    }
    return number / 2;
}

Result<std::string> quarter(int number) {
    SYNCLINE_ASSIGN_OR_RETURN(const int first, half(number));
    SYNCLINE_ASSIGN_OR_RETURN(const int second, half(first));
    return std::to_string(second);
}

Result<void> must_be_even(int number) {
    SYNCLINE_RETURN_IF_ERROR(half(number));
    return {};
}

// Counts how many of its kind are alive.
struct Counted {
    explicit Counted(int& alive_count) : alive(&alive_count) { ++*alive; }
    Counted(const Counted& other) : alive(other.alive) { ++*alive; }
    Counted(Counted&& other) noexcept : alive(other.alive) { ++*alive; }
    Counted& operator=(const Counted&) = default;
    Counted& operator=(Counted&&) = default;
    ~Counted() { --*alive; }
    int* alive;
};

TEST(Result, HoldsAValueOrAnError) {
    EXPECT_TRUE(half(4).has_value());
    EXPECT_EQ(*half(4), 2);
    const auto odd = half(3);
    ASSERT_FALSE(odd);
    EXPECT_EQ(odd.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(odd.error().message, "3 is odd");
}

TEST(Result, TheWrongQuestionThrows) {
    EXPECT_THROW(static_cast<void>(half(3).value()), std::bad_variant_access);
    EXPECT_THROW(static_cast<void>(half(4).error()), std::bad_variant_access);
}

TEST(Result, MacrosPassTheFirstErrorOn) {
    EXPECT_EQ(quarter(8).value(), "2");
    EXPECT_EQ(quarter(3).error().message, "3 is odd");
    EXPECT_EQ(quarter(6).error().message, "3 is odd");
    EXPECT_TRUE(must_be_even(2).has_value());
    EXPECT_EQ(must_be_even(5).error().message, "5 is odd");
}

TEST(Result, TakesTemplateArgumentsWithCommasInAMacro) {
    const auto pair = []() -> Result<int> {
        SYNCLINE_ASSIGN_OR_RETURN(const auto both, Result<std::pair<int, int>>({1, 2}));
        SYNCLINE_RETURN_IF_ERROR(Result<std::pair<int, int>>({3, 4}));
        return both.first + both.second;
    };
    EXPECT_EQ(*pair(), 3);
}

TEST(Result, CarriesWhatCanOnlyBeMoved) {
    Result<std::unique_ptr<int>> held = std::make_unique<int>(7);
    static_assert(!std::is_copy_constructible_v<Result<std::unique_ptr<int>>>);
    const std::unique_ptr<int> taken = *std::move(held);
    EXPECT_EQ(*taken, 7);
    EXPECT_EQ(*held, nullptr);
}

TEST(Result, DestroysExactlyWhatItHolds) {
    int alive = 0;
    {
        Result<Counted> value = Counted(alive);
        Result<Counted> error = invalid("no");
        Result<Counted> copy = value;
        EXPECT_EQ(alive, 2);
        copy = error;  // value to error
        EXPECT_EQ(alive, 1);
        copy = value;  // error to value
        EXPECT_EQ(alive, 2);
        value = Result<Counted>(invalid("gone"));
        EXPECT_EQ(alive, 1);
        EXPECT_EQ(value.error().message, "gone");
        error = std::move(copy);
        EXPECT_EQ(alive, 2);  // a value moved from is still one
    }
    EXPECT_EQ(alive, 0);
}

TEST(Result, SurvivesAssignmentToItself) {
    Result<std::string> text = std::string("a text too long for the small string buffer");
    auto& same = text;
    text = same;
    text = std::move(same);
    EXPECT_EQ(*text, "a text too long for the small string buffer");
}

TEST(Result, GrowsInAVector) {
    std::vector<Result<std::string>> results;
    for (int i = 0; i < 100; ++i) {
        if (i % 3 == 0) {
            results.emplace_back(invalid("error number " + std::to_string(i)));
        } else {
            results.emplace_back("a value long enough to be on the heap " + std::to_string(i));
        }
    }
    EXPECT_EQ(results[99].error().message, "error number 99");
    EXPECT_EQ(*results[98], "a value long enough to be on the heap 98");
}

TEST(Result, AnErrorMayBeMadeOfAFewParts) {
    const Error plain{ErrorCode::kTransient, "no answer from https://shop.example"};
    EXPECT_EQ(plain.name, "");
    EXPECT_EQ(plain.http_status, 0);
    EXPECT_FALSE(plain.retry_after.has_value());
}

}  // namespace
}  // namespace syncline
