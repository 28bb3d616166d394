// What write() sends, and how it takes answers that a well-behaved server does not give.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include <syncline/plugin/testing/fake_host.hpp>

#include "supabase/connector.hpp"

namespace syncline::supabase {
namespace {

using plugin::HttpRequest;
using plugin::HttpResponse;

constexpr auto kJwt = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.sig";

HttpResponse answer(int status, const Json& body) {
    return {
        status,
        {{"Content-Type", "application/json"}, {"Date", "Sat, 21 Nov 2026 07:38:20 GMT"}},
        body.dump()};
}

// Takes every row it is sent, as a server does that finds nothing to complain about.
HttpResponse accept_all(const HttpRequest& request) {
    if (request.method != "POST") {
        return answer(200, Json::array());
    }
    Json rows = Json::parse(request.body);
    int id = 1;
    for (auto& row : rows) {
        row["id"] = id++;
        row["updated_at"] = "2026-11-21T07:38:19.656009+00:00";
    }
    return answer(201, rows);
}

WriteItem customer(std::int64_t index, const std::string& id) {
    WriteItem item;
    item.index = index;
    item.entity = "customers";
    item.body = {{"tenant_id", "acme"}, {"source_system", "woocommerce:shop"}, {"source_id", id}};
    return item;
}

std::vector<WriteItem> customers(int count) {
    std::vector<WriteItem> items;
    for (int i = 0; i < count; ++i) {
        items.push_back(customer(i, std::to_string(i)));
    }
    return items;
}

WriteItem lines(std::int64_t index, const std::string& order, const std::vector<std::string>& ids) {
    WriteItem item;
    item.index = index;
    item.entity = "order_lines";
    Json rows = Json::array();
    for (const auto& id : ids) {
        rows.push_back(
            {{"tenant_id", "acme"},
             {"source_system", "s:x"},
             {"source_id", id},
             {"order_source_id", order}}
        );
    }
    item.body = {
        {"tenant_id", "acme"},
        {"source_system", "s:x"},
        {"parent_source_id", order},
        {"rows", rows}};
    return item;
}

std::string header(const HttpRequest& request, std::string_view name) {
    for (const auto& [candidate, value] : request.headers) {
        if (plugin::same_header(candidate, name)) {
            return value;
        }
    }
    return "";
}

class SupabaseWrite : public testing::Test {
protected:
    SupabaseWrite() {
        host.secrets["service_role_key"] = "sb_secret_x";
        host.on_http = [](const HttpRequest& request) -> Result<HttpResponse> {
            return accept_all(request);
        };
    }

    Result<void> write(const std::vector<WriteItem>& items) {
        return connector.write(call.call(), WriteRequest{items}, outcomes.outcomes());
    }

    plugin::testing::FakeHost host;
    plugin::testing::FakeCall call;
    plugin::testing::FakeOutcomes outcomes;
    SupabaseConnector connector{
        host.handle(), Json{{"project_url", "https://p.supabase.co"}, {"schema", "shop"}}};
};

TEST_F(SupabaseWrite, SendsAnUpsertOnTheNaturalKey) {
    ASSERT_TRUE(write(customers(2)));
    ASSERT_EQ(host.requests.size(), 1U);
    const HttpRequest& request = host.requests[0];
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(
        request.url,
        "https://p.supabase.co/rest/v1/customers?on_conflict=tenant_id%2Csource_system%2Csource_id"
        "&columns=source_id%2Csource_system%2Ctenant_id"
        "&select=id%2Ctenant_id%2Csource_system%2Csource_id%2Cupdated_at"
    );
    EXPECT_EQ(header(request, "Prefer"), "resolution=merge-duplicates,return=representation");
    EXPECT_EQ(header(request, "Content-Profile"), "shop");
    EXPECT_EQ(header(request, "Content-Type"), "application/json");
}

TEST_F(SupabaseWrite, SendsEachStyleOfKeyAsItWantsToBeSent) {
    ASSERT_TRUE(write(customers(1)));
    EXPECT_EQ(header(host.requests[0], "apikey"), "sb_secret_x");
    EXPECT_EQ(header(host.requests[0], "Authorization"), "");
    const std::string agent = header(host.requests[0], "User-Agent");
    EXPECT_EQ(agent.rfind("syncline-supabase/", 0), 0U);
    host.secrets["service_role_key"] = kJwt;
    ASSERT_TRUE(write(customers(1)));
    EXPECT_EQ(header(host.requests[1], "apikey"), kJwt);
    EXPECT_EQ(header(host.requests[1], "Authorization"), std::string("Bearer ") + kJwt);
}

TEST_F(SupabaseWrite, SortsRowsByKeyAndSendsEachKeyOnce) {
    ASSERT_TRUE(write({customer(0, "b"), customer(1, "a"), customer(2, "b"), customer(3, "a")}));
    const Json rows = Json::parse(host.requests.at(0).body);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0]["source_id"], "a");
    EXPECT_EQ(outcomes.done.size(), 4U);
}

