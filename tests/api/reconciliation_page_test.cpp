// The report for people: what comes from a shop or from books is text there, never more.
#include <gtest/gtest.h>

#include "api/http/page.hpp"
#include "api/reconciliation_views.hpp"

namespace syncline::testing {
namespace {

constexpr auto kScript = "<script>alert('x' & \"y\")</script>";

storage::Reconciliation ended(std::int64_t drift_records) {
    storage::Reconciliation reconciliation;
    reconciliation.id = ReconciliationId{7};
    reconciliation.state = "completed";
    reconciliation.window = {"2026-11-01", "2026-11-30"};
    reconciliation.drift_records = drift_records;
    const Json sums{
        {"count", 1},
        {"gross", "12.00"},
        {"tax", "2.00"},
        {"refunds", "0.00"},
        {"payments", "12.00"}};
    const Json row{
        {"currency", "EUR"},
        {"day", "2026-11-10"},
        {"net", "0.00"},
        {"source", sums},
        {"target", sums},
        {"difference", sums}};
    const Json explained{
        {"reason", "UNKNOWN_STATUS"},
        {"records", 1},
        {"totals", {{"EUR", "5.00"}}},
        {"example", "61"},
        {"explanation", kScript}};
    reconciliation.report = dump_json(
        {{"pairs",
          Json::array(
              {{{"source", "shop"},
                {"target", "books"},
                {"days", Json::array({row})},
                {"sums", Json::array({row})},
                {"explained", Json::array({explained})}}}
          )},
         {"not_compared", Json::array({{{"flow", "other"}, {"reason", kScript}}})}}
    );
    return reconciliation;
}

storage::StoredFinding finding() {
    storage::StoredFinding stored;
    stored.target = "books";
    stored.finding.record_id = kScript;
    stored.finding.entity = "order";
    stored.finding.found = "=HYPERLINK(\"http://evil.example\")";
    stored.finding.message = kScript;
    stored.finding.currency = "EUR";
    return stored;
}

TEST(ReconciliationPage, SaysThatTheBooksAgree) {
    const std::string page = api::reconciliation_page(ended(0), "default", {}, {});
    EXPECT_NE(page.find("The books agree to 0.00 EUR."), std::string::npos) << page;
    EXPECT_NE(page.find("2026-11-10 EUR"), std::string::npos);
}

TEST(ReconciliationPage, HoldsNothingButText) {
    const std::string page =
        api::reconciliation_page(ended(1), kScript, {{"MISSING_TARGET", 1}}, {finding()});
    EXPECT_NE(page.find("The books do not agree: 1 findings"), std::string::npos);
    EXPECT_EQ(page.find("<script"), std::string::npos) << page;
    std::size_t count = 0;
    for (auto at = page.find("&lt;script&gt;"); at != std::string::npos;
         at = page.find("&lt;script&gt;", at + 1)) {
        ++count;
    }
    EXPECT_EQ(count, 5u) << "tenant, record, message, explanation, flow that was left out";
    EXPECT_EQ(page.find("http://evil.example"), std::string::npos);
    EXPECT_EQ(page.find("src="), std::string::npos) << "nothing is loaded from elsewhere";
}

TEST(ReconciliationPage, ACellOfTheCsvIsNoFormula) {
    const std::string csv = api::to_csv(api::finding_rows({finding()}));
    EXPECT_EQ(csv.find(",=HYPERLINK"), std::string::npos) << csv;
    EXPECT_EQ(csv.find(",\"=HYPERLINK"), std::string::npos) << csv;
    EXPECT_NE(csv.find("'=HYPERLINK"), std::string::npos) << csv;
}

}  // namespace
}  // namespace syncline::testing
