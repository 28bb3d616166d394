// The books and the shop agree to 0.00; then each of the ten kinds of drift is made in the sandbox,
// and each is found and named.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

class ReconcileTest : public ::testing::Test {
protected:
    void SetUp() override {
        host_.start();
        const Answer started = host_.post("/api/sync/orders");
        ASSERT_EQ(started.status, 202) << started.text;
        ASSERT_EQ(host_.unsettled(), "");
        ASSERT_EQ(shop_.wrong(), "");
    }
    void TearDown() override { EXPECT_EQ(host_.stop(), 0) << host_.log(); }

    // Every day that the recorded shop has, and today.
    std::vector<std::string> window(const std::string& verb = "reconcile") const {
        return {verb, "--from", "2026-01-01", "--to", "2026-12-31"};
    }
    Finished run(std::vector<std::string> arguments) {
        return host_.run(
            arguments, {"SYNCLINE_URL=" + host_.url(), "SYNCLINE_TOKEN=" + host_.token()}
        );
    }
    // The newest one, as the API has it.
    Json newest() {
        const Json all = host_.get("/api/reconciliations").json.at("items");
        return host_.get("/api/reconciliations/" + all.at(0).at("id").dump()).json;
    }
    Json findings() {
        return host_.get("/api/reconciliations/" + newest().at("id").dump() + "/findings")
            .json.at("items");
    }
    Json by_hand(
        const std::string& what, const std::string& id, const Json& body = Json::object()
    ) {
        const Json answer =
            shop_.control("POST", "/quickbooks/" + what + "/salesreceipt/" + id, body);
        return answer.value("SalesReceipt", answer);
    }
    // Moves cents between the first line and the tax.
    void change_amounts(const std::string& id, int line_cents, int tax_cents) {
        const Json receipt = by_hand("edit", id);
        Json lines = Json::array();
        for (const auto& line : receipt.at("Line")) {
            if (line.at("DetailType") != "SubTotalLineDetail") {
                lines.push_back(line);
            }
        }
        const auto plus = [](const Json& amount, int cents) {
            return static_cast<double>(std::llround(amount.get<double>() * 100) + cents) / 100.0;
        };
        Json& line = lines.at(0);
        line["Amount"] = plus(line.at("Amount"), line_cents);
        line["SalesItemLineDetail"]["Qty"] = 1;
        line["SalesItemLineDetail"]["UnitPrice"] = line["Amount"];
        Json tax = receipt.value("TxnTaxDetail", Json::object());
        tax["TotalTax"] = plus(tax.value("TotalTax", Json(0.0)), tax_cents);
        tax.erase("TaxLine");
        by_hand("edit", id, {{"Line", lines}, {"TxnTaxDetail", tax}});
    }

    DemoShop shop_;
    HostProcess host_{shop_.config()};
};

std::string order_of_marker(const std::string& marker) {
    const auto start = marker.rfind(':') + 1;
    return marker.substr(start, marker.find(' ', start) - start);
}

