#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

constexpr auto kAsk = "/api/sync/bulk/request-confirmation";

class ConfirmationRoutesTest : public ApiTest {
protected:
    void SetUp() override {
        ApiTest::SetUp();
        Json flow = get("/api/flows/shop-books-orders").json;
        for (const char* shown : {"state", "managed_by"}) {
            flow.erase(shown);
        }
        flow["approval"] = Json::object();
        const Answer put_flow = put("/api/flows/shop-books-orders", flow);
        ASSERT_EQ(put_flow.status, 200) << put_flow.text;
        for (std::int64_t id = 1; id <= 11; ++id) {
            shop_.put(id, "10.00", "c" + std::to_string(id) + "@x.example");
        }
    }
    Answer ask() { return post(kAsk, {{"entity", "orders"}}); }
    Answer confirm(const Answer& asked, const std::string& subject = "tester") {
        return call(
            {"POST",
             "/api/sync/confirm/" + asked.json["token"].get<std::string>(),
             "",
             token(api::Role::kOperator, "default", subject),
             {}}
        );
    }
};

TEST_F(ConfirmationRoutesTest, ElevenRecordsWithoutATokenAreRefusedWithTheWayToGetOne) {
    const Answer refused = post("/api/sync/orders");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(refused.json["type"], "/errors/approval.required");
    const std::string detail = refused.json["detail"];
    EXPECT_NE(detail.find(kAsk), std::string::npos) << detail;
    EXPECT_NE(detail.find("/api/sync/confirm/"), std::string::npos) << detail;
    work();
    EXPECT_EQ(books_.writes, 0);
    EXPECT_EQ(get("/api/sync/history").json["items"].size(), 0u);
}

