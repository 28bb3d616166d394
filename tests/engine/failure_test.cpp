// Dead letters from the delivery that fails to what a person, or a cause that clears, makes of
// them.
#include "engine/connection_control.hpp"
#include "engine/failure_detail.hpp"
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

class FailureTest : public EngineTest {
protected:
    std::vector<storage::DeadLetter> letters() {
        return engine().stores.jobs.dead_letters(tenant_, {}).value();
    }
    engine::OpenedFailure opened() {
        EXPECT_EQ(letters().size(), 1u);
        return engine().failures.open(tenant_, letters().at(0).id).value();
    }
    Result<engine::EditedFailure> edit(const engine::RecordEdit& edit) {
        return engine().failures.edit(tenant_, letters().at(0).id, edit, "ops@example");
    }
    static engine::RecordEdit merge(const Json& patch) {
        engine::RecordEdit edit;
        edit.merge = patch;
        return edit;
    }
    std::vector<storage::LogEntry> log_of(const std::string& order, const std::string& event) {
        std::vector<storage::LogEntry> found;
        auto all = engine().stores.log.of_record(tenant_, "order", order, 100).value();
        for (auto& entry : all) {
            if (entry.event == event) {
                found.push_back(std::move(entry));
            }
        }
        return found;
    }
    std::string total(const std::string& order) {
        const FakeDocument* document = books_.by_key("shop:shop:" + order);
        return document == nullptr ? "" : document->body.at("total").get<std::string>();
    }
};

TEST_F(FailureTest, ADeadLetterTellsWhatWasSentAndWhatCameBack) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.refused_keys.insert("shop:shop:1");
    run();
    const engine::OpenedFailure failure = opened();
    EXPECT_EQ(failure.record.at("email"), "ann@x.example");
    EXPECT_EQ(failure.letter.error_class, "business");
    EXPECT_EQ(failure.letter.first_failed_at_ms, clock_.now().ms);
    EXPECT_FALSE(failure.letter.fingerprint.empty());
    const Json& detail = failure.detail;
    EXPECT_EQ(detail.at("stage"), "write");
    EXPECT_EQ(detail.at("document").at("total"), "10.00");
    EXPECT_EQ(detail.at("request").at("natural_key"), "shop:shop:1");
    EXPECT_EQ(detail.at("request").at("body").at("total"), "10.00");
    EXPECT_EQ(detail.at("response").at("code"), "books.refused");
}

TEST_F(FailureTest, EveryStageLeavesItsDetail) {
    const std::pair<Json, std::string> cases[] = {
        {{{"poison", true}}, "encode"},
        {{{"total", "0.00"}}, "plan"},
        {{{"poisoned_customer", true}}, "needs"}};
    std::int64_t id = 0;
    for (const auto& [more, stage] : cases) {
        shop_.orders.clear();
        ++id;
        shop_.put(id, "10.00", "c" + std::to_string(id) + "@x.example", more);
        run();
        const auto newest = letters();
        ASSERT_EQ(newest.size(), static_cast<std::size_t>(id)) << stage;
        storage::DeadLetterFilter filter;
        filter.source_id = std::to_string(id);
        const auto letter = engine().stores.jobs.dead_letters(tenant_, filter)->at(0);
        const auto failure = engine().failures.open(tenant_, letter.id).value();
        EXPECT_EQ(failure.detail.at("stage"), stage);
        EXPECT_FALSE(failure.detail.at("response").at("message").get<std::string>().empty());
        EXPECT_EQ(failure.record.at("id"), std::to_string(id));
    }
}

TEST_F(FailureTest, WhatWasSentIsShownWithoutSecretsAndPersonalData) {
    const Json body{
        {"BillEmail", {{"Address", "ann@x.example"}}},
        {"access_token", "abc"},
        {"total", "10.00"},
        {"lines", {{{"sku", "A"}}}}};
    const Json shown = engine::masked(body);
    EXPECT_EQ(shown.at("BillEmail").at("Address"), "***");
    EXPECT_EQ(shown.at("access_token"), "***");
    EXPECT_EQ(shown.at("total"), "10.00");
    EXPECT_EQ(shown.at("lines"), body.at("lines"));
}

