// What a reconciliation found missing is delivered when somebody asks for it: a few records at
// once, more of them after a yes to the plan that was shown.
#include "engine/reconciliation_control.hpp"
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

class HealTest : public EngineTest {
protected:
    static constexpr int kFreely = engine::ReconciliationControl::kHealedFreely;

    void SetUp() override {
        EngineTest::SetUp();
        confirmations_ = std::make_unique<engine::ConfirmationControl>(
            engine().stores, engine().control, clock_
        );
        control_ = std::make_unique<engine::ReconciliationControl>(
            engine().stores, source_, engine().control, *confirmations_, clock_
        );
        found_ = std::make_unique<storage::ReconciliationStore>(engine().stores.database);
    }

    static storage::StoredFinding missing(int order, const std::string& flow) {
        storage::StoredFinding stored;
        stored.target = "books";
        stored.finding.kind = DriftKind::kMissingTarget;
        stored.finding.flow = flow;
        stored.finding.entity = "order";
        stored.finding.record_id = std::to_string(order);
        stored.finding.target_entity = "invoice";
        stored.finding.healable = true;
        return stored;
    }
    // Orders of the shop that are not in the books.
    std::vector<storage::StoredFinding> orders(
        int from, int to, const std::string& flow = "shop-books-orders"
    ) {
        std::vector<storage::StoredFinding> all;
        for (int order = from; order <= to; ++order) {
            shop_.put(order, "10.00", "a" + std::to_string(order) + "@x.example");
            all.push_back(missing(order, flow));
        }
        return all;
    }
    ReconciliationId reconciled(
        const std::vector<storage::StoredFinding>& findings, const std::string& state = "completed"
    ) {
        storage::Reconciliation one;
        one.tenant = tenant_;
        one.requested_by = "ann";
        one.window = {"2026-10-01", "2026-10-31"};
        one = found_->add(one, 1).value();
        EXPECT_TRUE(found_->start_next(2).value().has_value());
        EXPECT_TRUE(found_->add_findings(one.id, findings).has_value());
        one.state = state;
        one.drift_records = static_cast<std::int64_t>(findings.size());
        EXPECT_TRUE(found_->finish(one, 3).has_value());
        return one.id;
    }
    Result<engine::ReconciliationControl::Healed> heal(
        ReconciliationId id, std::vector<std::string> kinds = {}, bool dry_run = false
    ) {
        return control_->heal(tenant_, id, {std::move(kinds), dry_run, "ann", {}});
    }
    std::size_t healed_rows(ReconciliationId id) {
        storage::FindingFilter filter;
        filter.limit = 1'000;
        const auto rows = found_->findings(id, filter).value();
        return static_cast<std::size_t>(std::count_if(
            rows.begin(), rows.end(), [](const auto& row) { return !row.healed_by.empty(); }
        ));
    }
    std::size_t in_the_books() { return books_.count("invoice"); }

    std::unique_ptr<engine::ConfirmationControl> confirmations_;
    std::unique_ptr<engine::ReconciliationControl> control_;
    std::unique_ptr<storage::ReconciliationStore> found_;
};

TEST_F(HealTest, AFewRecordsAreDeliveredAtOnceAndOnlyOnce) {
    const auto id = reconciled(orders(1, kFreely));
    const auto healed = heal(id).value();
    ASSERT_EQ(healed.flows.size(), 1u);
    EXPECT_FALSE(healed.flows[0].confirmation.has_value());
    EXPECT_FALSE(healed.flows[0].sync_id.empty());
    EXPECT_EQ(healed_rows(id), static_cast<std::size_t>(kFreely));
    work();
    EXPECT_EQ(in_the_books(), static_cast<std::size_t>(kFreely));
    EXPECT_TRUE(heal(id).value().flows.empty()) << "it was asked for already";
}

TEST_F(HealTest, MoreRecordsWaitForAYesAndThenAllOfThemAreDelivered) {
    const auto id = reconciled(orders(1, kFreely + 1));
    const auto asked = heal(id).value();
    ASSERT_EQ(asked.flows.size(), 1u);
    ASSERT_TRUE(asked.flows[0].confirmation.has_value());
    EXPECT_TRUE(asked.flows[0].sync_id.empty());
    EXPECT_EQ(asked.flows[0].source_ids.size(), static_cast<std::size_t>(kFreely) + 1);
    const auto& confirmation = *asked.flows[0].confirmation;
    ASSERT_EQ(confirmation.plans.size(), 1u);
    EXPECT_EQ(confirmation.plans[0].writes, kFreely + 1);
    work();
    EXPECT_EQ(in_the_books(), 0u) << "nothing happens without the yes";
    EXPECT_EQ(healed_rows(id), 0u);

    const auto confirmed = confirmations_->confirm(tenant_, "ann", confirmation.token);
    ASSERT_TRUE(confirmed.has_value()) << confirmed.error().message;
    ASSERT_TRUE(confirmed->started.has_value());
    work();
    EXPECT_EQ(in_the_books(), static_cast<std::size_t>(kFreely) + 1);
    EXPECT_EQ(
        confirmations_->confirm(tenant_, "ann", confirmation.token).error().name,
        "confirmation.used"
    );
}

TEST_F(HealTest, ManyRecordsOfTwoFlowsNeedAYesForEachOfThem) {
    add_connection("branch", "shop");
    add_flow("branch-books-orders", {}, "branch");
    auto findings = orders(1, 6);
    const auto others = orders(7, kFreely + 1, "branch-books-orders");
    findings.insert(findings.end(), others.begin(), others.end());
    const auto asked = heal(reconciled(findings)).value();
    ASSERT_EQ(asked.flows.size(), 2u);
    for (const auto& flow : asked.flows) {
        EXPECT_TRUE(flow.sync_id.empty()) << flow.flow;
        EXPECT_TRUE(flow.confirmation.has_value()) << flow.flow;
    }
}

TEST_F(HealTest, ARecordWithTwoFindingsIsOneRecord) {
    auto findings = orders(1, kFreely);
    findings.push_back(missing(1, "shop-books-orders"));
    findings.back().finding.kind = DriftKind::kAmountDiff;
    const auto healed = heal(reconciled(findings)).value();
    ASSERT_EQ(healed.flows.size(), 1u);
    EXPECT_FALSE(healed.flows[0].sync_id.empty());
    EXPECT_EQ(healed.flows[0].source_ids.size(), static_cast<std::size_t>(kFreely));
}

TEST_F(HealTest, OnlyTheWantedKindsThatADeliveryMendsAreHealed) {
    auto findings = orders(1, 2);
    findings[1].finding.kind = DriftKind::kAmountDiff;
    findings.push_back(missing(3, "shop-books-orders"));
    findings.back().finding.healable = false;
    const auto id = reconciled(findings);
    const auto dry = heal(id, {}, true).value();
    EXPECT_EQ(dry.flows.at(0).source_ids, (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(dry.not_healable, 1);
    EXPECT_EQ(healed_rows(id), 0u);
    const auto healed = heal(id, {"AMOUNT_DIFF"}).value();
    EXPECT_EQ(healed.flows.at(0).source_ids, std::vector<std::string>{"2"});
    EXPECT_EQ(healed_rows(id), 1u);
}

TEST_F(HealTest, OneThatDidNotEndWellTellsNotWhatToHeal) {
    EXPECT_EQ(
        heal(reconciled(orders(1, 1), "stopped")).error().name, "reconciliation.not_completed"
    );
}

}  // namespace
}  // namespace syncline::testing