TEST_F(ConfirmationRoutesTest, TheSummarySaysWhatWouldBeDoneAndTheTokenRunsIt) {
    const Answer asked = ask();
    ASSERT_EQ(asked.status, 200) << asked.text;
    EXPECT_EQ(asked.json["required"], true);
    EXPECT_EQ(asked.json["reasons"][0]["code"], "APPROVAL_RECORDS");
    EXPECT_EQ(asked.json["reasons"][1]["code"], "APPROVAL_FIRST_POST");
    EXPECT_EQ(asked.json["plan"]["records"], 11);
    EXPECT_EQ(asked.json["plan"]["actions"], Json({{"create", 11}}));
    EXPECT_EQ(asked.json["plan"]["totals"], Json({{{"amount", "110.00"}, {"currency", "USD"}}}));
    EXPECT_EQ(asked.json["plan"]["flows"][0]["needs"], 11);
    EXPECT_EQ(asked.json["expires_at"], Timestamp{clock_.now().ms + 300'000}.to_string());
    EXPECT_EQ(books_.writes, 0);
    const Answer started = confirm(asked);
    ASSERT_EQ(started.status, 202) << started.text;
    work();
    const Json done = get(started.header("Location")).json;
    EXPECT_EQ(done["status"], "completed");
    EXPECT_EQ(done["counts"]["created"], 11);
    EXPECT_EQ(books_.count("invoice"), 11u);
}

TEST_F(ConfirmationRoutesTest, EachWrongTokenHasAnErrorOfItsOwn) {
    const Answer asked = ask();
    const Answer stolen = confirm(asked, "mallory");
    EXPECT_EQ(stolen.status, 403);
    EXPECT_EQ(stolen.json["type"], "/errors/confirmation.not_yours");
    EXPECT_EQ(confirm(asked).status, 202);
    const Answer twice = confirm(asked);
    EXPECT_EQ(twice.status, 409);
    EXPECT_EQ(twice.json["type"], "/errors/confirmation.used");
    work();
    shop_.put(50, "1.00", "z@x.example");
    const Answer late = ask();
    clock_.advance(std::chrono::minutes(5));
    const Answer expired = confirm(late);
    EXPECT_EQ(expired.status, 409);
    EXPECT_EQ(expired.json["type"], "/errors/confirmation.expired");
    const Answer unknown = post("/api/sync/confirm/0123456789abcdef");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.json["type"], "/errors/confirmation.unknown");
}

TEST_F(ConfirmationRoutesTest, AChangedPlanIsAnsweredWithTheDifference) {
    const Answer asked = ask();
    shop_.put(3, "99.00", "c3@x.example");
    const Answer changed = confirm(asked);
    EXPECT_EQ(changed.status, 409);
    EXPECT_EQ(changed.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(changed.json["type"], "/errors/confirmation.changed");
    EXPECT_EQ(
        changed.json["difference"]["counts"], Json({{"added", 0}, {"removed", 0}, {"changed", 1}})
    );
    EXPECT_EQ(
        changed.json["difference"]["records"],
        Json({{{"flow", "shop-books-orders"}, {"source_id", "3"}, {"change", "changed"}}})
    );
    EXPECT_EQ(changed.json["plan"]["totals"][0]["amount"], "199.00");
    EXPECT_NE(changed.json["plan"]["hash"], asked.json["plan"]["hash"]);
    work();
    EXPECT_EQ(books_.writes, 0);
}

TEST_F(ConfirmationRoutesTest, TheBodyIsThatOfASyncWithTheEntity) {
    EXPECT_EQ(post(kAsk, Json::object()).places(), std::vector<std::string>{"/entity"});
    EXPECT_EQ(
        post(kAsk, {{"entity", "orders"}, {"limit", 5}}).places(),
        std::vector<std::string>{"/limit"}
    );
    EXPECT_EQ(
        post(kAsk, {{"entity", "orders"}, {"mod", "full"}}).places(),
        std::vector<std::string>{"/mod"}
    );
    EXPECT_EQ(post(kAsk, {{"entity", "orders"}, {"flow", "moon"}}).status, 404);
    const Answer part = post(kAsk, {{"entity", "order"}, {"mode", "ids"}, {"ids", {"1", "2"}}});
    EXPECT_EQ(part.json["plan"]["records"], 2);
}

TEST_F(ConfirmationRoutesTest, AViewerMayNotAsk) {
    const Answer refused =
        call({"POST", kAsk, R"({"entity": "orders"})", token(api::Role::kViewer), {}});
    EXPECT_EQ(refused.status, 403);
}

// Whose run it is, and who may release it.
class ReleaseTest : public ConfirmationRoutesTest {
protected:
    Answer as(api::Role role, const std::string& who, const std::string& path, const Json& body) {
        return call({"POST", path, dump_json(body), token(role, "default", who), {}});
    }
    Answer ask_as(api::Role role, const std::string& who) {
        return as(role, who, kAsk, {{"entity", "orders"}});
    }
    Answer confirm_as(api::Role role, const std::string& who, const Answer& asked) {
        return as(
            role, who, "/api/sync/confirm/" + asked.json["token"].get<std::string>(), Json::object()
        );
    }
    std::vector<std::string> approvals() {
        std::vector<std::string> all;
        const auto rows = engine().stores.audit.list(tenant_, false, events_like("approval."));
        for (const auto& row : rows.value()) {
            all.push_back(row.entry.event + " by " + row.entry.actor.name);
        }
        return all;
    }
};

TEST_F(ReleaseTest, AnApproverReleasesOthersRunsAndNeverTheirOwn) {
    const Answer asked = ask_as(api::Role::kApprover, "bob");
    ASSERT_EQ(asked.status, 200) << asked.text;
    const Answer own = confirm_as(api::Role::kApprover, "bob", asked);
    EXPECT_EQ(own.status, 403);
    EXPECT_EQ(own.json["type"], "/errors/confirmation.own");
    EXPECT_EQ(
        confirm_as(api::Role::kOperator, "dave", asked).json["type"],
        "/errors/confirmation.not_yours"
    );
    const Answer released = confirm_as(api::Role::kApprover, "carl", asked);
    ASSERT_EQ(released.status, 202) << released.text;
    work();
    EXPECT_EQ(books_.count("invoice"), 11u);
    const Json run = get("/api/sync/history").json["items"][0];
    EXPECT_EQ(run["requested_by"], "bob");
    EXPECT_EQ(
        approvals(),
        (std::vector<std::string>{
            "approval.confirmed by carl",
            "approval.refused by dave",
            "approval.refused by bob",
            "approval.requested by bob"})
    );
}

TEST_F(ReleaseTest, WithTheSettingNobodyReleasesTheirOwn) {
    ASSERT_EQ(put("/api/settings/approval", {{"second_person", true}}).status, 200);
    for (const api::Role role : {api::Role::kOperator, api::Role::kAdmin}) {
        const Answer asked = ask_as(role, "ann");
        EXPECT_EQ(confirm_as(role, "ann", asked).json["type"], "/errors/confirmation.own")
            << enum_name(role);
        EXPECT_EQ(confirm_as(api::Role::kOperator, "dave", asked).status, 403)
            << "an operator releases nobody's";
    }
    EXPECT_EQ(
        confirm_as(api::Role::kApprover, "carl", ask_as(api::Role::kAdmin, "ann")).status, 202
    );
}

TEST_F(ReleaseTest, AKeyIsWhoeverMadeIt) {
    const Answer key =
        as(api::Role::kAdmin, "ann", "/api/api-keys", {{"name", "other name"}, {"role", "approver"}}
        );
    const auto with_key = [&](const std::string& path, const Json& body) {
        return call({"POST", path, dump_json(body), key.json["key"].get<std::string>(), {}});
    };
    const Answer asked = ask_as(api::Role::kOperator, "ann");
    const std::string confirm_path = "/api/sync/confirm/" + asked.json["token"].get<std::string>();
    EXPECT_EQ(with_key(confirm_path, Json::object()).json["type"], "/errors/confirmation.own");
    const Answer by_key = with_key(kAsk, {{"entity", "orders"}});
    EXPECT_EQ(
        confirm_as(api::Role::kApprover, "ann", by_key).json["type"], "/errors/confirmation.own"
    );
    EXPECT_EQ(confirm_as(api::Role::kApprover, "carl", by_key).status, 202);
}

TEST_F(ReleaseTest, AKeyThatAKeyMadeIsWhoeverMadeTheFirst) {
    ASSERT_EQ(put("/api/settings/approval", {{"second_person", true}}).status, 200);
    const auto token_of = [](const Answer& made) { return made.json["key"].get<std::string>(); };
    const Answer first =
        as(api::Role::kAdmin, "ann", "/api/api-keys", {{"name", "first"}, {"role", "admin"}});
    const Json wanted{{"name", "second"}, {"role", "approver"}};
    const Answer second = call({"POST", "/api/api-keys", dump_json(wanted), token_of(first), {}});
    ASSERT_EQ(second.status, 201) << second.text;
    const Answer asked = ask_as(api::Role::kOperator, "ann");
    const Answer own = call(
        {"POST",
         "/api/sync/confirm/" + asked.json["token"].get<std::string>(),
         "{}",
         token_of(second),
         {}}
    );
    EXPECT_EQ(own.json["type"], "/errors/confirmation.own") << own.text;
}

}  // namespace
}  // namespace syncline::testing