TEST_F(FailureTest, ARecordThatWasFetchedAnewIsKeptWithItsDeadLetter) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.refused_keys.insert("shop:shop:1");
    const std::string id = start();
    ASSERT_TRUE(engine().stores.runs.start(id, clock_.now().ms));
    ASSERT_TRUE(engine().collector.collect(status(id), nullptr));
    ASSERT_TRUE(engine().stores.runs.end_collect(id, std::nullopt, clock_.now().ms));
    ASSERT_TRUE(engine().database->write([](storage::Sql& sql) -> Result<void> {
        sql.run("UPDATE sync_queue SET record = NULL, record_version = 0");
        return {};
    }));
    work();
    EXPECT_EQ(opened().record.value("total", ""), "10.00");
}

TEST_F(FailureTest, AnEditedRecordIsWrittenAndStaysUntilTheSourceChanges) {
    shop_.put(1, "0.00", "ann@x.example");
    run();
    engine::RecordEdit look = merge({{"total", "5.00"}, {"note", "by hand"}});
    look.dry_run = true;
    const auto shown = edit(look);
    ASSERT_TRUE(shown.has_value()) << shown.error().message;
    const Json difference{
        {{"path", "/note"}, {"after", "by hand"}},
        {{"path", "/total"}, {"before", "0.00"}, {"after", "5.00"}}};
    EXPECT_EQ(shown->difference, difference);
    work();
    EXPECT_EQ(books_.count("invoice"), 0u) << "only looked at";

    ASSERT_TRUE(edit(merge({{"total", "5.00"}})).has_value());
    work();
    EXPECT_EQ(total("1"), "5.00");
    EXPECT_TRUE(letters().empty());
    ASSERT_EQ(log_of("1", "edited").size(), 1u);
    const Json detail = *parse_json(log_of("1", "edited").at(0).detail);
    EXPECT_EQ(detail.at("actor"), "ops@example");
    EXPECT_EQ(detail.at("changed"), Json::array({"/total"}));

    EXPECT_EQ(run(SyncMode::kFull).counts.skipped, 1);
    EXPECT_EQ(total("1"), "5.00");
    shop_.put(1, "7.00", "ann@x.example");
    run();
    EXPECT_EQ(total("1"), "7.00");
}

TEST_F(FailureTest, AnEditThatCannotBeIsRefusedWithItsPlace) {
    shop_.put(1, "0.00", "ann@x.example");
    run();
    engine::RecordEdit both = merge({{"total", "5.00"}});
    both.record = Json::object();
    engine::RecordEdit old = merge({{"total", "5.00"}});
    old.version = letters().at(0).version + 1;
    const std::pair<engine::RecordEdit, std::string> cases[] = {
        {{}, "/record: "},
        {both, "/record: "},
        {merge(Json::array()), "/merge: "},
        {merge({{"id", "2"}}), "/merge/id: "},
        {merge({{"id", nullptr}}), "/merge/id: "},
        {merge({{"total", "0.00"}}), "/merge: nothing"},
        {old, "/version: "}};
    for (const auto& [wrong, place] : cases) {
        const auto refused = edit(wrong);
        ASSERT_FALSE(refused.has_value()) << place;
        EXPECT_EQ(refused.error().message.rfind(place, 0), 0u) << refused.error().message;
    }
    EXPECT_EQ(letters().size(), 1u);
}

TEST_F(FailureTest, WhatWaitsForItsCustomerIsSentAgainWhenTheCustomerArrives) {
    shop_.put(1, "10.00", "ann@x.example", {{"poisoned_customer", true}});
    EXPECT_EQ(run().counts.held, 1);
    EXPECT_EQ(letters().at(0).error_class, "needs_data");
    EXPECT_EQ(letters().at(0).waits_for, "customer:ann@x.example");
    shop_.put(2, "20.00", "bob@x.example");
    run();
    EXPECT_EQ(letters().size(), 1u) << "another customer is none of its business";
    shop_.put(3, "30.00", "ann@x.example");
    run();
    EXPECT_TRUE(letters().empty());
    EXPECT_EQ(total("1"), "10.00");
    EXPECT_EQ(books_.count("customer"), 2u);
}

