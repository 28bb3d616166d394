// The wrapper as the host sees it: through the C table only.
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <syncline/plugin/connector.hpp>
#include <syncline/plugin/testing/fake_host.hpp>

#include "sdk/collected_out.hpp"

namespace syncline::plugin {
namespace {

using syncline::testing::CollectedOut;
using testing::FakeHost;

// What the connector below does next; a connector has no other way in from a test.
struct Script {
    Result<Page> page = Page{};
    Result<std::vector<Encoded>> encoded = std::vector<Encoded>{};
    Result<void> written;
    void (*thrower)() = nullptr;
    Json settings;
    int alive = 0;
    int reports_tried = 0;
};
Script* script = nullptr;

class Scripted {
public:
    static constexpr const char* kId = "com.example.scripted";
    static constexpr const char* kVersion = "1.2.3";
    static Spec spec() {
        Spec spec;
        spec.title = "Scripted";
        Setting page_size;
        page_size.name = "page_size";
        page_size.type = SettingType::kInteger;
        page_size.default_value = 50;
        spec.settings = {page_size};
        return spec;
    }
    Scripted(Host host, const Json& settings) : host_(host) {
        if (script->thrower != nullptr) {
            script->thrower();
        }
        script->settings = settings;
        ++script->alive;
    }
    Scripted(const Scripted&) = delete;
    ~Scripted() { --script->alive; }

    Result<CheckReport> check(Call&) {
        if (script->thrower != nullptr) {
            script->thrower();
        }
        return CheckReport{"Acme at " + host_.now().to_string(), "acme-1", {}};
    }
    Result<Page> read(Call&, const ReadRequest& request) {
        script->settings = to_json(request);
        return script->page;
    }
    Result<std::vector<Encoded>> encode(Call&, const EncodeRequest&) { return script->encoded; }
    Result<void> write(Call& call, const WriteRequest& request, Outcomes& outcomes) {
        for (const auto& item : request.items) {
            ++script->reports_tried;
            if (item.role == "bad") {
                outcomes.failed(item.index, Error{ErrorCode::kHold, "no", "acme.hold"});
            } else {
                Written written;
                written.remote_id = "r" + std::string(call.idempotency_key());
                outcomes.done(item.index, written);
            }
        }
        return script->written;
    }
    Result<Json> webhook_parse(Call& call, const Json& in) {
        return Json{{"body", std::string(call.attachment())}, {"in", in}};
    }

private:
    Host host_;
};

class Least {
public:
    static constexpr const char* kId = "com.example.least";
    static constexpr const char* kVersion = "0.0.1";
    static Spec spec() { return {}; }
    Least(Host, const Json&) {}
};

class ConnectorTable : public ::testing::Test {
protected:
    ConnectorTable() { script = &script_; }
    ~ConnectorTable() override {
        if (instance_ != nullptr) {
            table().destroy(instance_);
        }
        EXPECT_EQ(script_.alive, 0);
        script = nullptr;
    }
    static const syncline_connector& table() { return kConnector<Scripted>; }
    void create(std::string_view settings = "{}") {
        ASSERT_EQ(
            table().create(host_.abi(), as_bytes(settings), &instance_, &out_.error), SYNCLINE_OK
        );
    }

