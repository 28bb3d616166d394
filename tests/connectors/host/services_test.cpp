// What a plugin gets from the host.
#include "connectors/support/registry_fixture.hpp"
#include "connectors/support/scripted_server.hpp"
#include "core/log.hpp"
#include "core/trace_context.hpp"

namespace syncline::testing {
namespace {

using namespace std::chrono_literals;

class Services : public RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        load("probe");
        log::configure({log::Level::kDebug, log::Format::kText, [this](std::string_view line) {
                            lines_.with([&](auto& lines) { lines.emplace_back(line); });
                        }});
    }
    static ReadRequest request(const std::string& path) {
        ReadRequest request;
        request.entity = "order";
        request.feed_cursor = path;
        return request;
    }
    std::string logged() const {
        return lines_.with([](const auto& lines) {
            std::string text;
            for (const auto& line : lines) {
                text += line + "\n";
            }
            return text;
        });
    }

    Guarded<std::vector<std::string>> lines_;
};

TEST_F(Services, GiveAPluginItsSettingsWithDefaultsAndWithoutSecrets) {
    const auto connector = create("probe", {{"base_url", "http://127.0.0.1:9"}, {"api_key", "k"}});
    const auto report = connector->check({});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->account, R"({"base_url":"http://127.0.0.1:9","page_size":50})");
}

TEST_F(Services, AnswerWhatAPluginAsks) {
    const auto connector = create("probe", {{"base_url", "http://127.0.0.1:9"}});
    clock_.set(*Timestamp::parse("2026-03-28T23:30:00Z"));
    connectors::CallContext call;
    call.idempotency_key = "key-1";
    call.trace_id = "trace-1";
    call.attempt = 3;
    const auto catalog = connector->discover(call);
    ASSERT_TRUE(catalog) << catalog.error().message;
    const Json& facts = catalog->facts;
    EXPECT_EQ(services_.seen().counted_reads, 3);
    EXPECT_EQ(facts["put"], true);
    EXPECT_EQ(facts["got"], "7");
    EXPECT_EQ(facts["absent"], false);
    EXPECT_EQ(facts["empty_key"], false);
    EXPECT_EQ(facts["large_value"], false);
    EXPECT_EQ(facts["secret"], "k-0123456789");
    EXPECT_EQ(facts["foreign_secret"], false);
    EXPECT_EQ(facts["access_token"], false);
    EXPECT_EQ(facts["date"], "2026-03-29");
    EXPECT_EQ(facts["bad_zone"], false);
    EXPECT_EQ(facts["truncated"], "e\xCC\x81t");
    EXPECT_EQ(facts["random"], false);
    EXPECT_EQ(facts["now"], clock_.now().ms);
    EXPECT_EQ(facts["key"], "key-1");
    EXPECT_EQ(facts["trace"], "trace-1");
    EXPECT_EQ(facts["attempt"], 3);
    services_.secrets["access_token"] = "t";
    services_.secrets["other_key"] = "not of this plugin";
    const auto again = connector->discover(call);
    EXPECT_EQ(again->facts["access_token"], true);
    EXPECT_EQ(again->facts["foreign_secret"], false);
}

TEST_F(Services, LogWithPluginAndConnectionAndWithoutPersonalData) {
    const auto connector = create("probe", {{"base_url", "http://127.0.0.1:9"}});
    ASSERT_TRUE(connector->discover({}));
    const std::string text = logged();
    EXPECT_NE(
        text.find("WARN  discovering plugin=probe tenant=acme connection=shop email=*** page=3\n"),
        std::string::npos
    ) << text;
}

