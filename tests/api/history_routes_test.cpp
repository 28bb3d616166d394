#include "api/http/page.hpp"
#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

class HistoryRoutesTest : public ApiTest {
protected:
    // `count` runs, each at a time of its own but for the last two.
    void runs(int count) {
        for (int i = 0; i < count; ++i) {
            run(SyncMode::kFull);
            clock_.advance(std::chrono::milliseconds(i == count - 2 ? 0 : 1000));
        }
    }
    // The path to the next page, which the Link header names first.
    static std::string next_of(const Answer& answer) {
        const std::string link = answer.header("Link");
        const bool more = link.find("rel=\"next\"") != std::string::npos;
        return more ? link.substr(1, link.find('>') - 1) : "";
    }
};

TEST_F(HistoryRoutesTest, PagesAreFollowedByTheirLinkToTheEnd) {
    runs(7);
    std::set<std::string> seen;
    std::string path = "/api/sync/history?limit=3";
    std::vector<std::size_t> sizes;
    while (!path.empty()) {
        const Answer page = get(path);
        ASSERT_EQ(page.status, 200) << page.text;
        sizes.push_back(page.json["items"].size());
        for (const auto& item : page.json["items"]) {
            EXPECT_TRUE(seen.insert(item["id"]).second) << "twice: " << item["id"];
        }
        path = next_of(page);
        EXPECT_EQ(page.json["next_cursor"].is_null(), path.empty());
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 3, 1}));
    EXPECT_EQ(seen.size(), 7u);
}

TEST_F(HistoryRoutesTest, FiltersNarrowTheList) {
    runs(2);
    EXPECT_EQ(get("/api/sync/history?entity=orders").json["items"].size(), 2u);
    EXPECT_EQ(get("/api/sync/history?entity=order").json["items"].size(), 2u);
    EXPECT_EQ(get("/api/sync/history?entity=customers").json["items"].size(), 0u);
    EXPECT_EQ(
        get("/api/sync/history?flow=shop-books-orders&status=completed").json["items"].size(), 2u
    );
    EXPECT_EQ(get("/api/sync/history?status=failed").json["items"].size(), 0u);
}

TEST_F(HistoryRoutesTest, BadParametersAreNamed) {
    for (const auto& [query, name] : std::map<std::string, std::string>{
             {"status=lost", "status"},
             {"entity=widgets", "entity"},
             {"limit=0", "limit"},
             {"limit=501", "limit"},
             {"limit=ten", "limit"},
             {"cursor=abc", "cursor"},
             {"cursor=%21%21", "cursor"},
             {"format=xml", "format"},
             {"page=2", "page"},
             {"limit=1&limit=2", "limit"}}) {
        const Answer answer = get("/api/sync/history?" + query);
        EXPECT_EQ(answer.status, 400) << query;
        if (query != "limit=1&limit=2" || !answer.places().empty()) {
            EXPECT_EQ(answer.places(), std::vector<std::string>{name}) << query << answer.text;
        }
    }
    EXPECT_EQ(get("/api/sync/history?limit=%zz").status, 400);
}

TEST_F(HistoryRoutesTest, TheListComesAsCsvToo) {
    runs(3);
    const Answer asked = get("/api/sync/history?format=csv&limit=2");
    EXPECT_EQ(asked.status, 200);
    EXPECT_EQ(asked.header("Content-Type").rfind("text/csv", 0), 0u);
    EXPECT_NE(next_of(asked).find("format=csv"), std::string::npos);
    std::istringstream lines(asked.text);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(
        line,
        "sync_id,run_id,flow,entity,mode,status,read,created,updated,skipped,held,conflict,waiting,"
        "failed,error_code,error_message,requested_by,created_at,started_at,finished_at\r"
    );
    std::getline(lines, line);
    EXPECT_NE(
        line.find(",shop-books-orders,order,full,completed,0,0,0,0,0,0,0,0,,,"), std::string::npos
    ) << line;
    const Answer accepted =
        call({"GET", "/api/sync/history", "", admin(), {{"Accept", "text/csv"}}});
    EXPECT_EQ(accepted.header("Content-Type").rfind("text/csv", 0), 0u);
    EXPECT_EQ(
        call({"GET", "/api/sync/history", "", admin(), {{"Accept", "image/png"}}}).status, 406
    );
}

TEST(Csv, QuotesWhatWouldBreakALineOrRunInASpreadsheet) {
    EXPECT_EQ(api::to_csv({{"a", "b,c", "d\"e", "f\ng"}}), "a,\"b,c\",\"d\"\"e\",\"f\ng\"\r\n");
    EXPECT_EQ(api::to_csv({{"=1+1", "-2", "@x", "+3"}}), "'=1+1,'-2,'@x,'+3\r\n");
}

TEST_F(HistoryRoutesTest, MetricsAddUpWhatRunsDid) {
    shop_.put(1, "10.00", "a@x.example");
    shop_.put(2, "11.00", "b@x.example", {{"poison", true}});
    run(SyncMode::kFull);
    const Answer metrics = get("/api/sync/metrics");
    ASSERT_EQ(metrics.status, 200);
    EXPECT_EQ(metrics.json["records"]["read"], 2);
    EXPECT_EQ(metrics.json["records"]["created"], 1);
    EXPECT_EQ(metrics.json["queue"]["failed"], 1);
    const std::string later = Timestamp{clock_.now().ms + 1}.to_string();
    EXPECT_EQ(get("/api/sync/metrics?since=" + later).json["records"]["read"], 0);
    EXPECT_EQ(get("/api/sync/metrics?since=yesterday").places(), std::vector<std::string>{"since"});
}

TEST_F(HistoryRoutesTest, ARecordTellsWhatHappenedToIt) {
    shop_.put(7, "10.00", "a@x.example");
    run(SyncMode::kFull);
    const Answer record = get("/api/records/orders/7");
    ASSERT_EQ(record.status, 200) << record.text;
    EXPECT_EQ(record.json["source_id"], "7");
    ASSERT_FALSE(record.json["log"].empty());
    EXPECT_EQ(record.json["log"][0]["flow"], "shop-books-orders");
    EXPECT_EQ(get("/api/records/orders/8").status, 404);
    EXPECT_EQ(get("/api/records/widgets/7").json["type"], "/errors/entity.unknown");
}

}  // namespace
}  // namespace syncline::testing