TEST_F(SupabaseWrite, SendsFiveHundredRowsAtMost) {
    ASSERT_TRUE(write(customers(1201)));
    ASSERT_EQ(host.requests.size(), 3U);
    for (const auto& request : host.requests) {
        EXPECT_LE(Json::parse(request.body).size(), 500U);
    }
    EXPECT_EQ(outcomes.done.size(), 1201U);
}

TEST_F(SupabaseWrite, SendsAMegabyteAtMost) {
    auto items = customers(10);
    for (auto& item : items) {
        item.body["raw"] = std::string(300'000, 'x');
    }
    ASSERT_TRUE(write(items));
    EXPECT_EQ(host.requests.size(), 4U);
    for (const auto& request : host.requests) {
        EXPECT_LE(request.body.size(), 1'001'000U);
    }
    items.resize(1);
    items[0].body["raw"] = std::string(3'000'000, 'x');
    EXPECT_TRUE(write(items));  // alone, however large
}

TEST_F(SupabaseWrite, TakesSmallerPiecesAfterATimeoutAndLargerOnesAgain) {
    std::vector<std::size_t> sizes;
    std::size_t most = 100;
    host.on_http = [&](const HttpRequest& request) -> Result<HttpResponse> {
        const std::size_t rows = Json::parse(request.body).size();
        sizes.push_back(rows);
        return rows > most ? answer(500, {{"code", "57014"}, {"message", "timeout"}})
                           : accept_all(request);
    };
    ASSERT_TRUE(write(customers(500)));
    EXPECT_EQ(outcomes.done.size(), 500U);
    EXPECT_EQ(std::count(sizes.begin(), sizes.end(), 500U), 1);
    sizes.clear();
    most = 1000;
    ASSERT_TRUE(write(customers(500)));
    EXPECT_LT(sizes.front(), 250U);
    for (int i = 0; i < 10; ++i) {
        sizes.clear();
        ASSERT_TRUE(write(customers(500)));
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{500}));
}

TEST_F(SupabaseWrite, ARowThatTimesOutAloneIsTriedAgainLater) {
    host.on_http = [&](const HttpRequest&) -> Result<HttpResponse> {
        return answer(500, {{"code", "57014"}, {"message", "timeout"}});
    };
    ASSERT_TRUE(write(customers(2)));
    ASSERT_EQ(outcomes.failed.size(), 2U);
    EXPECT_EQ(outcomes.failed.at(0).code, ErrorCode::kTransient);
}

TEST_F(SupabaseWrite, FindsTheBadRowsAmongManyAndWritesTheOthers) {
    const std::set<std::string> bad{"3", "77", "78", "499"};
    host.on_http = [&](const HttpRequest& request) -> Result<HttpResponse> {
        for (const auto& row : Json::parse(request.body)) {
            if (bad.count(row["source_id"]) != 0) {
                return answer(
                    500, {{"code", "21000"}, {"message", "cannot affect row a second time"}}
                );
            }
        }
        return accept_all(request);
    };
    ASSERT_TRUE(write(customers(500)));
    EXPECT_EQ(outcomes.done.size(), 496U);
    ASSERT_EQ(outcomes.failed.size(), 4U);
    for (const auto& id : bad) {
        EXPECT_EQ(outcomes.failed.at(std::stoi(id)).code, ErrorCode::kData);
    }
    EXPECT_LT(host.requests.size(), 80U);
}

TEST_F(SupabaseWrite, StopsAtAnErrorThatIsNoRowsFaultAndReportsWhatWasDone) {
    int left = 1;
    host.on_http = [&](const HttpRequest& request) -> Result<HttpResponse> {
        return left-- > 0 ? accept_all(request) : HttpResponse{429, {{"Retry-After", "9"}}, ""};
    };
    const auto result = write(customers(700));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kRateLimited);
    EXPECT_EQ(result.error().retry_after, std::chrono::seconds(9));
    EXPECT_EQ(outcomes.done.size(), 500U);
    EXPECT_TRUE(outcomes.failed.empty());
    EXPECT_EQ(host.requests.size(), 2U);
}

