// Idempotency-Key: what is sent twice takes effect once, and is answered the same.
#include <thread>

#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

using api::Role;

class IdempotencyTest : public ApiTest {
protected:
    Answer keyed(
        const std::string& key,
        const std::string& method,
        const std::string& path,
        const Json& body = Json()
    ) {
        return call(
            {method,
             path,
             body.is_null() ? "" : dump_json(body),
             admin(),
             {{"Idempotency-Key", key}}}
        );
    }
    static Json flow(const std::string& name) {
        return {
            {"name", name},
            {"entity", "customer"},
            {"source", {{"connection", "shop"}}},
            {"target", {{"connection", "books"}}}};
    }
    std::size_t events(const std::string& event) {
        return engine().stores.audit.list(tenant_, true, events_like(event)).value().size();
    }
    void run_sql(const char* text) {
        const auto done = engine().database->write([&](storage::Sql& sql) -> Result<void> {
            sql.script(text);
            return {};
        });
        ASSERT_TRUE(done.has_value()) << done.error().message;
    }
    void store_shop() {
        post(
            "/api/integrations/shop/credentials",
            {{"store_url", "https://shop.example"}, {"consumer_secret", "cs"}}
        );
    }
};

TEST_F(IdempotencyTest, TheSameRequestAgainGetsTheFirstAnswerAndNoSecondEffect) {
    const Answer first = keyed("k-1", "POST", "/api/flows", flow("a"));
    ASSERT_EQ(first.status, 201) << first.text;
    EXPECT_EQ(first.header("Idempotent-Replayed"), "");
    const Answer again = keyed("k-1", "POST", "/api/flows", flow("a"));
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(again.text, first.text);
    for (const char* header : {"Location", "ETag", "Content-Type"}) {
        EXPECT_EQ(again.header(header), first.header(header)) << header;
        EXPECT_NE(again.header(header), "") << header;
    }
    EXPECT_NE(again.header("X-Request-Id"), first.header("X-Request-Id"));
    EXPECT_EQ(keyed("k-2", "POST", "/api/flows", flow("a")).status, 409);
    EXPECT_EQ(events("flow.created"), 1u);
}

TEST_F(IdempotencyTest, EveryKindOfChangeTakesAKey) {
    ASSERT_EQ(post("/api/flows", flow("a")).status, 201);
    const std::vector<Call> calls{
        {"PUT", "/api/flows/a/pause", R"({"reason": "x"})", "", {}},
        {"PATCH", "/api/flows/a", R"({"batch_size": 7})", "", {}},
        {"POST", "/api/sync/orders", "", "", {}},
        {"DELETE", "/api/flows/a", "", "", {}}};
    for (const auto& wanted : calls) {
        const std::string key = wanted.method + wanted.path;
        const Json body = wanted.body.empty() ? Json() : parse_json(wanted.body).value();
        const Answer first = keyed(key, wanted.method, wanted.path, body);
        ASSERT_LT(first.status, 300) << wanted.path << first.text;
        const Answer again = keyed(key, wanted.method, wanted.path, body);
        EXPECT_EQ(again.status, first.status) << wanted.path;
        EXPECT_EQ(again.text, first.text) << wanted.path;
        EXPECT_EQ(again.header("Idempotent-Replayed"), "true") << wanted.path;
    }
    EXPECT_EQ(get("/api/sync/history").json["items"].size(), 1u);
}

TEST_F(IdempotencyTest, AnotherRequestWithTheKeyIsRefused) {
    ASSERT_EQ(keyed("k", "POST", "/api/flows", flow("a")).status, 201);
    for (const Answer& other :
         {keyed("k", "POST", "/api/flows", flow("b")),
          keyed("k", "PUT", "/api/flows/a", flow("a")),
          keyed("k", "POST", "/api/sync/orders")}) {
        EXPECT_EQ(other.status, 422);
        EXPECT_EQ(other.json["type"], "/errors/idempotency.key_reused");
    }
    EXPECT_EQ(get("/api/flows/b").status, 404);
    EXPECT_TRUE(get("/api/sync/history").json["items"].empty());
}

TEST_F(IdempotencyTest, RefusalsAreRepeatedToo) {
    const Answer first = keyed("k", "POST", "/api/flows", {{"name", "a"}, {"what", 1}});
    EXPECT_EQ(first.status, 400);
    const Answer again = keyed("k", "POST", "/api/flows", {{"name", "a"}, {"what", 1}});
    EXPECT_EQ(again.status, 400);
    EXPECT_EQ(again.text, first.text);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
}

TEST_F(IdempotencyTest, ASecondOneMeanwhileIsToldToWait) {
    store_shop();
    account_.hangs = true;
    Answer first;
    std::thread asking([&] { first = keyed("k", "POST", "/api/integrations/shop/test"); });
    while (account_.checks < 1) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    const Answer second = keyed("k", "POST", "/api/integrations/shop/test");
    const Answer other = keyed("k", "POST", "/api/flows", flow("a"));
    account_.hangs = false;
    asking.join();
    EXPECT_EQ(second.status, 409);
    EXPECT_EQ(second.json["type"], "/errors/idempotency.under_way");
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(keyed("k", "POST", "/api/integrations/shop/test").text, first.text);
    EXPECT_EQ(account_.checks, 1);
}