TEST_F(Services, CarryAnHttpExchange) {
    ScriptedServer server({[](Peer& peer) {
        const std::string sent = peer.read_request();
        const bool knows = sent.find("Authorization: Bearer k-0123456789\r\n") != std::string::npos;
        peer.send(answer(
            knows ? 200 : 401,
            "hello",
            "Date: Sat, 21 Nov 2026 07:38:20 GMT\r\nX-Latin: caf\xE9\r\n"
        ));
    }});
    const auto connector = create("probe", {{"base_url", server.url("")}});
    const auto page = connector->read(request("/a?b=c"), {});
    ASSERT_TRUE(page) << page.error().message;
    const auto record = parse_json(page->records.at(0).json);
    EXPECT_EQ((*record)["status"], 200);
    EXPECT_EQ((*record)["body"], "hello");
    EXPECT_EQ((*record)["X-Latin"], "caf\xEF\xBF\xBD");
    EXPECT_EQ(page->source_time.to_string(), "2026-11-21T07:38:20.000Z");
}

TEST_F(Services, TellThePlatformWhoseWorkItIs) {
    std::vector<std::string> sent;
    const auto note = [&](Peer& peer) {
        sent.push_back(peer.read_request());
        peer.send(answer(200, "{}"));
    };
    ScriptedServer server({note, note});
    const auto connector = create("probe", {{"base_url", server.url("")}});
    const TraceContext trace = new_trace();
    {
        const TraceScope traced(trace);
        static_cast<void>(connector->read(request("/orders"), {}));
    }
    static_cast<void>(connector->read(request("/orders"), {}));
    ASSERT_EQ(sent.size(), 2u);
    const std::size_t at = sent[0].find("traceparent: 00-" + trace.trace_id + "-");
    ASSERT_NE(at, std::string::npos) << sent[0];
    const auto told = parse_traceparent(sent[0].substr(at + 13, 55));
    ASSERT_TRUE(told.has_value()) << sent[0];
    EXPECT_NE(told->span_id, trace.span_id) << "a span of its own";
    EXPECT_EQ(sent[1].find("traceparent"), std::string::npos) << "nobody asked for this one";
}

TEST_F(Services, AskForEveryRequestsTurnAndTellHowItEnded) {
    ScriptedServer server({[](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n\r\n");
    }});
    const auto connector = create("probe", {{"base_url", server.url("")}});
    static_cast<void>(connector->read(request("/orders"), {}));
    EXPECT_EQ(services_.seen().requests, std::vector<std::string>{"GET " + server.url("/orders")});
    EXPECT_EQ(services_.seen().ended, (std::map<std::int64_t, int>{{1, 429}}));
}

TEST_F(Services, TellWhichRequestsFinishAWriteThatIsUnderWay) {
    ScriptedServer server({always(answer(200, "{}"))});
    const auto connector = create("probe", {{"base_url", server.url("")}});
    WriteRequest two;
    two.items.resize(2);
    two.items[1].index = 1;
    two.items[0].natural_key = two.items[1].natural_key = "posts";
    connectors::CallContext call;
    call.idempotency_key = "key-1";
    ASSERT_TRUE(connector->write(two, call));
    ASSERT_TRUE(connector->write(two, {}));  // not a write of the engine's: it has no key
    ASSERT_TRUE(connector->write(two, call));
    const std::string post = "POST " + server.url("/orders");
    const std::string finishing = post + " after a write";
    EXPECT_EQ(
        services_.seen().requests,
        (std::vector<std::string>{post, finishing, post, post, post, finishing})
    );
}