TEST_F(SupabaseWrite, DoesNotBelieveAnAnswerThatLeavesARowOut) {
    host.on_http = [](const HttpRequest& request) -> Result<HttpResponse> {
        HttpResponse response = accept_all(request);
        Json rows = Json::parse(response.body);
        rows.erase(1);
        return answer(201, rows);
    };
    ASSERT_TRUE(write(customers(3)));
    EXPECT_EQ(outcomes.done.size(), 2U);
    ASSERT_EQ(outcomes.failed.count(1), 1U);
    EXPECT_EQ(outcomes.failed.at(1).name, "supabase.row_not_returned");
}

TEST_F(SupabaseWrite, ComparesWhatTheProjectShowsWithWhatWasSent) {
    WriteItem order;
    order.entity = "orders";
    order.body = {
        {"tenant_id", "acme"},
        {"source_system", "s:x"},
        {"source_id", "1"},
        {"total", "12.30"},
        {"tax_total", "1.00"}};
    const Currency usd = Currency::parse("USD").value();
    order.money = DocumentMoney{Money{1230, usd}, Money{100, usd}};
    ASSERT_TRUE(write({order}));
    EXPECT_EQ(outcomes.done.size(), 1U);
    order.money = DocumentMoney{Money{1231, usd}, Money{100, usd}};
    order.index = 1;
    ASSERT_TRUE(write({order}));
    ASSERT_EQ(outcomes.failed.count(1), 1U);
    EXPECT_EQ(outcomes.failed.at(1).name, "supabase.total_differs");
    EXPECT_NE(outcomes.failed.at(1).message.find("12.31"), std::string::npos);
}

TEST_F(SupabaseWrite, TakesACutOffAnswerForAnUnknownOutcome) {
    host.on_http = [](const HttpRequest& request) -> Result<HttpResponse> {
        HttpResponse response = accept_all(request);
        response.body.resize(response.body.size() / 2);
        return response;
    };
    const auto result = write(customers(2));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kTransient);
    EXPECT_TRUE(outcomes.done.empty());
}

TEST_F(SupabaseWrite, StopsBetweenTwoRequestsWhenCancelled) {
    host.on_http = [&](const HttpRequest& request) -> Result<HttpResponse> {
        call.cancelled = true;
        return accept_all(request);
    };
    const auto result = write(customers(700));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(outcomes.done.size(), 500U);
}

class SupabaseSets : public SupabaseWrite {
protected:
    // A server where order 1 has lines a and b and order 2 line c.
    Result<HttpResponse> serve(const HttpRequest& request) {
        if (request.method == "GET") {
            const Json row{{"tenant_id", "acme"}, {"source_system", "s:x"}};
            Json rows = Json::array();
            for (const auto& [id, source_id, order] :
                 {std::tuple{11, "a", "1"}, {12, "b", "1"}, {13, "c", "2"}}) {
                Json line = row;
                line.update({{"id", id}, {"source_id", source_id}, {"order_source_id", order}});
                rows.push_back(line);
            }
            HttpResponse response = answer(200, rows);
            response.headers.emplace_back("Content-Range", "0-2/3");
            return response;
        }
        if (request.method == "DELETE") {
            const bool strict = header(request, "Prefer").find("max-affected") != std::string::npos;
            return strict && !knows_max_affected
                       ? answer(400, {{"code", "PGRST122"}, {"message", "Invalid preferences"}})
                       : answer(200, Json::parse(R"([{"id": 12}])"));
        }
        return accept_all(request);
    }
    SupabaseSets() {
        host.on_http = [this](const HttpRequest& request) { return serve(request); };
    }
    std::vector<HttpRequest> deletes() const {
        std::vector<HttpRequest> found;
        std::copy_if(
            host.requests.begin(),
            host.requests.end(),
            std::back_inserter(found),
            [](const auto& one) { return one.method == "DELETE"; }
        );
        return found;
    }
    bool knows_max_affected = true;
};

