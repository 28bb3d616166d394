// The life of a reconciliation in the store: one at a time, and whatever ends the host, an end.
#include "storage/reconciliation_store.hpp"

#include "storage/retention.hpp"
#include "support/filled_store.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace syncline::storage;

constexpr std::int64_t kDayInMs = 86'400'000;

class ReconciliationStoreTest : public ::testing::Test {
protected:
    ReconciliationStore store() { return ReconciliationStore(*filled_.database); }
    Reconciliation wanted() const {
        Reconciliation wanted;
        wanted.tenant = filled_.tenant;
        wanted.requested_by = "ann";
        wanted.window = {"2026-11-01", "2026-11-30"};
        wanted.entities = {"order"};
        wanted.estimated_reads = 7;
        return wanted;
    }
    StoredFinding missing(const std::string& id) const {
        StoredFinding stored;
        stored.target = "books";
        stored.finding.record_id = id;
        stored.finding.entity = "order";
        stored.finding.currency = "EUR";
        stored.finding.difference = Money{-12'34, Currency::parse("EUR").value()};
        stored.finding.healable = true;
        return stored;
    }

    TempDir dir_;
    FilledStore filled_{dir_.file("a.db")};
};

TEST_F(ReconciliationStoreTest, KeepsWhatWasAskedForAndWhatWasFound) {
    const auto made = store().add(wanted(), 1'000);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->window.to, "2026-11-30");
    EXPECT_EQ(made->entities, std::vector<std::string>{"order"});
    auto next = store().start_next(2'000).value();
    ASSERT_TRUE(next);
    ASSERT_TRUE(store().add_findings(next->id, {missing("1"), missing("2"), missing("3")}));
    next->state = "completed";
    next->drift_records = 3;
    next->report = "{}";
    ASSERT_TRUE(store().finish(*next, 3'000));
    const auto ended = store().by_id(filled_.tenant, made->id).value();
    EXPECT_EQ(ended.state, "completed");
    EXPECT_EQ(ended.finished_at_ms, 3'000);
    EXPECT_EQ(store().counts(made->id).value().at("MISSING_TARGET"), 3);
    FindingFilter filter;
    filter.limit = 2;
    auto page = store().findings(made->id, filter).value();
    ASSERT_EQ(page.size(), 2u);
    EXPECT_EQ(page[0].finding.difference.to_string(), "-12.34");
    filter.after_id = page.back().id;
    EXPECT_EQ(store().findings(made->id, filter).value().size(), 1u);
    ASSERT_TRUE(store().note_healed({page[0].id}, "sync-1"));
    filter = {};
    filter.healable_only = true;
    EXPECT_EQ(store().findings(made->id, filter).value().size(), 2u);
}

TEST_F(ReconciliationStoreTest, OneOfATenantIsOpenAtATime) {
    const auto first = store().add(wanted(), 1'000);
    ASSERT_TRUE(first);
    EXPECT_EQ(store().add(wanted(), 1'001).error().name, "reconciliation.busy");
    ASSERT_TRUE(store().request_stop(filled_.tenant, first->id, 2'000));
    EXPECT_EQ(store().by_id(filled_.tenant, first->id)->state, "stopped");
    EXPECT_EQ(
        store().request_stop(filled_.tenant, first->id, 2'000).error().name, "reconciliation.ended"
    );
    EXPECT_FALSE(store().start_next(2'000).value()) << "it was stopped before it began";
    EXPECT_TRUE(store().add(wanted(), 3'000));
}

TEST_F(ReconciliationStoreTest, OneThatRunsIsAskedToStopAndEndsByItself) {
    ASSERT_TRUE(store().add(wanted(), 1'000));
    const auto running = store().start_next(1'000).value();
    ASSERT_TRUE(running);
    EXPECT_FALSE(store().stop_requested(running->id).value());
    ASSERT_TRUE(store().request_stop(filled_.tenant, running->id, 2'000));
    EXPECT_TRUE(store().stop_requested(running->id).value());
    EXPECT_EQ(store().by_id(filled_.tenant, running->id)->state, "running");
}

TEST_F(ReconciliationStoreTest, OneThatWasInterruptedHasFailedAndAnotherCanBegin) {
    const auto made = store().add(wanted(), 1'000);
    ASSERT_TRUE(store().start_next(1'000).value());
    EXPECT_EQ(store().fail_interrupted(5'000).value(), 1);
    const auto failed = store().by_id(filled_.tenant, made->id).value();
    EXPECT_EQ(failed.state, "failed");
    EXPECT_EQ(failed.error_code, "reconciliation.interrupted");
    EXPECT_EQ(failed.finished_at_ms, 5'000);
    EXPECT_TRUE(store().add(wanted(), 6'000));
    EXPECT_EQ(store().fail_interrupted(7'000).value(), 0) << "what waits was not interrupted";
}

TEST_F(ReconciliationStoreTest, AnotherTenantSeesNothingOfIt) {
    const auto made = store().add(wanted(), 1'000);
    const TenantId other{filled_.tenant.value + 1};
    EXPECT_EQ(store().by_id(other, made->id).error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(store().list(other, 0, 10)->empty());
    EXPECT_FALSE(store().request_stop(other, made->id, 2'000));
}

TEST_F(ReconciliationStoreTest, OldOnesArePurgedWithTheirFindingsButNotTheNewest) {
    for (int i = 0; i < 3; ++i) {
        const std::int64_t at = i * kDayInMs + 1;
        ASSERT_TRUE(store().add(wanted(), at));
        auto one = store().start_next(at).value();
        ASSERT_TRUE(store().add_findings(one->id, {missing("1")}));
        one->state = "completed";
        ASSERT_TRUE(store().finish(*one, at));
    }
    Retention retention(*filled_.database);
    EXPECT_EQ(retention.purge(Finished::kReconciliations, 10 * kDayInMs, 100).value(), 2);
    const auto left = store().list(filled_.tenant, 0, 10).value();
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left[0].finished_at_ms, 2 * kDayInMs + 1);
    const auto findings = filled_.database->read([](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>("SELECT count(*) FROM reconciliation_findings").value_or(-1);
    });
    EXPECT_EQ(findings.value(), 1);
}

}  // namespace
}  // namespace syncline::testing
