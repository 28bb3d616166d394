// What the engine gets when plugins behave, misbehave, or throw.
#include <thread>

#include "connectors/support/registry_fixture.hpp"

namespace syncline::testing {
namespace {

class Proxy : public RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        for (const auto* plugin : {"minimal", "throwing", "nonsense", "probe"}) {
            load(plugin);
        }
    }
    std::unique_ptr<connectors::Connector> nonsense(const std::string& answer) {
        return create("nonsense", {{"answer", answer}});
    }
    std::unique_ptr<connectors::Connector> probe() {
        return create("probe", {{"base_url", "http://127.0.0.1:9"}});
    }

    static ReadRequest orders() {
        ReadRequest request;
        request.entity = "order";
        return request;
    }
    static WriteRequest batch(const std::vector<std::string>& natural_keys) {
        WriteRequest request;
        for (const auto& key : natural_keys) {
            WriteItem item;
            item.index = static_cast<std::int64_t>(request.items.size());
            item.natural_key = key;
            request.items.push_back(item);
        }
        return request;
    }
};

template <class T>
void expect_breach(
    const Result<T>& result, const std::string& operation, const std::string& context
) {
    ASSERT_FALSE(result) << context;
    EXPECT_EQ(result.error().code, ErrorCode::kBug) << context << ": " << result.error().message;
    EXPECT_EQ(result.error().name, "plugin.contract") << context;
    EXPECT_NE(result.error().message.find(operation + " "), std::string::npos)
        << result.error().message;
    EXPECT_NE(result.error().message.find("broke its contract"), std::string::npos);
}

TEST_F(Proxy, CarriesAPageOfAPlainCPlugin) {
    const auto connector = create("minimal", {{"base", "https://a.example"}});
    EXPECT_EQ(connector->check({})->account, "plain C");
    const auto page = connector->read(orders(), {});
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->records.size(), 2U);
    EXPECT_EQ(page->records[0].key, "7");
    EXPECT_EQ(page->records[0].json, "{\"id\":\"7\"}");
    EXPECT_EQ(page->records[0].changed_at, clock_.now());
    EXPECT_EQ(page->records[1].operation, RecordOperation::kDelete);
    EXPECT_TRUE(page->more);
    EXPECT_EQ(page->last_id, "8");
    EXPECT_EQ(connector->discover({}).error().code, ErrorCode::kUnsupported);
    EXPECT_EQ(connector->write(batch({"a"}), {}).error().code, ErrorCode::kUnsupported);
}

TEST_F(Proxy, HandsRecordsToEncodeWithoutReadingThem) {
    EncodeContext context;
    context.source = "woocommerce:shop";
    // More digits than any number type holds: they must arrive as they were.
    const std::vector<std::string> records{
        R"({"id":"1","total":"12.30"})", R"({"n":0.10000000000000000000001})"};
    const std::vector<std::vector<KnownDocument>> known{{{"invoice", "invoice", "77"}}};
    const auto encoded = probe()->encode(context, records, known, {});
    ASSERT_TRUE(encoded) << encoded.error().message;
    ASSERT_EQ(encoded->size(), 2U);
    EXPECT_EQ((*encoded)[0].documents[0].body["record"]["total"], "12.30");
    EXPECT_EQ((*encoded)[0].documents[0].body["known"], 1);
    EXPECT_EQ((*encoded)[0].documents[0].body["source"], "woocommerce:shop");
    EXPECT_EQ((*encoded)[1].documents[0].body["record"]["n"], "0.10000000000000000000001");
    EXPECT_TRUE(probe()->encode(context, {}, {}, {})->empty());
    EXPECT_EQ(probe()->encode(context, {""}, {}, {}).error().name, "host.contract");
}

TEST_F(Proxy, FindsWhatIsThere) {
    FindRequest request;
    request.entity = "customer";
    request.keys = {{"a", "ann", "", "", nullptr}, {"b", "absent", "", "", nullptr}};
    const auto found = probe()->find(request, {});
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ((*found)[0].key, "a");
    EXPECT_EQ((*found)[0].remote_id, "r-ann");
    EXPECT_EQ(probe()->oauth_refresh({})->refresh_token, "next");
}