TEST_F(FailureTest, ACustomerThatIsFoundInTheTargetHasArrivedToo) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.refused_keys.insert("ann@x.example");
    EXPECT_EQ(run().counts.held, 1);
    books_.documents["c1"] = {"c1", "customer", "ann@x.example", 1, {{"email", "ann@x.example"}}};
    shop_.put(2, "20.00", "ann@x.example");
    run();
    EXPECT_TRUE(letters().empty());
    EXPECT_EQ(total("1"), "10.00");
}

TEST_F(FailureTest, ACauseThatComesBackIsNotFollowedForEver) {
    shop_.put(1, "10.00", "ann@x.example", {{"poisoned_customer", true}});
    run();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(
            engine().failures.retry(tenant_, letters().at(0).id, storage::LoopGuard::kOn, "tester")
        );
        work();
        ASSERT_EQ(letters().size(), 1u);
    }
    EXPECT_EQ(
        engine()
            .failures.retry(tenant_, letters().at(0).id, storage::LoopGuard::kOn, "tester")
            .error()
            .name,
        "failure.quarantined"
    );
    EXPECT_EQ(log_of("1", "redriven").size(), 3u);
    shop_.put(2, "20.00", "ann@x.example");
    run();
    EXPECT_EQ(letters().size(), 1u);
    ASSERT_TRUE(
        engine().failures.retry(tenant_, letters().at(0).id, storage::LoopGuard::kOff, "tester")
    );
    work();
    EXPECT_TRUE(letters().empty());
}

TEST_F(FailureTest, NewCredentialsSendAtOnceWhatTheOldOnesHeldUp) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.find_error = Error{ErrorCode::kAuth, "void", "books.void"};
    run();
    books_.find_error.reset();
    engine::ConnectionControl connections(engine().stores, engine().pool, source_, clock_, [] {});
    ASSERT_TRUE(connections.put(tenant_, "books", "books", Json::object()).has_value());
    work();  // not a minute later
    EXPECT_EQ(total("1"), "10.00");
}

TEST_F(FailureTest, WhatIsResolvedIsRecordedAndStaysAway) {
    shop_.put(1, "0.00", "ann@x.example");
    run();
    const JobId id = letters().at(0).id;
    EXPECT_EQ(
        engine().failures.resolve(tenant_, id, "  ", "ops@example").error().code,
        ErrorCode::kInvalid
    );
    ASSERT_TRUE(engine().failures.resolve(tenant_, id, "a gift", "ops@example"));
    EXPECT_TRUE(letters().empty());
    const auto entries = log_of("1", "resolved");
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].message, "a gift");
    EXPECT_EQ(parse_json(entries[0].detail)->at("actor"), "ops@example");
    EXPECT_EQ(run(SyncMode::kFull).counts.skipped, 1);
    EXPECT_TRUE(letters().empty());
    shop_.put(1, "3.00", "ann@x.example");
    run();
    EXPECT_EQ(total("1"), "3.00");
}

TEST_F(FailureTest, ALostAnswerThatWasGivenUpIsOfAKindToo) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.faults = {WriteFault::kNone, WriteFault::kDropAfter};
    run();
    books_.finds_nothing = true;
    for (int i = 0; i < 40 && letters().empty(); ++i) {
        books_.faults.push_back(WriteFault::kDropBefore);
        later(6 * 3'600'000);
    }
    ASSERT_EQ(letters().size(), 1u);
    EXPECT_EQ(letters().at(0).error_code, "intent.outcome_unknown");
    EXPECT_EQ(engine().stores.jobs.failure_groups(tenant_, {})->at(0).count, 1);
    EXPECT_FALSE(letters().at(0).fingerprint.empty());
    const Json detail = engine().failures.open(tenant_, letters().at(0).id).value().detail;
    EXPECT_EQ(detail.at("stage"), "write");
    EXPECT_EQ(detail.at("response").at("message"), "connection lost");
    EXPECT_EQ(detail.at("request").at("operation"), "upsert");
    EXPECT_EQ(detail.at("request").at("natural_key"), "shop:shop:1");
    EXPECT_EQ(detail.at("document").at("total"), "10.00");
}

