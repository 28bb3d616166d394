// A person changes documents in QuickBooks; what the shop then wants waits for a decision, which
// does what it says.
#include <gtest/gtest.h>

#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

class ConflictTest : public ::testing::Test {
protected:
    void SetUp() override {
        host_.start();
        ASSERT_NO_FATAL_FAILURE(sync());
        for (const auto& document : shop_.documents()) {
            const std::string marker = document.value("marker", "");
            // Its payment was linked by QuickBooks after we wrote it, which moved its version.
            if (document.at("entity") == "Invoice" && !marker.empty() && invoice_.empty()) {
                invoice_ = document.at("id");
                const auto start = marker.rfind(':') + 1;
                order_ = marker.substr(start, marker.find(' ', start) - start);
            }
        }
        ASSERT_FALSE(order_.empty());
        ASSERT_NO_FATAL_FAILURE(buyer_says("first"));
        ASSERT_EQ(memo(), "first");
        ASSERT_EQ(conflicts("all").size(), 0U) << "a linked payment is no change by hand";
    }
    void TearDown() override { EXPECT_EQ(host_.stop(), 0) << host_.log(); }

    void sync() {
        const Answer started = host_.post("/api/sync/orders");
        ASSERT_EQ(started.status, 202) << started.text;
        ASSERT_EQ(host_.unsettled(), "");
    }
    void buyer_says(const std::string& note) {
        shop_.control("POST", "/woocommerce/orders/" + order_, {{"customer_note", note}});
        ASSERT_NO_FATAL_FAILURE(sync());
    }
    Json by_hand(const Json& changes) {
        const Json answer = shop_.control("POST", "/quickbooks/edit/invoice/" + invoice_, changes);
        return answer.value("Invoice", answer);
    }
    // As the bookkeeper sees it; a save without a change moves the version and nothing else.
    std::string memo() {
        return by_hand(Json::object()).value(Json::json_pointer("/CustomerMemo/value"), "");
    }
    Json conflicts(const std::string& state = "open") {
        return run({"conflicts", "--state", state, "-o", "json"}, 0, "items");
    }
    Json run(std::vector<std::string> arguments, int status, const std::string& member = "") {
        const auto done = host_.run(
            arguments, {"SYNCLINE_URL=" + host_.url(), "SYNCLINE_TOKEN=" + host_.token()}
        );
        EXPECT_EQ(done.status, status) << done.output;
        const Json json = Json::parse(done.output, nullptr, false);
        return json.is_object() && !member.empty() ? json.at(member) : Json(done.output);
    }

    DemoShop shop_;
    HostProcess host_{shop_.config()};
    std::string order_;
    std::string invoice_;
};

TEST_F(ConflictTest, AChangeByHandIsNotOverwrittenAndResolvingDoesWhatItSays) {
    by_hand({{"CustomerMemo", {{"value", "by hand"}}}});
    ASSERT_NO_FATAL_FAILURE(buyer_says("second"));
    EXPECT_EQ(memo(), "by hand");
    Json open = conflicts();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].at("source_id"), order_);
    const std::string id = open[0].at("id").dump();
    const Json sides = host_.get("/api/conflicts/" + id).json.at("fields");
    ASSERT_EQ(sides.size(), 1U) << sides.dump();
    EXPECT_EQ(sides[0].at("path"), "/CustomerMemo/value");
    EXPECT_EQ(sides[0].at("base"), "first");
    EXPECT_EQ(sides[0].at("source"), "second");
    EXPECT_EQ(sides[0].at("target"), "by hand");
    const Json shown = run({"conflicts", "show", id}, 0);
    expect_words(
        shown, {"/CustomerMemo/value", "base: \"first\"", "source: \"second\"", "by hand"}
    );
    expect_words(run({"conflicts"}, 0), {"order " + order_, "books invoice " + invoice_});

    run({"conflicts", "resolve", id, "--keep", "source"}, 2);
    expect_words(
        run({"conflicts", "resolve", id, "--keep", "source", "--reason", "asked the buyer"}, 0),
        {"decided"}
    );
    ASSERT_EQ(host_.unsettled(), "");
    EXPECT_EQ(memo(), "second");
    EXPECT_EQ(conflicts("resolved").size(), 1U);
    EXPECT_EQ(conflicts().size(), 0U);

    by_hand({{"CustomerMemo", {{"value", "by hand again"}}}});
    ASSERT_NO_FATAL_FAILURE(buyer_says("third"));
    open = conflicts();
    ASSERT_EQ(open.size(), 1U);
    run({"conflicts",
         "resolve",
         open[0].at("id").dump(),
         "--keep",
         "target",
         "--reason",
         "the books are right"},
        0);
    ASSERT_EQ(host_.unsettled(), "");
    EXPECT_EQ(memo(), "by hand again");
    ASSERT_NO_FATAL_FAILURE(sync());
    EXPECT_EQ(memo(), "by hand again");
    EXPECT_EQ(conflicts("resolved").size(), 2U);
    EXPECT_EQ(shop_.wrong(), "");
    run({"conflicts", "show", "999"}, 1);
    run({"conflicts", "forget"}, 2);
}

}  // namespace
}  // namespace syncline::test