TEST_F(Proxy, GivesOneOutcomePerItemInTheItemsOrder) {
    const auto outcomes = probe()->write(batch({"a", "forgotten", "data", "hold", "b"}), {});
    ASSERT_TRUE(outcomes) << outcomes.error().message;
    ASSERT_EQ(outcomes->size(), 5U);
    EXPECT_EQ((*outcomes)[0]->remote_id, "r0");
    EXPECT_EQ((*outcomes)[0]->owned["a"], 1);
    EXPECT_EQ((*outcomes)[1].error().code, ErrorCode::kTransient);
    EXPECT_EQ((*outcomes)[1].error().name, "connector.no_outcome");
    EXPECT_EQ((*outcomes)[2].error().code, ErrorCode::kData);
    EXPECT_EQ((*outcomes)[2].error().http_status, 422);
    EXPECT_EQ((*outcomes)[3].error().code, ErrorCode::kHold);
    EXPECT_EQ((*outcomes)[4]->remote_id, "r4");
}

TEST_F(Proxy, KnowsItemsByTheirIndexNotTheirPlace) {
    auto request = batch({"a", "data", "b"});
    request.items[0].index = 7;
    request.items[1].index = 0;
    request.items[2].index = 300;
    const auto outcomes = probe()->write(request, {});
    ASSERT_TRUE(outcomes);
    EXPECT_EQ((*outcomes)[0]->remote_id, "r7");
    EXPECT_EQ((*outcomes)[1].error().code, ErrorCode::kData);
    EXPECT_EQ((*outcomes)[2]->remote_id, "r300");
    request.items[2].index = 7;
    EXPECT_EQ(probe()->write(request, {}).error().name, "host.contract");
    request.items[2].index = -1;
    EXPECT_EQ(probe()->write(request, {}).error().name, "host.contract");
}

TEST_F(Proxy, GivesTheBatchesErrorToItemsThatWereNotReported) {
    // Reported backwards: "b" is done before the whole batch fails.
    const auto outcomes = probe()->write(batch({"a", "batch", "b"}), {});
    ASSERT_TRUE(outcomes);
    EXPECT_EQ((*outcomes)[2]->remote_id, "r2");
    for (const std::size_t i : {0U, 1U}) {
        EXPECT_EQ((*outcomes)[i].error().code, ErrorCode::kRateLimited);
        EXPECT_EQ((*outcomes)[i].error().retry_after, std::chrono::seconds(7));
        EXPECT_EQ((*outcomes)[i].error().http_status, 429);
    }
}

TEST_F(Proxy, DoesNotLetAPluginSayThatItWasNotCalled) {
    const auto outcomes = probe()->write(batch({"lie", "b"}), {});
    ASSERT_TRUE(outcomes);
    EXPECT_EQ((*outcomes)[1]->remote_id, "r1");
    EXPECT_EQ((*outcomes)[0].error().code, ErrorCode::kBug);
}

TEST_F(Proxy, TakesSecretsOutOfWhatThePluginSays) {
    const auto outcomes = probe()->write(batch({"data"}), {});
    EXPECT_EQ((*outcomes)[0].error().message, "key is ***");
    const auto result = nonsense("long error")->check({});
    EXPECT_EQ(result.error().code, ErrorCode::kData);
    EXPECT_EQ(result.error().message.substr(0, 11), "token=***  ") << result.error().message;
    EXPECT_LE(result.error().message.size(), 512U);
    EXPECT_EQ(result.error().name, "");
    EXPECT_EQ(result.error().retry_after, std::chrono::hours(24));
}

TEST_F(Proxy, MapsEveryStatusToItsCode) {
    for (int status = 1; status <= 11; ++status) {
        const auto connector = nonsense("status " + std::to_string(status));
        for (const auto& error :
             {connector->check({}).error(),
              connector->read(orders(), {}).error(),
              connector->write(batch({"a"}), {})->at(0).error()}) {
            EXPECT_EQ(static_cast<int>(error.code), status);
            EXPECT_NE(error.message.find("gave no reason"), std::string::npos) << error.message;
        }
    }
}

TEST_F(Proxy, TakesAnUnknownStatusForABug) {
    for (const int status : {-1, 12, 42, 100, 105, 1 << 30}) {
        const auto connector = nonsense("status " + std::to_string(status));
        expect_breach(connector->check({}), "check", std::to_string(status));
        expect_breach(connector->write(batch({"a"}), {})->at(0), "write", std::to_string(status));
    }
}

TEST_F(Proxy, TakesAWrongResultForABug) {
    for (const std::string answer :
         {"nothing",
          "two results",
          "result ",
          "result {",
          "result [1]",
          "result {'account':7}",
          "result {'account':'~'}",
          "result {'warnings':{}}",
          "result {} {}",
          "result {'warnings':1e999}",
          "huge result",
          "another thread"}) {
        expect_breach(nonsense(answer)->check({}), "check", answer);
    }
    expect_breach(nonsense("result {}")->encode({}, {"{}"}, {}, {}), "encode", "object");
    expect_breach(nonsense("result []")->encode({}, {"{}"}, {}, {}), "encode", "too few");
    expect_breach(nonsense("result [{},{}]")->encode({}, {"{}"}, {}, {}), "encode", "too many");
    expect_breach(nonsense("result {}")->oauth_refresh({}), "oauth_refresh", "no token");
    expect_breach(nonsense("result {'more':true}")->read(orders(), {}), "read", "endless");
    expect_breach(nonsense("result {'more':1e999}")->read(orders(), {}), "read", "no bool");
}

