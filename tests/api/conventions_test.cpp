// What every row keeps to: pages, compressed answers, traces, limits of requests.
#include <mutex>
#include <sstream>

#include <Poco/InflatingStream.h>

#include "api/http/gzip.hpp"
#include "api/http/request_limits.hpp"
#include "api/support/api_fixture.hpp"
#include "core/log.hpp"
#include "core/trace_context.hpp"

namespace syncline::testing {
namespace {

constexpr auto kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr auto kParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

class ConventionsTest : public ApiTest {
protected:
    Answer taking(const std::string& encoding, const std::string& path) {
        return call({"GET", path, "", admin(), {{"Accept-Encoding", encoding}}});
    }
    void add_flows(int count) {
        for (int i = 0; i < count; ++i) {
            add_flow("flow-" + std::to_string(i));
        }
    }
    static std::string link(const Answer& answer, const std::string& relation) {
        std::istringstream links(answer.header("Link"));
        for (std::string one; std::getline(links, one, ',');) {
            if (one.find("rel=\"" + relation + "\"") != std::string::npos) {
                const std::size_t begin = one.find('<') + 1;
                return one.substr(begin, one.find('>') - begin);
            }
        }
        return "";
    }
    static std::string inflated(const std::string& bytes) {
        std::istringstream in(bytes);
        Poco::InflatingInputStream stream(in, Poco::InflatingStreamBuf::STREAM_GZIP);
        std::string text;
        Poco::StreamCopier::copyToString(stream, text);
        return text;
    }
};

TEST_F(ConventionsTest, EveryListIsFollowedByItsLinksToItsEnd) {
    add_flows(4);
    for (const char* name : {"a", "b", "c", "d", "e"}) {
        const std::string schedule(name);
        ASSERT_EQ(
            post("/api/sync/schedules", {{"name", schedule}, {"flow", "flow-1"}}).status, 201
        );
        ASSERT_EQ(post("/api/tenants", {{"name", "t-" + schedule}}).status, 201);
        ASSERT_EQ(post("/api/api-keys", {{"name", schedule}, {"role", "viewer"}}).status, 201);
        if (schedule > "b") {
            add_connection(schedule, "shop");
        }
    }
    for (const auto& [list, size] : std::map<std::string, std::size_t>{
             {"/api/flows", 5},
             {"/api/sync/schedules", 5},
             {"/api/tenants", 6},
             {"/api/api-keys", 5},
             {"/api/integrations/connections", 5}}) {
        const Json all = get(list).json;
        ASSERT_EQ(all["items"].size(), size) << list;
        EXPECT_EQ(all["next_cursor"], nullptr) << list;
        Json followed = Json::array();
        std::string first;
        int pages = 0;
        for (std::string path = list + "?limit=2"; !path.empty() && pages < 10; ++pages) {
            const Answer page = get(path);
            ASSERT_EQ(page.status, 200) << path << page.text;
            for (const auto& item : page.json["items"]) {
                followed.push_back(item);
            }
            first = link(page, "first");
            EXPECT_EQ(first.empty(), pages == 0) << path;
            path = link(page, "next");
            EXPECT_EQ(path.empty(), page.json["next_cursor"].is_null()) << list;
        }
        EXPECT_EQ(pages, 3) << list;
        EXPECT_EQ(followed, all["items"]) << list;
        EXPECT_EQ(get(first).json["items"][0], all["items"][0]) << list;
        EXPECT_EQ(get(list + "?limit=0").places(), std::vector<std::string>{"limit"}) << list;
        EXPECT_EQ(get(list + "?cursor=x").places(), std::vector<std::string>{"cursor"}) << list;
    }
    EXPECT_EQ(get("/api/flows?entity=customers").json["items"].size(), 0u);
    EXPECT_EQ(get("/api/flows?entity=orders&limit=1").json["items"].size(), 1u);
    EXPECT_NE(
        link(get("/api/flows?entity=orders&limit=1"), "next").find("entity=orders"),
        std::string::npos
    );
}

TEST_F(ConventionsTest, APageGoesOnWhereItWasWhenItsLastItemIsGone) {
    add_flows(4);
    const std::string next = link(get("/api/flows?limit=2"), "next");
    ASSERT_EQ(remove("/api/flows/flow-1").status, 204);
    EXPECT_EQ(get(next).json["items"][0]["name"], "flow-2");
}

TEST_F(ConventionsTest, LargeAnswersAreCompressedForThoseWhoTakeThem) {
    add_flows(10);
    const Answer plain = get("/api/flows");
    ASSERT_GT(plain.text.size(), 2048u);
    EXPECT_EQ(plain.header("Content-Encoding"), "");
    EXPECT_EQ(plain.header("Vary"), "Accept-Encoding");
    const Answer smaller = taking("br, gzip;q=0.8", "/api/flows");
    EXPECT_EQ(smaller.header("Content-Encoding"), "gzip");
    EXPECT_EQ(smaller.header("Vary"), "Accept-Encoding");
    EXPECT_EQ(smaller.header("Content-Length"), std::to_string(smaller.text.size()));
    EXPECT_LT(smaller.text.size(), plain.text.size() / 2);
    EXPECT_EQ(inflated(smaller.text), plain.text);
    EXPECT_EQ(taking("gzip;q=0", "/api/flows").text, plain.text);
    EXPECT_EQ(taking("gzip", "/livez").header("Content-Encoding"), "") << "too small";
}

TEST_F(ConventionsTest, TheTagOfACompressedAnswerIsAnotherOneOfTheSameVersion) {
    for (int i = 0; i < 10; ++i) {
        add_connection("shop-" + std::to_string(i), "shop");
    }
    const std::string path = "/api/integrations/shop/status";
    const std::string plain = get(path).header("ETag");
    const std::string coded = taking("gzip", path).header("ETag");
    EXPECT_EQ(coded, plain.substr(0, plain.size() - 1) + "-gzip\"");
    for (const auto& known : {plain, coded}) {
        const Answer answer =
            call({"GET", path, "", admin(), {{"If-None-Match", known}, {"Accept-Encoding", "gzip"}}}
            );
        EXPECT_EQ(answer.status, 304) << known;
    }
    const Answer gone =
        call({"DELETE", "/api/integrations/shop/credentials", "", admin(), {{"If-Match", coded}}});
    EXPECT_EQ(gone.status, 204) << gone.text;
}

TEST_F(ConventionsTest, AnAnswerThatHoldsWhatIsSecretIsNeverCompressed) {
    const auto coding_of = [](const std::string& method, bool may_compress) {
        api::Request request;
        request.method = method;
        request.headers = {{"accept-encoding", "gzip"}};
        api::Response response = api::json_response({{"key", std::string(2'000, 'k')}}, 201);
        response.may_compress = may_compress;
        api::compress(request, response);
        return response.body.size() < 2'000;
    };
    EXPECT_FALSE(coding_of("POST", false)) << "it may be a new API key";
    EXPECT_TRUE(coding_of("POST", true));
    EXPECT_TRUE(coding_of("GET", false));
    for (int i = 1; i <= 20; ++i) {
        shop_.put(i, "10.00", "a@x.example");
    }
    const Answer plan =
        call({"POST", "/api/sync/dry-run/orders", "", admin(), {{"Accept-Encoding", "gzip"}}});
    EXPECT_EQ(plan.header("Content-Encoding"), "gzip") << "a plan holds none, and is large";
}

TEST(Gzip, IsWhatTheHeaderPrefers) {
    for (const char* yes :
         {"gzip",
          "GZIP",
          "x-gzip",
          "deflate, gzip",
          "gzip;q=0.001",
          "*",
          "gzip ; q=1.000, *;q=0",
          "identity;q=0.5, gzip;q=0.5",
          "br;q=1.0, gzip;q=0.8, *;q=0.1"}) {
        EXPECT_TRUE(api::prefers_gzip(yes)) << yes;
    }
    for (const char* no :
         {"",
          "identity",
          "deflate",
          "gzip;q=0",
          "gzip;q=0.000",
          "*;q=0",
          "gzip;q=0, *",
          "identity;q=1, gzip;q=0.5",
          "gzip;q=x",
          "gzip;q=2",
          "gzip;q=1.5",
          "gzip;q=0.1234",
          "gzip;level=9"}) {
        EXPECT_FALSE(api::prefers_gzip(no)) << no;
    }
}

class TraceTest : public ConventionsTest {
protected:
    void SetUp() override {
        ConventionsTest::SetUp();
        log::configure({log::Level::kDebug, log::Format::kText, [this](std::string_view line) {
                            const std::lock_guard lock(mutex_);
                            lines_.emplace_back(line);
                        }});
    }
    void TearDown() override {
        ConventionsTest::TearDown();
        log::configure({});
    }
    // The lines with that event.
    std::vector<std::string> lines(const std::string& event) {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> found;
        for (const auto& line : lines_) {
            if (line.find(" " + event + " ") != std::string::npos) {
                found.push_back(line);
            }
        }
        return found;
    }

    std::mutex mutex_;
    std::vector<std::string> lines_;
};

TEST_F(TraceTest, ARequestGoesOnWithTheTraceItCameWith) {
    const Answer answer = call({"GET", "/api/flows", "", admin(), {{"traceparent", kParent}}});
    const auto trace = parse_traceparent(answer.header("traceparent"));
    ASSERT_TRUE(trace.has_value()) << answer.header("traceparent");
    EXPECT_EQ(trace->trace_id, kTrace);
    EXPECT_NE(answer.header("traceparent"), kParent) << "a span of its own";
    EXPECT_TRUE(trace->sampled);
    const auto logged = lines("request");
    ASSERT_EQ(logged.size(), 1u);
    EXPECT_NE(logged[0].find(std::string("trace=") + kTrace), std::string::npos) << logged[0];
}

TEST_F(TraceTest, ARequestWithoutOneBeginsATrace) {
    const auto trace_of = [&](const std::string& given) {
        const Answer answer = call({"GET", "/livez", "", "", {{"traceparent", given}}});
        return parse_traceparent(answer.header("traceparent"));
    };
    const auto begun = trace_of("00-" + std::string(32, '0') + "-00f067aa0ba902b7-01");
    ASSERT_TRUE(begun.has_value());
    EXPECT_NE(begun->trace_id, trace_of("nonsense")->trace_id);
}

TEST_F(TraceTest, ARunIsOfTheTraceOfTheRequestThatAskedForIt) {
    const auto of_thread = [] {
        return current_trace() == nullptr ? std::string() : current_trace()->trace_id;
    };
    std::string when_read = "not read";
    std::string when_written = "not written";
    shop_.before_read = [&] { when_read = of_thread(); };
    books_.during_write = [&](const WriteRequest&) { when_written = of_thread(); };
    shop_.put(1, "10.00", "a@x.example");
    const Answer started =
        call({"POST", "/api/sync/orders", "", admin(), {{"traceparent", kParent}}});
    ASSERT_EQ(started.status, 202) << started.text;
    work();
    const auto logged = lines("run started");
    ASSERT_EQ(logged.size(), 1u);
    EXPECT_NE(logged[0].find(std::string("trace=") + kTrace), std::string::npos) << logged[0];
    EXPECT_EQ(when_read, kTrace);
    EXPECT_EQ(when_written, kTrace);
    EXPECT_EQ(current_trace(), nullptr);
    shop_.put(2, "10.00", "a@x.example");
    shop_.before_read = [&] { when_read = of_thread(); };
    run();
    EXPECT_EQ(when_read, "") << "a run that no request asked for";
    EXPECT_EQ(when_written, "");
}

class RequestLimitsTest : public ConventionsTest {
protected:
    RequestLimitsTest() {
        api_config_.requests_per_minute_per_tenant = 6;
        api_config_.requests_per_minute_per_credential = 3;
    }
};

TEST_F(RequestLimitsTest, TooManyRequestsAreToldWhenToComeBack) {
    const Answer first = get("/api/flows");
    EXPECT_EQ(first.header("RateLimit-Policy"), "\"tenant\";q=6;w=60, \"credential\";q=3;w=60");
    EXPECT_EQ(first.header("RateLimit"), "\"tenant\";r=5;t=10, \"credential\";r=2;t=20");
    EXPECT_EQ(get("/api/flows/none").header("RateLimit").find("\"tenant\";r=4"), 0u);
    EXPECT_EQ(get("/api/flows").status, 200);
    const Answer refused = get("/api/flows");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.json["type"], "/errors/request.rate_limited");
    EXPECT_EQ(refused.header("Retry-After"), "20");
    EXPECT_EQ(refused.header("RateLimit"), "\"tenant\";r=3;t=30, \"credential\";r=0;t=60");
    EXPECT_NE(
        refused.json["detail"].get<std::string>().find("requests_per_minute_per_credential"),
        std::string::npos
    );
    EXPECT_EQ(call({"GET", "/livez", "", "", {}}).header("RateLimit"), "") << "public";
    clock_.advance(std::chrono::seconds(20));
    EXPECT_EQ(get("/api/flows").status, 200);
    EXPECT_EQ(get("/api/flows").status, 429);
}

TEST(RequestLimits, ATenantsCredentialsShareItsLimit) {
    api::RequestLimits limits(4, 3);
    std::vector<std::pair<std::string, std::string>> headers;
    const auto take = [&](std::int64_t tenant, const std::string& credential, std::int64_t at) {
        api::Actor actor;
        actor.tenant = TenantId{tenant};
        actor.credential = credential;
        headers.clear();
        return limits.take(actor, at, headers);
    };
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(take(1, "a", 1'000));
    }
    EXPECT_FALSE(take(1, "a", 1'000));
    EXPECT_TRUE(take(1, "b", 1'000)) << "what was refused counts nowhere";
    const auto refused = take(1, "b", 1'000);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message.find("per_tenant"), std::string::npos);
    EXPECT_EQ(refused.error().retry_after, std::chrono::seconds(15));
    EXPECT_TRUE(take(2, "a", 1'000)) << "another tenant";
    EXPECT_FALSE(take(1, "b", 15'999));
    EXPECT_TRUE(take(1, "b", 16'000));
    EXPECT_FALSE(take(1, "b", 500)) << "a clock that is set back gives nothing";
    EXPECT_TRUE(take(1, "b", 120'000));
}

TEST(RequestLimits, RememberABoundedNumberOfCredentials) {
    api::RequestLimits limits(0, 1, 2);
    std::vector<std::pair<std::string, std::string>> headers;
    const auto take = [&](const std::string& credential, std::int64_t at) {
        api::Actor actor;
        actor.credential = credential;
        return limits.take(actor, at, headers).has_value();
    };
    EXPECT_TRUE(take("a", 1'000));
    EXPECT_TRUE(take("b", 1'000));
    EXPECT_TRUE(take("c", 1'000));
    EXPECT_FALSE(take("d", 1'000)) << "those beyond share one bucket";
    EXPECT_FALSE(take("a", 30'000)) << "and nobody is forgotten for them";
    EXPECT_TRUE(take("d", 91'000)) << "until somebody was idle";
    EXPECT_TRUE(take("e", 91'000));
    EXPECT_FALSE(take("d", 91'000));
}

TEST(RequestLimits, OfZeroAreNone) {
    api::RequestLimits limits(0, 0);
    std::vector<std::pair<std::string, std::string>> headers;
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(limits.take(api::Actor{}, 1, headers));
    }
    EXPECT_TRUE(headers.empty());
}

}  // namespace
}  // namespace syncline::testing