TEST_F(ReconcileTest, FindsEachKindOfDriftAndNothingInACleanPair) {
    const Finished clean = run(window());
    EXPECT_EQ(clean.status, 0) << clean.output;
    expect_words(clean.output, {"the books agree: 0.00 difference", "metered reads"});
    const Json agreed = newest();
    EXPECT_EQ(agreed.at("state"), "completed") << agreed;
    EXPECT_EQ(agreed.at("agrees"), true);
    ASSERT_EQ(agreed.at("pairs").size(), 1U) << agreed;
    const Json& pair = agreed.at("pairs").at(0);
    ASSERT_EQ(pair.at("sums").size(), 1U) << pair.at("sums");
    EXPECT_EQ(pair.at("sums").at(0).at("net"), "0.00");
    EXPECT_EQ(pair.at("sums").at(0).at("source"), pair.at("sums").at(0).at("target"));
    EXPECT_GT(pair.at("sums").at(0).at("source").at("count").get<int>(), 9);
    EXPECT_FALSE(pair.at("explained").empty()) << "orders in another currency, cancelled ones";
    EXPECT_EQ(agreed.at("not_compared").at(0).at("flow"), "shop-warehouse-orders");
    EXPECT_GT(agreed.at("cost").at("reads").get<int>(), 4);
    EXPECT_LE(
        agreed.at("cost").at("reads").get<int>(),
        agreed.at("cost").at("estimated_reads").get<int>() + 3
    );

    std::vector<std::string> receipts;
    std::vector<std::string> orders;
    for (const auto& document : shop_.documents()) {
        if (document.at("entity") == "SalesReceipt") {
            receipts.push_back(document.at("id"));
            orders.push_back(order_of_marker(document.at("marker")));
        }
    }
    ASSERT_GE(receipts.size(), 9U);
    std::map<std::string, std::string> wanted;  // kind to record
    auto next = [&, at = std::size_t{0}](const char* kind) mutable {
        wanted[kind] = orders.at(at);
        return receipts.at(at++);
    };
    change_amounts(next("AMOUNT_DIFF"), 100, 0);
    change_amounts(next("TAX_DIFF"), -1, 1);
    by_hand("edit", next("DATE_DIFF"), {{"TxnDate", "2026-02-03"}});
    by_hand("void", next("STATUS_DIFF"));
    const std::string other = next("CUSTOMER_DIFF");
    const std::string mine = by_hand("edit", other).at("CustomerRef").at("value");
    std::string somebody;
    for (const auto& receipt : receipts) {
        const std::string customer = by_hand("edit", receipt).at("CustomerRef").at("value");
        somebody = customer != mine ? customer : somebody;
    }
    ASSERT_NE(somebody, "");
    by_hand("edit", other, {{"CustomerRef", {{"value", somebody}}}});
    by_hand("edit", next("EDITED_TARGET"), {{"BillAddr", {{"Line1", "by hand"}}}});
    by_hand("delete", next("DELETED_TARGET"));
    by_hand("copy", next("DUPLICATE"));
    next("ORPHAN_TARGET");
    shop_.control("DELETE", "/woocommerce/orders/" + wanted.at("ORPHAN_TARGET"));
    const Json made = shop_.control(
        "POST",
        "/woocommerce/orders",
        {{"status", "processing"}, {"currency", "USD"}, {"payment_method", "stripe"}}
    );
    wanted["MISSING_TARGET"] = made.at("id").dump();

    const Finished drift = run(window());
    EXPECT_EQ(drift.status, 1) << drift.output;
    std::map<std::string, std::string> found;
    for (const auto& finding : findings()) {
        const std::string kind = finding.at("kind");
        EXPECT_TRUE(found.emplace(kind, finding.at("source_id")).second) << finding;
        EXPECT_EQ(finding.at("healable").get<bool>(), kind == "MISSING_TARGET") << finding;
    }
    EXPECT_EQ(found, wanted) << findings().dump(1);
    expect_words(drift.output, {"AMOUNT_DIFF", "CUSTOMER_DIFF", "10 findings"});

    const std::string path = "/api/reconciliations/" + newest().at("id").dump();
    const Answer page = host_.get(path + "/report.html");
    EXPECT_EQ(page.status, 200);
    expect_words(page.text, {"The books do not agree: 10 findings", "EDITED_TARGET", "/BillAddr"});
    const Answer csv = host_.get(path + "/report.csv");
    EXPECT_EQ(std::count(csv.text.begin(), csv.text.end(), '\n'), 11) << csv.text;
    expect_words(host_.get(path + "/report.csv?part=days").text, {"source_gross", "USD"});
    EXPECT_EQ(host_.get(path + "/findings?kind=DUPLICATE").json.at("items").size(), 1U);
    EXPECT_EQ(host_.get(path + "/findings?kind=NONE").status, 400);

    // Only what a delivery mends is delivered, and only when somebody asks.
    const Json dry = host_.post(path + "/heal", {{"dryRun", true}}).json;
    ASSERT_EQ(dry.at("flows").size(), 1U) << dry;
    EXPECT_EQ(dry.at("flows").at(0).at("source_ids"), Json::array({wanted["MISSING_TARGET"]}));
    EXPECT_EQ(dry.at("not_healable"), 9);
    const Finished healed = run({"reconcile", "heal", newest().at("id").dump()});
    EXPECT_EQ(healed.status, 0) << healed.output;
    ASSERT_EQ(host_.unsettled(), "");
    EXPECT_EQ(run(window()).status, 1);
    EXPECT_EQ(newest().at("drift_records"), 9) << findings().dump(1);
    EXPECT_EQ(newest().at("findings").contains("MISSING_TARGET"), false);
}

}  // namespace
}  // namespace syncline::test