TEST_F(Proxy, TakesAWrongFindForABug) {
    FindRequest request;
    request.keys = {{"a", "", "", "", nullptr}};
    for (const std::string answer :
         {"result [{'key':'b','remote_id':'1'}]",
          "result [{'key':'a'}]",
          "result [{'key':'a','remote_id':'1'},{'key':'a','remote_id':'2'}]"}) {
        expect_breach(nonsense(answer)->find(request, {}), "find", answer);
    }
    const auto held = nonsense("result [{'key':'a','hold':{'code':'TWO'}}]")->find(request, {});
    ASSERT_TRUE(held) << held.error().message;
    EXPECT_EQ((*held)[0].hold->code, "TWO");
}

TEST_F(Proxy, KeepsARecordThatCannotBeTakenAsideAndGoesOn) {
    const auto page = nonsense("one bad record of three")->read(orders(), {});
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->records.size(), 2U);
    EXPECT_EQ(page->records[1].key, "3");
    ASSERT_EQ(page->unreadable.size(), 1U);
    const UnreadableRecord& bad = page->unreadable[0];
    EXPECT_EQ(bad.id, "2");
    EXPECT_TRUE(bad.has_own_id);
    EXPECT_EQ(bad.code, "record.not_json");
    EXPECT_EQ(bad.raw, "{\"a\":");
    EXPECT_EQ(bad.bytes, 5);
    EXPECT_FALSE(bad.cut);
    EXPECT_EQ(bad.content_hash.size(), 64U);
}

TEST_F(Proxy, SaysWhatIsWrongWithARecord) {
    const std::pair<std::string, std::string> cases[] = {
        {"record not json", "record.not_json"},
        {"record not an object", "record.not_json"},
        {"record not utf-8", "record.not_json"},
        {"record too deep", "record.not_json"},
        {"record of another entity", "record.other_entity"},
        {"record without key", "record.no_id"},
        {"record with a broken key", "record.no_id"},
        {"record of unknown operation", "record.unknown_operation"},
        {"record from the far future", "record.impossible_time"},
        {"a record that is too large", "record.too_large"}};
    for (const auto& [answer, code] : cases) {
        const auto page = nonsense(answer)->read(orders(), {});
        ASSERT_TRUE(page) << answer << ": " << page.error().message;
        ASSERT_EQ(page->unreadable.size(), 1U) << answer;
        const UnreadableRecord& bad = page->unreadable[0];
        EXPECT_EQ(bad.code, code) << answer;
        EXPECT_LE(bad.raw.size(), 100'000U);
        const bool nameless = code == "record.no_id" || code == "record.other_entity";
        EXPECT_EQ(bad.has_own_id, !nameless) << answer;
        EXPECT_EQ(bad.id.rfind(kUnreadableId, 0) == 0, nameless) << bad.id;
        EXPECT_EQ(nonsense(answer)->read(orders(), {})->unreadable[0].id, bad.id) << answer;
    }
}

// One record is a record's fault, all of a page are the plugin's. Records that were asked for by
// their ids are those that are known to be bad.
TEST_F(Proxy, TakesAPageOfNothingButGarbageForABug) {
    expect_breach(nonsense("nothing but garbage")->read(orders(), {}), "read", "garbage");
    ReadRequest given = orders();
    given.ids = {"1"};
    const auto page = nonsense("nothing but garbage")->read(given, {});
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->unreadable.size(), 10U);
}

TEST_F(Proxy, TakesAnAnswerOutOfBoundsForABug) {
    for (const std::string answer : {"null record", "too much", "index twice"}) {
        expect_breach(nonsense(answer)->read(orders(), {}), "read", answer);
    }
    expect_breach(nonsense("record not json")->check({}), "check", "a record in check");
}

TEST_F(Proxy, KeepsWhatWasReportedBeforeAPluginBrokeItsContract) {
    const auto out_of_range = nonsense("index out of range")->write(batch({"a", "b"}), {});
    ASSERT_TRUE(out_of_range);
    EXPECT_EQ((*out_of_range)[0]->remote_id, "r");
    expect_breach((*out_of_range)[1], "write", "not reported");
    const auto twice = nonsense("index twice")->write(batch({"a", "b"}), {});
    EXPECT_EQ((*twice)[0]->remote_id, "r");
    expect_breach((*twice)[1], "write", "reported twice");
    const auto thrown = create("throwing", Json::object())->write(batch({"a", "b"}), {});
    EXPECT_EQ((*thrown)[0]->remote_id, "r0");
    expect_breach((*thrown)[1], "write", "thrown");
}

