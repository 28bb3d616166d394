#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

class ConflictRoutesTest : public ApiTest {
protected:
    void SetUp() override {
        ApiTest::SetUp();
        for (int id = 1; id <= 3; ++id) {
            shop_.put(id, "10.00", "a@x.example", {{"memo", "a"}});
        }
        run();
        shop_.now_ms += 60'000;
        for (int id = 1; id <= 3; ++id) {
            books_.edit("shop:shop:" + std::to_string(id), {{"total", "25.00"}});
            shop_.put(id, "20.00", "a@x.example", {{"memo", "a"}});
        }
        run();
    }
    std::string path_of(const std::string& source_id) {
        const Json list = get("/api/conflicts?source_id=" + source_id).json;
        return "/api/conflicts/" + list["items"][0]["id"].dump();
    }
    std::string total(const std::string& source_id) {
        return books_.by_key("shop:shop:" + source_id)->body.at("total");
    }
};

TEST_F(ConflictRoutesTest, ConflictsAreListedFilteredAndPaged) {
    EXPECT_EQ(get("/api/conflicts").json["items"].size(), 3U);
    EXPECT_EQ(get("/api/conflicts?state=open&entity=orders").json["items"].size(), 3U);
    EXPECT_EQ(get("/api/conflicts?state=resolved").json["items"].size(), 0U);
    EXPECT_EQ(get("/api/conflicts?flow=nowhere").json["items"].size(), 0U);
    const Answer page = get("/api/conflicts?limit=2");
    ASSERT_EQ(page.json["items"].size(), 2U);
    const std::string cursor = page.json["next_cursor"];
    const Json rest = get("/api/conflicts?limit=2&cursor=" + cursor).json;
    ASSERT_EQ(rest["items"].size(), 1U);
    EXPECT_EQ(rest["items"][0]["source_id"], "1");
    EXPECT_EQ(get("/api/conflicts?state=lost").places(), std::vector<std::string>{"state"});
    EXPECT_EQ(get("/api/conflicts?what=x").places(), std::vector<std::string>{"what"});
}

TEST_F(ConflictRoutesTest, OneShowsItsThreeSides) {
    const Answer conflict = get(path_of("2"));
    ASSERT_EQ(conflict.status, 200) << conflict.text;
    EXPECT_EQ(conflict.json["state"], "open");
    EXPECT_EQ(conflict.json["target"]["connection"], "books");
    EXPECT_EQ(conflict.json["target"]["entity"], "invoice");
    ASSERT_EQ(conflict.json["fields"].size(), 1U);
    EXPECT_EQ(conflict.json["fields"][0]["path"], "/total");
    EXPECT_EQ(conflict.json["fields"][0]["base"], "10.00");
    EXPECT_EQ(conflict.json["fields"][0]["source"], "20.00");
    EXPECT_EQ(conflict.json["fields"][0]["target"], "25.00");
    EXPECT_EQ(conflict.json["sides"]["target"]["memo"], "a");
    EXPECT_EQ(get("/api/conflicts/999").status, 404);
    EXPECT_EQ(get("/api/conflicts/abc").status, 404);
}

TEST_F(ConflictRoutesTest, EitherSideIsKeptAsSaid) {
    const Answer source =
        post(path_of("1") + "/resolve", {{"keep", "source"}, {"reason", "shop is right"}});
    ASSERT_EQ(source.status, 202) << source.text;
    EXPECT_EQ(source.json["state"], "resolving");
    EXPECT_EQ(source.json["actor"], "tester");
    EXPECT_EQ(source.json["reason"], "shop is right");
    EXPECT_EQ(source.json["fields"][0]["keep"], "source");
    EXPECT_EQ(
        post(path_of("2") + "/resolve", {{"keep", "target"}, {"reason", "books are right"}}).status,
        202
    );
    const Json by_field{{"/total", {{"value", "22.00"}}}};
    EXPECT_EQ(
        post(path_of("3") + "/resolve", {{"fields", by_field}, {"reason", "between"}}).status, 202
    );
    work();
    EXPECT_EQ(total("1"), "20.00");
    EXPECT_EQ(total("2"), "25.00");
    EXPECT_EQ(total("3"), "22.00");
    EXPECT_EQ(get("/api/conflicts?state=resolved").json["items"].size(), 3U);
    EXPECT_EQ(get("/api/sync/failures").json["items"].size(), 0U);
    EXPECT_NE(get("/api/records/orders/1").text.find("conflict.resolved"), std::string::npos);
}

TEST_F(ConflictRoutesTest, WhatIsUnclearIsRefusedWithItsPlace) {
    const std::string path = path_of("1") + "/resolve";
    const auto places = [&](const Json& body) { return post(path, body).places(); };
    using Places = std::vector<std::string>;
    EXPECT_EQ(places({{"keep", "mine"}, {"reason", "x"}}), Places{"/keep"});
    EXPECT_EQ(places({{"reason", "x"}}), Places{"/keep"});
    EXPECT_EQ(places({{"keep", "source"}}), Places{"/reason"});
    EXPECT_EQ(places({{"keep", "source"}, {"reason", " "}}), Places{"/reason"});
    EXPECT_EQ(
        places({{"keep", "source"}, {"fields", {{"/total", "source"}}}, {"reason", "x"}}),
        Places{"/keep"}
    );
    EXPECT_EQ(
        places({{"fields", {{"/total", "mine"}}}, {"reason", "x"}}), Places{"/fields/~1total"}
    );
    EXPECT_EQ(
        places({{"fields", {{"/total", "source"}, {"/memo", "source"}}}, {"reason", "x"}}),
        Places{"/fields/~1memo"}
    );
    EXPECT_EQ(places({{"keep", "source"}, {"reasons", "x"}}), Places{"/reasons"});
    EXPECT_EQ(total("1"), "25.00");
    EXPECT_EQ(get("/api/conflicts?state=open").json["items"].size(), 3U);
}

TEST_F(ConflictRoutesTest, ADecisionAboutAnOlderRevisionOrASecondOneIsRefused) {
    const std::string path = path_of("1") + "/resolve";
    const Json body{{"keep", "source"}, {"reason", "x"}, {"revision", 7}};
    const Answer old = post(path, body);
    EXPECT_EQ(old.status, 409);
    EXPECT_NE(old.text.find("conflict.changed"), std::string::npos) << old.text;
    const Json now{{"keep", "source"}, {"reason", "x"}, {"revision", 1}};
    EXPECT_EQ(post(path, now).status, 202);
    const Answer second = post(path, now);
    EXPECT_EQ(second.status, 409);
    EXPECT_NE(second.text.find("conflict.decided"), std::string::npos) << second.text;
}

TEST_F(ConflictRoutesTest, OnlyOperatorsSeeTheSidesAndDecide) {
    const std::string viewer = token(api::Role::kViewer);
    EXPECT_EQ(call({"GET", "/api/conflicts", "", viewer, {}}).status, 200);
    EXPECT_EQ(call({"GET", path_of("1"), "", viewer, {}}).status, 403);
    EXPECT_EQ(
        call({"POST", path_of("1") + "/resolve", R"({"keep": "source", "reason": "x"})", viewer, {}}
        ).status,
        403
    );
    other_tenant();
    const std::string other = token(api::Role::kAdmin, "other");
    EXPECT_EQ(call({"GET", "/api/conflicts", "", other, {}}).json["items"].size(), 0U);
    EXPECT_EQ(call({"GET", path_of("1"), "", other, {}}).status, 404);
}

}  // namespace
}  // namespace syncline::testing