// The customer came into the books while the order that lacked it was still being delivered.
TEST_F(FailureTest, ACustomerThatArrivedUnnoticedIsNoticedSoon) {
    shop_.put(1, "10.00", "ann@x.example", {{"poisoned_customer", true}});
    run();
    ASSERT_EQ(letters().size(), 1u);
    const Flow flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
    ASSERT_TRUE(engine().database->write([&](storage::Sql& sql) -> Result<void> {
        engine().stores.id_mappings.put(
            sql,
            {tenant_, flow.source, flow.target, "customer", "", "ann@x.example"},
            {"customer", "customer", "c1", "1", "", {}},
            std::nullopt,
            1
        );
        return {};
    }));
    later(10'000);
    EXPECT_TRUE(letters().empty());
    EXPECT_EQ(total("1"), "10.00");
}

TEST_F(FailureTest, OneBadCopyOfACustomerHoldsUpNoOrderThatHasAGoodOne) {
    shop_.put(1, "10.00", "ann@x.example", {{"poisoned_customer", true}});
    shop_.put(2, "20.00", "ann@x.example");
    shop_.put(3, "30.00", "ann@x.example");
    run();
    EXPECT_TRUE(letters().empty());
    EXPECT_EQ(books_.count("invoice"), 3u);
    EXPECT_EQ(books_.count("customer"), 1u);
}

// Nobody knows for long whether the customer is there; when it turns out, its order goes on.
TEST_F(FailureTest, WhatWaitedInVainForACustomerInDoubtIsSentAgainWhenItArrives) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.faults = {WriteFault::kDropAfter};  // the customer
    books_.finds_nothing = true;
    run();
    shop_.put(2, "20.00", "ann@x.example");
    run();
    ASSERT_TRUE(engine().database->write([](storage::Sql& sql) -> Result<void> {
        // Recovery does not come to it; the order's attempts are used up all but one.
        sql.run("UPDATE intents SET run_at_ms = 4000000000000 WHERE state = 'open'");
        sql.run("UPDATE sync_queue SET attempts = 9, run_at_ms = 0");
        return {};
    }));
    work();
    ASSERT_EQ(letters().size(), 2u);
    for (const auto& letter : letters()) {
        EXPECT_EQ(letter.error_code, "intent.open");
        EXPECT_EQ(letter.error_class, "needs_data");
        EXPECT_EQ(letter.outcome, "held");
        EXPECT_EQ(letter.waits_for, "customer:ann@x.example");
    }
    storage::DeadLetterFilter second;
    second.source_id = "2";
    const JobId id = engine().stores.jobs.dead_letters(tenant_, second)->at(0).id;
    books_.finds_nothing = false;
    // A retry of either looks at the intent, whoever's it is, and what it settles clears the other.
    ASSERT_TRUE(engine().failures.retry(tenant_, id, storage::LoopGuard::kOn, "tester"));
    later(60'000);
    EXPECT_TRUE(letters().empty());
    EXPECT_EQ(books_.count("invoice"), 2u);
    EXPECT_EQ(books_.count("customer"), 1u);
}

TEST_F(FailureTest, WhatIsInDoubtCannotBeResolved) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.faults = {WriteFault::kNone, WriteFault::kDropAfter};
    run();
    books_.find_error = Error{ErrorCode::kData, "the query is refused"};
    later(10'000);
    const JobId id = letters().at(0).id;
    const auto refused = engine().failures.resolve(tenant_, id, "a gift", "ops@example");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().name, "failure.in_doubt");
    EXPECT_EQ(refused.error().code, ErrorCode::kExists);
    ASSERT_EQ(letters().size(), 1u);
    books_.find_error.reset();
    ASSERT_TRUE(engine().failures.retry(tenant_, id, storage::LoopGuard::kOn, "tester"));
    later(60'000);
    EXPECT_TRUE(letters().empty());
    EXPECT_EQ(books_.count("invoice"), 1u);
}

TEST_F(FailureTest, AFullRunSendsNothingFromQuarantineAndCountsWhatItSends) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.refused_keys.insert("shop:shop:1");
    run();
    const std::int64_t first_failed = letters().at(0).first_failed_at_ms;
    for (int i = 1; i <= 3; ++i) {
        later(60'000);
        run(SyncMode::kFull);
        ASSERT_EQ(letters().size(), 1u);
        EXPECT_EQ(letters().at(0).redrives, i);
        EXPECT_EQ(letters().at(0).first_failed_at_ms, first_failed);
    }
    const auto writes = books_.writes;
    EXPECT_EQ(run(SyncMode::kFull).counts.skipped, 1);
    EXPECT_EQ(books_.writes, writes);
    storage::RunOptions one;
    one.ids = {"1"};
    run(SyncMode::kIds, one);
    EXPECT_EQ(books_.writes, writes + 1) << "who asks for it by its id gets it sent";
    shop_.put(1, "20.00", "ann@x.example");
    run();
    EXPECT_EQ(books_.writes, writes + 2) << "another content starts anew";
    EXPECT_EQ(letters().at(0).redrives, 0);
}

TEST_F(FailureTest, AnEditOfWhatAnEarlierEditMadeIsRefused) {
    shop_.put(1, "0.00", "ann@x.example");
    run();
    engine::RecordEdit first = merge({{"note", "one"}});
    first.version = letters().at(0).version;
    ASSERT_TRUE(edit(first).has_value());
    work();
    ASSERT_EQ(letters().size(), 1u);
    engine::RecordEdit second = merge({{"note", "two"}});
    second.version = first.version;
    const auto refused = edit(second);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().message.rfind("/version: ", 0), 0u) << refused.error().message;
    second.version = letters().at(0).version;
    EXPECT_TRUE(edit(second).has_value());
}

