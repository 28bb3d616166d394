// The host's services as a connector sees them, and the fake that stands in for the host.
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include <syncline/plugin/testing/fake_host.hpp>

namespace syncline::plugin {
namespace {

using testing::FakeCall;
using testing::FakeHost;
using testing::FakeOutcomes;

TEST(Host, ExchangesHttpWithHeadersBothWays) {
    FakeHost fake;
    fake.on_http = [](const HttpRequest& request) -> Result<HttpResponse> {
        return HttpResponse{201, {{"X-Echo", request.method}}, request.body};
    };
    HttpRequest request;
    request.method = "PUT";
    request.url = "https://acme.example/items/7";
    request.timeout_ms = 5000;
    request.header("Authorization", "Bearer k").json({{"a", 1}});
    const auto response = fake.handle().http(request);
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 201);
    EXPECT_EQ(response->header("x-echo"), "PUT");
    EXPECT_EQ(response->body, R"({"a":1})");
    ASSERT_EQ(fake.requests.size(), 1U);
    EXPECT_EQ(fake.requests[0].url, request.url);
    EXPECT_EQ(fake.requests[0].headers, request.headers);
    EXPECT_EQ(fake.requests[0].timeout_ms, 5000);
}

TEST(Host, PassesTheErrorOfAFailedExchangeOn) {
    FakeHost fake;
    fake.on_http = [](const HttpRequest&) -> Result<HttpResponse> {
        return Error{ErrorCode::kConfig, "egress refused", "egress.refused"};
    };
    const auto response = fake.handle().http({});
    ASSERT_FALSE(response.has_value());
    EXPECT_EQ(response.error().code, ErrorCode::kConfig);
    EXPECT_EQ(response.error().name, "egress.refused");
}

TEST(Host, AnUnscriptedRequestIsAnErrorThatNamesTheUrl) {
    FakeHost fake;
    HttpRequest request;
    request.url = "https://acme.example/";
    EXPECT_EQ(
        fake.handle().http(request).error().message, "no answer scripted for https://acme.example/"
    );
}

TEST(Host, TellsAMissingSecretFromOneThatCannotBeRead) {
    FakeHost fake;
    fake.secrets["api_key"] = "k";
    EXPECT_EQ(*fake.handle().secret("api_key"), "k");
    const auto missing = fake.handle().secret("token");
    EXPECT_EQ(missing.error().code, ErrorCode::kConfig);
    EXPECT_EQ(missing.error().message, "the secret 'token' is not set");

    syncline_host locked = *fake.abi();
    locked.secret = [](void*, syncline_bytes, const syncline_sink*) -> syncline_status {
        return SYNCLINE_TRANSIENT;
    };
    EXPECT_EQ(Host(&locked).secret("api_key").error().code, ErrorCode::kTransient);
}

TEST(Host, RemembersAndForgets) {
    FakeHost fake;
    const Host host = fake.handle();
    EXPECT_EQ(host.kv_get("cursor"), std::nullopt);
    EXPECT_TRUE(host.kv_put("cursor", "7"));
    EXPECT_EQ(host.kv_get("cursor"), "7");
    EXPECT_TRUE(host.kv_put("cursor", ""));
    EXPECT_EQ(host.kv_get("cursor"), std::nullopt);
    EXPECT_TRUE(fake.memory.empty());
}

TEST(Host, WithoutRandomBytesThereIsAnExceptionRatherThanZeros) {
    FakeHost fake;
    EXPECT_EQ(fake.handle().random(3), (std::vector<std::uint8_t>{0, 1, 2}));
    syncline_host poor = *fake.abi();
    poor.random = [](void*, std::uint8_t*, std::size_t) -> syncline_status {
        return SYNCLINE_TRANSIENT;
    };
    EXPECT_THROW(static_cast<void>(Host(&poor).random(16)), std::runtime_error);
}

TEST(Host, CutsBetweenCharactersAlsoWhenTheHostCannot) {
    FakeHost fake;
    EXPECT_EQ(fake.handle().truncate("Grüße", 4), "Grüß");
    EXPECT_EQ(fake.handle().truncate("Grüße", 50), "Grüße");
    syncline_host poor = *fake.abi();
    poor.truncate =
        [](void*, syncline_bytes, std::uint32_t, const syncline_sink*) -> syncline_status {
        return SYNCLINE_DATA;
    };
    EXPECT_EQ(Host(&poor).truncate("Grüße", 3), "Grü");
}

TEST(Host, GivesTheDateInAZone) {
    FakeHost fake;
    fake.on_local_date = [](const std::string& zone, Timestamp at) -> std::string {
        return zone == "America/New_York" ? at.to_string().substr(0, 10) : "";
    };
    const Timestamp at = *Timestamp::parse("2026-11-21T07:34:11Z");
    EXPECT_EQ(*fake.handle().local_date("America/New_York", at), "2026-11-21");
    const auto unknown = fake.handle().local_date("Mars/Olympus", at);
    EXPECT_EQ(unknown.error().code, ErrorCode::kConfig);
    EXPECT_EQ(unknown.error().message, "'Mars/Olympus' is not an IANA time zone");
}

TEST(Host, LogsWithFields) {
    FakeHost fake;
    fake.handle().log(SYNCLINE_LOG_WARN, "slow answer", R"({"ms": 900})");
    EXPECT_EQ(fake.log_lines, std::vector<std::string>{R"(slow answer {"ms": 900})"});
}

TEST(Host, AnAnswerTooLargeForMemoryDoesNotUnwindIntoTheHost) {
    FakeHost fake;
    syncline_host huge = *fake.abi();
    huge.http = [](void*,
                   const syncline_http_request*,
                   const syncline_http_sink* sink,
                   syncline_error*) -> syncline_status {
        const std::uint8_t byte = 0;
        return sink->body(sink->self, {&byte, std::numeric_limits<std::size_t>::max()});
    };
    EXPECT_EQ(Host(&huge).http({}).error().code, ErrorCode::kTransient);
}

TEST(FakeCall, SaysWhatTheTestSaid) {
    FakeCall fake("key-1");
    fake.attachment = "raw";
    fake.attempt = 3;
    fake.deadline = Timestamp{99};
    Call& call = fake.call();
    EXPECT_EQ(call.idempotency_key(), "key-1");
    EXPECT_EQ(call.attachment(), "raw");
    EXPECT_EQ(call.attempt(), 3U);
    EXPECT_EQ(call.deadline().ms, 99);
    EXPECT_FALSE(call.cancelled());
    fake.cancelled = true;
    EXPECT_TRUE(call.cancelled());
}

TEST(FakeOutcomes, SeesWhatARealHostWouldNotPutUpWith) {
    FakeOutcomes fake;
    Written written;
    written.remote_id = "12";
    fake.outcomes().done(0, written);
    fake.outcomes().failed(1, Error{ErrorCode::kData, "bad name", "acme.name"});
    fake.outcomes().done(1, written);
    fake.outcomes().done(2, Written{});
    EXPECT_EQ(fake.done.at(0).remote_id, "12");
    EXPECT_EQ(fake.failed.at(1).name, "acme.name");
    EXPECT_EQ(
        fake.problems,
        (std::vector<std::string>{
            "item 1 was reported twice", "item 2 was done without a remote_id"})
    );
    fake.removals.insert(5);
    fake.outcomes().done(5, Written{});
    EXPECT_EQ(fake.done.count(5), 1U);
    EXPECT_EQ(fake.problems.size(), 2U);
    fake.answer = SYNCLINE_CANCELLED;
    fake.outcomes().done(3, written);
    EXPECT_TRUE(fake.outcomes().stopped());
    fake.outcomes().done(4, written);
    EXPECT_EQ(fake.done.count(4), 0U);
}

}  // namespace
}  // namespace syncline::plugin
