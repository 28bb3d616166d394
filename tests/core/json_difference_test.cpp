#include "core/json_difference.hpp"

#include <gtest/gtest.h>

namespace syncline::testing {
namespace {

TEST(JsonDifference, NamesEveryPlaceThatDiffersWithBothSides) {
    const Json before{
        {"same", 1},
        {"total", "10.00"},
        {"gone", true},
        {"lines", {{{"sku", "A"}, {"quantity", 1}}, {{"sku", "B"}}}},
        {"a/b", {{"x", 1}}}};
    const Json after{
        {"same", 1},
        {"total", "12.00"},
        {"new", nullptr},
        {"lines", {{{"sku", "A"}, {"quantity", 2}}}},
        {"a/b", "x"}};
    const Json expected{
        {{"path", "/a~1b"}, {"before", {{"x", 1}}}, {"after", "x"}},
        {{"path", "/gone"}, {"before", true}},
        {{"path", "/lines/0/quantity"}, {"before", 1}, {"after", 2}},
        {{"path", "/lines/1"}, {"before", {{"sku", "B"}}}},
        {{"path", "/new"}, {"after", nullptr}},
        {{"path", "/total"}, {"before", "10.00"}, {"after", "12.00"}}};
    EXPECT_EQ(json_difference(before, after), expected);
    EXPECT_EQ(json_difference(before, before), Json::array());
}

}  // namespace
}  // namespace syncline::testing