TEST_F(Proxy, TakesAWrongItemForABug) {
    for (const std::string answer :
         {"unknown item status", "done without json", "done without remote id", "two results"}) {
        const auto outcomes = nonsense(answer)->write(batch({"a"}), {});
        ASSERT_TRUE(outcomes) << answer;
        expect_breach((*outcomes)[0], "write", answer);
    }
    EXPECT_EQ(
        (*nonsense("failed without error")->write(batch({"a"}), {}))[0].error().code,
        ErrorCode::kData
    );
    auto removal = batch({"a"});
    removal.items[0].operation = DocumentOperation::kDelete;
    EXPECT_TRUE((*nonsense("done without remote id")->write(removal, {}))[0]);
}

TEST_F(Proxy, ContainsEveryException) {
    const auto connector = create("throwing", Json::object());
    expect_breach(connector->check({}), "check", "");
    expect_breach(connector->discover({}), "discover", "");
    expect_breach(connector->read(orders(), {}), "read", "");
    expect_breach(connector->encode({}, {"{}"}, {}, {}), "encode", "");
    expect_breach(connector->find({}, {}), "find", "");
    expect_breach(connector->oauth_refresh({}), "oauth_refresh", "");
    EXPECT_NE(
        connector->check({}).error().message.find("secret plans of the plugin"), std::string::npos
    );
    const auto refused =
        registry_->create("throwing", {"acme", "shop"}, {{"throw_in", "create"}}, services_);
    expect_breach(refused, "create", "");
    create("throwing", {{"throw_in", "destroy"}}).reset();
}

TEST_F(Proxy, TellsWhyAnInstanceCannotBeMade) {
    const auto make = [&](const std::string& platform, const Json& settings) {
        return registry_->create(platform, {"acme", "shop"}, settings, services_);
    };
    EXPECT_EQ(make("absent", Json::object()).error().code, ErrorCode::kNotFound);
    const auto refused = make("nonsense", {{"answer", "refuse to be made"}});
    EXPECT_EQ(refused.error().code, ErrorCode::kConfig);
    EXPECT_EQ(refused.error().name, "test.refused");
    EXPECT_EQ(refused.error().message, "no, because of  [31mred [0m and \xEF\xBF\xBD");
    EXPECT_EQ(refused.error().http_status, 0);
    expect_breach(make("nonsense", {{"answer", "no instance"}}), "create", "");
    const auto wrong = make("probe", {{"page_size", 1000}, {"colour", "red"}});
    EXPECT_EQ(wrong.error().code, ErrorCode::kConfig);
    for (const auto* said : {"/page_size", "/colour: unknown", "/base_url: missing"}) {
        EXPECT_NE(wrong.error().message.find(said), std::string::npos) << wrong.error().message;
    }
    EXPECT_EQ(
        make("probe", {{"base_url", "https://user:pw@a.example"}}).error().code, ErrorCode::kConfig
    );
    EXPECT_EQ(make("probe", Json::array()).error().code, ErrorCode::kConfig);
}

TEST_F(Proxy, StopsACallSoon) {
    std::atomic<bool> stop{false};
    connectors::CallContext call;
    call.stop = &stop;
    const auto connector = nonsense("wait for stop");
    std::thread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        stop = true;
    });
    EXPECT_EQ(connector->check(call).error().code, ErrorCode::kCancelled);
    stopper.join();
    EXPECT_EQ(nonsense("result {}")->check(call).error().code, ErrorCode::kCancelled);
}

TEST_F(Proxy, NamesTheHostWhenItCallsAnInstanceTwiceAtOnce) {
    std::atomic<bool> stop{false};
    connectors::CallContext call;
    call.stop = &stop;
    const auto connector = nonsense("wait for stop");
    std::thread first([&] { EXPECT_FALSE(connector->check(call)); });
    while (!services_.kv_get("waiting")) {
        std::this_thread::yield();
    }
    const auto second = connector->discover({});
    stop = true;
    first.join();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().name, "host.contract");
    EXPECT_NE(second.error().message.find("discover was called while check ran"), std::string::npos)
        << second.error().message;
    EXPECT_EQ(second.error().message.find("fault of the host"), 0U);
}

}  // namespace
}  // namespace syncline::testing