TEST_F(Services, SendNothingWhoseTurnIsTooFarAway) {
    ScriptedServer server({[](Peer& peer) { peer.hang(); }});
    const auto connector = create("probe", {{"base_url", server.url("")}});
    services_.refuse_requests =
        Error{ErrorCode::kRateLimited, "not now", "connection.paced", 0, 12'000ms};
    const auto refused = connector->read(request("/orders"), {});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kRateLimited);
    EXPECT_EQ(refused.error().name, "connection.paced");
    EXPECT_EQ(refused.error().retry_after, 12'000ms);
    EXPECT_EQ(server.connections(), 0);
    EXPECT_TRUE(services_.seen().ended.empty());
}

TEST_F(Services, KeepAPluginWithinItsHosts) {
    const auto connector = create("probe", {{"base_url", "https://shop.example"}});
    const auto got = connector->read(request("@evil.example/"), {});
    EXPECT_EQ(got.error().code, ErrorCode::kConfig);
    const auto other = connector->read(request(".evil.example/"), {});
    EXPECT_EQ(other.error().name, "egress.undeclared_host");
    EXPECT_NE(other.error().message.find("shop.example.evil.example"), std::string::npos);
}

TEST_F(Services, EndARequestAtTheCallsDeadlineOrStop) {
    ScriptedServer server({[](Peer& peer) { peer.hang(); }});
    const auto connector = create("probe", {{"base_url", server.url("")}});
    connectors::CallContext call;
    call.deadline = Timestamp{clock_.now().ms + 200};
    auto start = std::chrono::steady_clock::now();
    const auto late = connector->read(request("/"), call);
    EXPECT_EQ(late.error().code, ErrorCode::kTransient);
    EXPECT_EQ(late.error().name, "http.timeout") << late.error().message;
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
    call.deadline = Timestamp{clock_.now().ms - 1};
    EXPECT_NE(
        connector->read(request("/"), call).error().message.find("time was up"), std::string::npos
    );
    EXPECT_EQ(server.connections(), 1);

    std::atomic<bool> stop{false};
    connectors::CallContext stoppable;
    stoppable.stop = &stop;
    std::thread stopper([&] {
        std::this_thread::sleep_for(50ms);
        stop = true;
    });
    start = std::chrono::steady_clock::now();
    EXPECT_EQ(connector->read(request("/"), stoppable).error().code, ErrorCode::kCancelled);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
    stopper.join();
}

TEST_F(Services, SayWhenAPluginAnswersAfterItsDeadline) {
    const auto connector = create("probe", {{"base_url", "http://127.0.0.1:9"}});
    connectors::CallContext call;
    call.deadline = Timestamp{clock_.now().ms - 5000};
    ASSERT_TRUE(connector->check(call));
    EXPECT_NE(logged().find("plugin answered after its deadline plugin=probe"), std::string::npos);
}

TEST_F(Services, InstancesOnManyThreadsDoNotDisturbEachOther) {
    ScriptedServer server({[](Peer& peer) {
        for (auto sent = peer.read_request(); !sent.empty(); sent = peer.read_request()) {
            peer.send(answer(200, sent.substr(4, sent.find(' ', 4) - 4)));
        }
    }});
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 8; ++thread) {
        threads.emplace_back([&, thread] {
            const auto connector = create("probe", {{"base_url", server.url("")}});
            for (int i = 0; i < 25; ++i) {
                const std::string path = "/" + std::to_string(thread) + "/" + std::to_string(i);
                const auto page = connector->read(request(path), {});
                ASSERT_TRUE(page) << page.error().message;
                EXPECT_EQ((*parse_json(page->records.at(0).json))["body"], path);
                EXPECT_TRUE(connector->discover({}));
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_LE(server.connections(), 8);
}

TEST(Metrics, AddUpPerNameAndLabels) {
    connectors::PluginMetrics metrics;
    metrics.add({"woo", "shop", "requests", "{}", 1});
    metrics.add({"woo", "shop", "requests", "{}", 2});
    metrics.add({"woo", "shop", "requests", R"({"status":"500"})", 1});
    metrics.add({"woo", "shop", "requests", "{}", std::numeric_limits<double>::quiet_NaN()});
    const auto all = metrics.snapshot();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].value + all[1].value, 4);
    for (int i = 0; i < 5000; ++i) {
        metrics.add({"woo", "shop", std::to_string(i), "{}", 1});
    }
    EXPECT_EQ(metrics.snapshot().size(), connectors::PluginMetrics::kSeriesMax);
}

}  // namespace
}  // namespace syncline::testing