TEST_F(SupabaseSets, DeletesTheRowsThatAreGoneByTheirIdsAndNoMoreThanThose) {
    ASSERT_TRUE(write({lines(0, "1", {"a"}), lines(1, "2", {"c"})}));
    ASSERT_EQ(deletes().size(), 1U);
    EXPECT_EQ(
        deletes()[0].url, "https://p.supabase.co/rest/v1/order_lines?id=in.%28%2212%22%29&select=id"
    );
    EXPECT_EQ(
        header(deletes()[0], "Prefer"), "return=representation,handling=strict,max-affected=1"
    );
    EXPECT_EQ(outcomes.done.size(), 2U);
}

TEST_F(SupabaseSets, DeletesNothingWhenNothingIsGone) {
    ASSERT_TRUE(write({lines(0, "1", {"a", "b"}), lines(1, "2", {"c"})}));
    EXPECT_TRUE(deletes().empty());
    EXPECT_EQ(host.requests.size(), 2U);
}

TEST_F(SupabaseSets, AsksOnlyOnceForALimitTheServerDoesNotKnow) {
    knows_max_affected = false;
    ASSERT_TRUE(write({lines(0, "1", {"a"})}));
    ASSERT_TRUE(write({lines(0, "1", {"a"})}));
    ASSERT_EQ(deletes().size(), 3U);
    EXPECT_EQ(header(deletes()[1], "Prefer"), "return=representation");
    EXPECT_EQ(header(deletes()[2], "Prefer"), "return=representation");
}

TEST_F(SupabaseSets, LeavesTheOldRowsOfASetThatCouldNotBeWritten) {
    host.on_http = [this](const HttpRequest& request) -> Result<HttpResponse> {
        if (request.method == "POST" && request.body.find("\"x\"") != std::string::npos) {
            return answer(400, {{"code", "23514"}, {"message", "violates check"}});
        }
        return serve(request);
    };
    ASSERT_TRUE(write({lines(0, "1", {"a", "x"}), lines(1, "2", {"c"})}));
    EXPECT_EQ(outcomes.failed.count(0), 1U);
    EXPECT_EQ(outcomes.done.count(1), 1U);
    EXPECT_TRUE(deletes().empty());
}

TEST_F(SupabaseSets, NoDeleteEverGoesOutWithoutAFilter) {
    WriteItem by_id = customer(3, "7");
    by_id.operation = DocumentOperation::kDelete;
    by_id.remote_id = "42";
    WriteItem by_key = customer(4, "8");
    by_key.operation = DocumentOperation::kDelete;
    WriteItem set = lines(5, "1", {});
    set.operation = DocumentOperation::kDelete;
    WriteItem nothing = customer(6, "");
    nothing.operation = DocumentOperation::kDelete;
    nothing.body = nullptr;
    ASSERT_TRUE(write({lines(0, "1", {}), by_id, by_key, set, nothing}));
    ASSERT_GE(deletes().size(), 3U);
    for (const auto& request : deletes()) {
        const bool filtered = request.url.find("?id=in.%28%22") != std::string::npos;
        EXPECT_TRUE(filtered) << request.url;
    }
    EXPECT_EQ(outcomes.failed.count(6), 1U);
}

TEST_F(SupabaseWrite, RefusesWhatItCannotDo) {
    WriteItem unknown = customer(0, "1");
    unknown.entity = "payments";
    WriteItem voided = customer(1, "1");
    voided.operation = DocumentOperation::kVoid;
    WriteItem without_key = customer(2, "1");
    without_key.body.erase("tenant_id");
    ASSERT_TRUE(write({unknown, voided, without_key}));
    EXPECT_EQ(outcomes.failed.at(0).code, ErrorCode::kUnsupported);
    EXPECT_EQ(outcomes.failed.at(1).code, ErrorCode::kUnsupported);
    EXPECT_EQ(outcomes.failed.at(2).code, ErrorCode::kData);
    EXPECT_TRUE(host.requests.empty());
}

TEST_F(SupabaseWrite, NoErrorShowsTheKey) {
    for (const int status : {301, 400, 401, 402, 403, 404, 409, 413, 429, 500, 503, 540}) {
        host.on_http = [&](const HttpRequest&) -> Result<HttpResponse> {
            return HttpResponse{status, {}, "<html>"};
        };
        plugin::testing::FakeOutcomes own;
        const auto result =
            connector.write(call.call(), WriteRequest{customers(1)}, own.outcomes());
        const std::string message = result ? own.failed.at(0).message : result.error().message;
        EXPECT_EQ(message.find("sb_secret"), std::string::npos) << message;
        EXPECT_FALSE(message.empty());
    }
}

}  // namespace
}  // namespace syncline::supabase
