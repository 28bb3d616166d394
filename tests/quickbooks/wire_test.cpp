#include "books.hpp"

namespace syncline::quickbooks {
namespace {

std::string printed(std::string_view text) {
    auto wire = print_wire(parsed(text));
    return wire ? *wire : "error: " + wire.error().message;
}

TEST(Wire, PrintsDecimalsBareAndExact) {
    struct Case {
        const char* body;
        const char* wire;
    };
    for (const auto& [body, wire] : {
             Case{R"({"Amount": "49.00"})", R"({"Amount":49})"},
             Case{R"({"Amount": "6.40"})", R"({"Amount":6.4})"},
             Case{R"({"UnitPrice": "0.1000001"})", R"({"UnitPrice":0.1000001})"},
             Case{R"({"TotalAmt": "9999999999999.99"})", R"({"TotalAmt":9999999999999.99})"},
             Case{R"({"Amount": "-2.00", "Qty": 3})", R"({"Amount":-2,"Qty":3})"},
             Case{
                 R"({"Line": [{"Amount": "0.30"}, {"Amount": "0.10"}]})",
                 R"({"Line":[{"Amount":0.3},{"Amount":0.1}]})"},
             Case{R"({"DocNumber": "0012.50"})", R"({"DocNumber":"0012.50"})"},
             Case{
                 R"({"Id": "9120", "sparse": true, "Note": "a \"b\" \n é"})",
                 "{\"Id\":\"9120\",\"Note\":\"a \\\"b\\\" \\n é\",\"sparse\":true}"},
         }) {
        EXPECT_EQ(printed(body), wire);
    }
}

TEST(Wire, LeavesOurOwnMembersOut) {
    EXPECT_EQ(printed(R"x({"Name": "Mug", "$alternatives": ["Mug (M)"]})x"), R"({"Name":"Mug"})");
}

TEST(Wire, RefusesWhatItCannotPrintExactly) {
    for (const char* body :
         {R"({"Amount": "12,50"})",
          R"({"Amount": ""})",
          R"({"ItemRef": {"value": {"$need": "x"}}})"}) {
        auto wire = print_wire(parsed(body));
        ASSERT_FALSE(wire) << body;
        EXPECT_EQ(wire.error().code, ErrorCode::kBug);
    }
    EXPECT_FALSE(print_wire(Json{{"Amount", 0.1}}));
}

TEST(Wire, ReadsNumbersWithoutBinaryFloatingPoint) {
    const Json answer =
        parsed(R"({"TotalAmt": 70.30, "Tax": 15, "Big": 1234567890123.45, "No": true})");
    EXPECT_EQ(*number_at(answer, "TotalAmt"), decimal("70.3"));
    EXPECT_EQ(*number_at(answer, "Tax"), decimal("15"));
    EXPECT_EQ(*number_at(answer, "Big"), decimal("1234567890123.45"));
    EXPECT_FALSE(number_at(answer, "No"));
    EXPECT_FALSE(number_at(answer, "Absent"));
}

TEST(Wire, EncodesBase64AsRfc4648Does) {
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

}  // namespace
}  // namespace syncline::quickbooks