TEST_F(IdempotencyTest, ManyAtOnceTakeEffectOnce) {
    std::vector<std::thread> clients;
    std::atomic<int> made{0};
    std::atomic<int> told{0};
    for (int i = 0; i < 6; ++i) {
        clients.emplace_back([&] {
            const Answer answer =
                keyed("k", "POST", "/api/api-keys", {{"name", "n"}, {"role", "viewer"}});
            made += answer.status == 201 ? 1 : 0;
            told += answer.status == 409 ? 1 : 0;
        });
    }
    for (auto& client : clients) {
        client.join();
    }
    EXPECT_EQ(made + told, 6);
    EXPECT_GE(made, 1);
    EXPECT_EQ(get("/api/api-keys").json["items"].size(), 1u);
}

TEST_F(IdempotencyTest, AnswersAndKeysOutliveTheHost) {
    const Json wanted{{"name", "export"}, {"role", "viewer"}};
    const Answer first = keyed("k", "POST", "/api/api-keys", wanted);
    ASSERT_EQ(first.status, 201) << first.text;
    stop_server();
    restart();
    start_server();
    const Answer again = keyed("k", "POST", "/api/api-keys", wanted);
    EXPECT_EQ(again.text, first.text);
    EXPECT_EQ(get("/api/api-keys").json["items"].size(), 1u);
    clock_.advance(std::chrono::hours(24));
    EXPECT_EQ(keyed("k", "POST", "/api/api-keys", wanted).header("Idempotent-Replayed"), "");
    EXPECT_EQ(get("/api/api-keys").json["items"].size(), 2u);
}

TEST_F(IdempotencyTest, AKeyThatIsShownOnceRestsSealed) {
    const Answer made = keyed("k", "POST", "/api/api-keys", {{"name", "n"}, {"role", "viewer"}});
    const std::string secret = made.json["key"];
    const auto kept = engine().database->read([](storage::Sql& sql) -> Result<std::string> {
        return sql.value<storage::Blob>("SELECT answer FROM idempotency_keys").value().bytes;
    });
    EXPECT_GT(kept.value().size(), secret.size());
    EXPECT_EQ(kept.value().find(secret.substr(20)), std::string::npos);
}

TEST_F(IdempotencyTest, AnEffectWhoseKeyCannotBeStoredIsNone) {
    run_sql(
        "CREATE TRIGGER refuse BEFORE INSERT ON idempotency_keys BEGIN "
        "SELECT raise(ABORT, 'no'); END"
    );
    EXPECT_GE(keyed("k", "POST", "/api/flows", flow("a")).status, 400);
    EXPECT_EQ(get("/api/flows/a").status, 404);
    EXPECT_EQ(events("flow.created"), 0u);
    EXPECT_EQ(post("/api/flows", flow("a")).status, 201) << "without a key it takes none";
}

TEST_F(IdempotencyTest, WhenTheAnswerWasLostItIsSaidAndNothingIsRepeated) {
    ASSERT_EQ(keyed("k", "POST", "/api/flows", flow("a")).status, 201);
    run_sql("UPDATE idempotency_keys SET answer = NULL");  // as if the host had died before it
    ASSERT_EQ(remove("/api/flows/a").status, 204);
    const Answer again = keyed("k", "POST", "/api/flows", flow("a"));
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.json["type"], "/errors/idempotency.interrupted");
    EXPECT_EQ(get("/api/flows/a").status, 404);
}

TEST_F(IdempotencyTest, WhatMayPassByItselfIsTriedAgain) {
    const Json large{
        {"store_url", "https://shop.example"}, {"consumer_secret", std::string(12'000, 'x')}};
    run_sql("PRAGMA max_page_count = 1");
    EXPECT_EQ(keyed("k", "POST", "/api/integrations/shop/credentials", large).status, 503);
    run_sql("PRAGMA max_page_count = 1000000");
    const Answer stored = keyed("k", "POST", "/api/integrations/shop/credentials", large);
    EXPECT_EQ(stored.status, 201) << stored.text;
    EXPECT_EQ(stored.header("Idempotent-Replayed"), "");
}

TEST_F(IdempotencyTest, AKeyIsOfOneTenantAndOneUser) {
    other_tenant();
    const Json body{{"name", "n"}, {"role", "viewer"}};
    ASSERT_EQ(keyed("k", "POST", "/api/api-keys", body).status, 201);
    for (const std::string& somebody :
         {token(Role::kAdmin, "other"), token(Role::kAdmin, "default", "bob")}) {
        const Answer own =
            call({"POST", "/api/api-keys", dump_json(body), somebody, {{"Idempotency-Key", "k"}}});
        EXPECT_EQ(own.status, 201) << own.text;
        EXPECT_EQ(own.header("Idempotent-Replayed"), "");
    }
    const Answer viewer = call(
        {"POST", "/api/api-keys", dump_json(body), token(Role::kViewer), {{"Idempotency-Key", "k"}}}
    );
    EXPECT_EQ(viewer.status, 403) << "the same name, but it may not do that";
}

TEST_F(IdempotencyTest, AKeyIsShortPrintableText) {
    const auto with = [&](const std::string& key) {
        return keyed(key, "PUT", "/api/flows/shop-books-orders/pause");
    };
    for (const std::string& bad :
         {std::string(256, 'k'), std::string(), std::string("k\xC3\xA4")}) {
        const Answer refused = with(bad);
        EXPECT_EQ(refused.status, 400) << bad;
        EXPECT_EQ(refused.json["type"], "/errors/idempotency.key_malformed") << bad;
    }
    EXPECT_EQ(with(std::string(255, 'k')).status, 200);
    EXPECT_EQ(with("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"").status, 200);
}

TEST_F(IdempotencyTest, LookingTakesNoKey) {
    EXPECT_EQ(keyed("k", "GET", "/api/flows").status, 200);
    const Answer again = keyed("k", "GET", "/api/sync/schedules");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "");
}

}  // namespace
}  // namespace syncline::testing
