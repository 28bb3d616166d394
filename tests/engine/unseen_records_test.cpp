// Runs that were looked at before they started, by a person or by the gate, write what was seen
// then, however late they read, whoever restarts them and whatever changed meanwhile.
#include "engine/support/approval_fixture.hpp"

namespace syncline::testing {
namespace {

constexpr std::int64_t kOneDayMs = 86'400'000;

class UnseenRecordsTest : public ApprovalTest {
protected:
    void close_shop_once() {
        shop_.next_read_errors = {Error{ErrorCode::kData, "the shop is closed", "shop.closed"}};
    }
    void pass(std::int64_t ms) {
        clock_.advance(std::chrono::milliseconds(ms));
        shop_.now_ms += ms;
    }
    StartRequest one(const std::string& id) {
        StartRequest request = orders(SyncMode::kIds);
        request.options.ids = {id};
        return request;
    }
    std::string confirmed_sync(const StartRequest& request = orders()) {
        const auto confirmed = confirmations().confirm(tenant_, "ann", ask(request).token);
        EXPECT_TRUE(confirmed.has_value() && confirmed->started);
        return confirmed->started->sync_id;
    }
    storage::DeadLetter only_letter() {
        const auto letters = engine().stores.jobs.dead_letters(tenant_, {}).value();
        EXPECT_EQ(letters.size(), 1u);
        return letters.at(0);
    }
    void free_run() {
        StartRequest request = orders();
        request.starter = Starter::kSchedule;
        ASSERT_EQ(error_of_start(request), "");
        work();
    }
};

TEST_F(UnseenRecordsTest, WhatComesBetweenTheGateAndTheReadingWaits) {
    write_one_before();
    put_orders(1, 3);
    const auto started = engine().control.start(tenant_, orders());
    ASSERT_TRUE(started.has_value());
    put_orders(4, 30);
    work();
    EXPECT_EQ(books_.count("invoice"), 4u);
    const auto after = status(started->sync_id);
    EXPECT_EQ(after.counts.created, 3);
    EXPECT_EQ(after.counts.waiting, 27);
    expect_adds_up(after);
    free_run();
    EXPECT_EQ(books_.count("invoice"), 31u);
}

TEST_F(UnseenRecordsTest, ARestartOfARunThatNobodyHadToConfirmWritesWhatTheGateSaw) {
    write_one_before();
    put_orders(1, 3);
    const auto started = engine().control.start(tenant_, orders());
    ASSERT_TRUE(started.has_value());
    close_shop_once();
    work();
    ASSERT_EQ(status(started->sync_id).status, storage::RunStatus::kFailed);
    put_orders(4, 23);
    EXPECT_EQ(restart_failed(), 1u);
    EXPECT_EQ(books_.count("invoice"), 4u);
    EXPECT_EQ(error_of_start(), "approval.required");
}

TEST_F(UnseenRecordsTest, AnExemptRunIsFreeAndSoIsItsRestart) {
    write_one_before();
    put_orders(1, 3);
    StartRequest request = orders();
    request.starter = Starter::kSchedule;
    ASSERT_EQ(error_of_start(request), "");
    close_shop_once();
    work();
    put_orders(4, 23);
    EXPECT_EQ(restart_failed(), 1u);
    EXPECT_EQ(books_.count("invoice"), 24u);
}

TEST_F(UnseenRecordsTest, ARestartNeverRunsAnotherPersonsPlan) {
    put_orders(1, 12);
    ASSERT_EQ(error_of_confirm(ask().token), "");
    close_shop_once();
    work();
    pass(kOneDayMs + 3'600'000);
    put_orders(13, 20);
    ASSERT_TRUE(confirmations().ask(tenant_, "bob", orders()).has_value());
    EXPECT_EQ(restart_failed(), 1u);
    EXPECT_EQ(books_.count("invoice"), 12u);
}

TEST_F(UnseenRecordsTest, AConfirmationOfAnOpenRunIsKept) {
    put_orders(1, 12);
    ASSERT_EQ(error_of_confirm(ask().token), "");
    pass(kOneDayMs + 3'600'000);
    put_orders(13, 20);
    add_flow("second");
    StartRequest other = orders();
    other.flow = "second";
    ASSERT_TRUE(confirmations().ask(tenant_, "bob", other).has_value());
    work();
    EXPECT_EQ(books_.count("invoice"), 12u);
}

TEST_F(UnseenRecordsTest, APlanThatNobodyConfirmedIsNoPlanOfARun) {
    put_orders(1, 12);
    ask();
    auto& store = engine().stores.confirmations;
    for (const std::int64_t id : {std::int64_t{1}, std::int64_t{999}}) {
        const auto approved = store.approved(id, flow().id);
        ASSERT_FALSE(approved.has_value()) << id;
        EXPECT_EQ(approved.error().name, "confirmation.gone");
    }
}

TEST_F(UnseenRecordsTest, ANumberOfAConfirmationIsNeverUsedAgain) {
    put_orders(1, 1);
    ask();
    pass(3 * kOneDayMs);
    ask();
    auto& store = engine().stores.confirmations;
    EXPECT_EQ(store.writes(1)->size(), 0u) << "it is forgotten";
    EXPECT_EQ(store.writes(2)->size(), 1u);
}

TEST_F(UnseenRecordsTest, AFailureThatAPersonSendsAgainNeedsNoConfirmation) {
    put_orders(1, 12);
    books_.unencodable = {"5"};
    confirmed_sync();
    work();
    ASSERT_EQ(books_.count("invoice"), 11u);
    const auto letter = only_letter();
    books_.unencodable.clear();
    ASSERT_TRUE(
        engine().failures.retry(tenant_, letter.id, storage::LoopGuard::kOn, "ann").has_value()
    );
    work();
    EXPECT_EQ(books_.count("invoice"), 12u);
}

TEST_F(UnseenRecordsTest, ManyFailuresThatAPersonSendsAgainNeedNoConfirmation) {
    put_orders(1, 12);
    books_.unencodable = {"5", "6", "7"};
    confirmed_sync();
    work();
    books_.unencodable.clear();
    ASSERT_TRUE(engine().failures.retry_all(tenant_, {}, {}, "ann").has_value());
    work();
    EXPECT_EQ(books_.count("invoice"), 12u);
}

TEST_F(UnseenRecordsTest, AFailureThatWouldOnlyWaitForAPersonStaysWhereItIsSeen) {
    put_orders(1, 12);
    books_.unencodable = {"5"};
    confirmed_sync();
    work();
    const auto letter = only_letter();
    ASSERT_TRUE(engine().stores.database.write([&](storage::Sql& sql) -> Result<void> {
        sql.run(
            "UPDATE sync_queue SET waits_for = 'item:x', error_class = 'auth' WHERE id = ?",
            letter.id.value
        );
        return {};
    }));
    storage::MappedRecord item{tenant_, flow().source, flow().target, "item", "", "x"};
    const auto sent =
        engine().stores.database.write([&](storage::Sql& sql) -> Result<std::int64_t> {
            return engine().stores.jobs.dependency_arrived(sql, item, clock_.now().ms);
        });
    EXPECT_EQ(sent.value(), 0);
    EXPECT_EQ(
        engine().stores.jobs.credentials_renewed(tenant_, flow().target, clock_.now().ms).value(), 0
    );
    EXPECT_EQ(only_letter().id.value, letter.id.value);
}

TEST_F(UnseenRecordsTest, ARecordThatWaitedIsWrittenAsItWasPlannedAndCounted) {
    put_orders(1, 12);
    confirmed_sync();
    put_orders(13, 13);
    work();
    ASSERT_EQ(books_.count("invoice"), 12u);
    shop_.put(13, "99.00", "c13@x.example");
    const std::string id = confirmed_sync(one("1"));
    ASSERT_TRUE(engine().stores.runs.start(id, clock_.now().ms));
    ASSERT_TRUE(engine().collector.collect(status(id), nullptr));
    ASSERT_TRUE(engine().stores.runs.end_collect(id, std::nullopt, clock_.now().ms));
    EXPECT_EQ(status(id).status, storage::RunStatus::kRunning) << "13 is not delivered yet";
    work();
    ASSERT_EQ(invoices().count("shop:shop:13"), 1u);
    EXPECT_EQ(invoices().at("shop:shop:13")["total"], "99.00");
    const auto after = status(id);
    EXPECT_EQ(after.counts.created, 1);
    EXPECT_EQ(after.status, storage::RunStatus::kCompleted);
    expect_adds_up(after);
}

TEST_F(UnseenRecordsTest, ARecordThatWasEditedByHandAndWaitsStaysAsItWasEdited) {
    put_orders(1, 12);
    books_.refused_keys.insert("shop:shop:5");
    confirmed_sync();
    work();
    const auto letter = only_letter();
    books_.refused_keys.clear();
    engine::RecordEdit edit;
    edit.merge = Json{{"total", "55.55"}};
    ASSERT_TRUE(engine().failures.edit(tenant_, letter.id, edit, "ann").has_value());
    ASSERT_TRUE(engine().stores.database.write([&](storage::Sql& sql) -> Result<void> {
        sql.run("UPDATE sync_queue SET state = 'parked' WHERE id = ?", letter.id.value);
        return {};
    }));
    confirmed_sync(one("1"));
    work();
    ASSERT_EQ(invoices().count("shop:shop:5"), 1u);
    EXPECT_EQ(invoices().at("shop:shop:5")["total"], "55.55");
}

TEST_F(UnseenRecordsTest, ARunWhoseRecordAnotherReadsUnseenStillAddsUp) {
    StartRequest free = orders();
    free.starter = Starter::kSchedule;
    put_orders(1, 2);
    const auto first = engine().control.start(tenant_, free);
    ASSERT_TRUE(first.has_value());
    const std::string id = first->sync_id;
    ASSERT_TRUE(engine().stores.runs.start(id, clock_.now().ms));
    ASSERT_TRUE(engine().collector.collect(status(id), nullptr));
    ASSERT_TRUE(engine().stores.runs.end_collect(id, std::nullopt, clock_.now().ms));
    // Another run reads both and may write neither.
    const auto raised = engine().stores.database.write([&](storage::Sql& sql) -> Result<void> {
        for (const char* order : {"1", "2"}) {
            const auto job = sql.row<std::string, std::string>(
                "SELECT lane, content_hash FROM sync_queue WHERE source_id = ?", order
            );
            storage::RaisedJob same{order, std::get<0>(*job), std::get<1>(*job), {}, 2, false};
            same.approved = kApprovedNothing;
            EXPECT_EQ(
                engine().stores.jobs.raise(sql, flow(), same, RunId("other"), clock_.now().ms),
                storage::Raised::kUnchanged
            );
        }
        return {};
    });
    ASSERT_TRUE(raised.has_value());
    EXPECT_EQ(status(id).status, storage::RunStatus::kRunning);
    work();
    const auto after = status(id);
    EXPECT_EQ(after.counts.created, 2);
    expect_adds_up(after);
}

TEST_F(UnseenRecordsTest, WhatWasShownAsHeldIsNotConfirmed) {
    put_orders(1, 3);
    books_.held_keys = {"c2@x.example"};
    const auto asked = ask();
    EXPECT_EQ(asked.plans.at(0).writes, 2);
    ASSERT_EQ(error_of_confirm(asked.token), "");
    books_.held_keys.clear();
    work();
    EXPECT_EQ(books_.count("invoice"), 2u);
    EXPECT_EQ(invoices().count("shop:shop:2"), 0u);
}

TEST_F(UnseenRecordsTest, AnInterruptedRunGoesOnWithinItsPlanThoughARecordChanged) {
    put_orders(1, 25);
    const std::string id = confirmed_sync();
    // It has stored its first page when the host dies.
    ASSERT_TRUE(engine().stores.runs.start(id, clock_.now().ms));
    std::atomic<bool> stop{true};
    ASSERT_TRUE(engine().collector.collect(status(id), &stop));
    shop_.put(20, "77.00", "c20@x.example");
    put_orders(26, 26);
    restart();
    work();
    EXPECT_EQ(books_.count("invoice"), 24u);
    EXPECT_EQ(invoices().count("shop:shop:20"), 0u);
    EXPECT_EQ(invoices().count("shop:shop:26"), 0u);
    expect_adds_up(status(id));
}

}  // namespace
}  // namespace syncline::testing