TEST_F(FailureTest, ARecordThatWasNotKeptGetsNoOtherOnesId) {
    shop_.put(1, "0.00", "ann@x.example");
    run();
    ASSERT_TRUE(engine().database->write([](storage::Sql& sql) -> Result<void> {
        sql.run("UPDATE sync_queue SET record = NULL, record_version = 0");
        return {};
    }));
    engine::RecordEdit whole;
    for (const Json& id : {Json("2"), Json(1), Json()}) {
        whole.record = {
            {"total", "5.00"}, {"email", "ann@x.example"}, {"status", "processing"}, {"id", id}};
        const auto refused = edit(whole);
        ASSERT_FALSE(refused.has_value()) << id;
        EXPECT_EQ(refused.error().message.rfind("/record/id: ", 0), 0u) << refused.error().message;
    }
    (*whole.record)["id"] = "1";
    EXPECT_TRUE(edit(whole).has_value());
    work();
    EXPECT_EQ(total("1"), "5.00");
}

TEST_F(FailureTest, WhatAConnectorCannotEncodeIsAFailureOfItsKind) {
    shop_.put(1, "10.00", "ann@x.example");
    shop_.put(2, "20.00", "bob@x.example");
    books_.encode_error = Error{ErrorCode::kUnsupported, "no orders here", "books.entity"};
    EXPECT_EQ(run().counts.failed, 2);
    ASSERT_EQ(letters().size(), 2u);
    EXPECT_EQ(letters().at(0).error_code, "books.entity");
    EXPECT_EQ(letters().at(0).error_class, "business");
}

TEST_F(FailureTest, ASettingThatEncodeCannotUsePausesTheFlowAndSaysWhy) {
    shop_.put(1, "10.00", "ann@x.example");
    books_.encode_error = Error{ErrorCode::kConfig, "tax_code: there is no TX", "books.setting"};
    EXPECT_EQ(run().counts.waiting, 1);
    const Flow flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
    EXPECT_EQ(flow.state, FlowState::kPaused);
    const auto change = engine().stores.flow_changes.changes(flow.id, 1).value().at(0);
    EXPECT_EQ(change.cause.actor, "host");
    EXPECT_EQ(change.cause.reason, "tax_code: there is no TX");
    books_.encode_error.reset();
    ASSERT_TRUE(engine().stores.flow_changes.set_state(
        flow.id, FlowState::kRunning, {"ops@example", ""}, clock_.now().ms
    ));
    later(60'000);
    EXPECT_EQ(total("1"), "10.00");
}

}  // namespace
}  // namespace syncline::testing
