// An invoice in the books that somebody else may change, and a person who decides.
#pragma once

#include <string>
#include <vector>

#include "support/engine_fixture.hpp"

namespace syncline::testing {

class ConflictTest : public EngineTest {
protected:
    static constexpr auto kInvoice = "shop:shop:1";

    void SetUp() override {
        EngineTest::SetUp();
        shop_.put(1, "10.00", "ann@x.example", {{"memo", "a"}});
        run();
    }
    void set_rules(const ConflictRules& rules) {
        FlowDefinition definition = flow().definition;
        definition.conflict_policy = rules.policy;
        definition.conflict_fields = rules.fields;
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    }
    Flow flow() { return engine().stores.flows.find(tenant_, "shop-books-orders").value(); }

    void change(const std::string& total, const std::string& memo, Json more = Json::object()) {
        more["memo"] = memo;
        shop_.now_ms += 60'000;
        shop_.put(1, total, "ann@x.example", more);
    }
    Json document() { return books_.by_key(kInvoice)->body; }
    std::string total() { return document().at("total"); }
    std::string memo() { return document().value("memo", ""); }
    std::int64_t version() { return books_.by_key(kInvoice)->version; }

    std::vector<storage::Conflict> conflicts(const std::string& state = "") {
        storage::ConflictFilter filter;
        filter.state = state;
        return engine().stores.conflicts.list(tenant_, filter).value();
    }
    engine::OpenedConflict opened() {
        const auto all = conflicts("open");
        EXPECT_EQ(all.size(), 1U);
        return engine().conflicts.open(tenant_, all.at(0).id).value();
    }
    // A person changes the total in the books, then the source changes it too.
    void both_change_the_total() {
        books_.edit(kInvoice, {{"total", "25.00"}});
        change("20.00", "a");
        run();
    }
    Result<engine::OpenedConflict> resolve(engine::Resolution resolution) {
        if (resolution.reason.empty()) {
            resolution.reason = "agreed with the customer";
        }
        return engine().conflicts.resolve(tenant_, opened().conflict.id, resolution, "ann");
    }
    static engine::Resolution keep(MergeSide side) {
        engine::Resolution resolution;
        resolution.keep = side;
        return resolution;
    }
    void decide(const engine::Resolution& resolution) {
        const auto resolved = resolve(resolution);
        ASSERT_TRUE(resolved.has_value()) << resolved.error().message;
        work();
    }
    std::vector<storage::DeadLetter> letters() {
        return engine().stores.jobs.dead_letters(tenant_, {}).value();
    }
    void expect_rest() {
        const std::int64_t before = version();
        const auto again = run(SyncMode::kFull);
        EXPECT_EQ(again.counts.skipped, 1);
        EXPECT_EQ(version(), before);
        EXPECT_TRUE(letters().empty());
    }
};

}  // namespace syncline::testing
