// An engine whose flow may name a mapping of its tenant: what is published as "memo" sets the memo
// of the invoice.
#pragma once

#include "engine/flow_control.hpp"
#include "engine/mapping_preview.hpp"
#include "engine/restarts.hpp"
#include "support/engine_fixture.hpp"

namespace syncline::testing {

class MappingTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        mappings_ = std::make_unique<engine::MappingControl>(
            engine().stores, engine().pool, source_, clock_, [this] { ++woken_; }
        );
        previewer_ =
            std::make_unique<engine::MappingPreviewer>(engine().stores, engine().pool, *mappings_);
    }

    // A mapping that sets the invoice's memo from the record.
    static Json memo_from(const std::string& source, bool required = false) {
        return {
            {"name", "memo"},
            {"source_entity", "order"},
            {"target", "com.example.books"},
            {"target_entity", "invoice"},
            {"rules",
             Json::array({{{"source", source}, {"target", "memo"}, {"required", required}}})}};
    }
    static storage::AuditActor ann() {
        storage::AuditActor actor;
        actor.name = "ann";
        return actor;
    }
    void store(const Json& definition) {
        const bool there = engine().stores.mappings.find(tenant_, "memo").has_value();
        const auto stored =
            there
                ? mappings_->change(
                      tenant_, "memo", [&](const Json&) { return Result<Json>(definition); }, ann()
                  )
                : mappings_->create(tenant_, definition, ann());
        ASSERT_TRUE(stored.has_value()) << stored.error().message;
    }
    Result<storage::MappingVersion> publish(const std::string& connection = "") {
        return mappings_->publish(tenant_, "memo", connection, "why", ann());
    }
    void put_in_force(const Json& definition) {
        store(definition);
        const auto version = publish();
        ASSERT_TRUE(version.has_value()) << version.error().message;
    }
    Result<Flow> name_in_flow(const std::string& mapping) {
        engine::Restarts restarts(engine().stores, engine().control, clock_);
        engine::FlowControl flows(engine().stores, restarts, clock_, [] {});
        FlowDefinition definition = flow().definition;
        definition.mapping = mapping;
        const auto replaced = flows.replace(tenant_, definition);
        return replaced ? Result<Flow>(replaced->flow) : Result<Flow>(replaced.error());
    }
    Flow flow() { return engine().stores.flows.find(tenant_, "shop-books-orders").value(); }
    // Of the invoice of an order in the books; null: it has none.
    Json memo(int order) {
        const std::lock_guard lock(books_.mutex);
        const auto* document = books_.by_key("shop:shop:" + std::to_string(order));
        return document == nullptr ? Json("no invoice") : document->body.value("memo", Json());
    }
    std::vector<storage::DeadLetter> letters() {
        return engine().stores.jobs.dead_letters(tenant_, {}).value();
    }
    std::vector<std::string> events() {
        storage::AuditFilter filter;
        filter.event = "mapping.";
        std::vector<std::string> all;
        const auto rows = engine().stores.audit.list(tenant_, false, filter).value();
        for (const auto& row : rows) {
            all.insert(all.begin(), row.entry.event);
        }
        return all;
    }

    std::unique_ptr<engine::MappingControl> mappings_;
    std::unique_ptr<engine::MappingPreviewer> previewer_;
    int woken_ = 0;
};

}  // namespace syncline::testing