    Script script_;
    FakeHost host_;
    CollectedOut out_;
    void* instance_ = nullptr;
};

TEST_F(ConnectorTable, HasASlotForEveryMethodAndNoOther) {
    const auto& full = table();
    EXPECT_EQ(full.struct_size, sizeof(syncline_connector));
    EXPECT_STREQ(full.id, "com.example.scripted");
    EXPECT_STREQ(full.version, "1.2.3");
    for (const syncline_op present :
         {full.check, full.read, full.encode, full.write, full.webhook_parse}) {
        EXPECT_NE(present, nullptr);
    }
    for (const syncline_op absent :
         {full.discover,
          full.find,
          full.webhook_register,
          full.webhook_unregister,
          full.webhook_verify,
          full.oauth_authorize,
          full.oauth_exchange,
          full.oauth_refresh,
          full.oauth_revoke,
          full.cdc_poll,
          full.cdc_ack}) {
        EXPECT_EQ(absent, nullptr);
    }
    const auto& least = kConnector<Least>;
    for (const syncline_op absent :
         {least.check,
          least.discover,
          least.read,
          least.encode,
          least.find,
          least.write,
          least.webhook_parse}) {
        EXPECT_EQ(absent, nullptr);
    }
    EXPECT_NE(least.spec, nullptr);
    EXPECT_NE(least.create, nullptr);
    EXPECT_NE(least.destroy, nullptr);
}

TEST_F(ConnectorTable, GivesItsSpecWithoutAnInstance) {
    ASSERT_EQ(table().spec(&out_.sink, &out_.error), SYNCLINE_OK);
    EXPECT_EQ(
        from_json<Spec>(*parse_json(out_.results.at(0)), Unknown::kRefuse)->title, "Scripted"
    );
}

TEST_F(ConnectorTable, TheConstructorGetsSettingsWithDefaultsFilledIn) {
    create(R"({"mode": "test"})");
    EXPECT_EQ(script_.settings.dump(), R"({"mode":"test","page_size":50})");
    EXPECT_EQ(script_.alive, 1);
    table().destroy(instance_);
    instance_ = nullptr;
    EXPECT_EQ(script_.alive, 0);
    create("");
    EXPECT_EQ(script_.settings.dump(), R"({"page_size":50})");
}

TEST_F(ConnectorTable, AnExceptionOfTheConstructorIsAStatusAndNoInstance) {
    script_.thrower = [] { throw std::runtime_error("cannot start"); };
    EXPECT_EQ(table().create(host_.abi(), as_bytes("{}"), &instance_, &out_.error), SYNCLINE_BUG);
    EXPECT_STREQ(out_.error.code, "exception.escaped");
    EXPECT_STREQ(out_.error.message, "cannot start");
    EXPECT_EQ(instance_, nullptr);
    // A setting of another type than the constructor expects is for a person to mend.
    script_.thrower = [] { static_cast<void>(Json(7).at("base_url")); };
    EXPECT_EQ(
        table().create(host_.abi(), as_bytes("{}"), &instance_, &out_.error), SYNCLINE_CONFIG
    );
    EXPECT_STREQ(out_.error.code, "json.unexpected");
    EXPECT_EQ(table().create(host_.abi(), as_bytes("{"), &instance_, &out_.error), SYNCLINE_BUG);
    EXPECT_STREQ(out_.error.code, "request.unreadable");
}

TEST_F(ConnectorTable, EveryExceptionBecomesAStatus) {
    create();
    const struct {
        void (*thrower)();
        syncline_status status;
        const char* code;
        const char* message;
    } cases[] = {
        {[] { static_cast<void>(Json::object().at("id")); },
         SYNCLINE_DATA,
         "json.unexpected",
         "[json.exception.out_of_range.403] key 'id' not found"},
        {[] { const Json never = Json::parse("{\"token\": s3cret"); },
         SYNCLINE_DATA,
         "json.unreadable",
         "text that is not JSON (parse_json says where)"},
        {[] { throw std::logic_error("amounts in EUR and USD cannot be added"); },
         SYNCLINE_BUG,
         "exception.escaped",
         "amounts in EUR and USD cannot be added"},
        {[] { throw std::bad_alloc(); }, SYNCLINE_BUG, "exception.escaped", "std::bad_alloc"},
        {[] { throw 7; },
         SYNCLINE_BUG,
         "exception.escaped",
         "an exception that is no std::exception"},
    };
    for (const auto& one : cases) {
        script_.thrower = one.thrower;
        EXPECT_EQ(out_.run(table().check, instance_), one.status);
        EXPECT_STREQ(out_.error.code, one.code);
        EXPECT_STREQ(out_.error.message, one.message);
        EXPECT_EQ(out_.error.retry_after_ms, -1);
        EXPECT_TRUE(out_.results.empty());
    }
}

TEST_F(ConnectorTable, AnErrorMayBeReportedToNobody) {
    create();
    script_.thrower = [] { throw std::runtime_error("x"); };
    EXPECT_EQ(table().check(instance_, &out_.call, {}, &out_.abi, nullptr), SYNCLINE_BUG);
}

TEST_F(ConnectorTable, PushesAPageRecordByRecordAndThenItsResult) {
    create();
    script_.page->records = {
        {"order", "7", RecordOperation::kUpsert, Timestamp{5}, "{\"id\":\"7\"}"},
        {"order", "8", RecordOperation::kDelete, {}, ""}};
    script_.page->more = true;
    script_.page->last_id = "8";
    ASSERT_EQ(
        out_.run(table().read, instance_, R"({"entity": "order", "ids": ["7"], "later_field": 1})"),
        SYNCLINE_OK
    );
    EXPECT_EQ(script_.settings.at("ids"), Json({"7"}));
    ASSERT_EQ(out_.records.size(), 2U);
    EXPECT_EQ(out_.records[0].op, SYNCLINE_UPSERT);
    EXPECT_EQ(out_.records[0].changed_at_ms, 5);
    EXPECT_EQ(out_.records[0].json, "{\"id\":\"7\"}");
    EXPECT_EQ(out_.records[1].op, SYNCLINE_DELETE);
    EXPECT_EQ(out_.records[1].key, "8");
    ASSERT_EQ(out_.results.size(), 1U);
    EXPECT_EQ(from_json<Page>(*parse_json(out_.results[0]))->last_id, "8");
}

TEST_F(ConnectorTable, StopsAPageAtTheRecordTheHostRefuses) {
    create();
    script_.page->records = {{"order", "7", {}, {}, ""}, {"order", "8", {}, {}, ""}};
    out_.answer = SYNCLINE_CANCELLED;
    EXPECT_EQ(out_.run(table().read, instance_, R"({"entity": "order"})"), SYNCLINE_CANCELLED);
    EXPECT_EQ(out_.records.size(), 1U);
    EXPECT_TRUE(out_.results.empty());
}

TEST_F(ConnectorTable, AnErrorCrossesWithAllItsDetails) {
    create();
    script_.page = Error{
        ErrorCode::kRateLimited, "too many requests", "http.429", 429, std::chrono::seconds(7)};
    EXPECT_EQ(out_.run(table().read, instance_, "{}"), SYNCLINE_RATE_LIMITED);
    const Error back = from_abi(SYNCLINE_RATE_LIMITED, out_.error);
    EXPECT_EQ(back.code, ErrorCode::kRateLimited);
    EXPECT_EQ(back.message, "too many requests");
    EXPECT_EQ(back.name, "http.429");
    EXPECT_EQ(back.http_status, 429);
    EXPECT_EQ(back.retry_after, std::chrono::milliseconds(7000));
}

TEST_F(ConnectorTable, ARequestItCannotReadIsTheHostsBug) {
    create();
    for (const char* text : {"", "[", "[1]", R"({"entity": 5})"}) {
        EXPECT_EQ(out_.run(table().read, instance_, text), SYNCLINE_BUG) << text;
        EXPECT_STREQ(out_.error.code, "request.unreadable");
    }
    EXPECT_EQ(out_.run(table().webhook_parse, instance_, "{"), SYNCLINE_BUG);
    EXPECT_STREQ(out_.error.code, "request.unreadable");
}

TEST_F(ConnectorTable, EncodeMustAnswerForEveryRecord) {
    create();
    script_.encoded->resize(1);
    EXPECT_EQ(out_.run(table().encode, instance_, R"({"records": [{}]})"), SYNCLINE_OK);
    EXPECT_EQ(out_.run(table().encode, instance_, R"({"records": [{}, {}]})"), SYNCLINE_BUG);
    EXPECT_STREQ(out_.error.message, "encode gave 1 results for 2 records");
}

TEST_F(ConnectorTable, WriteReportsItemByItem) {
    create();
    const std::string key = "0b6b7a52-0d3c-5ef0-8f3a-0c5a6d1f2e3b";
    out_.call.idempotency_key = as_bytes(key);
    ASSERT_EQ(
        out_.run(
            table().write, instance_, R"({"items": [{"index": 0}, {"index": 1, "role": "bad"}]})"
        ),
        SYNCLINE_OK
    );
    ASSERT_EQ(out_.items.size(), 2U);
    EXPECT_EQ(out_.items[0].status, SYNCLINE_OK);
    EXPECT_EQ(from_json<Written>(*parse_json(out_.items[0].json))->remote_id, "r" + key);
    EXPECT_EQ(out_.items[1].status, SYNCLINE_HOLD);
    EXPECT_EQ(out_.items[1].code, "acme.hold");
    script_.written = Error{ErrorCode::kTransient, "connection reset", "net.reset"};
    EXPECT_EQ(out_.run(table().write, instance_, R"({"items": []})"), SYNCLINE_TRANSIENT);
}

TEST_F(ConnectorTable, WriteStopsReportingWhenTheHostSaysStop) {
    create();
    out_.answer = SYNCLINE_CANCELLED;
    EXPECT_EQ(
        out_.run(table().write, instance_, R"({"items": [{"index": 0}, {"index": 1}]})"),
        SYNCLINE_CANCELLED
    );
    EXPECT_EQ(out_.items.size(), 1U);
    EXPECT_EQ(script_.reports_tried, 2);
}

TEST_F(ConnectorTable, TheOtherOperationsTakeAndGiveJson) {
    create();
    const std::string body("raw \xFF bytes", 11);
    out_.call.attachment = as_bytes("{\"id\":1}");
    ASSERT_EQ(out_.run(table().webhook_parse, instance_, R"({"headers": {}})"), SYNCLINE_OK);
    EXPECT_EQ(out_.results.at(0), R"({"body":"{\"id\":1}","in":{"headers":{}}})");
    ASSERT_EQ(out_.run(table().webhook_parse, instance_), SYNCLINE_OK);
}

TEST(AbiStatus, OnlyTheAbisOwnCodesCross) {
    for (std::int32_t code = SYNCLINE_CANCELLED; code <= SYNCLINE_HOLD; ++code) {
        EXPECT_EQ(abi_status(static_cast<ErrorCode>(code)), code);
    }
    EXPECT_EQ(abi_status(ErrorCode::kInvalid), SYNCLINE_DATA);
    for (const auto inner :
         {ErrorCode::kNotFound,
          ErrorCode::kUnauthorized,
          ErrorCode::kStorage,
          static_cast<ErrorCode>(0),
          static_cast<ErrorCode>(-1)}) {
        EXPECT_EQ(abi_status(inner), SYNCLINE_BUG);
    }
}

TEST(FillAbiError, CutsTextsBetweenCodePoints) {
    syncline_error raw = empty_abi_error();
    fill_abi_error(Error{ErrorCode::kData, std::string(511, 'm'), std::string(63, 'n')}, &raw);
    EXPECT_EQ(std::string(raw.message), std::string(511, 'm'));
    EXPECT_EQ(std::string(raw.code), std::string(63, 'n'));

    std::string long_text(510, 'm');
    for (const char* last : {"ä", "€", "😀"}) {
        fill_abi_error(Error{ErrorCode::kData, long_text + last + "more", ""}, &raw);
        EXPECT_EQ(std::string(raw.message), long_text) << last;
    }
    fill_abi_error(Error{ErrorCode::kData, std::string(509, 'm') + "ä" + "more", ""}, &raw);
    EXPECT_EQ(std::string(raw.message), std::string(509, 'm') + "ä");
    fill_abi_error(Error{ErrorCode::kData, std::string(2000, '\x80'), ""}, &raw);
    EXPECT_LT(std::string(raw.message).size(), 512U);
}

}  // namespace
}  // namespace syncline::plugin
